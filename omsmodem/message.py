"""The nouns every room shares, and the tables of the moves a message may make.

Standard library only. All datetimes are aware and in UTC. Values are frozen: a change is a copy.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """Where one text to one recipient stands."""

    QUEUED = "queued"  # on disk, waiting for a modem or for its time
    SUBMITTING = "submitting"  # a worker has it
    SUBMITTED = "submitted"  # the network took every segment; reports may follow
    DELIVERED = "delivered"  # the phone confirmed every segment
    UNDELIVERED = "undelivered"  # the network took it, a report says the phone never will
    FAILED = "failed"  # refused for good
    EXPIRED = "expired"  # its time ran out before the network took it
    CANCELLED = "cancelled"  # a person stopped it
    UNCERTAIN = "uncertain"  # handed over, no answer: it may have been sent


#: Allowed moves of a message. Anything else is a bug, and the store refuses it.
NEXT: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.SUBMITTING, State.SUBMITTED, State.FAILED, State.EXPIRED, State.CANCELLED}),
    State.SUBMITTING: frozenset({State.QUEUED, State.SUBMITTED, State.FAILED, State.UNCERTAIN}),
    State.SUBMITTED: frozenset({State.DELIVERED, State.UNDELIVERED}),
    State.DELIVERED: frozenset(),
    State.UNDELIVERED: frozenset({State.QUEUED}),
    State.FAILED: frozenset({State.QUEUED}),
    State.EXPIRED: frozenset({State.QUEUED}),
    State.CANCELLED: frozenset(),
    State.UNCERTAIN: frozenset({State.QUEUED, State.SUBMITTED, State.FAILED}),
}

#: Why a message makes a move; the diagram in docs/architecture.md is written from both tables.
WHY: dict[tuple[State, State], str] = {
    (State.QUEUED, State.SUBMITTING): "a worker takes it",
    (State.QUEUED, State.SUBMITTED): "late evidence",
    (State.QUEUED, State.FAILED): "its recipient wants no more texts",
    (State.QUEUED, State.EXPIRED): "its time ran out",
    (State.QUEUED, State.CANCELLED): "a person cancels",
    (State.SUBMITTING, State.QUEUED): "refused for now, or not handed over",
    (State.SUBMITTING, State.SUBMITTED): "the network took every segment",
    (State.SUBMITTING, State.FAILED): "refused for good",
    (State.SUBMITTING, State.UNCERTAIN): "a segment is in doubt",
    (State.SUBMITTED, State.DELIVERED): "every report is good",
    (State.SUBMITTED, State.UNDELIVERED): "a report says never",
    (State.UNCERTAIN, State.QUEUED): "resend, or the rest after evidence",
    (State.UNCERTAIN, State.SUBMITTED): "evidence",
    (State.UNCERTAIN, State.FAILED): "a person gives up",
    (State.UNDELIVERED, State.QUEUED): "a person retries",
    (State.FAILED, State.QUEUED): "a person retries",
    (State.EXPIRED, State.QUEUED): "a person retries",
}


class SegmentState(StrEnum):
    """Where one segment of a message stands."""

    PENDING = "pending"
    IN_FLIGHT = "in_flight"  # on disk before Ctrl-Z is written (law 2)
    SUBMITTED = "submitted"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"


#: Allowed moves of a segment.
NEXT_SEGMENT: dict[SegmentState, frozenset[SegmentState]] = {
    SegmentState.PENDING: frozenset({SegmentState.IN_FLIGHT, SegmentState.SUBMITTED}),
    SegmentState.IN_FLIGHT: frozenset(
        {SegmentState.PENDING, SegmentState.SUBMITTED, SegmentState.REFUSED, SegmentState.UNCERTAIN}
    ),
    SegmentState.SUBMITTED: frozenset({SegmentState.DELIVERED, SegmentState.UNDELIVERED}),
    SegmentState.DELIVERED: frozenset(),
    SegmentState.UNDELIVERED: frozenset({SegmentState.PENDING}),
    SegmentState.REFUSED: frozenset({SegmentState.PENDING}),
    SegmentState.UNCERTAIN: frozenset({SegmentState.PENDING, SegmentState.SUBMITTED}),
}

#: Why a segment makes a move.
WHY_SEGMENT: dict[tuple[SegmentState, SegmentState], str] = {
    (SegmentState.PENDING, SegmentState.IN_FLIGHT): "about to be handed over",
    (SegmentState.PENDING, SegmentState.SUBMITTED): "late evidence for an earlier copy",
    (SegmentState.IN_FLIGHT, SegmentState.PENDING): "nothing was sent",
    (SegmentState.IN_FLIGHT, SegmentState.SUBMITTED): "the network took it",
    (SegmentState.IN_FLIGHT, SegmentState.REFUSED): "refused for good",
    (SegmentState.IN_FLIGHT, SegmentState.UNCERTAIN): "no answer came",
    (SegmentState.SUBMITTED, SegmentState.DELIVERED): "a good report",
    (SegmentState.SUBMITTED, SegmentState.UNDELIVERED): "a report says never",
    (SegmentState.UNCERTAIN, SegmentState.PENDING): "to be sent again",
    (SegmentState.UNCERTAIN, SegmentState.SUBMITTED): "evidence",
    (SegmentState.UNDELIVERED, SegmentState.PENDING): "a person retries",
    (SegmentState.REFUSED, SegmentState.PENDING): "a person retries",
}


class Door(StrEnum):
    """The way a submission came in."""

    OMS = "oms"
    COMMAND_LINE = "command_line"
    AUTO_REPLY = "auto_reply"
    ALARM = "alarm"
    REST = "rest"
    MAIL = "mail"
    SPOOL = "spool"  # a file that another program wrote
    SENDSMS = "sendsms"  # Kannel's URL


class Reason(StrEnum):
    """Why the gate refused; `soap.errors` maps it to the codes of [MS-OMS]."""

    INVALID_USER = "invalid_user"
    UNKNOWN_ACCOUNT = "unknown_account"  # from a door on this machine, which may know
    ACCOUNT_DISABLED = "account_disabled"
    INVALID_RECIPIENT = "invalid_recipient"
    NO_COUNTRY = "no_country"  # a number without country code, and no country is configured
    EMERGENCY_NUMBER = "emergency_number"
    RECIPIENT_NOT_ALLOWED = "recipient_not_allowed"  # on the deny list
    COSTLY_NUMBER = "costly_number"  # premium rate or satellite
    COUNTRY_NOT_ALLOWED = "country_not_allowed"
    NOT_MOBILE = "not_mobile"  # its range is known to be for something else, and the service wants mobile numbers only
    NO_RECIPIENT = "no_recipient"
    TOO_MANY_RECIPIENTS = "too_many_recipients"
    TOO_MANY_TEXTS = "too_many_texts"
    EMPTY_TEXT = "empty_text"
    TEXT_TOO_LONG = "text_too_long"
    INVALID_CHARACTER = "invalid_character"
    BUSY = "busy"
    BAD_SCHEDULE = "bad_schedule"
    UNAVAILABLE = "unavailable"
    NO_NETWORK = "no_network"  # no modem can send, and the service would rather refuse than queue
    NOT_REGISTERED = "not_registered"  # an account without the right to send
    QUOTA_MINUTE = "quota_minute"
    QUOTA_DAY = "quota_day"
    QUOTA_MONTH = "quota_month"
    SOURCE_BLOCKED = "source_blocked"  # a kind of message (reminder, rule) the account does not take
    QUIET_HOURS = "quiet_hours"  # an automatic message at a time when none are sent
    LOW_BALANCE = "low_balance"
    OPTED_OUT = "opted_out"  # the recipient asked not to be texted
    SERVICE_NOT_OFFERED = "service_not_offered"  # MMS
    SERVICE_CEASED = "service_ceased"  # the operator ended the service
    UNREADABLE = "unreadable"  # the request is no document of its kind
    EMPTY_BATCH = "empty_batch"
    BATCH_TOO_LARGE = "batch_too_large"  # this message was beyond the most of one batch
    FAULT = "fault"  # ours; the log says what


class Notice(StrEnum):
    """What a client should know although nothing was refused."""

    NOT_SCHEDULED = "not_scheduled"  # sent at once, this service does not delay
    SERVICE_UPDATE = "service_update"  # the service's properties changed


@dataclass(frozen=True, slots=True)
class Profile:
    """What an account's owner may know of it: the answer to GetUserInfo."""

    account: str
    reply_phone: str = ""
    smtp_address: str = ""


