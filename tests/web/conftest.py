"""The pages over a real store, asked as a browser asks, without a network."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from omsmodem.accounts import Account
from omsmodem.facts import AccountFacts, CertificateFacts, Condition, Facts, Finding, Level, ModemFacts
from omsmodem.message import Door, Submission
from omsmodem.store import Store, Wanted, open_store
from omsmodem.web import House, WebApplication

NOW = datetime(2026, 11, 23, 7, 20, tzinfo=UTC)
PASSWORD = "a tide table by heart"
HOST = "sms.harbour.example:8443"


@dataclass
class Time:
    """A clock on the wall and one that only runs."""

    now: datetime = NOW
    monotonic_s: float = 0.0

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: str


@dataclass
class Browser:
    """Keeps its cookie, follows what it is told, sends what browsers send."""

    application: WebApplication
    cookie: str = ""
    address: str = "192.0.2.5"
    sent: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, form: dict[str, str] | None = None, **environ: str) -> Answer:
        url, body = urlsplit(path), urlencode(form or {}).encode()
        asked: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": url.path,
            "QUERY_STRING": url.query,
            "REMOTE_ADDR": self.address,
            "HTTP_HOST": HOST,
            "HTTP_COOKIE": self.cookie,
            "CONTENT_LENGTH": str(len(body)) if form is not None else "",
            "CONTENT_TYPE": "application/x-www-form-urlencoded" if form is not None else "",
            "wsgi.input": BytesIO(body),
            **({"HTTP_ORIGIN": f"https://{HOST}"} if method == "POST" else {}),
            **environ,
        }
        got: list[Any] = []
        chunks = self.application(asked, lambda status, headers, *_: got.append((status, headers)))
        status, headers = got[0]
        answer = Answer(int(status[:3]), dict(headers), b"".join(chunks).decode())
        if "Set-Cookie" in answer.headers:
            self.cookie = answer.headers["Set-Cookie"].partition(";")[0]
        return answer

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def sign_in(self, name: str, password: str = PASSWORD) -> Answer:
        return self.ask("POST", "/signin", {"name": name, "password": password})

    def click(self, page: str, action: str) -> Answer:
        """Press the button of the form with this action on a page."""
        shown = self.get(page).body
        form = re.search(rf'<form method="post" action="{re.escape(action)}">(.*?)</form>', shown, re.DOTALL)
        assert form is not None, f"no button {action} on {page}"
        return self.ask("POST", action, dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[1])))


@dataclass
class Office:
    """A store, its people and the pages."""

    store: Store
    time: Time
    house: House
    people: dict[str, Account]
    application: WebApplication
    condition: Condition

    def browser(self, name: str = "") -> Browser:
        browser = Browser(self.application)
        if name:
            assert browser.sign_in(name).status == 303
        return browser

    def accept(self, account: str, recipient: str, text: str) -> int:
        submission = Submission(account, Door.OMS, (recipient,), (text,))
        accepted = self.store.accepting.accept(
            Wanted(
                submission,
                [recipient],
                validity=timedelta(hours=48),
                fingerprint=f"{recipient} {text}".encode(),
                duplicate_window=timedelta(0),
            )
        )
        return accepted.message_ids[0]

    def doubt(self, account: str, recipient: str, text: str) -> int:
        """A message that was handed over without an answer and waits for a person."""
        message_id = self.accept(account, recipient, text)
        self.store.outbox.take("front", lambda _message, _reference: (b"tpdu",))
        self.store.outbox.mark_in_flight(message_id, 1, "front")
        self.store.outbox.mark_uncertain(message_id, 1, "no answer within 180 s", self.time.now)
        self.store.evidence.settle_doubts("front", lambda _message: False)
        return message_id


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    time = Time()
    store = open_store(tmp_path / "omsmodem.db", time)
    people = {
        "dana": Account("dana", password_hash="1"),
        "fish": Account("fish", password_hash="2"),
        "harbour": Account("harbour", password_hash="3", operator=True, smtp_address="harbour@harbour.example"),
    }
    facts = Facts(
        now=NOW,
        uri="https://sms.harbour.example:8443/oms/service.asmx",
        started_at=NOW - timedelta(days=2),
        modems=(ModemFacts("front", "ready", operator="Harbour Mobile", signal="good", signal_dbm=-73),),
        certificate=CertificateFacts(("sms.harbour.example",), NOW + timedelta(days=700)),
        ledger=store.history.ledger(),
        accounts=(AccountFacts("dana", today=12, limit_today=200, month=1612),),
    )
    condition = Condition(facts, [Finding("disk", Level.WARN, "Only 400 MB are free.", "omsmodem purge")])
    house = House(
        store,
        condition=lambda: condition,
        sign_in=lambda name, password, _address: name if name in people and password == PASSWORD else None,
        account=lambda name: people.get(name),
        accounts=lambda: list(people.values()),
        clock=time,
        zone=UTC,
    )
    application = WebApplication(house, idle_s=1800, monotonic=lambda: time.monotonic_s)
    yield Office(store, time, house, people, application, condition)
    store.close()


def reading_all(office: Office) -> Office:
    """The same office where operators may read the texts of others."""
    house = replace(office.house, show_text=True)
    return replace(office, house=house, application=WebApplication(house))
