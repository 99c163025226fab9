"""What a trial says, and how long it waits for something to become true."""

import sys
import time
from collections.abc import Callable

PATIENCE_S = 60.0


def say(what: str) -> None:
    """Say what comes next."""
    print(what, flush=True)


def expect(good: object, what: str) -> None:
    """Say that something is so, up to its colon; or end with all that is known of why not."""
    if not good:
        sys.exit(f"NOT SO: {what}")
    say(f"  ✓ {what.partition(':')[0]}")


def until(what: Callable[[], object]) -> bool:
    """Whether something becomes true in time."""
    deadline = time.monotonic() + PATIENCE_S
    while not what() and time.monotonic() < deadline:
        time.sleep(0.2)
    return bool(what())
