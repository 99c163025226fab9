"""The office's day and month: quotas and quiet hours follow its clock on the wall, also where that clock jumps.

Standard library only. All datetimes are aware.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo


def utc_now() -> datetime:
    """The present, aware and in UTC."""
    return datetime.now(UTC)


def zone_of(name: str) -> tzinfo:
    """The zone whose midnights start days and months; without a name, that of the machine."""
    if name:
        return ZoneInfo(name)
    local = Path("/etc/localtime")
    if local.exists():
        with local.open("rb") as file:
            return ZoneInfo.from_file(file)
    return UTC


def day_start(now: datetime, zone: tzinfo) -> datetime:
    """The last midnight of `zone`, in UTC."""
    return _midnight(now.astimezone(zone), zone)


def month_start(now: datetime, zone: tzinfo) -> datetime:
    """The first midnight of the month in `zone`, in UTC."""
    return _midnight(now.astimezone(zone).replace(day=1), zone)


def _midnight(local: datetime, zone: tzinfo) -> datetime:
    return datetime.combine(local.date(), time(), zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class DailyHours:
    """A part of every day on the wall's clock; it may run over midnight."""

    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> "DailyHours":
        """Read `22:00-06:00`. Raises ValueError for anything else."""
        start, dash, end = text.replace(" ", "").partition("-")
        if not dash:
            raise ValueError(f"{text!r} is no part of a day; write it as 22:00-06:00")
        return cls(time.fromisoformat(start), time.fromisoformat(end))

    def end_after(self, now: datetime, zone: tzinfo) -> datetime | None:
        """When the hours that `now` lies in will end, in UTC; None outside of them."""
        local = now.astimezone(zone)
        moment = local.time()
        overnight = self.start > self.end
        inside = self.start <= moment < self.end if not overnight else moment >= self.start or moment < self.end
        if not inside:
            return None
        tomorrow = overnight and moment >= self.start
        day = local.date() + timedelta(days=1 if tomorrow else 0)
        return datetime.combine(day, self.end, zone).astimezone(UTC)


_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """The same hours of some days of the week, on the wall's clock."""

    weekdays: frozenset[int]  # 0 is Monday
    start: time
    end: time | None  # None is midnight

    @classmethod
    def parse(cls, text: str) -> "WorkingHours":
        """Read `Mon-Fri 07:00-19:00`. Raises ValueError for anything else."""
        try:
            days, hours = text.split()
            first, _, last = days.lower().partition("-")
            start, end = hours.split("-")
            begin, stop = _WEEKDAYS.index(first), _WEEKDAYS.index(last or first)
            ends = None if end in {"24:00", "00:00"} else time.fromisoformat(end)
            span = (stop - begin) % 7 + 1
            return cls(frozenset((begin + n) % 7 for n in range(span)), time.fromisoformat(start), ends)
        except ValueError as error:
            raise ValueError(f"{text!r} are no working hours; write them as Mon-Fri 07:00-19:00") from error

    def include(self, now: datetime, zone: tzinfo) -> bool:
        """Whether `now` lies in them."""
        local = now.astimezone(zone)
        return local.weekday() in self.weekdays and self.start <= local.time() < (self.end or time.max)
