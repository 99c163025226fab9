"""The office's clock, on ordinary days and on those of 23 and 25 hours."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from omsmodem.periods import DailyHours, WorkingHours, day_start, month_start

BERLIN = ZoneInfo("Europe/Berlin")


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def test_a_day_starts_at_the_offices_midnight() -> None:
    """00:30 in Berlin belongs to the new day although UTC still has the old one."""
    assert day_start(berlin("2026-03-02T00:30"), BERLIN) == datetime(2026, 3, 1, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_days_of_the_clock_change_are_shorter_or_longer(day: str, hours: int) -> None:
    """From one midnight to the next lie 23, 24 or 25 hours."""
    start = day_start(berlin(f"{day}T12:00"), BERLIN)
    end = day_start(start + timedelta(hours=30), BERLIN)
    assert end - start == timedelta(hours=hours)


def test_a_month_starts_on_its_first_midnight() -> None:
    """The month of a moment in winter time that began in summer time starts in summer time."""
    assert month_start(berlin("2026-10-31T12:00"), BERLIN) == datetime(2026, 9, 30, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-03-02T22:00", "2026-03-03T06:00"),
        ("2026-03-03T05:59", "2026-03-03T06:00"),
        ("2026-03-28T23:00", "2026-03-29T06:00"),
        ("2026-03-03T06:00", None),
        ("2026-03-03T21:59", None),
    ],
)
def test_hours_over_midnight_end_in_the_morning(now: str, end: str | None) -> None:
    """22:00-06:00 holds in the evening and in the early morning, and ends at the wall's six o'clock."""
    hours = DailyHours.parse("22:00-06:00")
    assert hours.end_after(berlin(now), BERLIN) == (berlin(end) if end else None)


def test_hours_within_a_day() -> None:
    """12:00-13:00 is the lunch hour only."""
    hours = DailyHours.parse("12:00 - 13:00")
    assert hours.end_after(berlin("2026-03-02T12:30"), BERLIN) == berlin("2026-03-02T13:00")
    assert hours.end_after(berlin("2026-03-02T13:00"), BERLIN) is None


@pytest.mark.parametrize("text", ["", "22:00", "22-late", "25:00-06:00", "late-early"])
def test_what_is_no_part_of_a_day_is_refused(text: str) -> None:
    """A mistake in the configuration is an error, not silence."""
    with pytest.raises(ValueError):
        DailyHours.parse(text)


@pytest.mark.parametrize(
    ("text", "now", "inside"),
    [
        ("Mon-Fri 07:00-19:00", "2026-03-02T07:00", True),
        ("Mon-Fri 07:00-19:00", "2026-03-02T19:00", False),
        ("Mon-Fri 07:00-19:00", "2026-03-07T12:00", False),
        ("Fri-Mon 07:00-19:00", "2026-03-07T12:00", True),
        ("Sat 07:00-24:00", "2026-03-07T23:59", True),
        ("Mon-Sun 00:00-24:00", "2026-03-07T00:00", True),
    ],
)
def test_working_hours_are_those_of_some_days(text: str, now: str, inside: bool) -> None:
    """Days may run over the weekend; 24:00 is the end of the day."""
    assert WorkingHours.parse(text).include(berlin(now), BERLIN) is inside


@pytest.mark.parametrize("text", ["", "07:00-19:00", "Mon-Xyz 07:00-19:00", "Mon-Fri 7-late", "Mon 07:00"])
def test_what_are_no_working_hours_is_refused(text: str) -> None:
    """A mistake in the configuration says how to write them."""
    with pytest.raises(ValueError, match="Mon-Fri 07:00-19:00"):
        WorkingHours.parse(text)
