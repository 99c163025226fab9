"""The gate over a real store and a real account file."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from omsmodem.accounts import Account, Accounts
from omsmodem.intake import Intake, Limits, QuietHours
from omsmodem.message import Door, Notice, Reason, Receipt, State, Submission
from omsmodem.numbers import NumberPolicy
from omsmodem.periods import DailyHours
from omsmodem.store import Store, open_store
from tests.plain import Plain

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PASSWORD = "a tide table by heart"
TO = "+447700900222"


class Office:
    """A gate with everything behind it."""

    def __init__(self, directory: Path) -> None:
        self.now = START
        self.accounts = Accounts(directory / "accounts.json", hasher=Plain())
        self.store: Store = open_store(directory / "omsmodem.db", lambda: self.now)
        self.nudges = 0

    def gate(self, limits: Limits | None = None, **more: Any) -> Intake:
        return Intake(
            self.accounts,
            self.store.accepting,
            numbers=more.pop("numbers", NumberPolicy(country="GB")),
            limits=limits or Limits(),
            nudge=self._nudged,
            clock=lambda: self.now,
            **more,
        )

    def _nudged(self) -> None:
        self.nudges += 1

    def add(self, **fields: Any) -> None:
        self.accounts.add(Account(name="dana", **fields), PASSWORD)

    def texts(self) -> list[str]:
        return [message.text for message in self.store.history.messages()]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.store.close()


def submission(*recipients: str, texts: tuple[str, ...] = ("Fish at 15:30",), **more: Any) -> Submission:
    return Submission("dana", Door.OMS, recipients or (TO,), texts, **more)


def reasons(receipt: Receipt) -> list[tuple[Reason, str | None]]:
    return [(refusal.reason, refusal.recipient) for refusal in receipt.refused]


def test_what_the_receipt_accepts_is_in_the_store(office: Office) -> None:
    """Two recipients and two texts are four messages on disk, and the workers are woken once."""
    office.add()
    receipt = office.gate().submit(submission(TO, "07700 900333", texts=("one", "two")), PASSWORD)
    assert len(receipt.accepted) == 4
    assert [m.id for m in office.store.history.messages()] == list(receipt.accepted)
    assert office.nudges == 1


def test_a_number_given_twice_is_one_message(office: Office) -> None:
    """A contact listed twice does not get the text twice."""
    office.add()
    assert len(office.gate().submit(submission(TO, "07700 900222"), PASSWORD).accepted) == 1


@pytest.mark.parametrize(
    ("fields", "password", "reason"),
    [
        ({}, "wrong", Reason.INVALID_USER),
        ({"enabled": False}, PASSWORD, Reason.ACCOUNT_DISABLED),
        ({"sms": False}, PASSWORD, Reason.NOT_REGISTERED),
    ],
)
def test_who_may_not_send_is_told_why(office: Office, fields: dict[str, Any], password: str, reason: Reason) -> None:
    """Wrong password, an account that is off, an account without the right to send: nothing is stored."""
    office.add(**fields)
    receipt = office.gate().submit(submission(), password)
    assert [refusal.reason for refusal in receipt.refused] == [reason]
    assert office.texts() == []


def test_a_landline_is_texted_and_remarked_upon(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """Where the configuration wants a warning: in the history of the message, and in the log without the number."""
    office.add()
    policy = NumberPolicy(country="GB", require_mobile="warn")
    (landline,) = office.gate(numbers=policy).submit(submission("020 7946 0123"), PASSWORD).accepted
    (mobile,) = office.gate(numbers=policy).submit(submission(), PASSWORD).accepted
    assert office.store.history.events(landline)[0].detail == "accepted; not every number is a mobile one"
    assert office.store.history.events(mobile)[0].detail == "accepted"
    assert "+44207*****23" in caplog.text


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"texts": ("  ", "\n")}, Reason.EMPTY_TEXT),
        ({"texts": ("x",) * 21}, Reason.TOO_MANY_TEXTS),
        ({"texts": ("x" * 1531,)}, Reason.TEXT_TOO_LONG),
        ({"texts": ("\ud83d",)}, Reason.INVALID_CHARACTER),
    ],
)
def test_what_cannot_be_sent_is_refused_whole(office: Office, given: dict[str, Any], reason: Reason) -> None:
    """Too much, too long, nothing, or half a character."""
    office.add()
    assert reasons(office.gate().submit(submission(**given), PASSWORD)) == [(reason, None)]


def test_a_calendar_summary_may_hold_fifty_texts(office: Office) -> None:
    """Outlook splits the day of an office into up to fifty texts."""
    office.add()
    day = submission(texts=("x",) * 50, source_type="calSummary")
    assert len(office.gate().submit(day, PASSWORD).accepted) == 50


def test_bad_numbers_refuse_only_themselves_as_received(office: Office) -> None:
    """The good recipient is queued; the bad ones come back to the letter."""
    office.add()
    receipt = office.gate().submit(submission("12 ", TO, "ring 999"), PASSWORD)
    assert reasons(receipt) == [(Reason.INVALID_RECIPIENT, "12 "), (Reason.INVALID_RECIPIENT, "ring 999")]
    assert len(receipt.accepted) == 1


def test_a_quota_is_filled_in_order_and_names_whom_it_refused(office: Office) -> None:
    """Of three recipients with two segments each, a day of five segments takes two; the third is refused as typed."""
    office.add(segments_per_day=5)
    receipt = office.gate().submit(submission(TO, "07700 900333", "07700 900444", texts=("x" * 200,)), PASSWORD)
    assert len(receipt.accepted) == 2
    assert [(r.reason, r.recipient, r.detail) for r in receipt.refused] == [(Reason.QUOTA_DAY, "07700 900444", "5 SMS")]


def test_a_full_quota_accepts_nothing_and_leaves_no_trace(office: Office) -> None:
    """Where nobody fits, no submission is written."""
    office.add(segments_per_month=1)
    gate = office.gate()
    assert gate.submit(submission(), PASSWORD).accepted
    again = gate.submit(submission(texts=("another",)), PASSWORD)
    assert (again.accepted, again.submission_id) == ((), None)
    assert reasons(again) == [(Reason.QUOTA_MONTH, TO)]


@pytest.mark.parametrize(
    ("limits", "wait"),
    [
        (Limits(segments_per_minute=1), timedelta(seconds=61)),
        (Limits(segments_per_day=1), timedelta(days=1)),
        (Limits(segments_per_month=1), timedelta(days=31)),
        (Limits(all_segments_per_day=1), timedelta(days=1)),
    ],
)
def test_a_quota_has_room_again_in_the_next_period(office: Office, limits: Limits, wait: timedelta) -> None:
    """The next minute, day or month starts at nothing."""
    office.add()
    gate = office.gate(limits)
    assert gate.submit(submission(), PASSWORD).accepted
    assert not gate.submit(submission(texts=("too soon",)), PASSWORD).accepted
    office.now += wait
    assert gate.submit(submission(texts=("in time",)), PASSWORD).accepted


def test_an_accounts_own_limit_stands_in_place_of_the_general_one(office: Office) -> None:
    """Zero on the account lifts the service's limit for it."""
    office.add(segments_per_day=0)
    gate = office.gate(Limits(segments_per_day=1))
    assert gate.submit(submission(texts=("one",)), PASSWORD).accepted
    assert gate.submit(submission(texts=("two",)), PASSWORD).accepted


