"""Cuts connections that are over their time; sleeps until the next one may be."""

import threading
import time
from typing import Protocol


class Mortal(Protocol):
    """What has a deadline."""

    def overdue(self) -> None:
        """Its time is over."""


class Deadlines(threading.Thread):
    """One thread for all connections."""

    def __init__(self) -> None:
        super().__init__(name="https-deadlines", daemon=True)
        self._changed = threading.Condition()
        self._due: dict[Mortal, float] = {}
        self._next = float("inf")
        self._stopping = False

    def set(self, what: Mortal, seconds: float) -> None:
        """From now it has so long."""
        due = time.monotonic() + seconds
        with self._changed:
            self._due[what] = due
            if due < self._next:
                self._changed.notify()

    def forget(self, what: Mortal) -> None:
        """It has no deadline any more."""
        with self._changed:
            self._due.pop(what, None)

    def stop(self) -> None:
        """End the thread."""
        with self._changed:
            self._stopping = True
            self._changed.notify()

    def run(self) -> None:
        """Wait for the next deadline, again and again."""
        while not self._stopping:
            for late in self._wait():
                late.overdue()

    def _wait(self) -> list[Mortal]:
        with self._changed:
            now = time.monotonic()
            late = [what for what, due in self._due.items() if due <= now]
            for what in late:
                del self._due[what]
            if late or self._stopping:
                return late
            self._next = min(self._due.values(), default=float("inf"))
            self._changed.wait(None if self._next == float("inf") else self._next - now)
            return []
