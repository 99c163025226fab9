"""What came from phones, and whose it is."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class IncomingKind(StrEnum):
    """What came in."""

    TEXT = "text"
    DATA = "data"  # octets, or addressed to a port of an application
    WAITING = "waiting"  # the network says that voicemail (fax, mail) waits


@dataclass(frozen=True, slots=True)
class SegmentKey:
    """Which segment of which message (TS 23.040 §9.2.3.24.1)."""

    reference: int
    wide: bool  # a 16-bit reference
    total: int
    number: int


@dataclass(frozen=True, slots=True)
class IncomingSegment:
    """One SMS-DELIVER from the air."""

    identity: bytes  # the same whenever the same TPDU comes again from the same SIM
    content: bytes  # the same for a copy that the sender sent again
    tpdu: bytes
    modem: str
    sim: str  # the SIM's serial number, or the modem's name for want of it
    originator: str  # E.164 with plus, a short code, or a name
    answerable: bool  # a name cannot be answered
    kind: IncomingKind
    sent_at: datetime | None  # by the service centre, in its own zone; None when unreadable
    key: SegmentKey | None = None  # None for a message of one segment
    replaces: int | None = None  # replace type 1..7: takes the place of an older one of the same type
    detail: str = ""  # one line for people: class 0, port, what waits


@dataclass(frozen=True, slots=True)
class Content:
    """What segments say when they are put together."""

    text: str
    octets: bytes = b""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What routing may know of an incoming message."""

    kind: IncomingKind
    modem: str
    originator: str
    answerable: bool
    text: str


@dataclass(frozen=True, slots=True)
class Correspondent:
    """An account that wrote to a number, and when it last did over one modem."""

    account: str
    modem: str
    wrote_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """A text to be sent back by itself, at most so many times a day to one number."""

    account: str  # in whose name
    text: str
    day: str
    most: int


@dataclass(frozen=True, slots=True)
class Route:
    """Whose an incoming message is, why, and what else it asks for."""

    account: str  # empty: the default mailbox
    rule: str  # in words
    mailed: bool = True
    opt_out: bool | None = None  # True: no more texts to this number, False: texts are welcome again
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """One message from a phone. `missing` are the numbers of segments that did not come."""

    id: int
    kind: IncomingKind
    modem: str
    originator: str
    answerable: bool
    text: str
    octets: bytes
    sent_at: datetime | None
    received_at: datetime
    total: int
    missing: tuple[int, ...]
    account: str
    rule: str
    detail: str = ""
