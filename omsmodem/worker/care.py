"""How one modem is treated, and what a worker is given from outside: plain values."""

import queue
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from omsmodem.modem.gsm import Setup
from omsmodem.modem.port import Inbox
from omsmodem.worker.budget import Caps
from omsmodem.worker.watch import Watching

Hook = Callable[[str], str]
"""Runs the operator's program for a reason; returns in words what became of it."""


@dataclass(frozen=True, slots=True)
class Care:
    """How one modem is treated."""

    setup: Setup = field(default_factory=Setup)
    caps: Caps = field(default_factory=Caps)
    watching: Watching = field(default_factory=Watching)
    hook: Hook | None = None


@dataclass(frozen=True, slots=True)
class Clocks:
    """Time and chance, from outside."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random
    inbox: Callable[[], Inbox] = queue.SimpleQueue