def test_what_was_never_sent_is_given_back(office: Office) -> None:
    """A message that expires in the queue makes room again."""
    office.add(segments_per_day=1)
    gate = office.gate(Limits(validity=timedelta(hours=1)))
    gate.submit(submission(), PASSWORD)
    office.now += timedelta(hours=2)
    assert office.store.outbox.expire() == 1
    assert gate.submit(submission(texts=("next",)), PASSWORD).accepted


def test_a_quota_is_exact_under_many_submitters(office: Office) -> None:
    """Fifty clients at once and a limit of ten: ten are accepted, forty refused."""
    office.add(segments_per_day=10)
    gate = office.gate()
    receipts: list[Receipt] = []

    def send(number: int) -> None:
        receipts.append(gate.submit(submission(texts=(f"text {number}",)), PASSWORD))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(len(receipt.accepted) for receipt in receipts) == 10
    assert office.store.history.ledger()[State.QUEUED] == 10


def test_an_account_may_be_kept_to_countries_of_its_own(office: Office) -> None:
    """A Swiss number is refused to an account that may text Britain only."""
    office.add(countries_allowed=("GB",))
    receipt = office.gate().submit(submission(TO, "+41446681800"), PASSWORD)
    assert reasons(receipt) == [(Reason.COUNTRY_NOT_ALLOWED, "+41446681800")]
    assert len(receipt.accepted) == 1


