"""A clock that runs faster than the wall's: what takes a hundred seconds in the world takes five in a test.

`python -m tests.faults.pacing CONFIG PACE` is the whole service on such a clock. SIGUSR1 puts the clock a day forward, SIGUSR2
a day back, as an administrator or a time server would; what is measured by the monotonic clock never jumps.
"""

import queue
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType

from omsmodem import app
from omsmodem.config import load
from omsmodem.logs import set_up_logging
from omsmodem.modem.session import Inbox, Signal
from omsmodem.worker import Clocks
from tests.faults.broken import break_as_asked


class Pace:
    """Time that passes `factor` times as fast."""

    def __init__(self, factor: float) -> None:
        self.factor = factor
        self._started = time.monotonic()
        self._at = datetime.now(UTC)
        self._jump = timedelta()

    def monotonic(self) -> float:
        """Seconds, never back."""
        return self._started + (time.monotonic() - self._started) * self.factor

    def now(self) -> datetime:
        """The present, as somebody set it."""
        return self._at + timedelta(seconds=(time.monotonic() - self._started) * self.factor) + self._jump

    def jump(self, by: timedelta) -> None:
        """Set the clock on the wall."""
        self._jump += by

    def inbox(self) -> Inbox:
        """An inbox whose waits are as short as the clock is fast."""
        return _PacedInbox(self.factor)

    def clocks(self) -> Clocks:
        """For a worker."""
        return Clocks(now=self.now, monotonic=self.monotonic, inbox=self.inbox)


class _PacedInbox(queue.SimpleQueue[bytes | Signal]):
    def __new__(cls, _factor: float) -> "_PacedInbox":
        return super().__new__(cls)

    def __init__(self, factor: float) -> None:
        self._factor = factor

    def get(self, block: bool = True, timeout: float | None = None) -> bytes | Signal:
        return super().get(block, None if timeout is None else timeout / self._factor)


def main(config: str, factor: str) -> None:
    """Serve until SIGTERM."""
    pace = Pace(float(factor))

    def jump(number: int, _frame: FrameType | None) -> None:
        pace.jump(timedelta(days=1 if number == signal.SIGUSR1 else -1))

    signal.signal(signal.SIGUSR1, jump)
    signal.signal(signal.SIGUSR2, jump)
    set_up_logging("info", journal=False)
    break_as_asked()
    app.serve(load(Path(config)), clocks=pace.clocks())


if __name__ == "__main__":
    main(*sys.argv[1:])
