"""The door for scripts over a real store, real accounts and a real gate, asked without a network."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

import pytest

from omsmodem.accounts import Account, Accounts, Throttle, ThrottleRules
from omsmodem.facts import Condition, Facts, Finding, Level, ModemFacts
from omsmodem.intake import Intake, Limits
from omsmodem.message import IncomingKind, IncomingSegment, Route
from omsmodem.numbers import NumberPolicy
from omsmodem.rest import Bearers, House, RestApplication, issue
from omsmodem.store import Sorting, Store, open_store
from omsmodem.worker import reading

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TO = "+447700900222"
SORTING = Sorting(
    lambda tpdus, _total: reading.Content("".join(tpdus[number].decode() for number in sorted(tpdus))),
    lambda arrival, _who: Route("dana" if "dana" in arrival.text else "", "by its text"),
)


@dataclass
class Answer:
    status: int
    headers: Headers
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Office:
    """Everything behind the door, and dana's token for all of it."""

    store: Store
    accounts: Accounts
    application: RestApplication
    time: list[datetime]
    nudges: list[None] = field(default_factory=list)
    token: str = ""

    def ask(self, method: str, path: str, value: Any = None, *, token: str | None = None, **environ: str) -> Answer:
        body = value if isinstance(value, bytes) else json.dumps(value).encode() if value is not None else b""
        path, _, query = path.partition("?")
        given = {
            "REQUEST_METHOD": method,
            "PATH_INFO": f"/api/v1{path}",
            "QUERY_STRING": query,
            "REMOTE_ADDR": "192.0.2.7",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_AUTHORIZATION": f"Bearer {self.token if token is None else token}",
            "HTTP_USER_AGENT": "monitor/1",
            "wsgi.input": io.BytesIO(body),
            **environ,
        }
        got: list[Any] = []
        octets = b"".join(self.application(given, lambda *head: got.append(head)))
        return Answer(int(got[0][0][:3]), Headers(got[0][1]), octets)

    def send(self, to: Any = TO, text: str = "Disk full", **more: Any) -> Answer:
        environ = {"HTTP_IDEMPOTENCY_KEY": more.pop("key")} if "key" in more else {}
        return self.ask("POST", "/messages", {"to": to, "text": text, **more}, **environ)

    def make_token(self, account: str = "dana", *scopes: str) -> str:
        return issue(self.store.tokens, account, "a test", frozenset(scopes or ("send", "read", "incoming")))

    def receive(self, text: str) -> None:
        segment = IncomingSegment(
            text.encode(), text.encode(), text.encode(), "front", "sim", TO, True, IncomingKind.TEXT, START
        )
        self.store.inbox.add(segment, SORTING)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    yield from made(tmp_path)


def made(tmp_path: Path, limits: Limits | None = None, *, horizon: timedelta = timedelta(days=366)) -> Iterator[Office]:
    time = [START]
    store = open_store(tmp_path / "omsmodem.db", lambda: time[0])
    accounts = Accounts(tmp_path / "accounts.json", throttle=Throttle(ThrottleRules(failures=3)))
    for name in ("dana", "fish"):
        accounts._put(Account(name))  # without a password, which costs time
    nudges: list[None] = []
    intake = Intake(
        accounts,
        store.accepting,
        numbers=NumberPolicy(country="GB"),
        limits=limits or Limits(segments_per_day=40),
        nudge=lambda: nudges.append(None),
        clock=lambda: time[0],
    )
    facts = Facts(now=START, version="1", modems=(ModemFacts("front", "ready", operator="Harbour Mobile"),))
    findings = [Finding("disk", Level.WARN, "Only 400 MB are free.", "omsmodem purge")]
    house = House(
        store, intake, Bearers(store.tokens, accounts), lambda: Condition(facts, findings), lambda: time[0], horizon
    )
    office = Office(store, accounts, RestApplication(house), time, nudges)
    office.token = office.make_token()
    yield office
    store.close()