def test_blocked_kinds_of_messages_are_refused(office: Office) -> None:
    """Reminders that the account does not want are refused, what a person typed is not."""
    office.add(blocked_sources=("reminder",))
    gate = office.gate()
    assert reasons(gate.submit(submission(source_type="reminder"), PASSWORD)) == [(Reason.SOURCE_BLOCKED, None)]
    assert gate.submit(submission(source_type="xmsInspector"), PASSWORD).accepted


NIGHT = DailyHours(time(22), time(6))
LONDON = ZoneInfo("Europe/London")


def test_quiet_hours_hold_what_nobody_typed_until_morning(office: Office) -> None:
    """A reminder at night leaves at six; what a person typed leaves at once."""
    office.add()
    office.now = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    gate = office.gate(Limits(zone=LONDON), quiet=QuietHours(NIGHT))
    gate.submit(submission(texts=("reminder",), source_type="reminder"), PASSWORD)
    gate.submit(submission(texts=("typed",), source_type="xmsInspector"), PASSWORD)
    held, typed = office.store.history.messages()
    assert held.not_before == datetime(2026, 3, 3, 6, 0, tzinfo=UTC)
    assert typed.not_before == office.now


def test_quiet_hours_that_refuse_say_so(office: Office) -> None:
    """The client is told, so that nobody believes the reminder was sent."""
    office.add(quiet_hours="08:00-10:00")
    gate = office.gate(quiet=QuietHours(NIGHT, "refuse"))
    assert reasons(gate.submit(submission(source_type="ruleBased"), PASSWORD)) == [(Reason.QUIET_HOURS, None)]


def test_a_scheduled_message_waits_for_its_time(office: Office) -> None:
    """It is on disk now and due then; its validity starts then."""
    office.add()
    then = START + timedelta(days=2)
    receipt = office.gate().submit(submission(not_before=then), PASSWORD)
    message = office.store.history.message(receipt.accepted[0])
    assert message is not None
    assert (message.not_before, message.expires_at) == (then, then + timedelta(hours=48))


def test_without_scheduling_it_is_sent_at_once_and_the_client_is_told(office: Office) -> None:
    """noScheduled is a notice, not a refusal."""
    office.add()
    receipt = office.gate(Limits(scheduling=False)).submit(submission(not_before=START + timedelta(days=2)), PASSWORD)
    message = office.store.history.message(receipt.accepted[0])
    assert message is not None
    assert message.not_before == START
    assert receipt.notices == (Notice.NOT_SCHEDULED,)


def test_changed_properties_are_announced_once_per_account(office: Office) -> None:
    """The first contact is no change; a new digest is told with the next send and then no more."""
    office.add()

    def told(properties: bytes, text: str) -> tuple[Notice, ...]:
        return office.gate(properties=properties).submit(submission(texts=(text,)), PASSWORD).notices

    assert [told(b"1", "a"), told(b"1", "b"), told(b"2", "c"), told(b"2", "d")] == [
        (),
        (),
        (Notice.SERVICE_UPDATE,),
        (),
    ]


def test_whoever_would_rather_hear_no_is_refused_while_no_modem_can_send(office: Office) -> None:
    """Only on the operator's wish; where no recipient is left, that is what is said."""
    office.add()
    closed = office.gate(ready=lambda: False)
    assert reasons(closed.submit(submission(), PASSWORD)) == [(Reason.NO_NETWORK, None)]
    assert reasons(closed.submit(submission("12"), PASSWORD)) == [(Reason.INVALID_RECIPIENT, "12")]
    assert office.texts() == []


def test_news_that_cannot_be_noted_take_nothing_back(office: Office) -> None:
    """The message is on disk: its sender is told so although the news of the service cannot be written down."""
    office.add()
    with office.store.database.transaction() as connection:
        connection.execute("DROP TABLE announced")
    receipt = office.gate(properties=b"1").submit(submission(), PASSWORD)
    assert (len(receipt.accepted), receipt.refused, receipt.notices) == (1, (), ())


