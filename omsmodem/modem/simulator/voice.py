"""What a simulated modem says, at its time, and what can go wrong on the way out."""

import heapq
import itertools
from collections.abc import Callable

#: More than this is not kept for a host that does not read.
_MAX_READY_OCTETS = 1 << 16


class Voice:
    """Octets that are due later. `silent_until`, `held_until` and `gap_s` are the faults of the line."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._order = itertools.count()
        self._scheduled: list[tuple[float, int, bytes]] = []
        self._ready = bytearray()
        self._free_at = 0.0  # with a gap: when the next octet may leave
        self.silent_until = 0.0  # what would be said before is lost
        self.held_until = 0.0  # what would be said before comes then
        self.gap_s = 0.0  # octet by octet, so far apart; 0 says all at once

    def say(self, octets: bytes, delay_s: float = 0.0) -> None:
        """Say these octets in one go when `delay_s` have passed."""
        heapq.heappush(self._scheduled, (self._now() + delay_s, next(self._order), octets))

    def clear(self) -> None:
        """Power is gone: nothing of what was to be said will be, and the line's faults end."""
        self._scheduled.clear()
        self._ready.clear()
        self.silent_until = self.held_until = self.gap_s = 0.0

    def due(self) -> bytes:
        """The octets to be said by now."""
        now = self._now()
        if now < self.held_until:
            return b""
        while self._scheduled and self._scheduled[0][0] <= now:
            octets = heapq.heappop(self._scheduled)[2]
            if now >= self.silent_until and len(self._ready) < _MAX_READY_OCTETS:
                self._ready += octets
        return self._leave(now)

    def _leave(self, now: float) -> bytes:
        count = len(self._ready)
        if self.gap_s:
            count = 1 if now >= self._free_at and self._ready else 0
            self._free_at = now + self.gap_s if count else self._free_at
        said = bytes(self._ready[:count])
        del self._ready[:count]
        return said

    def next_due(self) -> float | None:
        """When there is something to say, or None."""
        if self._ready:
            return max(self._free_at, self.held_until)
        if not self._scheduled:
            return None
        return max(self._scheduled[0][0], self.held_until)