@dataclass(frozen=True, slots=True)
class AccountRequest:
    """Somebody asks for an account; only the operator makes one."""

    name: str
    mail: str
    phone: str = ""
    source: str = ""  # address the request came from
    asked_at: datetime | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """The mail that a submission began as."""

    sender: str  # its envelope's
    message_id: str = ""
    references: tuple[str, ...] = ()  # Message-IDs of the thread before it
    subject: str = ""
    envelope_id: str = ""  # ENVID: what its sender's program calls it in reports
    confirm: str = ""  # what its sender asked to be told: off, failures, all; empty: as the account has it


@dataclass(frozen=True, slots=True)
class Submission:
    """What a client asked for, before the gate looked at it."""

    account: str  # user id as typed
    door: Door
    recipients: tuple[str, ...]  # as typed
    texts: tuple[str, ...]  # one per OMS `content`, each becomes a message of its own
    client: str = ""  # the client's own name, e.g. "Microsoft Office Outlook 14.0"
    source_type: str = ""  # xmsInspector, reminder, calSummary, ruleBased, other
    source: str = ""  # address the request came from; empty for local doors
    not_before: datetime | None = None
    content_ids: tuple[str, ...] = ()
    confirm: str = "failures"  # what its sender is told of by mail: off, failures, all
    origin: Origin | None = None
    remark: str = ""  # what the door changed, for the history
    whole: bool = False  # nothing is accepted unless every recipient is


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `segments` segments since `since`, of one account or (None) of everybody; `reason` when it is used up."""

    reason: Reason
    since: datetime
    segments: int
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refusal by the gate: of one recipient, or (recipient None) of the whole submission."""

    reason: Reason
    recipient: str | None = None  # exactly as received
    detail: str = ""  # one line for an office user


