"""Whether the network takes us (TS 27.007 §7.2, §7.3, §10.1.22)."""

import re
from dataclasses import dataclass, replace

from omsmodem.modem import ask
from omsmodem.modem.errors import Blocked, BlockReason
from omsmodem.modem.session import Session

#: A modem that has just got its SIM finds its network within this time, mostly.
SEARCH_WAIT_S = 20.0
_SEARCH_PAUSE_S = 2.0
_OPERATOR_TIMEOUT_S = 60.0
_HOME, _ROAMING = {1, 6, 9}, {5, 7, 10}
_SMS_ONLY = {6, 7}
_WORDS = {
    0: "not registered and not searching",
    1: "registered at home",
    2: "searching for the network",
    3: "denied by the network",
    4: "unknown",
    5: "registered while roaming",
    6: "registered at home for SMS only",
    7: "registered while roaming for SMS only",
    8: "emergency calls only",
    9: "registered at home",
    10: "registered while roaming",
}
_TECHNOLOGIES = {
    0: "GSM",
    1: "GSM",
    2: "UMTS",
    3: "EDGE",
    4: "HSDPA",
    5: "HSUPA",
    6: "HSPA",
    7: "LTE",
    8: "EC-GSM-IoT",
    9: "NB-IoT",
    10: "LTE",
    11: "5G",
    12: "5G",
    13: "5G",
}
_ANSWER = re.compile(r"[0-5]\s*,\s*(\d{1,2})(?:\s*,.*)?")
_UNASKED = re.compile(r"(\d{1,2})(?:\s*,.*)?")
#: `<lac>,<ci>,<AcT>` behind `<stat>`; also `<tac>,<ci>,<AcT>`.
_TECHNOLOGY = re.compile(r'"?[0-9A-Fa-f]{1,4}"?\s*,\s*"?[0-9A-Fa-f]{1,9}"?\s*,\s*(\d{1,2})\b.*')


@dataclass(frozen=True, slots=True)
class Registration:
    """The `<stat>` of +CREG and of +CEREG (None: not told) and the access technology in a word, if told."""

    circuit: int | None = None
    eps: int | None = None
    technology: str = ""

    @property
    def stats(self) -> set[int]:
        """Every state that was told."""
        return {stat for stat in (self.circuit, self.eps) if stat is not None}

    @property
    def registered(self) -> bool:
        """Whether sending is worth trying: either of the two is enough."""
        return bool(self.stats & (_HOME | _ROAMING))

    @property
    def roaming(self) -> bool:
        """Whether the network is a foreign one."""
        return self.registered and not self.stats & _HOME

    @property
    def sms_only(self) -> bool:
        """Whether the network offers SMS and nothing else."""
        return self.registered and self.stats <= _SMS_ONLY | {0, 2, 3, 4}

    @property
    def lte_without_sms(self) -> bool:
        """Whether only LTE took us: SMS then depends on SGs or IMS, and many subscriptions have neither."""
        return self.registered and self.circuit not in _HOME | _ROAMING

    @property
    def words(self) -> str:
        """The state for people."""
        if not self.stats:
            return "the modem does not tell whether it is registered"
        told = [stat for stat in (self.circuit, self.eps) if stat is not None]
        best = next((stat for stat in told if stat in _HOME | _ROAMING), told[0])
        words = _WORDS.get(best, f"registration state {best}")
        return f"{words}, on LTE only: SMS may not be part of it" if self.lte_without_sms else words

    def refusal(self, *, roaming_allowed: bool) -> Blocked | None:
        """Why nothing can be sent now, or None."""
        if not self.registered:
            return Blocked(f"no network: {self.words}", self._reason())
        if self.roaming and not roaming_allowed:
            return Blocked("registered in a foreign network, and roaming is not allowed", BlockReason.ROAMING)
        return None

    def _reason(self) -> BlockReason:
        if 3 in self.stats:
            return BlockReason.DENIED
        return BlockReason.EMERGENCY_ONLY if 8 in self.stats else BlockReason.NOT_REGISTERED


@dataclass(frozen=True, slots=True)
class Operator:
    """The network by name or number, and the technology; both may be empty."""

    name: str = ""
    technology: str = ""


def ask_registration(session: Session) -> Registration:
    """Ask for the state in both domains. Raises Unresponsive, PortLost."""
    circuit, technology = _read(session, "+CREG")
    eps, newer = _read(session, "+CEREG")
    return Registration(circuit, eps, newer or technology)


def _read(session: Session, name: str) -> tuple[int | None, str]:
    """The state that an answer tells: of `<n>,<stat>…`, `<stat>` alone where a modem leaves `<n>` out, last line first."""
    values = ask.information(session, f"AT{name}?", f"{name}:")
    for pattern in (_ANSWER, _UNASKED):
        for value in reversed(values):
            match = pattern.fullmatch(value)
            if match is not None:
                return int(match[1]), _technology(value[match.end(1) :])
    return None, ""


def _technology(rest: str) -> str:
    match = _TECHNOLOGY.fullmatch(rest.lstrip(" ,"))
    return _TECHNOLOGIES.get(int(match[1]), "") if match else ""


def heard(line: str, before: Registration) -> Registration | None:
    """The registration after an unasked +CREG or +CEREG (`<stat>[,<lac>,<ci>,<AcT>]`), or None for any other line."""
    name, _, value = line.partition(":")
    match = _UNASKED.fullmatch(value.strip())
    if match is None or name not in {"+CREG", "+CEREG"}:
        return None
    stat, technology = int(match[1]), _technology(value.strip()[match.end(1) :]) or before.technology
    if name == "+CREG":
        return replace(before, circuit=stat, technology=technology)
    return replace(before, eps=stat, technology=technology)


def require(session: Session, *, roaming_allowed: bool, wait_s: float = SEARCH_WAIT_S) -> Registration:
    """Wait for the network, at most about `wait_s`. Raises Blocked, Unresponsive, PortLost."""
    while session.expect(("+CREG:", "+CEREG:"), 0.0) is not None:
        pass  # it was told before we ask, perhaps to a port that nobody had open
    waited_s = 0.0
    while True:
        registration = ask_registration(session)
        refusal = registration.refusal(roaming_allowed=roaming_allowed)
        if refusal is None:
            return registration
        if waited_s >= wait_s:
            raise refusal
        session.expect(("+CREG:", "+CEREG:"), _SEARCH_PAUSE_S)
        waited_s += _SEARCH_PAUSE_S


def ask_operator(session: Session) -> Operator:
    """The network's name, asked once; may take a minute while the modem searches. Raises Unresponsive, PortLost."""
    for value in ask.information(session, "AT+COPS?", "+COPS:", timeout_s=_OPERATOR_TIMEOUT_S):
        match = re.fullmatch(r'\d\s*,\s*\d\s*,\s*("[^"]*"|\d{5,6})\s*(?:,\s*(\d{1,2}))?.*', value)
        if match is not None:
            return Operator(ask.name(match[1].strip('" ')), _TECHNOLOGIES.get(int(match[2]), "") if match[2] else "")
    return Operator()
