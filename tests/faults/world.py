"""One office under test: the whole service in a process of its own on a fast clock, a network and a mail server beside it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from omsmodem import certificates
from omsmodem.accounts import Account, Accounts
from omsmodem.modem.simulator.actions import perform
from omsmodem.modem.simulator.devices import PROFILES
from omsmodem.modem.simulator.network import Network
from omsmodem.modem.simulator.phones import Phones
from omsmodem.modem.simulator.simulation import Simulation
from omsmodem.rest.tokens import issue
from omsmodem.store import open_store
from tests.faults.books import Books, Promise, Verdict
from tests.faults.disk import Disk, own_disk
from tests.faults.doors import DOMAIN, MAILBOX, PASSWORD, Doors
from tests.faults.pacing import Pace
from tests.leaks import kept, leaks, named_secrets
from tests.mail.sink import Sink, serving

FACTOR = 20.0
PHONE = "+447700900222"
PATIENCE_S = 60.0  # of the wall's clock, for everything to settle

_CONFIG = """\
service: {{uri: "https://localhost:{port}/oms/service.asmx"}}
listen: {{address: 127.0.0.1, port: {port}}}
modems:
{modems}
sending:
  evidence_seconds: 60
  retry_minutes: [0.1, 0.5, 1]
  duplicate_seconds: 3600
numbers: {{country: GB}}
mail:
  host: 127.0.0.1
  port: {mail_port}
  security: none
  sender: sms@harbour.example
  default_mailbox: office@harbour.example
  gather_seconds: 1
  retry_minutes: [0.005]  # the mail thread waits by the clock on the wall
rest: {{enabled: true}}
maildoor: {{enabled: true, domain: {domain}, address: 127.0.0.1, port: {door_port}}}
incoming: {{incomplete_minutes: 10, poll_minutes: 1}}
logging: {{level: info}}
"""


def make_template(directory: Path) -> Path:
    """Certificates and one account, made once and copied for every office."""
    certificates.init(certificates.Files.within(directory / "tls"), ["localhost"])
    Accounts(directory / "accounts.json").add(Account(name="dana", smtp_address=MAILBOX), PASSWORD)
    return directory


@dataclass
class World:
    """What a test of faults does things to. Use it as a context."""

    home: Path
    template: Path
    modems: int = 1
    factor: float = FACTOR
    profile: str = "generic"
    environment: Mapping[str, str] = field(default_factory=dict)
    own_disk: bool = False  # needs root

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        self.beside = self.home.with_name(self.home.name + "-beside")  # what is not the service's own
        for directory in (self.home, self.beside):
            directory.mkdir(parents=True, exist_ok=True)
        self.disk: Disk | None = self._stack.enter_context(own_disk(self.home)) if self.own_disk else None
        shutil.copytree(self.template, self.home, dirs_exist_ok=True)
        self.pace = Pace(self.factor)
        network_log = self.beside / "network.jsonl"
        self.books = Books(self.home / "omsmodem.db", network_log)
        self.network = Network(
            Phones(self._utc_now, self.beside / "phones.jsonl"), self._utc_now, now=self.pace.monotonic, log=network_log
        )
        self.network.air_time_s, self.network.report_delay_s = 2.0, 1.0
        self.simulation = self._stack.enter_context(Simulation(self.network))
        self.shells = [
            self.simulation.on_pty(PROFILES[self.profile], self.beside / f"modem{n}", pace=1 / self.factor)
            for n in range(self.modems)
        ]
        self.sink = Sink()
        self.mail_port = self._stack.enter_context(serving(self.sink))
        self.port, door_port = _free_port(), _free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self._write_config(door_port)
        self.doors = Doors(self.home, self.port, door_port, self._token())
        if self.disk is not None:
            self.disk.sync()
        return self

    def __exit__(self, *_: object) -> None:
        self.end(signal.SIGKILL)
        self._stack.close()
        log = self.home / "service.log"
        written = log.read_text().splitlines() if log.exists() else []
        assert not leaks(written, named_secrets() | kept(self.home))

    def _utc_now(self) -> datetime:
        return self.pace.now()

    def _token(self) -> str:
        store = open_store(self.home / "omsmodem.db", self._utc_now)
        try:
            return issue(store.tokens, "dana", "monitor", frozenset({"send", "read"}))
        finally:
            store.close()

    def _write_config(self, door_port: int) -> None:
        modems = "\n".join(f"  - {{name: modem{n}, device: {self.beside}/modem{n}}}" for n in range(self.modems))
        text = _CONFIG.format(
            port=self.port, mail_port=self.mail_port, modems=modems, domain=DOMAIN, door_port=door_port
        )
        (self.home / "config.yaml").write_text(text)

    # -- the service ------------------------------------------------------------------------------------------------

    def serve(self, **environment: str) -> None:
        """Start it, and wait until it answers. With OMSMODEM_KILL_AT it may be dead before that."""
        command = [sys.executable, "-m", "tests.faults.pacing", str(self.home / "config.yaml"), str(self.factor)]
        log = (self.beside / "service.log").open("ab")
        self.process = subprocess.Popen(command, stderr=log, env={**os.environ, **self.environment, **environment})
        log.close()
        self.wait(lambda: self._listens() or not self.alive)

    @property
    def alive(self) -> bool:
        """Whether the service runs."""
        return self.process is not None and self.process.poll() is None

    def end(self, how: signal.Signals) -> None:
        """End the service if it runs."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.send_signal(how)
            self.process.wait(60)
            self.process = None

    def died(self, seconds: float = PATIENCE_S) -> bool:
        """Wait for the service to end by itself."""
        return bool(self.wait(lambda: not self.alive, seconds))

    def _listens(self) -> bool:
        with suppress(OSError):
            for port in (self.port, self.doors.mail_port):
                socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        return False

    @staticmethod
    def wait(what: Callable[[], Any], seconds: float = PATIENCE_S) -> Any:
        """The first true value of `what`, or the last one after `seconds` on the wall's clock."""
        deadline = time.monotonic() + seconds
        while not (value := what()) and time.monotonic() < deadline:
            time.sleep(0.02)
        return value

    # -- what people and networks do --------------------------------------------------------------------------------

    def submit(self, text: str, *recipients: str, door: str = "Outlook") -> bool:
        """Send by a door; whether it was promised. Only then it is written into the book of promises."""
        to = recipients or (PHONE,)
        promised = self.doors.submit(door, text, to)
        if promised:
            self.books.promises += [Promise(recipient, text) for recipient in to]
        return promised

    def fault(self, **request: Any) -> None:
        """Do something to the simulated modem or its network, as a fault script would."""
        perform(self.network, request)

    def settled(self) -> Verdict:
        """Wait until nothing is on its way any more, then what the books say."""
        verdict = self.books.verdict

        def quiet() -> Verdict | None:
            found = verdict()
            return found if not found.unsettled else None

        return self.wait(quiet) or verdict()

    def states(self) -> list[str]:
        """The state of every message, in order of acceptance."""
        return self.books.states()

    def sleep(self, seconds: float) -> None:
        """Let seconds of the service's clock pass."""
        time.sleep(seconds / self.factor)

    def mailed(self) -> list[str]:
        """The texts of the replies that the mail server took."""
        replies = (m for m in self.sink.messages() if m["X-MS-Reply-To-Mobile"])
        return [str(m.get_content()).strip() for m in replies]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
