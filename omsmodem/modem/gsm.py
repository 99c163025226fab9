"""SMS vocabulary on top of a session: bring-up, submit, incoming, acknowledge (TS 27.005, TS 27.007)."""

import contextlib
import logging
import re
from dataclasses import dataclass
from typing import Literal

from omsmodem.modem import pdumode
from omsmodem.modem.chat import Answer, Indication
from omsmodem.modem.errors import Blocked, CommandFailed, Unresponsive
from omsmodem.modem.session import Session

_log = logging.getLogger(__name__)

#: May fail: a modem without them still sends.
_OPTIONAL_SETTINGS = ("ATZ", "ATE0", "ATV1", "AT+CMEE=1", "AT&D0", "AT+CREG=0", "AT+CSMS=0")
#: Tried in order; the first accepted one holds. Status reports routed, then stored, then none (TS 27.005 §3.4.1).
_INDICATION_LADDER = ("2,1,0,1,0", "2,1,0,2,0", "1,1,0,1,0", "1,1,0,2,0", "3,1,0,1,0", "2,1,0,0,0")
#: +CREG and +CEREG `<stat>` with which sending is worth trying (TS 27.007 §7.2, §10.1.22).
_REGISTERED = {1, 5, 6, 7, 9, 10}
_REGISTRATION_WORDS = {
    0: "not registered and not searching",
    2: "searching for the network",
    3: "registration denied by the network",
    4: "registration unknown",
    8: "emergency calls only",
}
_REGISTRATION = re.compile(r"\+CE?REG:\s*\d+\s*,\s*(\d+).*")
_STORED = re.compile(r'\+(CMTI|CDSI):\s*"?(\w+)"?\s*,\s*(\d+)')
_SIM_WAIT_S = 20.0
_ALIVE_TRIES = 3


@dataclass(frozen=True, slots=True)
class Identity:
    """What a modem says it is."""

    manufacturer: str = ""
    model: str = ""
    revision: str = ""
    imei: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A TPDU from the network; `index` when it lies in the modem's `storage` and wants deleting."""

    kind: Literal["deliver", "status_report"]
    tpdu: bytes
    storage: str | None = None
    index: int | None = None


