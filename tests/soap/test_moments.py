"""xs:dateTime in all its forms."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omsmodem.soap.moments import not_before, parse_moment

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-03-02T06:45:00Z", "2026-03-02 06:45:00"),
        ("2026-03-02T06:45:00", "2026-03-02 06:45:00"),
        ("  2026-03-02T06:45:00Z\n", "2026-03-02 06:45:00"),
        ("2026-03-02T06:45:00.5Z", "2026-03-02 06:45:00.500000"),
        ("2026-03-02T06:45:00.1234567891Z", "2026-03-02 06:45:00.123456"),
        ("2026-03-02T08:45:00+02:00", "2026-03-02 06:45:00"),
        ("2026-03-01T16:45:00-14:00", "2026-03-02 06:45:00"),
        ("2026-03-02T24:00:00Z", "2026-03-03 00:00:00"),
        ("2026-12-31T24:00:00.000Z", "2027-01-01 00:00:00"),
        ("2026-06-30T23:59:60Z", "2026-07-01 00:00:00"),
        ("2028-02-29T12:00:00Z", "2028-02-29 12:00:00"),
    ],
)
def test_every_form_of_a_date_and_time_is_read(value: str, moment: str) -> None:
    """Fractions, offsets, the midnight that ends a day, leap seconds and days; no zone is UTC."""
    assert parse_moment(value) == datetime.fromisoformat(f"{moment}+00:00")


@pytest.mark.parametrize(
    "value",
    [
        "tomorrow",
        "2026-03-02",
        "06:45:00",
        "2026-03-02 06:45:00Z",
        "2026-03-02T06:45Z",
        "2026-02-29T06:45:00Z",
        "2026-13-02T06:45:00Z",
        "2026-03-02T24:00:01Z",
        "2026-03-02T24:00:00.5Z",
        "2026-03-02T25:00:00Z",
        "2026-03-02T06:60:00Z",
        "2026-03-02T06:45:61Z",
        "2026-03-02T06:45:00+15:00",
        "2026-03-02T06:45:00+02:60",
        "2026-03-02T06:45:00.Z",
        "-2026-03-02T06:45:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T24:00:00Z",
        "12026-03-02T06:45:00Z",
        "٢٠٢٦-03-02T06:45:00Z",
    ],
)
def test_garbage_is_refused(value: str) -> None:
    """What is no moment raises ValueError and nothing else."""
    with pytest.raises(ValueError):
        parse_moment(value)


@pytest.mark.parametrize(
    ("value", "start"),
    [
        ("", None),
        ("2026-03-02T06:01:59Z", None),
        ("1999-01-01T00:00:00Z", None),
        ("2026-03-02T06:45:00Z", datetime(2026, 3, 2, 6, 45, tzinfo=UTC)),
        ("2027-03-02T06:00:00Z", datetime(2027, 3, 2, 6, 0, tzinfo=UTC)),
    ],
)
def test_the_past_and_the_present_are_now(value: str, start: datetime | None) -> None:
    """Clients that always send the present do not ask for a delay."""
    assert not_before(value, NOW) == start


def test_the_far_future_is_refused() -> None:
    """A message for the year after next is a mistake."""
    with pytest.raises(ValueError):
        not_before("2028-03-02T06:00:00Z", NOW)
    with pytest.raises(ValueError):
        not_before("2026-03-10T06:00:00Z", NOW, timedelta(days=7))


@given(st.text(alphabet="0123456789-T:.Z+ ٣", max_size=40))
def test_any_text_is_a_moment_or_a_value_error(value: str) -> None:
    """Nothing but ValueError, and every moment is aware and in UTC."""
    try:
        moment = parse_moment(value)
    except ValueError:
        return
    assert moment.utcoffset() == timedelta(0)


@given(st.datetimes(timezones=st.timezones()))
def test_what_python_writes_is_read_back(moment: datetime) -> None:
    """isoformat with whole-minute offsets of at most 14 hours is an xs:dateTime."""
    offset = moment.utcoffset()
    assert offset is not None
    if offset % timedelta(minutes=1) or abs(offset) > timedelta(hours=14) or not 2 < moment.year < 9998:
        return
    assert parse_moment(moment.isoformat()) == moment.astimezone(UTC)