def test_many_submissions_are_each_decided_and_share_a_commit(office: Office) -> None:
    """One with a wrong password, one with a bad number and a repeat stand between those that are accepted."""
    office.add()
    first, last = submission(texts=("first",)), submission(texts=("last",))
    claims = [(first, PASSWORD), (last, "wrong"), (submission("12"), PASSWORD), (first, PASSWORD), (last, PASSWORD)]
    receipts = office.gate().submit_all(claims)
    assert [len(receipt.accepted) for receipt in receipts] == [1, 0, 0, 1, 1]
    assert receipts[3].accepted == receipts[0].accepted
    assert [reason for receipt in receipts for reason, _ in reasons(receipt)] == [
        Reason.INVALID_USER,
        Reason.INVALID_RECIPIENT,
    ]
    assert office.texts() == ["first", "last"]


@pytest.mark.parametrize(
    ("ids", "wait", "messages"),
    [
        ((), timedelta(seconds=59), 1),
        ((), timedelta(seconds=61), 2),
        (("Att0@1",), timedelta(seconds=599), 1),
        (("Att0@1",), timedelta(seconds=601), 2),
    ],
)
def test_a_nervous_clients_repeat_is_one_message(
    office: Office, ids: tuple[str, ...], wait: timedelta, messages: int
) -> None:
    """The same request within the window gets the same answer and queues nothing; with content ids it is longer."""
    office.add()
    gate = office.gate()
    first = gate.submit(submission(content_ids=ids), PASSWORD)
    office.now += wait
    second = gate.submit(submission(content_ids=ids), PASSWORD)
    assert len(office.texts()) == messages
    assert (second.accepted == first.accepted) == (messages == 1)


def test_a_repeat_is_written_into_the_history(office: Office) -> None:
    """Whoever asks why only one text went out finds the second request."""
    office.add()
    gate = office.gate()
    (message_id,) = gate.submit(submission(), PASSWORD).accepted
    gate.submit(submission(), PASSWORD)
    assert "came again" in office.store.history.events(message_id)[-1].detail


@pytest.mark.parametrize("change", [{"texts": ("other",)}, {"content_ids": ("b",)}, {"not_before": START}])
def test_anything_different_is_another_message(office: Office, change: dict[str, Any]) -> None:
    """Another text, another item, another time."""
    office.add()
    gate = office.gate()
    gate.submit(submission(content_ids=("a",)), PASSWORD)
    gate.submit(submission(**{"content_ids": ("a",), **change}), PASSWORD)
    assert len(office.texts()) == 2


def test_a_person_at_a_shell_means_what_is_typed(office: Office) -> None:
    """Two equal commands are two messages."""
    office.add()
    gate = office.gate()
    typed = Submission("dana", Door.COMMAND_LINE, (TO,), ("Fish",))
    assert gate.submit_local(typed).accepted != gate.submit_local(typed).accepted


def test_typographic_characters_are_replaced_where_wished(office: Office) -> None:
    """AutoFormat's quotes become plain ones, and the history says so."""
    office.add(transliterate="smart")
    (message_id,) = office.gate().submit(submission(texts=("\u201cFish\u201d \u2013 15:30\u2026",)), PASSWORD).accepted
    assert office.texts() == ['"Fish" - 15:30...']
    assert "replaced" in office.store.history.events(message_id)[0].detail


def test_the_footer_stands_under_the_last_text(office: Office) -> None:
    """A sender's footer is part of the text and of its cost."""
    office.add(footer="Harbour Street Office")
    office.gate().submit(submission(texts=("(1/2) one", "(2/2) two")), PASSWORD)
    assert office.texts() == ["(1/2) one", "(2/2) two\nHarbour Street Office"]


def test_a_store_that_cannot_write_accepts_nothing(office: Office) -> None:
    """The client hears it at once; ok is said only after the commit."""
    office.add()
    gate = office.gate()
    office.store.close()
    assert reasons(gate.submit(submission(), PASSWORD)) == [(Reason.UNAVAILABLE, None)]
    assert office.nudges == 0
