"""The same four troubles for gammu-smsd, smstools and omsmodem, on the same simulated modem: `make bench-peers`.

What counts is what the phone got: one copy is right. Debian's packages gammu-smsd and smstools are needed; each runs as its
package sets it up, but for shorter pauses between looks into its directory.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench._peers import GAMMU_EAGER, SMSTOOLS_EAGER, gammu_smsd, smstools
from omsmodem import __version__
from omsmodem.modem.simulator.actions import perform
from omsmodem.modem.simulator.devices import PROFILES
from omsmodem.modem.simulator.network import Network
from omsmodem.modem.simulator.phones import Phones
from omsmodem.modem.simulator.simulation import Simulation
from omsmodem.periods import utc_now
from tests.faults.pages import insert
from tests.faults.world import PHONE, World, make_template

WATCH_S = 170.0
TEXT = "one copy is right"


@dataclass(frozen=True, slots=True)
class Case:
    """One trouble: armed in the modem, or a kill once the network has the message."""

    name: str
    armed: dict[str, Any] | None = None


CASES = (
    Case("kill -9 behind Ctrl-Z"),
    Case("unplugged behind Ctrl-Z for 5 s", {"do": "unplug", "on": "taken", "for_s": 5}),
    Case("the answer comes after 100 s", {"do": "late", "by_s": 100}),
    Case("+CMS ERROR: 500, once, not sent", {"do": "refuse", "on": "submit", "code": 500}),
)


@dataclass(slots=True)
class Daemon:
    """A peer: how it is configured, started and given a message."""

    name: str
    command: Callable[[Path, Path], list[str]]
    queue: Callable[[Path], None]


def _gammu(home: Path, device: Path) -> list[str]:
    return ["gammu-smsd", "-c", str(gammu_smsd(home, device, GAMMU_EAGER))]


def _gammu_queue(home: Path) -> None:
    (home / "outgoing" / f"OUTA20260302_090000_00_{PHONE}_one.txtd").write_text(TEXT)


def _smstools(home: Path, device: Path) -> list[str]:
    configuration = smstools(home, [device], SMSTOOLS_EAGER, "incoming = yes\n")
    return [shutil.which("smsd", path=os.environ["PATH"] + ":/usr/sbin") or "smsd", f"-c{configuration}", "-t"]


def _smstools_queue(home: Path) -> None:
    (home / "outgoing" / "one").write_text(f"To: {PHONE.removeprefix('+')}\n\n{TEXT}")


DAEMONS = (Daemon("gammu-smsd", _gammu, _gammu_queue), Daemon("smstools", _smstools, _smstools_queue))


def peer(daemon: Daemon, case: Case, home: Path) -> str:
    """Run one case; what the phone got, in words."""
    home.mkdir(parents=True)
    network = Network(Phones(utc_now), utc_now, air_time_s=2.0, report_delay_s=1.0)
    with Simulation(network) as simulation:
        device = simulation.on_pty(PROFILES["sim800"], home / "modem").path
        command = daemon.command(home, device)
        process = _start(command)
        try:
            if case.armed is not None:
                perform(network, case.armed)
            daemon.queue(home)
            if case.armed is None:
                _wait(lambda: network.submissions, 60)
                _end(process)
                process = _start(command)
            _wait(lambda: len(network.phones.received) > 1, WATCH_S)
        finally:
            _end(process)
    return _copies(len(network.phones.received))


def ours(case: Case, home: Path, template: Path) -> str:
    """The same for omsmodem, on a clock ten times as fast."""
    with World(home, template, factor=10.0) as world:
        world.serve()
        if case.armed is not None:
            world.fault(**case.armed)
        world.submit(TEXT)
        if case.armed is None:
            world.wait(lambda: world.network.submissions)
            world.end(signal.SIGKILL)
            world.serve()
        verdict = world.settled()
        said = _copies(len(world.network.phones.received))
    return f"{said}, marked as perhaps repeated" if verdict.marked else said


def _copies(count: int) -> str:
    return {0: "**not sent**", 1: "1 copy"}.get(count, f"**{count} copies**")


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, stdout=quiet, stderr=quiet, start_new_session=True)


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def _wait(what: Callable[[], object], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not what() and time.monotonic() < deadline:
        time.sleep(0.1)


def main() -> int:
    """Run every case for everybody at once, and write the table."""
    with tempfile.TemporaryDirectory(prefix="omsmodem-peers-") as directory, ThreadPoolExecutor(16) as pool:
        base = Path(directory)
        template = make_template(base / "template")
        rows = {
            daemon.name: [pool.submit(peer, daemon, case, base / f"{daemon.name}{n}") for n, case in enumerate(CASES)]
            for daemon in DAEMONS
        }
        rows[f"omsmodem {__version__}"] = [
            pool.submit(ours, case, base / f"ours{n}", template) for n, case in enumerate(CASES)
        ]
        lines = ["| | " + " | ".join(case.name for case in CASES) + " |", "|---" * (len(CASES) + 1) + "|"]
        lines += [
            f"| {_versioned(name)} | " + " | ".join(cell.result() for cell in row) + " |" for name, row in rows.items()
        ]
    table = "\n".join([f"{datetime.now(UTC):%Y-%m-%d}, watched for {WATCH_S:.0f} s:", "", *lines])
    print(table)
    insert("peers", table)
    return 0


def _versioned(name: str) -> str:
    query = ["dpkg-query", "-W", "-f", "${Version}", name]
    version = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    return f"{name} {version}".strip()


if __name__ == "__main__":
    sys.exit(main())