class Gsm:
    """One modem on one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # -- bring-up ---------------------------------------------------------------------------------------------------

    def bring_up(self, *, pin: str | None = None) -> Identity:
        """Make the modem ready to send. Raises Blocked in words, Unresponsive, PortLost."""
        self._session.resynchronise()
        for command in _OPTIONAL_SETTINGS:
            self._try(command)
        identity = Identity(*(self._ask(command) for command in ("AT+CGMI", "AT+CGMM", "AT+CGMR", "AT+CGSN")))
        if identity.manufacturer.lower().startswith("huawei"):
            self._try("AT^CURC=0")
        self._unlock(pin)
        self._require_registration()
        self._require("AT+CMGF=0", "the modem does not support PDU mode")
        self._require_service_centre()
        self._choose_indications()
        self._try("AT+CMMS=2")
        return identity

    def _try(self, command: str) -> Answer | None:
        try:
            return self._session.execute(command)
        except CommandFailed:
            return None

    def _ask(self, command: str) -> str:
        try:
            answer = self._session.execute(command, bare=True, prefix=command.removeprefix("AT") + ":")
        except CommandFailed:
            return ""
        text = answer.lines[0] if answer.lines else ""
        return text.partition(":")[2].strip() if text.startswith("+") else text.strip('"')

    def _require(self, command: str, otherwise: str) -> None:
        try:
            self._session.execute(command)
        except CommandFailed as error:
            raise Blocked(f"{otherwise} ({error.result})") from error

    def _unlock(self, pin: str | None) -> None:
        state = self._pin_state()
        if state == "SIM PIN" and pin is not None:
            self._require(f'AT+CPIN="{pin}"', "the SIM refused the configured PIN; it is not tried again by itself")
            state = self._pin_state()
        if state not in {"READY", "SIM PIN2", "SIM PUK2"}:
            raise Blocked(_PIN_WORDS.get(state, f"the SIM or the phone asks for {state}"))

    def _pin_state(self) -> str:
        try:
            answer = self._session.execute("AT+CPIN?", prefix="+CPIN:", timeout_s=_SIM_WAIT_S)
        except CommandFailed as error:
            raise Blocked(_SIM_WORDS.get(error.result, f"the SIM cannot be used ({error.result})")) from error
        return answer.lines[0].partition(":")[2].strip() if answer.lines else "an answer without a state"

    def _require_registration(self) -> None:
        states = [state for command in ("AT+CREG?", "AT+CEREG?") if (state := self._registration(command)) is not None]
        if not _REGISTERED.intersection(states):
            words = _REGISTRATION_WORDS.get(states[0], f"registration state {states[0]}") if states else "no answer"
            raise Blocked(f"no network: {words}")

    def _registration(self, command: str) -> int | None:
        with contextlib.suppress(CommandFailed):
            for line in self._session.execute(command, prefix=command[2:-1] + ":").lines:
                match = _REGISTRATION.fullmatch(line)
                if match is not None:
                    return int(match[1])
        return None

    def _require_service_centre(self) -> None:
        answer = self._try_prefixed("AT+CSCA?", "+CSCA:")
        if answer is not None and answer.lines and not re.search(r'"[^"]+"', answer.lines[0]):
            raise Blocked("the SIM names no service centre: set it with AT+CSCA")

    def _try_prefixed(self, command: str, prefix: str) -> Answer | None:
        try:
            return self._session.execute(command, prefix=prefix)
        except CommandFailed:
            return None

    def _choose_indications(self) -> None:
        for setting in _INDICATION_LADDER:
            if self._try(f"AT+CNMI={setting}") is not None:
                if setting == _INDICATION_LADDER[-1]:
                    _log.warning("this modem gives no delivery reports")
                return
        _log.warning("this modem gives no indications: neither reports nor incoming messages will be seen")

    # -- sending and receiving --------------------------------------------------------------------------------------

    def submit(self, tpdu: bytes) -> int:
        """Send one SMS-SUBMIT; returns TP-MR. Raises NotSent, Refused, InDoubt, PortLost (nothing handed over)."""
        length, line = pdumode.to_hex(tpdu)
        return self._session.submit(length, line)

    def incoming(self) -> list[Incoming]:
        """TPDUs that came since the last call, those in storage read from it. Raises PortLost, Unresponsive."""
        return [incoming for one in self._session.indications() if (incoming := self._read(one)) is not None]

    def acknowledge(self, incoming: Incoming) -> None:
        """Delete a TPDU that is safely kept (law 3) from the modem's storage."""
        if incoming.index is not None:
            self._try(f"AT+CMGD={incoming.index}")

    def check_alive(self) -> None:
        """Ask for a sign of life. Raises Unresponsive, PortLost."""
        for attempt in range(_ALIVE_TRIES):
            try:
                self._session.execute("AT", timeout_s=5.0)
                return
            except (Unresponsive, CommandFailed):
                if attempt == _ALIVE_TRIES - 1:
                    raise

    def settle(self) -> None:
        """After an answer that never came: bring the line back into a known state. Raises Unresponsive, PortLost."""
        self._session.resynchronise()

    def _read(self, indication: Indication) -> Incoming | None:
        header = indication.lines[0]
        if len(indication.lines) == 2:
            kind: Literal["deliver", "status_report"] = "status_report" if header.startswith("+CDS:") else "deliver"
            return _incoming(kind, indication.lines[1], None, None)
        match = _STORED.fullmatch(header)
        if match is None:
            return None
        kind = "status_report" if match[1] == "CDSI" else "deliver"
        return self._read_stored(kind, match[2], int(match[3]))

    def _read_stored(self, kind: Literal["deliver", "status_report"], storage: str, index: int) -> Incoming | None:
        self._try(f'AT+CPMS="{storage}"')
        answer = self._try_prefixed(f"AT+CMGR={index}", "+CMGR:")
        if answer is None or len(answer.lines) < 2:
            return None
        return _incoming(kind, answer.lines[1], storage, index)


_PIN_WORDS = {
    "SIM PIN": "the SIM asks for its PIN: put it into the file named by pin_file",
    "SIM PUK": "the SIM is locked and asks for its PUK: unlock it in a phone; nothing is tried here",
}
_SIM_WORDS = {
    "+CME ERROR: 10": "no SIM is inserted",
    "+CMS ERROR: 310": "no SIM is inserted",
    "+CME ERROR: 13": "the SIM failed: reseat it",
    "+CME ERROR: 14": "the SIM is still starting",
}


def _incoming(
    kind: Literal["deliver", "status_report"], line: str, storage: str | None, index: int | None
) -> Incoming | None:
    try:
        _, tpdu = pdumode.from_hex(line)
    except ValueError:
        _log.warning("an indication held no PDU: %d characters", len(line))
        return None
    return Incoming(kind, tpdu, storage, index)
