"""An office that never stops: 50 clients for ten minutes, the modem slow and then unplugged.

`python -m tests.faults.load [--minutes N] [--clients N]` (make load). Each client sends a message a second over a connection it
keeps. Latencies, memory, descriptors and threads go into docs/reliability.md; exit code 1 when something grew or was lost.
"""

import argparse
import http.client
import os
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

from omsmodem import __version__
from tests.faults.books import Promise
from tests.faults.doors import Doors, deliver_xms
from tests.faults.pages import insert
from tests.faults.world import PHONE, World, make_template

PERIOD_S, SAMPLE_S = 1.0, 5.0
#: What may be more at the end than after the first quarter: memory and latency by a factor, descriptors and threads by number.
MEMORY, LATENCY, DESCRIPTORS = 1.1, 2.0, 8
#: As the unit of systemd sets it.
ENVIRONMENT = {"MALLOC_MMAP_THRESHOLD_": "131072"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: when, how long it took, and the text if it was promised."""

    at_s: float
    latency_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Sample:
    """What the process used at one moment."""

    at_s: float
    memory_mb: float
    descriptors: int
    threads: int


def clients(doors: Doors, count: int, seconds: float) -> list[Asked]:
    """Run so many clients, in a process of their own; what they asked."""
    asked: list[Asked] = []
    started = time.monotonic()
    threads = [threading.Thread(target=_client, args=(doors, n, count, started, seconds, asked)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(asked, key=lambda one: one.at_s)


def _client(doors: Doors, number: int, count: int, started: float, seconds: float, asked: list[Asked]) -> None:
    connection = http.client.HTTPSConnection("localhost", doors.port, timeout=60, context=doors.tls())
    due = PERIOD_S * number / count
    turn = 0
    while due < seconds:
        time.sleep(max(started + due - time.monotonic(), 0))
        text, at = f"client {number}, message {turn}", time.monotonic()
        promised = _ask(connection, text)
        asked.append(Asked(at - started, time.monotonic() - at, text if promised else ""))
        due, turn = max(due + PERIOD_S, at - started), turn + 1
    connection.close()


def _ask(connection: http.client.HTTPSConnection, text: str) -> bool:
    try:
        connection.request("POST", "/oms/service.asmx", deliver_xms(text, (PHONE,)), {"Content-Type": "text/xml"})
        return b'code="ok"' in connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        connection.close()  # the next request opens it again
        return False


def sample(pid: int, started: float) -> Sample:
    """Look at the process from outside."""
    process = Path(f"/proc/{pid}")
    status = process.joinpath("status").read_text()
    return Sample(
        time.monotonic() - started,
        int(status.partition("VmRSS:")[2].split()[0]) / 1024,
        len(list(process.joinpath("fd").iterdir())),
        int(status.partition("Threads:")[2].split()[0]),
    )


def main() -> int:
    """Run, print, and write the table."""
    parser = argparse.ArgumentParser(description="50 clients for ten minutes, the modem slow and then unplugged.")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--clients", type=int, default=50)
    options = parser.parse_args()
    seconds = options.minutes * 60
    with tempfile.TemporaryDirectory(prefix="omsmodem-load-") as directory:
        template = make_template(Path(directory) / "template")
        with World(Path(directory) / "office", template, factor=1.0, environment=ENVIRONMENT) as world:
            world.network.air_time_s = 4.0
            world.serve()
            assert world.process is not None
            samples, asked = _watched(world, options.clients, seconds)
            world.books.promises += [Promise(PHONE, one.text) for one in asked if one.text]
            verdict = world.books.verdict()
            taken = len(world.network.submissions)
    wrong = [*verdict.lost[:3], *verdict.repeated[:3], verdict.unbalanced, *_grown(samples, asked, seconds)]
    wrong += (
        [f"{sum(not one.text for one in asked)} requests were not promised"] if not all(a.text for a in asked) else []
    )
    table = _table(samples, asked, seconds)
    head = (
        f"{datetime.now(UTC):%Y-%m-%d}, omsmodem {__version__}, {os.cpu_count()} cores, {options.clients} clients,"
        f" {options.minutes:g} minutes: {verdict.promised:,} messages promised, {taken:,} segments taken by the network,"
        f" {len(verdict.lost)} lost, {len(verdict.repeated)} repeated silently;"
        f" {'; '.join(filter(None, wrong)) or 'latency, memory, descriptors and threads stayed flat'}."
    )
    print(f"{head}\n\n{table}")
    if seconds >= 600:
        insert("load", f"{head}\n\n{table}")
    return 1 if any(wrong) else 0


def _watched(world: World, count: int, seconds: float) -> tuple[list[Sample], list[Asked]]:
    """Let the clients work, pull the modem out at half time, and look at the process all the while."""
    assert world.process is not None
    samples: list[Sample] = []
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        load: Future[list[Asked]] = pool.submit(clients, world.doors, count, seconds)
        started, plugged = time.monotonic(), True
        while not load.done():
            time.sleep(SAMPLE_S)
            samples.append(sample(world.process.pid, started))
            if plugged and time.monotonic() - started > seconds / 2:
                world.fault(do="unplug", for_s=seconds * 10)
                plugged = False
        return samples, load.result()


def _grown(samples: list[Sample], asked: list[Asked], seconds: float) -> list[str]:
    """What was more in the last quarter than in the second."""
    early, late = ([s for s in samples if quarter <= s.at_s * 4 / seconds < quarter + 1] for quarter in (1, 3))
    grown = []
    for name, least in (("descriptors", DESCRIPTORS), ("threads", DESCRIPTORS)):
        before, after = (max(getattr(one, name) for one in some) for some in (early, late))
        grown += [f"**{name} grew from {before} to {after}**"] if after > before + least else []
    before_mb, after_mb = (statistics.median(one.memory_mb for one in some) for some in (early, late))
    grown += [f"**memory grew from {before_mb:.0f} to {after_mb:.0f} MB**"] if after_mb > before_mb * MEMORY else []
    first, last = (_latencies(asked, seconds * q / 4, seconds * (q + 1) / 4) for q in (1, 3))
    slower = statistics.median(last) > statistics.median(first) * LATENCY
    return [*grown, *(["**the median latency grew**"] if slower else [])]


def _latencies(asked: list[Asked], since_s: float, until_s: float) -> list[float]:
    return sorted(one.latency_s * 1000 for one in asked if since_s <= one.at_s < until_s)


def _table(samples: list[Sample], asked: list[Asked], seconds: float) -> str:
    """A line for each fifth of each half."""
    lines = [
        "| minutes | modem | requests | p50 ms | p95 ms | p99 ms | slowest ms | memory MB | descriptors | threads |",
        "|---" * 10 + "|",
    ]
    for n in range(10):
        since, until = seconds * n / 10, seconds * (n + 1) / 10
        taken = _latencies(asked, since, until)
        last = [one for one in samples if one.at_s < until + SAMPLE_S][-1]
        points = " | ".join(f"{taken[min(len(taken) * p // 100, len(taken) - 1)]:.0f}" for p in (50, 95, 99, 100))
        lines.append(
            f"| {since / 60:g}–{until / 60:g} | {'slow' if n < 5 else 'unplugged'} | {len(taken):,} | {points} |"
            f" {last.memory_mb:.1f} | {last.descriptors} | {last.threads} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
