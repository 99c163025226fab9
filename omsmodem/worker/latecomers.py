"""Answers that may still come: a +CMGS given up may be answered in the midst of a later exchange, which it would then seem to end.

TP-MR tells them apart: a modem counts it up by one (TS 23.040 §9.2.3.6), so the number that the missing answer would name is
known, and an answer with just that number proves nothing of the segment it seems to be for.
"""

from collections.abc import Callable

#: A modem that was silent for so long will not answer that command any more.
FORGOTTEN_S = 900.0


class Latecomers:
    """The answers of one modem that are still out. `last` is the TP-MR of its newest answer, None where nothing is known."""

    def __init__(self, monotonic: Callable[[], float], last: int | None = None) -> None:
        self._monotonic = monotonic
        self._next = None if last is None else _after(last)
        self._missing: list[tuple[float, int]] = []  # since when, and the TP-MR it would name

    def gave_up(self) -> None:
        """An exchange ended without an answer that may still come."""
        if self._next is not None:
            self._missing.append((self._monotonic(), self._next))
            self._next = _after(self._next)

    def came(self, reference: int) -> bool:
        """An answer came; whether it may be one that was missing. It is then no longer missing."""
        now = self._monotonic()
        self._missing = [entry for entry in self._missing if now - entry[0] < FORGOTTEN_S]
        for entry in self._missing:
            if entry[1] == reference:
                self._missing.remove(entry)
                return True
        self._next = _after(reference)
        return False

    def none(self) -> None:
        """Nothing can come any more: the stick was away, or was reset."""
        self._missing.clear()


def _after(reference: int) -> int:
    return (reference + 1) % 256
