"""The nouns of how the service is: facts as they were found, and findings that say what they mean.

Standard library only. What could not be found out is None, and no rule speaks of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import Any, TypeVar, get_type_hints

from omsmodem.message import State

T = TypeVar("T")


class Level(IntEnum):
    """How bad it is; the value is the exit code of a monitoring plug-in."""

    OK = 0
    WARN = 1
    FAIL = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that somebody should know: a sentence, and what to do about it."""

    rule: str  # stable name, e.g. "modem-missing"
    level: Level
    sentence: str
    remedy: str = ""  # one command or action to copy
    subject: str = ""  # which modem, certificate, …; empty where there is only one


def worst(findings: Iterable[Finding]) -> Level:
    """The level of the whole; OK without findings."""
    return max((finding.level for finding in findings), default=Level.OK)


@dataclass(frozen=True, slots=True)
class ModemFacts:
    """One modem, as its worker sees it."""

    name: str
    state: str  # absent, starting, ready, blocked
    detail: str = ""  # why it is not ready, in words
    since: datetime | None = None  # when it came into this state
    reason: str = ""  # what blocks it, as `health.BLOCKED` has it
    held: bool = False  # an operator holds it
    device: str = ""
    model: str = ""
    imei: str = ""
    operator: str = ""
    registration: str = ""  # home, roaming, searching, denied, …
    access: str = ""  # GSM, UMTS, LTE
    signal_dbm: int | None = None
    signal: str = ""  # the same in words
    weak_since: datetime | None = None
    sim: str = ""
    service_centre: str | None = None
    storage_used: int | None = None
    storage_size: int | None = None
    refusals_in_a_row: int = 0
    seconds_per_segment: float | None = None
    balance: float | None = None
    spent_today: int | None = None  # segments, of `limit_today`
    limit_today: int | None = None
    spent_month: int | None = None
    limit_month: int | None = None
    steps: Mapping[str, int] = field(default_factory=dict)  # taken to win it back since the service started
    given_up: str = ""  # why it could not be won back by any step
    restless: str = ""  # that it drops off the bus again and again, in words


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """What waits, and for how long."""

    waiting: int = 0  # could go now
    segments: int = 0  # they have together
    oldest_since: datetime | None = None  # since when the oldest of them waits
    scheduled: int = 0  # their time has not come
    retrying: int = 0  # refused for now
    held: int = 0  # an operator holds them
    sending: int = 0
    uncertain: int = 0
    to_decide: int = 0  # uncertain, and a person must decide
    last_outcomes: tuple[State, ...] = ()  # of the messages settled last, newest first


@dataclass(frozen=True, slots=True)
class DayFacts:
    """What happened since midnight."""

    accepted: int = 0
    segments: int = 0  # handed to the network
    delivered: int = 0
    failed: int = 0  # failed, undelivered and expired
    received: int = 0
    refused: int = 0  # at the gate


@dataclass(frozen=True, slots=True)
class QuotaFacts:
    """One limit and what is used of it."""

    name: str  # "all accounts today", "dana this month", …
    spent: int
    limit: int


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What one account has spent, in segments; a limit of 0 is none."""

    name: str
    today: int = 0
    limit_today: int = 0
    month: int = 0
    limit_month: int = 0


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """The certificate that clients see."""

    names: tuple[str, ...] = ()
    not_after: datetime | None = None
    problem: str = ""  # why it cannot be served


@dataclass(frozen=True, slots=True)
class MailFacts:
    """What waits for the mail server."""

    waiting: int = 0
    failing_since: datetime | None = None
    last_error: str = ""
    kept: int = 0  # could not be sent; a person decides


@dataclass(frozen=True, slots=True)
class WebhookFacts:
    """A webhook that does not take what came."""

    name: str
    failing_since: datetime
    last_error: str = ""


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """Who talked to the service since it started, and how."""

    today: int = 0
    oldest_protocol: str = ""
    old_address: str = ""  # who spoke a TLS below 1.2 last
    old_protocol: str = ""
    old_at: datetime | None = None
    advice: tuple[str, ...] = ()  # one sentence a PC that could not connect
    guessing_from: tuple[str, ...] = ()  # addresses that guess passwords


@dataclass(frozen=True, slots=True)
class ErrorFacts:
    """One message that went wrong lately, and what became of it."""

    message_id: int
    at: datetime
    recipient: str
    error: str
    state: State


@dataclass(frozen=True, slots=True)
class Facts:
    """How the service is at one moment."""

    now: datetime
    version: str = ""
    uri: str = ""
    running: bool = True
    started_at: datetime | None = None
    pid: int | None = None  # of the running service
    modems: tuple[ModemFacts, ...] = ()
    ledger: dict[State, int] = field(default_factory=dict)
    queue: QueueFacts = QueueFacts()
    today: DayFacts = DayFacts()
    quotas: tuple[QuotaFacts, ...] = ()
    accounts: tuple[AccountFacts, ...] = ()  # those that spent something this month, or have a limit
    certificate: CertificateFacts = CertificateFacts()
    mail: MailFacts = MailFacts()
    webhooks: tuple[WebhookFacts, ...] = ()
    doors_down: tuple[str, ...] = ()  # doors that the configuration wants and that take nobody, e.g. "mail"
    clients: ClientFacts = ClientFacts()
    errors: tuple[ErrorFacts, ...] = ()
    disk_free_octets: int | None = None
    newest_backup: datetime | None = None
    backups_wanted: bool = False
    first_message_at: datetime | None = None
    clock_synchronised: bool | None = None
    legacy_until: datetime | None = None
    sim_expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """How the service is, and what that means."""

    facts: Facts
    findings: list[Finding]
    why_it_waits: str = ""
    time_to_go: timedelta | None = None  # until the queue is empty, at the pace measured


def plain(value: Any) -> Any:
    """Facts or findings as values that JSON has: moments in ISO 8601, a level by its name."""
    if isinstance(value, Level):
        return value.name.lower()
    if is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [plain(entry) for entry in value]
    if isinstance(value, dict):
        return {str(name): plain(entry) for name, entry in value.items()}
    return value


def read(kind: type[T], given: Mapping[str, Any]) -> T:
    """Facts from plain values, e.g. of another process; names that this release does not know are left out."""
    hints = get_type_hints(kind)
    return kind(**{name: _read(hints[name], value) for name, value in given.items() if name in hints})


def _read(hint: Any, value: Any) -> Any:
    if isinstance(value, str) and hint in {datetime, datetime | None}:
        return datetime.fromisoformat(value)
    return tuple(value) if isinstance(value, list) else value
