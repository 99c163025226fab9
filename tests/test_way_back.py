"""The way back as the configuration builds it: routing by what accounts did and own, automatic answers through the gate."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from omsmodem.accounts import Account, Accounts
from omsmodem.app import build_intake
from omsmodem.config import Config, load
from omsmodem.message import Door, State, Submission
from omsmodem.modem.gsm import Incoming
from omsmodem.sms.address import Address
from omsmodem.sms.tpdu import Deliver
from omsmodem.sms.user_data import UserData
from omsmodem.store import Store, open_store
from omsmodem.way_back import WayBack
from omsmodem.worker.receiver import Receiver
from tests.plain import Plain

MONDAY_EVENING = datetime(2026, 3, 2, 19, 0, tzinfo=UTC)
PHONE = "+447700900222"
CONFIGURATION = """
service:
  uri: https://sms.harbour.example/oms/service.asmx
numbers:
  country: GB
auto_reply:
  text: We are back at 8.
  working_hours: Mon-Fri 08:00-17:00
  account: {account}
"""


class Desk:
    """A store, accounts, a gate and a receiver as the service plugs them together."""

    def __init__(self, home: Path, account: str = "office") -> None:
        self.now = MONDAY_EVENING
        (home / "config.yaml").write_text(CONFIGURATION.format(account=account))
        self.config: Config = load(home / "config.yaml")
        self.store: Store = open_store(home / "omsmodem.db", lambda: self.now)
        self.accounts = Accounts(home / "accounts.json", hasher=Plain())
        for name, keywords in (("dana", ()), ("robin", ("boats",)), ("office", ())):
            self.accounts.add(Account(name, keywords=keywords), "a long password")
        self.intake = build_intake(self.config, self.store, lambda: None, self.accounts)
        way_back = WayBack(
            self.config, self.store, self.accounts, self.intake.submit_local, UTC, clock=lambda: self.now
        )
        self.receiver = Receiver("modem1", self.store, way_back.reception)

    def hear(self, text: str, number: str = PHONE) -> None:
        deliver = Deliver(Address.of(number), UserData(text), self.now)
        self.receiver.keep(Incoming("deliver", deliver.encode()))
        self.now += timedelta(seconds=1)

    def write(self, account: str) -> None:
        receipt = self.intake.submit_local(Submission(account, Door.COMMAND_LINE, (PHONE,), ("hi",)))
        taken = self.store.outbox.take("modem1", lambda _message, _reference: (b"\x01",))
        assert taken is not None
        assert taken.message.id == receipt.accepted[0]
        self.store.outbox.mark_in_flight(taken.message.id, 1, "modem1")
        self.store.outbox.mark_submitted(taken.message.id, 1, taken.message.id % 256)

    def answers(self) -> list[tuple[str, str]]:
        """Automatic answers in the queue: who answers whom."""
        queued = [m for m in self.store.history.messages() if m.state is State.QUEUED]
        return [(m.account, m.recipient) for m in queued if m.text == "We are back at 8."]

    def owners(self) -> list[str]:
        return [message.account for message in reversed(self.store.inbox.messages())]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.store.close()


def test_a_reply_in_national_form_finds_who_wrote_last(desk: Desk) -> None:
    """The phone's 07… is the +44… that was written to; a keyword counts only where nobody wrote."""
    desk.now = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
    desk.hear("Boats for hire?")
    desk.write("dana")
    desk.hear("boats", number="07700900222")
    assert desk.owners() == ["robin", "dana"]
    assert desk.store.inbox.messages()[0].originator == PHONE


def test_nobody_there_means_one_answer_a_day_through_the_gate(desk: Desk) -> None:
    """By the account that owns the message, else by the named one; never twice a day, never in working hours, never told by mail."""
    desk.write("dana")
    desk.hear("Are you open?")
    desk.hear("Hello?")
    desk.hear("Hello?", number="+447700900333")
    desk.hear("code 1234", number="12345")
    assert desk.answers() == [("dana", PHONE), ("office", "+447700900333")]
    desk.now = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
    desk.hear("Now?")
    assert len(desk.answers()) == 2
    desk.now = datetime(2026, 3, 3, 20, 0, tzinfo=UTC)
    desk.hear("And now?")
    assert len(desk.answers()) == 3
    with desk.store.database.reading() as connection:
        confirms = connection.execute("SELECT DISTINCT confirm FROM submission WHERE door = 'auto_reply'").fetchall()
    assert [row["confirm"] for row in confirms] == ["off"]


def test_an_answer_the_gate_refuses_harms_nothing(tmp_path: Path) -> None:
    """The account that is to answer does not exist: the message is kept all the same."""
    desk = Desk(tmp_path, account="nobody")
    desk.hear("Hello?")
    assert desk.answers() == []
    assert desk.owners() == [""]
    desk.store.close()


def test_an_account_that_is_switched_off_gets_nothing_new(desk: Desk) -> None:
    """What it had written to is answered to the default mailbox."""
    desk.write("dana")
    desk.accounts.set("dana", "enabled", "off")
    desk.hear("hi")
    assert desk.owners() == [""]


def test_accounts_that_cannot_be_read_lose_no_message(desk: Desk, tmp_path: Path) -> None:
    """It goes to the default mailbox, and the modem may forget it."""
    desk.write("dana")
    (tmp_path / "accounts.json").write_text("{")
    desk.hear("hi")
    assert desk.owners() == [""]
    assert desk.store.inbox.undecodable() == []


def test_accounts_that_cannot_be_read_keep_nobody_from_the_message(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """It goes to the default mailbox; the answer that nobody can send now is said in the log, without a traceback."""
    (desk.config.storage.accounts).write_text("[]")
    desk.hear("hello?")
    assert desk.owners() == [""]
    assert desk.answers() == []
    assert "an automatic answer was not sent" in caplog.text
    assert "Traceback" not in caplog.text
