"""xs:dateTime, in every form it may take."""

import re
from datetime import UTC, datetime, timedelta, timezone

#: Many clients send the present with every message: what is so near is now.
AS_GOOD_AS_NOW = timedelta(minutes=2)
HORIZON = timedelta(days=366)

_DATE_TIME = re.compile(
    r"(?P<date>[0-9]{4,}-[0-9]{2}-[0-9]{2})T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
    r"(?:\.(?P<fraction>[0-9]+))?(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?"
)
_FARTHEST_ZONE = timedelta(hours=14)


def parse_moment(value: str) -> datetime:
    """An xs:dateTime in UTC; without a zone it is UTC. Raises ValueError.

    24:00:00 is the midnight that ends the day, and a leap second the first one of the next minute.
    """
    match = _DATE_TIME.fullmatch(value.strip(" \t\r\n"))
    if match is None:
        raise ValueError(value)
    clock = timedelta(hours=int(match["hour"]), minutes=int(match["minute"]), seconds=int(match["second"]))
    fraction = timedelta(microseconds=int((match["fraction"] or "0")[:6].ljust(6, "0")))
    if int(match["minute"]) > 59 or int(match["second"]) > 60 or clock + fraction > timedelta(days=1):
        raise ValueError(value)
    try:
        day = datetime.fromisoformat(match["date"]).replace(tzinfo=_zone(match["zone"]))
        return day.astimezone(UTC) + clock + fraction
    except OverflowError as error:
        raise ValueError(value) from error


def _zone(name: str | None) -> timezone:
    if name is None or name == "Z":
        return UTC
    offset = timedelta(hours=int(name[1:3]), minutes=int(name[4:6]))
    if int(name[4:6]) > 59 or offset > _FARTHEST_ZONE:
        raise ValueError(name)
    return timezone(-offset if name[0] == "-" else offset)


def not_before(value: str, now: datetime, horizon: timedelta = HORIZON) -> datetime | None:
    """When to send what a client scheduled; None for now: no value, the past, or hardly in the future.

    Raises ValueError for what is no moment, or beyond the horizon: sending at a wrong time is worse than failing visibly.
    """
    if not value:
        return None
    moment = parse_moment(value)
    if moment > now + horizon:
        raise ValueError(value)
    return moment if moment > now + AS_GOOD_AS_NOW else None
