"""The real process, set up as an office would, with a simulated modem for a stick."""

import json
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
    def uri(self) -> str:
        return f"https://localhost:{self.port}/oms/service.asmx"

    @property
    def authority(self) -> Path:
        return self.home / "tls" / "ca.crt"

    def plug_in(self, *options: str) -> None:
        self.stick = _start(
            "simulate-modem", "--link", self.home / "modem", "--log", self.home / "phones.jsonl", *options
        )
        assert wait_until((self.home / "modem").exists)

    def unplug(self) -> None:
        _end(self.stick, signal.SIGTERM)
        self.stick = None

    def serve(self) -> None:
        self.process = _start("serve", "--config", self.config)
        assert wait_until(self._answers)

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
        return dict(json.loads(omsmodem("status", "--config", self.config, "--json", check=False).stdout))

    def messages(self) -> list[dict[str, Any]]:
        return [
            json.loads(line) for line in omsmodem("messages", "--config", self.config, "--json").stdout.splitlines()
        ]


def _start(*arguments: str | Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "omsmodem", *map(str, arguments)], stdout=subprocess.DEVNULL)


def _end(process: subprocess.Popen[bytes] | None, how: signal.Signals) -> None:
    if process is not None and process.poll() is None:
        process.send_signal(how)
        process.wait(30)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Set up, not yet started."""
    home, port = tmp_path / "office", free_port()
    password = tmp_path / "password"
    password.write_text(PASSWORD + "\n")
    omsmodem(
        *("setup", "--directory", home, "--host", "localhost", "--port", str(port), "--modem", home / "modem"),
        *("--account", "dana", "--password-file", password, "--country", "GB", "--yes"),
    )
    made = Office(home, port)
    yield made
    made.end(signal.SIGKILL)
    made.unplug()
