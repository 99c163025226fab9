"""Which port is the modem's: candidates, what answers there, and the one with the configured IMEI."""

import logging
import queue
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from omsmodem.modem import ask, usb_ids
from omsmodem.modem.bring_up import Identity, identify
from omsmodem.modem.chat import Indication
from omsmodem.modem.errors import CommandFailed, ModemError, PortUnavailable
from omsmodem.modem.indications import is_heeded
from omsmodem.modem.machine import HOST, Machine, SerialLine, by_device, serial_lines
from omsmodem.modem.port import Port
from omsmodem.modem.serial_port import open_port
from omsmodem.modem.session import Session

_log = logging.getLogger(__name__)

Open = Callable[[str], Port]
_PROBE_TIMEOUT_S = 3.0
#: More appearances than this within the time mean a loose plug or too little power.
RESTLESS_COUNT, RESTLESS_WINDOW_S = 3, 600.0


# -- candidates -------------------------------------------------------------------------------------------------------


def candidates(machine: Machine = HOST) -> list[SerialLine]:
    """Ports that are a modem's by their driver, or by their maker where the driver has other uses; likeliest first.

    No other port is ever opened unasked: many boards restart when that happens.
    """
    found = [line for line in serial_lines(machine) if _is_modem(line)]
    return sorted(found, key=lambda line: (str(line.usb.path) if line.usb else "", _rank(line)))


def _is_modem(line: SerialLine) -> bool:
    if line.driver in usb_ids.MODEM_DRIVERS:
        return True
    return line.driver == usb_ids.SHARED_DRIVER and line.usb is not None and line.usb.vendor in usb_ids.MODEM_MAKERS


def _rank(line: SerialLine) -> tuple[int, int]:
    interface = line.interface if line.interface is not None else 0
    known = usb_ids.at_interfaces(line.usb) if line.usb else ()
    return (known.index(interface) if interface in known else len(known)), interface


# -- probing ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Probe:
    """What a port answered. `trouble` says why nothing more is known; `heard` is what it said unasked meanwhile."""

    device: str
    answers: bool = False
    identity: Identity = field(default_factory=Identity)
    sim: str = ""
    pdu_mode: bool = False
    indications: bool = False
    trouble: str = ""
    heard: bytes = b""

    @property
    def usable(self) -> bool:
        """Whether messages can be sent and received through this port."""
        return self.answers and self.pdu_mode


def probe(device: str, open_: Open = open_port, *, escape: bool = True) -> Probe:
    """Ask a port who is there. Nothing is set but echo and PDU mode; a port that is silent or floods costs some seconds.

    `escape` frees a modem that was left waiting for a TPDU; without it a port hears nothing but AT until it answers.
    """
    try:
        port = open_(device)
    except PortUnavailable as error:
        return Probe(device, trouble=str(error))
    session = Session(port, queue.SimpleQueue())
    session.heeds = is_heeded
    try:
        found = interview(device, session, escape=escape)
        return replace(found, heard=_as_said(session.indications()))
    except ModemError as error:
        return Probe(device, trouble=str(error))
    finally:
        session.close()


def _as_said(indications: Iterable[Indication]) -> bytes:
    return b"".join(f"\r\n{line}\r\n".encode("latin-1") for one in indications for line in one.lines)


class _HeardBefore:
    """A port that first says again what a probe of it heard: a report may be among it, which is nowhere else."""

    def __init__(self, port: Port, heard: bytes) -> None:
        self._heard = heard
        self._port = port
        self.write, self.close = port.write, port.close

    def read(self) -> bytes:
        """See Port."""
        heard, self._heard = self._heard, b""
        return heard or self._port.read()


def interview(device: str, session: Session, *, escape: bool = True) -> Probe:
    """Ask who is at the other end of a session. Raises Unresponsive, PortLost."""
    session.resynchronise(escape=escape, tries=2)
    for setting in ("ATE0", "AT+CMEE=1"):
        ask.attempt(session, setting, timeout_s=_PROBE_TIMEOUT_S)
    pdu_mode = ask.attempt(session, "AT+CMGF=0", timeout_s=_PROBE_TIMEOUT_S)
    identity = identify(session)
    indications = bool(ask.information(session, "AT+CNMI=?", "+CNMI:", timeout_s=_PROBE_TIMEOUT_S))
    return Probe(device, True, identity, _sim(session), pdu_mode, indications)


def _sim(session: Session) -> str:
    try:
        answer = session.execute("AT+CPIN?", prefix="+CPIN:", timeout_s=_PROBE_TIMEOUT_S)
    except CommandFailed as error:
        return error.result
    return next(iter(ask.values(answer, "+CPIN:")), "")


def best(probes: Sequence[tuple[SerialLine, Probe]]) -> Probe | None:
    """The port to configure among those of one USB device: one that answers, takes PDUs and indicates."""
    usable = [(line, one) for line, one in probes if one.usable]
    if not usable:
        return None
    huawei = any(line.usb is not None and line.usb.vendor == usb_ids.HUAWEI for line, _ in usable)
    place = -1 if huawei else 1  # Huawei's indications come on the last port, PCUI; elsewhere the first is the main one
    return min(usable, key=lambda pair: (not pair[1].indications, place * (pair[0].interface or 0)))[1]


