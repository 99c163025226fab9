"""Log lines about clients: one each, and few in a flood."""

import logging
import threading
import time
from collections.abc import Callable

_log = logging.getLogger(__name__)

_PERIOD_S = 10.0
_EACH = 5  # lines about one address in a period
_ALL = 40  # lines in a period
_MAX_ADDRESSES = 1000


class Complaints:
    """Logs at most so many lines in ten seconds, and afterwards how many it kept back."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._since = float("-inf")
        self._lines: dict[str, int] = {}
        self._kept_back = 0

    def note(self, address: str, words: str, level: int = logging.INFO) -> None:
        """Log one line about a client."""
        with self._lock:
            kept_back = self._turn_over()
            given = self._lines.get(address, 0)
            speak = given < _EACH and sum(self._lines.values()) < _ALL and len(self._lines) < _MAX_ADDRESSES
            if speak:
                self._lines[address] = given + 1
            else:
                self._kept_back += 1
        if kept_back:
            _log.info("%d more lines about clients were kept back", kept_back)
        if speak:
            _log.log(level, "from=%s %s", address, words)

    def _turn_over(self) -> int:
        """Start a new period when it is time; the number of lines kept back in the one before."""
        now = self._monotonic()
        if now - self._since < _PERIOD_S:
            return 0
        kept_back, self._kept_back, self._since = self._kept_back, 0, now
        self._lines.clear()
        return kept_back
