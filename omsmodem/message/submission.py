"""What a client asks for, and what the gate answers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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