@dataclass(frozen=True, slots=True)
class Receipt:
    """The gate's answer. `accepted` are ids of messages that are safely on disk (law 1)."""

    accepted: tuple[int, ...] = ()
    refused: tuple[Refusal, ...] = ()
    submission_id: int | None = None
    notices: tuple[Notice, ...] = ()


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


class NoticeKind(StrEnum):
    """What a mail of ours tells."""

    REPLY = "reply"  # a text came in
    OUTCOME = "outcome"  # what became of a submission: not sent, in doubt, or (where asked for) delivered
    ALARM = "alarm"  # something the operator must know


class NoticeState(StrEnum):
    """Where one mail of ours stands."""

    GATHERING = "gathering"  # more outcomes of the same submission may join it
    WAITING = "waiting"  # to be handed to the mail server
    SENT = "sent"  # the mail server took it
    KEPT = "kept"  # cannot be sent: refused for good, too old, or nobody to send it to; a person may try again
    VOID = "void"  # nothing is left to tell, or nobody wants to be told


#: Allowed moves of a notice.
NEXT_NOTICE: dict[NoticeState, frozenset[NoticeState]] = {
    NoticeState.GATHERING: frozenset({NoticeState.WAITING, NoticeState.VOID}),
    NoticeState.WAITING: frozenset({NoticeState.SENT, NoticeState.KEPT, NoticeState.VOID}),
    NoticeState.SENT: frozenset(),
    NoticeState.KEPT: frozenset({NoticeState.WAITING}),
    NoticeState.VOID: frozenset(),
}


@dataclass(frozen=True, slots=True)
class MailNotice:
    """One mail that somebody is to get, and how far it came."""

    id: int
    kind: NoticeKind
    state: NoticeState
    account: str  # whose mailbox; empty: the default mailbox, for an alarm the operator's
    created_at: datetime
    due_at: datetime
    token: str  # makes the Message-ID its own and keeps it the same on every attempt
    submission_id: int | None = None
    incoming_id: int | None = None
    subject: str = ""  # of an alarm
    text: str = ""  # of an alarm
    attempts: int = 0
    last_error: str = ""
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a notice says of one message, as it stood when the notice was closed."""

    message: OutgoingMessage
    state: State
    detail: str = ""


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