# -- finding the configured modem -------------------------------------------------------------------------------------


class Finder:
    """Finds one configured modem each time its port is wanted: by IMEI on whichever port it is, else by its device or URL.

    Which IMEI was seen on which port is remembered as long as the stick stays plugged in.
    """

    def __init__(
        self,
        *,
        device: str | None = None,
        imei: str | None = None,
        open_: Open = open_port,
        machine: Machine = HOST,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if device is None and imei is None:
            raise ValueError("a modem is found by its IMEI or its device")
        self._device = device
        self._imei = imei
        self._open = open_
        self._machine = machine
        self._monotonic = monotonic
        self._seen: dict[tuple[str, int], str] = {}
        self._last: tuple[str, int] | None = None
        self._appearances: deque[float] = deque(maxlen=16)
        self._enumeration: int | None = None
        self._heard = b""  # unasked, by the probes of the modem's ports
        self.line: SerialLine | None = None  # the port that was opened last, where this machine has it

    def open(self) -> Port:
        """Open the modem's port for us alone. Raises PortUnavailable in words."""
        device = self._device if self._imei is None else self._find(self._imei)
        assert device is not None
        port = self._open(device)
        self._note_appearance(device)
        heard, self._heard = self._heard, b""
        return _HeardBefore(port, heard) if heard else port

    @property
    def restless(self) -> str:
        """Why the modem may be short of power, in words; empty when it stays plugged in."""
        since = self._monotonic() - RESTLESS_WINDOW_S
        count = sum(at >= since for at in tuple(self._appearances))  # another thread may ask
        if count < RESTLESS_COUNT:
            return ""
        return (
            f"it dropped off the bus and came back {count} times within {RESTLESS_WINDOW_S / 60:.0f} minutes: "
            "too little power, or a loose plug"
        )

    def _note_appearance(self, device: str) -> None:
        real = Path(device).resolve()
        self.line = next((line for line in serial_lines(self._machine) if line.device.resolve() == real), None)
        usb = self.line.usb if self.line is not None else None
        if usb is None:
            return
        if self._enumeration is not None and usb.enumeration != self._enumeration:
            self._appearances.append(self._monotonic())
            if self.restless:
                _log.warning("%s: %s", device, self.restless)
        self._enumeration = usb.enumeration

    def _find(self, imei: str) -> str:
        lines = candidates(self._machine)
        present = {line.sighting for line in lines}
        self._seen = {sighting: seen for sighting, seen in self._seen.items() if sighting in present}
        notes: list[str] = []
        for group in self._groups(lines, imei):
            chosen = best(self._look(imei, group, notes))
            if chosen is not None:
                self._last = next(line.sighting for line in group if str(line.device) == chosen.device)
                return chosen.device
        if self._device is not None and self._has(imei, self._device, notes):
            return self._device
        raise PortUnavailable(f"no modem with IMEI {imei} is plugged in{_heard(notes)}")

    def _groups(self, lines: list[SerialLine], imei: str) -> list[list[SerialLine]]:
        """The port that was right the last time, then all ports of each USB device, those that told this IMEI first."""
        last = [line for line in lines if line.sighting == self._last]
        devices = by_device(lines)
        devices.sort(key=lambda group: all(self._seen.get(line.sighting) != imei for line in group))
        return [last, *devices]

    def _look(self, imei: str, lines: list[SerialLine], notes: list[str]) -> list[tuple[SerialLine, Probe]]:
        """The ports of one USB device that belong to the modem; one whose port has told another IMEI is left alone."""
        known = {self._seen[line.sighting] for line in lines if line.sighting in self._seen}
        if known and imei not in known:
            notes.append(f"IMEI {', '.join(sorted(known))} at {lines[0].device}")
            return []
        matching = []
        for line in lines:
            one = probe(str(line.device), self._open, escape=_speaks_at(line))
            if one.identity.imei:
                self._seen[line.sighting] = one.identity.imei
            if one.identity.imei == imei:
                self._heard += one.heard
                matching.append((line, one))
                if one.usable and one.indications and not _later_is_better(line):
                    break
            elif one.identity.imei:
                notes.append(f"IMEI {one.identity.imei} at {line.device}")
                break
            else:
                notes.append(one.trouble or f"{line.device} does not tell an IMEI")
        return matching

    def _has(self, imei: str, device: str, notes: list[str]) -> bool:
        """Whether the configured device, which may be one that is never tried unasked, is the modem."""
        one = probe(device, self._open)
        if one.identity.imei != imei:
            notes.append(one.trouble or f"IMEI {one.identity.imei or 'unknown'} at {device}")
            return False
        self._heard += one.heard
        return True


def _speaks_at(line: SerialLine) -> bool:
    """Whether a port may be freed with ESC: it is known to speak AT, or nothing is known of its device."""
    known = usb_ids.at_interfaces(line.usb) if line.usb else ()
    return not known or line.interface in known


def _later_is_better(line: SerialLine) -> bool:
    return line.usb is not None and line.usb.vendor == usb_ids.HUAWEI


def _heard(notes: list[str]) -> str:
    return f" ({'; '.join(dict.fromkeys(notes))})" if notes else ""
