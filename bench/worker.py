"""The worker beside a bare AT+CMGS loop and the disk: how soon, and how fast where the air costs nothing.

The modem is another process, so that the worker's own is measured. What it makes of the air is in `air`.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import serial

from bench import Row, at_least, at_most
from bench.https import fsyncs_per_s
from omsmodem.message import Door, State, Submission
from omsmodem.modem.serial_port import open_port
from omsmodem.sms import segment
from omsmodem.store import Store, Wanted, open_store
from omsmodem.worker import Worker

NAME = "The worker: pick-up, burst, draining without air time"
TO = "+447700900222"
LONG = "A text of three segments. " * 17
BURST, PICKUPS, DRAIN = 200, 50, 500


class _Tap:
    """What the worker wrote: when each AT+CMGS began, and how many commands there were."""

    def __init__(self) -> None:
        self.commands = 0
        self.submissions: list[float] = []

    def __call__(self, direction: str, octets: bytes) -> None:
        if direction == ">" and octets.startswith(b"AT"):
            self.commands += 1
            if octets.startswith(b"AT+CMGS"):
                self.submissions.append(time.perf_counter())


def run() -> list[Row]:
    """Measure."""
    return list(_pick_up_and_burst())


def _pick_up_and_burst() -> Iterator[Row]:
    with _modem() as link, _working(link) as (store, worker, tap):
        waits = [_pick_up(store, worker, tap) for _ in range(PICKUPS)]
        yield at_most("commit to AT+CMGS when idle, median", statistics.median(waits), "ms", 10)
        yield Row("the same, slowest", max(waits), "ms")
        commands = tap.commands
        for number in range(BURST):
            _accept(store, f"{number:03} {LONG}")
        filled = time.perf_counter()
        worker.nudge()
        _until(store, PICKUPS + BURST)
        segments = BURST * segment.count(f"000 {LONG}").segments
        yield at_least("burst through the whole path", segments / (time.perf_counter() - filled), "segments/s", 150)
        yield at_most("commands a segment in a burst", (tap.commands - commands) / segments, "", 1.1)
    with _modem() as link, _working(link) as (store, worker, _):
        before = fsyncs_per_s(Path(tempfile.gettempdir()))
        for number in range(DRAIN):
            _accept(store, f"{number:03} short")
        worker.nudge()
        started, cpu_s = time.perf_counter(), time.process_time()
        _until(store, DRAIN)
        rate = DRAIN / (time.perf_counter() - started)
        cpu_ms = (time.process_time() - cpu_s) * 1000 / DRAIN
        disk = (before + fsyncs_per_s(Path(tempfile.gettempdir()))) / 2
        yield at_least("draining, of two fsyncs a segment", rate, "segments/s", 0.7, disk / 2)
        yield at_most("processor time a message", cpu_ms, "ms", 2.0)
    with _modem() as link:
        tpdus = segment.cut(LONG, TO, 1) * BURST
        yield Row("a bare AT+CMGS loop", len(tpdus) / bare_loop(link, tpdus), "segments/s")


def _pick_up(store: Store, worker: Worker, tap: _Tap) -> float:
    before = len(tap.submissions)
    _accept(store, "short")
    committed = time.perf_counter()
    worker.nudge()
    while len(tap.submissions) == before:
        time.sleep(0.0002)
    time.sleep(0.05)  # idle again
    return (tap.submissions[before] - committed) * 1000


def bare_loop(link: Path, tpdus: Sequence[bytes]) -> float:
    """Seconds from the first AT+CMGS to the last one, with nothing between them; delivery reports come and are not looked at."""
    with serial.Serial(str(link), timeout=30) as line:
        for command in (b"ATE0\r", b"AT+CMGF=0\r", b"AT+CNMI=2,1,0,1,0\r"):
            line.write(command)
            line.read_until(b"OK\r\n")
        started = last = time.perf_counter()
        for tpdu in tpdus:
            last = time.perf_counter()
            line.write(b"AT+CMGS=%d\r" % len(tpdu))
            line.read_until(b"> ")
            line.write(b"00" + tpdu.hex().upper().encode() + b"\x1a")
            line.read_until(b"OK\r\n")
        return last - started


@contextmanager
def _modem(air_s: float = 0.0, command_s: float = 0.0) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as home:
        link = Path(home) / "modem"
        command = (sys.executable, "-m", "bench._stick", str(link), str(air_s), str(command_s))
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
            while not link.exists() and process.poll() is None:
                time.sleep(0.01)
            yield link
            process.communicate(timeout=10)


@contextmanager
def _working(link: Path) -> Iterator[tuple[Store, Worker, _Tap]]:
    with tempfile.TemporaryDirectory() as home:
        store = open_store(Path(home) / "omsmodem.db", lambda: datetime.now(UTC))
        tap = _Tap()
        worker = Worker("front", partial(open_port, str(link)), store, trace=tap)
        worker.start()
        try:
            while worker.status.state != "ready":
                time.sleep(0.01)
            time.sleep(2.5)  # the first questions
            yield store, worker, tap
        finally:
            worker.stop()
            store.close()


def _accept(store: Store, text: str) -> None:
    store.accepting.accept(
        Wanted(
            Submission("dana", Door.OMS, (TO,), (text,)),
            (TO,),
            validity=timedelta(hours=48),
            fingerprint=os.urandom(16),
            duplicate_window=timedelta(0),
            segments=(segment.count(text).segments,),
        )
    )


def _until(store: Store, handed_over: int) -> None:
    while True:
        ledger = store.history.ledger()
        if ledger[State.SUBMITTED] + ledger[State.DELIVERED] >= handed_over:
            return
        time.sleep(0.02)
