"""What a modem says unasked, sorted by what it means to us (TS 27.005 §3.4.1). No I/O."""

import re
from dataclasses import dataclass

from omsmodem.modem import outcome, pdumode
from omsmodem.modem.chat import Indication

_STORED = re.compile(r'\+(?:CMTI|CDSI):\s*"?(\w+)"?\s*,\s*(\d+).*')
_ROUTED = ("+CMT:", "+CDS:")
#: The storage has no room: nothing more arrives until something is deleted.
_STORAGE_FULL = re.compile(r'[\^%*]SMMEMFULL.*|\+CIEV:\s*"?SMSFULL.*|(\+QIND:\s*|[+^])SMS ?FULL.*', re.IGNORECASE)
#: Said once, at the end of a start.
_RESTART = re.compile(r"RDY|\^SYSSTART.*|\+QIND: SMS DONE|SMS Ready|SMS DONE|\*ATREADY:.*")
_REGISTRATION = re.compile(r"\+CE?REG:.*")
_HEEDED = ("+CMT", "+CDS", "+CMGS:", "+CUSD:")


@dataclass(frozen=True, slots=True)
class Arrived:
    """Something lies in a storage."""

    storage: str
    index: int


@dataclass(frozen=True, slots=True)
class Routed:
    """A TPDU that was not stored. `report` as its header says."""

    tpdu: bytes
    report: bool


@dataclass(frozen=True, slots=True)
class LateReference:
    """The TP-MR of a +CMGS whose exchange was given up: proof that its segment was sent."""

    reference: int


@dataclass(frozen=True, slots=True)
class StorageFull:
    """The storage has no room."""


@dataclass(frozen=True, slots=True)
class Restart:
    """The modem has started anew."""


@dataclass(frozen=True, slots=True)
class RegistrationChanged:
    """An unasked +CREG or +CEREG."""

    line: str


Meaning = Arrived | Routed | LateReference | StorageFull | Restart | RegistrationChanged


def is_heeded(indication: Indication) -> bool:
    """Whether an indication is worth keeping; the others are a stick's chatter."""
    line = indication.lines[0]
    return line.startswith(_HEEDED) or _plain_meaning(line) is not None


def meaning(indication: Indication) -> Meaning | None:
    """What an indication means to us, or None. Raises ValueError when it should hold a TPDU and does not."""
    line = indication.lines[0]
    if line.startswith(_ROUTED):
        if len(indication.lines) < 2:
            raise ValueError(f"{line[:5]} came without its TPDU")
        return Routed(pdumode.from_hex(indication.lines[1])[1], line.startswith("+CDS:"))
    if (stored := _STORED.fullmatch(line)) is not None:
        return Arrived(stored[1], int(stored[2]))
    if (reference := outcome.message_reference(line)) is not None:
        return LateReference(reference)
    return _plain_meaning(line)


def _plain_meaning(line: str) -> Meaning | None:
    if _STORAGE_FULL.fullmatch(line):
        return StorageFull()
    if _RESTART.fullmatch(line):
        return Restart()
    return RegistrationChanged(line) if _REGISTRATION.fullmatch(line) else None
