"""Programs we did not write, on a simulated modem with its network."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from omsmodem.modem.simulator.devices import PROFILES
from omsmodem.modem.simulator.modem import SimulatedModem
from omsmodem.modem.simulator.network import Network
from omsmodem.modem.simulator.phones import Phones
from omsmodem.modem.simulator.simulation import Simulation
from omsmodem.periods import utc_now

PHONE, SENDER = "+447700900222", "+447700900333"


def wait_until(what: Callable[[], Any], seconds: float = 30.0) -> Any:
    """The first true value of `what`, or the last one at the deadline."""
    deadline = time.monotonic() + seconds
    while not (value := what()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return value


def require(program: str) -> str:
    """The path of a program, or a skipped test."""
    path = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin")
    if path is None:
        pytest.skip(f"{program} is not installed (Debian packages gammu, gammu-smsd, smstools)")
    return path


@contextmanager
def running(*command: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """A daemon for the length of a `with`, ended with all its children."""
    process = subprocess.Popen(
        list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(5)


@dataclass
class Desk:
    """A modem on a path, and what its phones got."""

    device: Path
    modem: SimulatedModem

    @property
    def network(self) -> Network:
        return self.modem.network

    @property
    def texts(self) -> list[tuple[str, str]]:
        return [(whole.peer, whole.text) for whole in self.network.phones.received]


@contextmanager
def desk_with(profile: str, home: Path, *, chatter: bool = True) -> Iterator[Desk]:
    """A stick of this kind, plugged in; without `chatter` for clients that lose their answers in it."""
    network = Network(Phones(utc_now), utc_now, air_time_s=0.05, report_delay_s=0.1)
    with Simulation(network) as simulation:
        chosen = PROFILES[profile] if chatter else replace(PROFILES[profile], chatter=())
        shell = simulation.on_pty(chosen, home / "modem")
        yield Desk(shell.path, simulation.modems[0])
