"""The moves of messages in a real SQLite file."""

import itertools
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from omsmodem.message import NEXT, Door, OutgoingMessage, SegmentState, State, Submission
from omsmodem.store import Store, open_store
from omsmodem.store.errors import IllegalMove, StoreDamaged

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TO = "+447700900222"


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    opened = open_store(tmp_path / "omsmodem.db", clock)
    yield opened
    opened.close()


def submission(*texts: str, not_before: datetime | None = None) -> Submission:
    return Submission("dana", Door.OMS, (TO,), texts or ("Fish at 15:30",), not_before=not_before)


_unique = itertools.count()


def accept(
    store: Store, *texts: str, recipients: tuple[str, ...] = (TO,), not_before: datetime | None = None
) -> tuple[int, ...]:
    return store.accepting.accept(
        submission(*texts, not_before=not_before),
        recipients,
        validity=timedelta(hours=48),
        fingerprint=str(next(_unique)).encode(),
        duplicate_window=timedelta(0),
    ).message_ids


def three(_message: OutgoingMessage, reference: int) -> tuple[bytes, ...]:
    return tuple(bytes([reference % 256, number]) for number in (1, 2, 3))


def one(_message: OutgoingMessage, _reference: int) -> tuple[bytes, ...]:
    return (b"\x01",)


def state(store: Store, message_id: int) -> State:
    message = store.history.message(message_id)
    assert message is not None
    return message.state


def balanced(store: Store) -> bool:
    with store.database.reading() as connection:
        counted = dict(connection.execute("SELECT state, count(*) FROM message GROUP BY state").fetchall())
    return {s: counted.get(s, 0) for s in State} == store.history.ledger()


def test_accepted_messages_survive_reopening(tmp_path: Path, clock: Clock) -> None:
    """What accept returned is in the file for the next process."""
    first = open_store(tmp_path / "omsmodem.db", clock)
    ids = accept(first, "one", "two", recipients=(TO, "+447700900333"))
    second = open_store(tmp_path / "omsmodem.db", clock)
    assert [m.id for m in second.history.messages()] == list(ids)
    assert [(m.recipient, m.text) for m in second.history.messages()] == [
        (TO, "one"),
        (TO, "two"),
        ("+447700900333", "one"),
        ("+447700900333", "two"),
    ]
    first.close()
    second.close()


def test_segments_are_cut_once_and_kept(store: Store, clock: Clock) -> None:
    """A retry sends the same octets with the same concatenation reference."""
    accept(store)
    first = store.outbox.take("front", three)
    assert first is not None
    store.outbox.mark_in_flight(first.message.id, 1, "front")
    store.outbox.mark_not_sent(first.message.id, 1, "busy", clock.now + timedelta(seconds=30))
    assert store.outbox.take("front", one) is None
    clock.advance(seconds=30)
    again = store.outbox.take("front", one)
    assert again is not None
    assert [s.tpdu for s in again.segments] == [s.tpdu for s in first.segments]
    assert again.message.attempts == 1


def test_references_differ_between_messages_to_one_recipient(store: Store) -> None:
    """Two long texts to one phone never share a concatenation reference."""
    accept(store, "one", "two")
    taken = [store.outbox.take("front", three), store.outbox.take("front", three)]
    assert taken[0] is not None
    assert taken[1] is not None
    assert taken[0].segments[0].tpdu[0] != taken[1].segments[0].tpdu[0]


def test_a_message_is_submitted_with_its_last_segment_and_delivered_with_its_last_report(store: Store) -> None:
    """Segments decide: all in means submitted, all confirmed means delivered."""
    (message_id,) = accept(store)
    store.outbox.take("front", three)
    for number in (1, 2, 3):
        assert state(store, message_id) is State.SUBMITTING
        store.outbox.mark_in_flight(message_id, number, "front")
        store.outbox.mark_submitted(message_id, number, 40 + number)
    assert state(store, message_id) is State.SUBMITTED
    for reference in (43, 41, 42):
        assert state(store, message_id) is State.SUBMITTED
        assert store.evidence.add_report("front", reference, "07700900222", 0, SegmentState.DELIVERED)
    assert state(store, message_id) is State.DELIVERED
    assert balanced(store)


def test_a_report_before_the_last_segment_counts(store: Store) -> None:
    """Reports of early segments that overtake the sending of later ones are not lost."""
    (message_id,) = accept(store)
    store.outbox.take("front", three)
    for number in (1, 2, 3):
        store.outbox.mark_in_flight(message_id, number, "front")
        store.outbox.mark_submitted(message_id, number, number)
        store.evidence.add_report("front", number, TO, 0, SegmentState.DELIVERED)
    assert state(store, message_id) is State.DELIVERED


def test_one_bad_report_makes_the_message_undelivered(store: Store) -> None:
    """A pending report changes nothing, a final bad one closes the message."""
    (message_id,) = accept(store)
    store.outbox.take("front", one)
    store.outbox.mark_in_flight(message_id, 1, "front")
    store.outbox.mark_submitted(message_id, 1, 7)
    store.evidence.add_report("front", 7, TO, 0x30, None)
    assert state(store, message_id) is State.SUBMITTED
    store.evidence.add_report("front", 7, TO, 0x46, SegmentState.UNDELIVERED)
    assert state(store, message_id) is State.UNDELIVERED


