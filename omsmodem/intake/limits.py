"""What one submission may hold, and what an account may spend."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from omsmodem.accounts import Account
from omsmodem.intake.errors import Refused
from omsmodem.message import Quota, Reason, Submission
from omsmodem.periods import day_start, month_start
from omsmodem.sms import segment
from omsmodem.sms.errors import SmsError

_CALENDAR = "calSummary"


@dataclass(frozen=True, slots=True)
class Limits:
    """The service's limits. Numbers of segments are 0 where there is no limit; an account may have its own."""

    recipients_per_message: int = 50
    texts_per_send: int = 20
    texts_per_calendar_summary: int = 50
    segments_per_text: int = 10
    segments_per_minute: int = 0
    segments_per_day: int = 0
    segments_per_month: int = 0
    all_segments_per_day: int = 0
    validity: timedelta = timedelta(hours=48)
    duplicate_window: timedelta = timedelta(seconds=60)
    duplicate_window_with_ids: timedelta = timedelta(seconds=600)
    scheduling: bool = True
    transliterate: str = "off"
    zone: tzinfo = UTC


def require_counts(submission: Submission, texts: Sequence[str], limits: Limits) -> None:
    """Raises Refused for too many or too few recipients or texts."""
    most = limits.texts_per_calendar_summary if submission.source_type == _CALENDAR else limits.texts_per_send
    given = len(submission.recipients)
    if not given:
        raise Refused(Reason.NO_RECIPIENT)
    if given > limits.recipients_per_message:
        raise Refused(Reason.TOO_MANY_RECIPIENTS, most=limits.recipients_per_message, given=given)
    if not texts:
        raise Refused(Reason.EMPTY_TEXT)
    if len(texts) > most:
        raise Refused(Reason.TOO_MANY_TEXTS, most=most, given=len(texts))


def cost(texts: Sequence[str], limits: Limits) -> tuple[int, ...]:
    """The segments of each text. Raises Refused for one that has no form or is too long."""
    try:
        costs = tuple(segment.count(text).segments for text in texts)
    except SmsError as error:
        raise Refused(Reason.INVALID_CHARACTER) from error
    most = limits.segments_per_text
    if max(costs) > most:
        single, double = (160, 70) if most == 1 else (most * 153, most * 67)
        raise Refused(Reason.TEXT_TOO_LONG, single=single, double=double)
    return costs


def quotas(account: Account, limits: Limits, now: datetime) -> tuple[Quota, ...]:
    """What `account` and everybody may still spend at `now`."""
    minute, day, month = now - timedelta(minutes=1), day_start(now, limits.zone), month_start(now, limits.zone)
    name = account.name
    rules = (
        (Reason.QUOTA_MINUTE, minute, _first(account.segments_per_minute, limits.segments_per_minute), name),
        (Reason.QUOTA_DAY, day, _first(account.segments_per_day, limits.segments_per_day), name),
        (Reason.QUOTA_MONTH, month, _first(account.segments_per_month, limits.segments_per_month), name),
        (Reason.QUOTA_DAY, day, limits.all_segments_per_day, None),
    )
    return tuple(Quota(reason, since, most, who) for reason, since, most, who in rules if most)


def _first(own: int | None, general: int) -> int:
    return general if own is None else own
