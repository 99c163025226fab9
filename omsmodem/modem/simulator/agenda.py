"""What the simulated world is going to do, and when. No clock of its own: time is asked for."""

import heapq
import itertools
from collections.abc import Callable


class Agenda:
    """Actions at their time; `now` gives seconds of any epoch."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._entries: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def after(self, delay_s: float, action: Callable[[], None]) -> None:
        """Do `action` when `delay_s` have passed and somebody calls `run`."""
        heapq.heappush(self._entries, (self._now() + delay_s, next(self._order), action))

    def run(self) -> None:
        """Do what is due, also what that made due."""
        while self._entries and self._entries[0][0] <= self._now():
            heapq.heappop(self._entries)[2]()

    def next_due(self) -> float | None:
        """When there is something to do, or None."""
        return self._entries[0][0] if self._entries else None
