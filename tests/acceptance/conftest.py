"""The real process, set up as an office would, with a simulated modem for a stick; nothing private is in what it writes."""

import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Home
from tests.leaks import kept, leaks, named_secrets
from tests.soap.schemas import unwrap

PASSWORD = "tide&74"


def omsmodem(*arguments: str | Path, stdin: str | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run one command of the product to its end."""
    command = [sys.executable, "-m", "omsmodem", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60, check=check)


def wait_until(what: Callable[[], Any], seconds: float = 60.0) -> Any:
    """The first true value of `what`, or the last one at the deadline."""
    deadline = time.monotonic() + seconds
    while not (value := what()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return value


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Office:
    """A service that was set up in a directory, its stick and its process."""

    home: Path
    port: int
    stick: subprocess.Popen[bytes] | None = None
    process: subprocess.Popen[bytes] | None = None

    @property
    def config(self) -> Path:
        return self.home / "config.yaml"

    @property
    def log(self) -> Path:
        return self.home.with_suffix(".log")

    @property
    def uri(self) -> str:
        return f"https://localhost:{self.port}/oms/service.asmx"

    @property
    def authority(self) -> Path:
        return self.home / "tls" / "ca.crt"

    def plug_in(self, *options: str) -> None:
        files = ("--link", str(self.home / "modem"), "--log", str(self.home / "phones.jsonl"))
        command = [sys.executable, "-m", "omsmodem", "simulate-modem", *files, *options]
        self.stick = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        assert wait_until((self.home / "modem").exists)

    def unplug(self) -> None:
        _end(self.stick, signal.SIGTERM)
        self.stick = None

    def serve(self, **environment: str) -> None:
        self.start(**environment)
        assert wait_until(self._answers)

    def start(self, **environment: str) -> subprocess.Popen[bytes]:
        """The service, which may be dead before it answers; what it says goes to the end of the log."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "omsmodem", "serve", "--config", str(self.config)],
                env=os.environ | environment,
                stdout=log,
                stderr=log,
            )
        return self.process

    def end(self, how: signal.Signals) -> None:
        _end(self.process, how)
        self.process = None

    def _answers(self) -> bool:
        try:
            return self.open("").status == 200
        except (OSError, urllib.error.URLError):
            return False

    def open(self, query: str) -> Any:
        return urllib.request.urlopen(self.uri + query, context=self.tls(), timeout=10)

    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.authority))

    def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, str, str]:
        """Status, content type and body of one POST; what is SOAP is held against the schemas."""
        request = urllib.request.Request(self.uri, body, headers)
        try:
            with urllib.request.urlopen(request, context=self.tls(), timeout=20) as answer:
                got = answer.status, answer.headers["Content-Type"], answer.read()
        except urllib.error.HTTPError as error:
            with error:
                got = error.code, error.headers["Content-Type"], error.read()
        if "xml" in got[1]:
            unwrap(got[2])
        return got[0], got[1], got[2].decode()

    def phones(self) -> list[dict[str, Any]]:
        path = self.home / "phones.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def ledger(self) -> dict[str, int]:
        return dict(self.status()["ledger"])

    def status(self) -> dict[str, Any]:
        return dict(json.loads(self.told("status", "--json", exit_codes=(0, 1, 2))))

    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.told("messages", "--json").splitlines()]

    def told(self, *arguments: str, exit_codes: tuple[int, ...] = (0,)) -> str:
        """What a command writes to its end. It runs in this process: a process of its own takes a second to start."""
        result = Home(self.home).run(*arguments)
        assert result.exit_code in exit_codes, result.output
        return result.stdout


def _end(process: subprocess.Popen[bytes] | None, how: signal.Signals) -> None:
    if process is not None and process.poll() is None:
        process.send_signal(how)
        process.wait(30)


@pytest.fixture(scope="session")
def as_set_up(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Set up once, by a process of its own as people do: keys take their time."""
    directory = tmp_path_factory.mktemp("template")
    made = Office(directory / "office", free_port())
    password = directory / "password"
    password.write_text(PASSWORD + "\n")
    omsmodem(
        *("setup", "--directory", made.home, "--host", "localhost", "--port", str(made.port)),
        *("--modem", made.home / "modem", "--account", "dana", "--password-file", password, "--country", "GB", "--yes"),
    )
    return made


@pytest.fixture
def office(as_set_up: Office, tmp_path: Path) -> Iterator[Office]:
    """Set up, not yet started."""
    yield from _copy(as_set_up, tmp_path / "office")


@pytest.fixture(scope="module")
def serving(as_set_up: Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One that runs, for the tests of a module that leave it as it was."""
    for made in _copy(as_set_up, tmp_path_factory.mktemp("serving") / "office"):
        made.serve()
        yield made


def _copy(template: Office, home: Path) -> Iterator[Office]:
    """At home there, with a port of its own."""
    shutil.copytree(template.home, home)
    made = Office(home, free_port())
    config = template.config.read_text().replace(str(template.home), str(home))
    made.config.write_text(config.replace(str(template.port), str(made.port)))
    made.log.touch()
    yield made
    made.end(signal.SIGKILL)
    made.unplug()
    written = made.log.read_text()
    print(written)  # pytest shows it where a test failed
    assert not leaks(written.splitlines(), named_secrets() | kept(home))
