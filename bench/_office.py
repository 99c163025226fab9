"""A service in a process of its own, set up as `omsmodem setup` does, for benchmarks that measure from outside."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

PASSWORD = "a tide table by heart"
#: systemd's unit sets the first, so that each thread's argon2 gives its memory back; an installation has its bytecode.
ENVIRONMENT = {"MALLOC_MMAP_THRESHOLD_": "131072", "PYTHONDONTWRITEBYTECODE": ""}


@dataclass(frozen=True, slots=True)
class Office:
    """A running service."""

    home: Path
    port: int
    pid: int
    ready_s: float

    @property
    def authority(self) -> Path:
        """The certificate that clients trust."""
        return self.home / "tls" / "ca.crt"

    def resident_mb(self) -> float:
        """Memory in use."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def cpu_s(self) -> float:
        """Processor time used until now."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def written_octets(self) -> int:
        """What it gave the disk to write until now."""
        return int(Path(f"/proc/{self.pid}/io").read_text().partition("\nwrite_bytes:")[2].split()[0])

    def wake_ups(self) -> int:
        """Times a thread of the service was woken to run."""
        status = [task.read_text() for task in Path(f"/proc/{self.pid}/task").glob("*/status")]
        return sum(int(one.partition("\nvoluntary_ctxt_switches:")[2].split()[0]) for one in status)


def omsmodem(*arguments: str | Path) -> list[str]:
    """The command line of a command."""
    return [sys.executable, "-m", "omsmodem", *map(str, arguments)]


def free_port() -> int:
    """A TCP port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def office(
    modem: str | None = None, *simulator: str, modems: Sequence[Path] = (), where: Path | None = None
) -> Iterator[Office]:
    """Set up and serve, on `modems` or one modem; with simulator options, a simulated one answers. Ends with the block."""
    with tempfile.TemporaryDirectory(prefix="omsmodem-bench-", dir=where) as directory, contextlib.ExitStack() as stack:
        home, port = Path(directory) / "office", free_port()
        secret = Path(directory) / "password"
        secret.write_text(PASSWORD)
        device = modem or str(modems[0] if modems else home / "modem")
        setup = ("setup", "--directory", home, "--host", "localhost", "--port", str(port), "--modem", device)
        options = ("--account", "dana", "--password-file", secret, "--country", "GB", "--yes")
        subprocess.run(omsmodem(*setup, *options), check=True, capture_output=True)
        _add_modems(home / "config.yaml", modems[1:])
        if simulator:
            stack.enter_context(_running(omsmodem("simulate-modem", "--link", device, *simulator)))
            _wait_for(Path(device).exists)
        started = time.perf_counter()
        process = stack.enter_context(_running(omsmodem("serve", "--config", home / "config.yaml")))
        _wait_for(lambda: _listens(port))
        yield Office(home, port, process.pid, time.perf_counter() - started)


def _add_modems(configuration: Path, devices: Sequence[Path]) -> None:
    settings = yaml.safe_load(configuration.read_text())
    settings["modems"] += [{"name": f"modem{n}", "device": str(device)} for n, device in enumerate(devices, 2)]
    configuration.write_text(yaml.safe_dump(settings))


@contextlib.contextmanager
def _running(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=quiet, stderr=quiet, env={**os.environ, **ENVIRONMENT})
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def _wait_for(true: object, seconds: float = 30.0) -> None:
    assert callable(true)
    deadline = time.perf_counter() + seconds
    while not true():
        if time.perf_counter() > deadline:
            raise TimeoutError("the service did not start")
        time.sleep(0.005)
