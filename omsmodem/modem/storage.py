"""The modem's message storage: which one, how full, what lies in it (TS 27.005 §3.2.2, §3.4.2 to §3.4.4, §3.5.4)."""

import itertools
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass

from omsmodem.modem import ask, pdumode
from omsmodem.modem.errors import CommandFailed
from omsmodem.modem.session import Session

_log = logging.getLogger(__name__)

#: A full storage of 255 messages takes this long on a slow line.
_LIST_TIMEOUT_S = 60.0
_RECEIVED = {0, 1}  # `<stat>`: received unread, received read; 2 and 3 are copies of outgoing ones
_MESSAGE_TYPE = 0b11  # of the first octet (TS 23.040 §9.2.3.1)
_OUTGOING = 0b01
_TRIPLES = re.compile(r'(?:"?([A-Z]{2})"?\s*,\s*)?(\d+)\s*,\s*(\d+)')
_LISTED = re.compile(r"\+CMGL:\s*(\d+)\s*,\s*(\d)\s*,.*")
_READ = re.compile(r"\+CMGR:\s*(\d)\s*,.*")
_MEM1, _MEM3 = 0, -1
_NOTHING_THERE = {("cms", 321), ("cme", 21), ("cme", 22)}


@dataclass(frozen=True, slots=True)
class Fill:
    """How many messages lie in a storage and how many it holds."""

    storage: str
    used: int
    total: int

    @property
    def full(self) -> bool:
        """Whether nothing more can arrive."""
        return self.total > 0 and self.used >= self.total


@dataclass(frozen=True, slots=True)
class Stored:
    """A TPDU in a storage."""

    storage: str
    index: int
    tpdu: bytes
    received: bool  # else a copy of something outgoing

    @property
    def incoming(self) -> bool:
        """Whether it came from the network."""
        return self.received and bool(self.tpdu) and self.tpdu[0] & _MESSAGE_TYPE != _OUTGOING


class Storage:
    """The storages of one modem. Knows which one is selected for reading (mem1), so that reads hit the right one."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._selected: str | None = None
        self.names: tuple[str, ...] = ()  # those that can be read
        self.arrival: str | None = None  # where new messages go (mem3)

    # -- choosing ---------------------------------------------------------------------------------------------------

    def choose(self, wanted: str | None = None) -> Fill | None:
        """Let new messages arrive in `wanted`, else in the larger of SIM (SM) and modem (ME); None when none can be chosen."""
        self._selected = self.arrival = None
        readable, arriving = self._supported()
        self.names = tuple(name for name in ("SM", "ME", "SR") if name in readable)
        if wanted and wanted not in arriving:
            _log.warning("the modem has no storage %s for new messages", wanted)
        candidates = [wanted] if wanted and wanted in arriving else [name for name in ("SM", "ME") if name in arriving]
        fills = [fill for name in candidates if (fill := self._use(name)) is not None]
        if not fills:
            _log.warning("the modem offers no storage that can be chosen")
            return None
        best = max(fills, key=lambda fill: fill.total)
        return best if best is fills[-1] else self._use(best.storage)

    def _supported(self) -> tuple[set[str], set[str]]:
        """The names for mem1 and for mem3; both SM and ME when the modem does not tell."""
        for value in ask.information(self._session, "AT+CPMS=?", "+CPMS:"):
            groups = [set(re.findall(r"\b[A-Z]{2}\b", group)) for group in re.findall(r"\(([^)]*)\)", value)]
            if groups:
                return groups[0], groups[-1] if len(groups) >= 3 else groups[0]
        return {"SM", "ME"}, {"SM", "ME"}

    def _use(self, name: str) -> Fill | None:
        for command in (f'AT+CPMS="{name}","{name}","{name}"', f'AT+CPMS="{name}"'):
            values = ask.information(self._session, command, "+CPMS:")
            if values:
                self._selected = self.arrival = name
                return _fill(values[0], name)
        return None

    def fill(self) -> Fill | None:
        """How full the storage of arrival is; None when the modem does not tell. Raises Unresponsive, PortLost."""
        for value in ask.information(self._session, "AT+CPMS?", "+CPMS:"):
            return _fill(value, self.arrival or "SM")
        return None

    def _select(self, name: str) -> None:
        if name != self._selected and ask.attempt(self._session, f'AT+CPMS="{name}"'):
            self._selected = name

    # -- reading ----------------------------------------------------------------------------------------------------

    def read(self, name: str, index: int) -> Stored | None:
        """One TPDU, or None when nothing readable lies there. Raises Unresponsive, PortLost."""
        self._select(name)
        if self._selected not in (name, None):  # the same index of another storage is another message
            return None
        try:
            lines = self._session.execute(f"AT+CMGR={index}", prefix="+CMGR:").lines
        except CommandFailed as error:
            if (error.kind, error.code) not in _NOTHING_THERE:
                _log.warning("message %d of %s cannot be read: %s", index, name, error.result)
            return None
        match = _READ.fullmatch(lines[0]) if lines else None
        return _stored(name, index, int(match[1]), lines[1]) if match is not None and len(lines) >= 2 else None

    def all(self) -> Iterator[Stored]:
        """Everything in every storage that can be read. Raises Unresponsive, PortLost."""
        for name in self.names or ("SM",):
            self._select(name)
            if self._selected == name:
                yield from self._list(name)

    def _list(self, name: str) -> Iterator[Stored]:
        try:
            lines = self._session.execute("AT+CMGL=4", prefix="+CMGL:", timeout_s=_LIST_TIMEOUT_S).lines
        except CommandFailed as error:
            _log.info("%s cannot be listed (%s): it is read message by message", name, error.result)
            yield from self._read_each(name)
            return
        for header, line in itertools.pairwise(lines):
            match = _LISTED.fullmatch(header)
            one = _stored(name, int(match[1]), int(match[2]), line) if match is not None else None
            if one is not None:
                yield one

    def _read_each(self, name: str) -> Iterator[Stored]:
        """By index: some modems count from 0, some from 1."""
        values = ask.information(self._session, "AT+CPMS?", "+CPMS:")
        fill = _fill(values[0], name, of=_MEM1) if values else None
        if fill is None:
            return
        missing = fill.used
        for index in range(fill.total + 1):
            if missing == 0:
                return
            one = self.read(name, index)
            if one is not None:
                missing -= 1
                yield one

    # -- deleting ---------------------------------------------------------------------------------------------------

    def delete(self, name: str, index: int) -> bool:
        """Remove one message; whether the modem did. Raises Unresponsive, PortLost."""
        self._select(name)
        if self._selected == name and any(
            ask.attempt(self._session, command) for command in (f"AT+CMGD={index}", f"AT+CMGD={index},0")
        ):
            return True
        _log.warning("message %d of %s cannot be deleted; it may be seen again", index, name)
        return False


def _fill(value: str, name: str, of: int = _MEM3) -> Fill | None:
    """One triple of a +CPMS answer; the answer to a setting has no names."""
    triples = _TRIPLES.findall(value)
    if not triples:
        return None
    storage, used, total = triples[of]
    return Fill(storage or name, int(used), int(total))


def _stored(name: str, index: int, stat: int, line: str) -> Stored | None:
    try:
        _, tpdu = pdumode.from_hex(line)
    except ValueError:
        _log.warning("message %d of %s holds no PDU: %d characters", index, name, len(line))
        return None
    return Stored(name, index, tpdu, stat in _RECEIVED)
