"""One text to one recipient, the segments it was cut into, and its history."""

from dataclasses import dataclass
from datetime import datetime

from omsmodem.message.states import SegmentState, State


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One text to one recipient."""

    id: int
    submission_id: int
    account: str
    recipient: str  # E.164 with plus, or a short code
    text: str
    state: State
    accepted_at: datetime
    not_before: datetime
    expires_at: datetime
    attempts: int = 0
    retry_at: datetime | None = None
    modem: str | None = None
    last_error: str | None = None
    updated_at: datetime | None = None
    repeats: int = 0  # segments sent again after doubt: the copy may have arrived twice
    segments: int = 1  # what it costs
    held_by: str | None = None  # who holds it back from the modems
    bound_to: str | None = None  # the only modem that may send the rest of it
    doubt_until: datetime | None = None  # uncertain: when policy decides; None: a person has to


@dataclass(frozen=True, slots=True)
class Segment:
    """One SMS-SUBMIT of a message. Cut once, stored, sent with the same octets however often."""

    message_id: int
    number: int  # from 1
    total: int
    tpdu: bytes
    state: SegmentState = SegmentState.PENDING
    message_reference: int | None = None  # TP-MR the modem gave
    submitted_at: datetime | None = None
    status: int | None = None  # TP-ST of the newest report
    reported_at: datetime | None = None
    repeats: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a message's history."""

    message_id: int
    at: datetime
    state: State
    detail: str = ""
