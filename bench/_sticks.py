"""Simulated modems beside a benchmark, and what they were told."""

import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench._stick import links


@dataclass(frozen=True, slots=True)
class Heard:
    """One AT+CMGS: when it came, and what had been said until then."""

    modem: int
    at: float
    commands: int
    octets_to: int
    octets_from: int
    octets_of_reports: int  # among them


@dataclass(slots=True)
class Sticks:
    """The paths of the modems, and every AT+CMGS so far."""

    paths: list[Path]
    heard: list[Heard] = field(default_factory=list)
    ask: Callable[[], None] = lambda: None
    counts: "queue.SimpleQueue[int]" = field(default_factory=queue.SimpleQueue)

    def commands(self) -> int:
        """How many AT commands came until now."""
        self.ask()
        return self.counts.get(timeout=10)

    def wait(self, submissions: int, seconds: float) -> list[Heard]:
        """What was heard, once it is so much. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while len(self.heard) < submissions:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.heard)} of {submissions} segments came within {seconds:.0f} s")
            time.sleep(0.002)
        return self.heard[:submissions]


@contextmanager
def sticks(air_s: float, command_s: float, modems: int = 1) -> Iterator[Sticks]:
    """So many modems in a process of their own, for the length of a `with`."""
    with tempfile.TemporaryDirectory(prefix="omsmodem-bench-") as home:
        link = Path(home) / "modem"
        command = (sys.executable, "-m", "bench._stick", str(link), str(air_s), str(command_s), str(modems))
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            asking = process.stdin
            assert asking is not None
            found = Sticks(links(link, modems), ask=lambda: print(file=asking, flush=True))
            listener = threading.Thread(target=_listen, args=(process, found), daemon=True)
            listener.start()
            while not all(path.exists() for path in found.paths) and process.poll() is None:
                time.sleep(0.01)
            try:
                yield found
            finally:
                asking.close()
                process.wait(10)
                listener.join(10)


def _listen(process: "subprocess.Popen[str]", found: Sticks) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip().isdigit():
            found.counts.put(int(line))
            continue
        modem, at, *counts = line.split()
        found.heard.append(Heard(int(modem), float(at), *map(int, counts)))