def test_a_report_for_another_number_or_modem_is_not_taken(store: Store) -> None:
    """TP-MR alone does not name a segment: the number and the modem must fit."""
    (message_id,) = accept(store)
    store.outbox.take("front", one)
    store.outbox.mark_in_flight(message_id, 1, "front")
    store.outbox.mark_submitted(message_id, 1, 7)
    assert not store.evidence.add_report("front", 7, "+447700900999", 0, SegmentState.DELIVERED)
    assert not store.evidence.add_report("back", 7, TO, 0, SegmentState.DELIVERED)
    assert state(store, message_id) is State.SUBMITTED


def test_a_kill_in_the_radio_window_leaves_doubt_and_others_are_queued(store: Store, clock: Clock) -> None:
    """After a kill only what was in flight is uncertain; what was merely taken goes back to the queue."""
    flying, held = accept(store, "one", "two")
    store.outbox.take("front", one)
    store.outbox.mark_in_flight(flying, 1, "front")
    store.outbox.take("front", one)
    assert store.outbox.recover(clock.now + timedelta(seconds=60)) == (1, 1)
    assert state(store, flying) is State.UNCERTAIN
    assert state(store, held) is State.QUEUED
    assert balanced(store)


def test_doubt_is_settled_by_a_report_nobody_else_claims(store: Store, clock: Clock) -> None:
    """A report for the doubtful recipient proves that the segment went out; nothing is sent again."""
    (message_id,) = accept(store)
    store.outbox.take("front", one)
    store.outbox.mark_in_flight(message_id, 1, "front")
    store.outbox.mark_uncertain(message_id, 1, "no answer", clock.now + timedelta(seconds=60))
    assert store.evidence.add_report("front", 99, TO, 0, SegmentState.DELIVERED)
    assert state(store, message_id) is State.DELIVERED


def test_doubt_without_evidence_is_settled_by_policy_and_marked(store: Store, clock: Clock) -> None:
    """Resend repeats only the doubtful segment and says so; hold leaves it for a person."""
    resent, held = accept(store, "one", "two")
    for _ in range(2):
        taken = store.outbox.take("front", three)
        assert taken is not None
        store.outbox.mark_in_flight(taken.message.id, 1, "front")
        store.outbox.mark_uncertain(taken.message.id, 1, "no answer", clock.now + timedelta(seconds=60))
    assert store.evidence.settle_doubts(lambda m: True) == 0
    clock.advance(seconds=60)
    assert store.evidence.settle_doubts(lambda m: m.id == resent) == 2
    assert (state(store, resent), state(store, held)) == (State.QUEUED, State.UNCERTAIN)
    message = store.history.message(resent)
    assert message is not None
    assert message.repeats == 1
    assert [s.repeats for s in store.history.segments(resent)] == [1, 0, 0]
    assert "twice" in store.history.events(resent)[-1].detail
    clock.advance(days=1)
    assert store.evidence.settle_doubts(lambda m: True) == 0


def test_messages_wait_for_their_time_and_expire(store: Store, clock: Clock) -> None:
    """A scheduled message is not taken early, and a queued one is closed when its validity is over."""
    (message_id,) = accept(store, not_before=START + timedelta(hours=2))
    assert store.outbox.take("front", one) is None
    assert store.outbox.next_moment() == START + timedelta(hours=2)
    clock.advance(hours=50)
    assert store.outbox.expire() == 1
    assert state(store, message_id) is State.EXPIRED
    assert store.outbox.take("front", one) is None


def test_the_same_request_within_the_window_is_accepted_once(store: Store, clock: Clock) -> None:
    """A client that lost our answer and sends again gets the same ids and no second text."""

    def again() -> tuple[int, ...]:
        return store.accepting.accept(
            submission(),
            (TO,),
            validity=timedelta(hours=48),
            fingerprint=b"same",
            duplicate_window=timedelta(seconds=60),
        ).message_ids

    first = again()
    clock.advance(seconds=59)
    assert again() == first
    clock.advance(seconds=2)
    assert again() != first


def test_moves_the_table_does_not_allow_are_refused(store: Store) -> None:
    """The store refuses a move that message.NEXT does not list, and changes nothing."""
    (message_id,) = accept(store)
    with pytest.raises(IllegalMove):
        store.outbox.fail(10_000, "no such message")
    store.outbox.take("front", one)
    store.outbox.fail(message_id, "given up")
    with pytest.raises(IllegalMove):
        store.outbox.release(message_id, "too late")
    assert state(store, message_id) is State.FAILED
    assert NEXT[State.FAILED] == frozenset()


def test_concurrent_submitters_and_workers_never_take_a_message_twice(store: Store) -> None:
    """Eight threads accept and take at once; every message is taken exactly once."""
    taken: list[int] = []

    def run() -> None:
        for _ in range(5):
            accept(store)
        while (got := store.outbox.take("front", one)) is not None:
            taken.append(got.message.id)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(set(taken))
    assert len(taken) == 40
    assert balanced(store)


def test_a_damaged_file_is_named_and_never_read_as_an_empty_queue(tmp_path: Path, clock: Clock) -> None:
    """Opening junk raises StoreDamaged."""
    path = tmp_path / "omsmodem.db"
    path.write_bytes(b"this is no database" * 300)
    with pytest.raises(StoreDamaged):
        open_store(path, clock)


def test_the_database_is_readable_by_its_owner_only(store: Store) -> None:
    """Message texts are in the file: nobody else may read it."""
    assert store.database.path.stat().st_mode & 0o777 == 0o600
