"""A SIM's allowance: so many segments a minute, a day, a month, counted in the store so that no restart forgets them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from omsmodem.message import OutgoingMessage
from omsmodem.periods import day_start, month_start
from omsmodem.store import Charge, Modems, Period


@dataclass(frozen=True, slots=True)
class Caps:
    """The most segments in each period; 0: no cap. Days and months are those of `zone`."""

    minute: int = 0
    day: int = 0
    month: int = 0
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class Rest:
    """A cap is reached: nothing more until `until`, and why in words."""

    until: datetime
    words: str


@dataclass(frozen=True, slots=True)
class _Cap:
    period: Period
    most: int


class Budget:
    """What one modem may still hand over. `sim` is set once it is known."""

    def __init__(self, modems: Modems, caps: Caps, clock: Callable[[], datetime], sim: str) -> None:
        self.sim = sim
        self._modems = modems
        self._caps = caps
        self._clock = clock
        self._known: tuple[_Cap, _Cap, _Cap] | None = None

    def charge(self) -> Charge:
        """Where a segment handed over now is counted. A month is added up from its days."""
        minute, day, _ = self._periods()
        return Charge(self.sim, (minute.period, day.period) if minute.most else (day.period,))

    def rest(self) -> Rest | None:
        """Why nothing may be handed over now, or None."""
        reached = [cap for cap in self._capped() if self._left(cap) <= 0]
        if not reached:
            return None
        cap = max(reached, key=lambda cap: cap.period.until)
        until = cap.period.until.astimezone(self._caps.zone)
        words = f"the limit of {cap.most} segments a {cap.period.name} is reached; it goes on at {until:%Y-%m-%d %H:%M}"
        return Rest(cap.period.until, words)

    def has_room_for(self, message: OutgoingMessage) -> bool:
        """Whether day and month have room for all of a message; one that is longer than a whole cap is begun all the same."""
        return all(
            self._left(cap) >= min(message.segments, cap.most) for cap in self._capped() if cap.period.name != "minute"
        )

    def used(self) -> dict[str, tuple[int, int]]:
        """Segments used, and the cap, of the day and the month."""
        return {cap.period.name: (self._modems.used(self.sim, cap.period), cap.most) for cap in self._periods()[1:]}

    def _left(self, cap: _Cap) -> int:
        return cap.most - self._modems.used(self.sim, cap.period)

    def _capped(self) -> list[_Cap]:
        return [cap for cap in self._periods() if cap.most]

    def _periods(self) -> tuple[_Cap, _Cap, _Cap]:
        """The minute, day and month of now: worked out once a minute, asked for with each segment."""
        minute = self._clock().replace(second=0, microsecond=0)
        if self._known is None or self._known[0].period.since != minute:
            self._known = self._periods_of(minute)
        return self._known

    def _periods_of(self, minute: datetime) -> tuple[_Cap, _Cap, _Cap]:
        caps, zone = self._caps, self._caps.zone
        day, month = day_start(minute, zone), month_start(minute, zone)
        return (
            _Cap(Period("minute", minute, minute + timedelta(minutes=1)), caps.minute),
            _Cap(Period("day", day, day_start(day + timedelta(hours=26), zone)), caps.day),
            _Cap(Period("month", month, month_start(month + timedelta(days=32), zone)), caps.month),
        )
