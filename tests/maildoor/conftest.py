"""The door for mail programs on a real port with real TLS, over a real store, real accounts and a real gate."""

import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest

from omsmodem.accounts import Account, Accounts
from omsmodem.addresses import AddressList
from omsmodem.intake import Intake, Limits
from omsmodem.maildoor import Book, House, Listener, MailListener, Relays
from omsmodem.maildoor import Limits as DoorLimits
from omsmodem.numbers import NumberPolicy
from omsmodem.store import Store, open_store
from tests.mail.sink import server_context
from tests.plain import Plain

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DOMAIN = "sms.harbour.example"
PASSWORD = "a tide table by heart"
DANA = "dana@harbour.example"
PHONE = "+447700900222"
TO = f"{PHONE}@{DOMAIN}"


@dataclass
class Office:
    """Everything behind the door, and mail programs before it."""

    home: Path
    store: Store
    accounts: Accounts
    intake: Intake
    time: list[datetime]
    ready: list[bool]  # whether a modem can send; asked where the office wants to hear no rather than wait
    door: MailListener | None = None
    open_doors: list[MailListener] = field(default_factory=list)

    def open(self, **options: Any) -> MailListener:
        relays = Relays(AddressList.parse(options.pop("relays", ())), options.pop("authserv_id", ""))
        groups = {"oncall": (PHONE, "07700 900333")}
        subject = options.pop("with_subject", False)
        house = House(self.intake, self.accounts, Book(DOMAIN, groups), relays, 5, subject, "sms@harbour.example")
        allowed = AddressList.parse(options.pop("allowed", ("private",)))
        where = Listener("127.0.0.1", 0, 0, allowed, DOMAIN)
        self.door = MailListener(house, where, lambda: server_context(self.home / "tls"), DoorLimits(**options))
        self.open_doors.append(self.door)
        self.door.start()
        return self.door

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.home / "tls" / "mail.crt"))

    def program(self, user: str = "dana", password: str = PASSWORD) -> smtplib.SMTP:
        """A mail program that has signed in over STARTTLS; without a user it has not."""
        assert self.door is not None
        smtp = smtplib.SMTP("127.0.0.1", self.door.port, timeout=30)
        smtp.starttls(context=self.trust())
        try:
            if user:
                smtp.login(user, password)
        except smtplib.SMTPException:
            smtp.close()
            raise
        return smtp

    def texts(self) -> list[tuple[str, str]]:
        return [(message.recipient, message.text) for message in self.store.history.messages()]


def letter(text: str = "Fish at 15:30", **headers: str) -> EmailMessage:
    mail = EmailMessage()
    given = {"From": f"Dana <{DANA}>", "To": TO, "Subject": "Fish", "Message-ID": "<m1@harbour.example>"}
    for name, value in (given | {name.replace("_", "-"): value for name, value in headers.items()}).items():
        if value:
            mail[name] = value
    mail.set_content(text)
    return mail


def answer_to(smtp: smtplib.SMTP, mail: EmailMessage, *to: str, sender: str = DANA, **options: Any) -> tuple[int, str]:
    """The code and words with which a mail was taken or refused."""
    try:
        smtp.sendmail(sender, list(to) or [TO], mail.as_bytes(policy=SMTP), **options)
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        return code, words.decode() if isinstance(words, bytes) else words
    except smtplib.SMTPResponseException as error:
        words = error.smtp_error
        return error.smtp_code, words.decode() if isinstance(words, bytes) else words
    return 250, ""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    time, ready = [START], [True]
    store = open_store(tmp_path / "omsmodem.db", lambda: time[0])
    accounts = Accounts(tmp_path / "accounts.json", hasher=Plain())
    accounts.add(Account("dana", smtp_address=DANA, contacts={"Erik Quay": "+447700900444"}), PASSWORD)
    accounts.add(Account("fish", smtp_address="fish@harbour.example"), PASSWORD)
    intake = Intake(
        accounts,
        store.accepting,
        numbers=NumberPolicy(country="GB"),
        limits=Limits(segments_per_day=4, segments_per_text=3),
        ready=lambda: ready[0],
        clock=lambda: time[0],
    )
    made = Office(tmp_path, store, accounts, intake, time, ready)
    yield made
    for door in made.open_doors:
        door.stop()
    store.close()
