"""The notices that outcomes leave, in a real SQLite file."""

import itertools
from datetime import timedelta

import pytest

from omsmodem.message import Door, MailNotice, NoticeState, OutgoingMessage, SegmentState, State, Submission
from omsmodem.store import Store, Wanted
from tests.store.parts import START, Clock

GATHER = timedelta(seconds=60)
NUMBERS = ("+447700900222", "+447700900333", "+447700900444")
_unique = itertools.count()


def accept(store: Store, *recipients: str, confirm: str = "failures") -> list[int]:
    accepted = store.accepting.accept(
        Wanted(
            Submission("dana", Door.OMS, recipients, ("Fish at 15:30",)),
            recipients,
            validity=timedelta(hours=48),
            fingerprint=str(next(_unique)).encode(),
            duplicate_window=timedelta(0),
        )
    )
    with store.database.transaction() as connection:
        connection.execute("UPDATE submission SET confirm = ?", (confirm,))
    return list(accepted.message_ids)


def one(_message: OutgoingMessage, _reference: int) -> tuple[bytes, ...]:
    return (b"\x01",)


def in_flight(store: Store) -> int:
    taken = store.outbox.take("modem1", one)
    assert taken is not None
    store.outbox.mark_in_flight(taken.message.id, 1, "modem1")
    return taken.message.id


def refuse(store: Store) -> None:
    store.outbox.mark_failed(in_flight(store), 1, "+CMS ERROR: 1 (unassigned number)")


def deliver(store: Store, reference: int) -> None:
    message_id = in_flight(store)
    message = store.history.message(message_id)
    assert message is not None
    store.outbox.mark_submitted(message_id, 1, reference)
    store.evidence.add_report("modem1", reference, message.recipient, 0, SegmentState.DELIVERED)


def mails(store: Store) -> list[MailNotice]:
    store.notices.close_gathered(GATHER)
    return store.notices.due()


def told(store: Store, notice: MailNotice) -> list[tuple[str, State]]:
    return [(outcome.message.recipient, outcome.state) for outcome in store.notices.outcomes(notice.id)]


def test_a_refused_list_gives_one_mail_that_names_all(store: Store) -> None:
    """Three recipients refused one after the other are one notice, due as soon as nothing can join it."""
    accept(store, *NUMBERS)
    refuse(store)
    refuse(store)
    assert mails(store) == []
    refuse(store)
    (notice,) = mails(store)
    assert (notice.account, notice.state) == ("dana", NoticeState.WAITING)
    assert told(store, notice) == [(number, State.FAILED) for number in NUMBERS]


def test_a_straggler_does_not_hold_up_what_is_known_and_follows_later(store: Store, clock: Clock) -> None:
    """One refused and one still waiting: a mail after the gathering time, another when the straggler fails."""
    accept(store, *NUMBERS[:2])
    refuse(store)
    clock.advance(seconds=59)
    assert mails(store) == []
    assert store.notices.next_closing(GATHER) == START + GATHER
    clock.advance(seconds=1)
    (first,) = mails(store)
    assert told(store, first) == [(NUMBERS[0], State.FAILED)]
    store.notices.mark_sent(first.id)
    refuse(store)
    (second,) = mails(store)
    assert told(store, second) == [(NUMBERS[1], State.FAILED)]
    assert [n.id for n in store.notices.of_submission(1)] == [first.id, second.id]


def test_outcomes_that_keep_coming_are_told_in_the_end(store: Store, clock: Clock) -> None:
    """Each outcome restarts the gathering time, but not for ever."""
    accept(store, *[f"+4477009{n:05}" for n in range(40)])
    for _ in range(15):
        refuse(store)
        clock.advance(seconds=50)
    assert len(mails(store)) == 1
    assert clock.now - START < timedelta(seconds=60 * 15)


def test_what_was_delivered_is_told_only_to_those_who_ask(store: Store) -> None:
    """`failures` says nothing of a delivery, `all` does, `off` says nothing at all."""
    accept(store, NUMBERS[0])
    deliver(store, 1)
    accept(store, NUMBERS[0], confirm="off")
    refuse(store)
    assert mails(store) == []
    accept(store, *NUMBERS[:2], confirm="all")
    deliver(store, 2)
    refuse(store)
    (notice,) = mails(store)
    assert told(store, notice) == [(NUMBERS[0], State.DELIVERED), (NUMBERS[1], State.FAILED)]


