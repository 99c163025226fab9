"""Other gateways of Debian on simulated modems, as their packages set them up but for what is said here.

None is installed by a benchmark: where one is missing, its rows name the package.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count, cycle
from pathlib import Path

from bench._office import free_port

PHONE = "447700900222"
_REPORTED = 3  # Kannel's sendsms: delivery success and failure
#: Where gammu-smsd and smstools keep messages, as they are set up here.
DIRECTORIES = ("outgoing", "checked", "incoming", "failed", "sent")
#: Gives a text to a running gateway.
Give = Callable[[str], None]

_GAMMU = """[gammu]
device = {device}
connection = at
[smsd]
service = files
logfile = {home}/smsd.log
inboxpath = {home}/incoming/
outboxpath = {home}/outgoing/
sentsmspath = {home}/sent/
errorsmspath = {home}/failed/
"""
_SMSTOOLS = """devices = {names}
outgoing = {home}/outgoing
checked = {home}/checked
failed = {home}/failed
incoming = {home}/incoming
sent = {home}/sent
logfile = {home}/smsd.log
infofile = {home}/info
pidfile = {home}/pid
"""
#: Looking for work every second, for which both wait longer by default.
GAMMU_EAGER = "commtimeout = 1\n"
SMSTOOLS_EAGER = "delaytime = 1\ndelaytime_mainprocess = 1\n"
_KANNEL = """group = core
admin-port = {admin}
admin-password = tide
smsbox-port = {inner}
log-file = {home}/bearerbox.log
log-level = 4
box-allow-ip = 127.0.0.1

group = modems
id = generic
name = "Generic Modem"

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {port}
global-sender = 447700900100
log-file = {home}/smsbox.log
log-level = 4

group = sendsms-user
username = dana
password = tide
concatenation = true
max-messages = 10
"""
_KANNEL_MODEM = """
group = smsc
smsc = at
smsc-id = modem{n}
modemtype = generic
device = {device}
speed = 115200
"""


@dataclass(frozen=True, slots=True)
class Peer:
    """A gateway: how it runs on some modems. `eager` is set to look for work every second instead of by default."""

    name: str
    package: str
    program: str
    running: Callable[[Path, Sequence[Path], bool], AbstractContextManager[Give]]
    polls: bool = True  # it looks for work now and then, and can be told how often

    @property
    def missing(self) -> str:
        """Why it cannot be measured here; empty when it can."""
        return "" if _path(self.program) else f"not installed: Debian package {self.package}"

    @property
    def version(self) -> str:
        """Debian's version of the package; empty when it is not installed."""
        query = ["dpkg-query", "-W", "-f", "${Version}", self.package]
        with contextlib.suppress(FileNotFoundError):
            return subprocess.run(query, capture_output=True, text=True, check=False).stdout.strip()
        return ""


def gammu_smsd(home: Path, device: Path, more: str = "") -> Path:
    """The settings file of gammu-smsd, written into `home`, with more lines of `[smsd]`; its directories are made."""
    _make(home, DIRECTORIES)
    settings = home / "smsdrc"
    settings.write_text(_GAMMU.format(home=home, device=device) + more)
    return settings


def smstools(home: Path, devices: Sequence[Path], more: str = "", of_modem: str = "") -> Path:
    """The settings file of smstools' smsd, written into `home`, with more lines in general and of each modem; as above."""
    _make(home, DIRECTORIES)
    names = [f"GSM{n}" for n, _ in enumerate(devices, 1)]
    sections = [f"[{name}]\ndevice = {device}\n{of_modem}" for name, device in zip(names, devices, strict=True)]
    settings = home / "smsd.conf"
    settings.write_text(_SMSTOOLS.format(home=home, names=", ".join(names)) + more + "".join(sections))
    return settings


def _path(program: str) -> str | None:
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin")


@contextmanager
def _gammu(home: Path, devices: Sequence[Path], eager: bool) -> Iterator[Give]:
    """One daemon and one queue for each modem: that is how it scales without a database server."""
    serial, homes = count(), [home / f"modem{n}" for n, _ in enumerate(devices)]
    with ExitStack() as stack:
        for each, device in zip(homes, devices, strict=True):
            settings = gammu_smsd(each, device, GAMMU_EAGER if eager else "")
            stack.enter_context(_daemon("gammu-smsd", "-c", settings))
        turns = cycle(homes)

        def give(text: str) -> None:
            name = f"OUTA20260302_090000_{next(serial):04}_+{PHONE}_x.txtd"
            _appear(next(turns) / "outgoing" / name, text)

        yield give


@contextmanager
def _smstools(home: Path, devices: Sequence[Path], eager: bool) -> Iterator[Give]:
    settings = smstools(home, devices, SMSTOOLS_EAGER if eager else "")
    serial = count()
    with _daemon("smsd", f"-c{settings}", "-t"):
        yield lambda text: _appear(home / "outgoing" / f"{next(serial):04}", f"To: {PHONE}\n\n{text}")


@contextmanager
def _kannel(home: Path, devices: Sequence[Path], _eager: bool) -> Iterator[Give]:
    with kannel(home, devices) as port:

        def give(text: str) -> None:
            asked = {"username": "dana", "password": "tide", "to": PHONE, "text": text, "dlr-mask": _REPORTED}
            query = urllib.parse.urlencode(asked)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/cgi-bin/sendsms?{query}", timeout=10):
                pass

        yield give


@contextmanager
def kannel(home: Path, devices: Sequence[Path]) -> Iterator[int]:
    """Its two daemons; the port of `sendsms`. The queue is in memory, as by default."""
    _make(home, ())
    ports = {name: free_port() for name in ("admin", "inner", "port")}
    settings = _KANNEL.format(home=home, **ports)
    settings += "".join(_KANNEL_MODEM.format(n=n, device=device) for n, device in enumerate(devices, 1))
    (home / "kannel.conf").write_text(settings)
    with _daemon("bearerbox", home / "kannel.conf"):
        await_port(ports["inner"])
        with _daemon("smsbox", home / "kannel.conf"):
            await_port(ports["port"])
            yield ports["port"]


PEERS = (
    Peer("gammu-smsd", "gammu-smsd", "gammu-smsd", _gammu),
    Peer("smstools", "smstools", "smsd", _smstools),
    Peer("Kannel", "kannel", "bearerbox", _kannel, polls=False),
)


def _make(home: Path, names: Sequence[str]) -> None:
    for path in (home, *(home / name for name in names)):
        path.mkdir(parents=True, exist_ok=True)


def _appear(path: Path, text: str) -> None:
    """A file that is whole as soon as it is seen."""
    unseen = path.parent.parent / f".{path.name}"
    unseen.write_text(text)
    unseen.rename(path)


def await_port(port: int) -> None:
    """Wait until somebody listens there. Raises TimeoutError."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError(f"nobody listens on port {port}")


@contextmanager
def _daemon(program: str, *arguments: str | Path) -> Iterator[None]:
    """A daemon with all its children, for the length of a `with`."""
    command = [_path(program) or program, *map(str, arguments)]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=quiet, stderr=quiet, stdin=quiet, start_new_session=True)
    try:
        yield
    finally:
        for how in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
