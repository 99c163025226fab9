"""One office under test: the whole service in a process of its own on a fast clock, a network and a mail server beside it."""

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
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from xml.sax.saxutils import escape

from omsmodem import certificates
from omsmodem.accounts import Account, Accounts
from omsmodem.modem.simulator.actions import perform
from omsmodem.modem.simulator.devices import PROFILES
from omsmodem.modem.simulator.network import Network
from omsmodem.modem.simulator.phones import Phones
from omsmodem.modem.simulator.simulation import Simulation
from tests.faults.books import Books, Promise, Verdict
from tests.faults.pacing import Pace
from tests.mail.sink import Sink, serving

FACTOR = 20.0
PASSWORD = "a tide table by heart"
PHONE = "+447700900222"
PATIENCE_S = 60.0  # of the wall's clock, for everything to settle
_N = "http://schemas.microsoft.com/office/Outlook/2006/OMS"

_CONFIG = """\
service: {{uri: "https://localhost:{port}/oms/service.asmx"}}
listen: {{address: 127.0.0.1, port: {port}}}
modems:
{modems}
sending:
  evidence_seconds: 60
  retry_minutes: [0.1, 0.5, 1]
numbers: {{country: GB}}
mail:
  host: 127.0.0.1
  port: {mail_port}
  security: none
  sender: sms@harbour.example
  default_mailbox: office@harbour.example
  gather_seconds: 1
  retry_minutes: [0.005]  # the mail thread waits by the clock on the wall
incoming: {{incomplete_minutes: 10, poll_minutes: 1}}
logging: {{level: info}}
"""


def make_template(directory: Path) -> Path:
    """Certificates and one account, made once and copied for every office."""
    certificates.create(directory / "tls", ["localhost"])
    Accounts(directory / "accounts.json").add(Account(name="dana", smtp_address="dana@harbour.example"), PASSWORD)
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

    def __enter__(self) -> Self:
        self.home.mkdir(parents=True, exist_ok=True)
        shutil.copytree(self.template, self.home, dirs_exist_ok=True)
        self.pace = Pace(self.factor)
        self._stack = ExitStack()
        network_log = self.home / "network.jsonl"
        self.books = Books(self.home / "omsmodem.db", network_log)
        self.network = Network(
            Phones(self._utc_now, self.home / "phones.jsonl"), self._utc_now, now=self.pace.monotonic, log=network_log
        )
        self.network.air_time_s, self.network.report_delay_s = 2.0, 1.0
        self.simulation = self._stack.enter_context(Simulation(self.network))
        self.shells = [
            self.simulation.on_pty(PROFILES[self.profile], self.home / f"modem{n}", pace=1 / self.factor)
            for n in range(self.modems)
        ]
        self.sink = Sink()
        self.mail_port = self._stack.enter_context(serving(self.sink))
        self.port = _free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self._write_config()
        return self

    def __exit__(self, *_: object) -> None:
        self.end(signal.SIGKILL)
        self._stack.close()

    def _utc_now(self) -> datetime:
        return self.pace.now()

    def _write_config(self) -> None:
        modems = "\n".join(f"  - {{name: modem{n}, device: {self.home}/modem{n}}}" for n in range(self.modems))
        text = _CONFIG.format(port=self.port, mail_port=self.mail_port, modems=modems)
        (self.home / "config.yaml").write_text(text)

    # -- the service ------------------------------------------------------------------------------------------------

    def serve(self, **environment: str) -> None:
        """Start it, and wait until it answers. With OMSMODEM_KILL_AT it may be dead before that."""
        command = [sys.executable, "-m", "tests.faults.pacing", str(self.home / "config.yaml"), str(self.factor)]
        log = (self.home / "service.log").open("ab")
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
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
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

    def submit(self, text: str, *recipients: str) -> bool:
        """Send as Outlook does; whether it was promised. Only then it is written into the book of promises."""
        to = recipients or (PHONE,)
        try:
            answer = self._post(_deliver(text, to))
        except (OSError, urllib.error.URLError):
            return False
        if 'code="ok"' not in answer:
            return False
        self.books.promises += [Promise(recipient, text) for recipient in to]
        return True

    def _post(self, body: bytes) -> str:
        context = ssl.create_default_context(cafile=str(self.home / "tls" / "ca.crt"))
        url = f"https://localhost:{self.port}/oms/service.asmx"
        request = urllib.request.Request(url, body, {"Content-Type": "text/xml; charset=utf-8"})
        with urllib.request.urlopen(request, context=context, timeout=30) as answer:
            return str(answer.read().decode())

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


def _deliver(text: str, recipients: tuple[str, ...]) -> bytes:
    to = "".join(f"<recipient>{recipient}</recipient>" for recipient in recipients)
    document = (
        f'<xmsData client="Microsoft Office Outlook 14.0" xmlns="{_N}"><user><userId>dana</userId>'
        f"<password>{PASSWORD}</password></user><xmsHead><to>{to}</to></xmsHead>"
        f'<xmsBody format="SMS"><content contentType="text/plain">{escape(text)}</content></xmsBody></xmsData>'
    )
    call = f'<DeliverXms xmlns="{_N}"><xmsData>{escape(document)}</xmsData></DeliverXms>'
    return (
        f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{call}</s:Body></s:Envelope>'
    ).encode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