@pytest.mark.parametrize(("confirm", "mailed"), [("all", True), ("failures", False), ("off", False)])
def test_a_report_that_never_came_is_told_to_those_who_want_to_know_all(
    store: Store, clock: Clock, confirm: str, mailed: bool
) -> None:
    """It stays submitted, with its reason; whoever waits for a confirmation is told that none will come."""
    (message_id,) = accept(store, NUMBERS[0], confirm=confirm)
    store.outbox.mark_submitted(in_flight(store), 1, 7)
    assert mails(store) == []
    clock.advance(hours=51)
    assert store.evidence.lapse() == 1
    message = store.history.message(message_id)
    assert message is not None
    assert (message.state, message.last_error) == (State.SUBMITTED, "no delivery report came")
    notices = mails(store)
    assert [told(store, notice) for notice in notices] == ([[(NUMBERS[0], State.SUBMITTED)]] if mailed else [])


def test_nothing_is_told_of_a_message_while_its_report_may_come(store: Store, clock: Clock) -> None:
    """One delivered, one silent: a mail about the first, and in the end one about the other."""
    accept(store, *NUMBERS[:2], confirm="all")
    deliver(store, 1)
    store.outbox.mark_submitted(in_flight(store), 1, 2)
    clock.advance(seconds=60)
    (first,) = mails(store)
    assert told(store, first) == [(NUMBERS[0], State.DELIVERED)]
    store.notices.mark_sent(first.id)
    clock.advance(hours=51)
    store.evidence.lapse()
    (second,) = mails(store)
    assert told(store, second) == [(NUMBERS[1], State.SUBMITTED)]


def test_a_doubt_that_evidence_resolves_is_not_told(store: Store, clock: Clock) -> None:
    """A report within the evidence window proves the segment was sent: nobody gets a mail."""
    (message_id,) = accept(store, NUMBERS[0])
    in_flight(store)
    store.outbox.mark_uncertain(message_id, 1, "no answer", clock.now + timedelta(seconds=120))
    clock.advance(seconds=100)
    assert mails(store) == []
    store.evidence.add_report("modem1", 9, NUMBERS[0], 0, SegmentState.DELIVERED)
    clock.advance(seconds=300)
    assert mails(store) == []
    assert [n.state for n in store.notices.of_submission(1)] == [NoticeState.VOID]


@pytest.mark.parametrize(("resend", "state"), [(True, State.QUEUED), (False, State.UNCERTAIN)])
def test_a_doubt_is_told_once_policy_has_decided(store: Store, clock: Clock, resend: bool, state: State) -> None:
    """After the evidence window: sent again (it may have arrived twice), or held for a person."""
    (message_id,) = accept(store, NUMBERS[0])
    in_flight(store)
    store.outbox.mark_uncertain(message_id, 1, "no answer", clock.now + timedelta(seconds=120))
    clock.advance(seconds=121)
    store.evidence.settle_doubts("modem1", lambda _message: resend)
    clock.advance(seconds=60)
    (notice,) = mails(store)
    assert told(store, notice) == [(NUMBERS[0], state)]


def test_an_expired_message_is_told(store: Store, clock: Clock) -> None:
    """A message that never found a network is told when its validity ends."""
    accept(store, NUMBERS[0])
    clock.advance(hours=49)
    store.outbox.expire()
    (notice,) = mails(store)
    assert told(store, notice) == [(NUMBERS[0], State.EXPIRED)]


def test_retry_keep_and_send_again(store: Store, clock: Clock) -> None:
    """A refused mail waits, a hopeless one is kept, and a person may have it tried again."""
    accept(store, NUMBERS[0])
    refuse(store)
    (notice,) = mails(store)
    store.notices.retry(notice.id, "421 busy", clock.now + timedelta(minutes=5))
    assert store.notices.due() == []
    assert store.notices.next_due() == clock.now + timedelta(minutes=5)
    store.notices.keep(notice.id, "550 no such user")
    assert store.notices.next_due() is None
    assert store.notices.send_again(notice.id)
    assert not store.notices.send_again(notice.id)
    (again,) = store.notices.due()
    assert again.token == notice.token
    store.notices.mark_sent(again.id)
    assert [n.id for n in store.notices.newest([NoticeState.SENT], 10)] == [notice.id]
    assert store.notices.count(NoticeState.WAITING) == 0


def test_too_many_waiting_mails_keep_the_newest_back(store: Store) -> None:
    """The queue is bounded: what is over stays visible and is not sent by itself."""
    for _ in range(4):
        accept(store, NUMBERS[0])
        refuse(store)
    assert len(mails(store)) == 4
    assert store.notices.bound(3) == 1
    assert [n.state for n in store.notices.notices()] == [NoticeState.WAITING] * 3 + [NoticeState.KEPT]


def test_the_sender_of_mails_wakes_after_the_commit(store: Store) -> None:
    """The listener hears of a new outcome once it can be read, and of nothing else."""
    heard: list[int] = []
    store.database.listeners["mail"] = lambda: heard.append(len(store.notices.notices()))
    accept(store, NUMBERS[0])
    assert heard == []
    refuse(store)
    assert heard == [1]
