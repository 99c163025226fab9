"""Messages nobody typed: reminders, summaries and rules, which may be refused, or held through the quiet hours."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Literal

from omsmodem.accounts import Account
from omsmodem.intake.errors import Refused
from omsmodem.message import Reason, Submission
from omsmodem.periods import DailyHours

AUTOMATIC = frozenset({"reminder", "calSummary", "ruleBased", "other"})


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When automatic messages are held until morning, or refused."""

    hours: DailyHours
    action: Literal["hold", "refuse"] = "hold"


def require_wanted(submission: Submission, account: Account) -> None:
    """Raises Refused where the account does not take messages of this origin."""
    if submission.source_type in account.blocked_sources:
        raise Refused(Reason.SOURCE_BLOCKED, kind=submission.source_type)


def quiet_until(
    submission: Submission, account: Account, general: QuietHours | None, now: datetime, zone: tzinfo
) -> datetime | None:
    """Until when the quiet hours hold a message; None where they do not. Raises Refused where they refuse it.

    The hours are those of the moment it is to be sent, which for a scheduled message is not now.
    """
    quiet = general
    if account.quiet_hours:
        quiet = QuietHours(DailyHours.parse(account.quiet_hours), general.action if general else "hold")
    if quiet is None or submission.source_type not in AUTOMATIC:
        return None
    end = quiet.hours.end_after(max(submission.not_before or now, now), zone)
    if end is not None and quiet.action == "refuse":
        raise Refused(Reason.QUIET_HOURS, start=f"{quiet.hours.start:%H:%M}", end=f"{quiet.hours.end:%H:%M}")
    return end
