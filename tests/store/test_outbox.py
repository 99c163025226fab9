"""Sending: the moves of messages in a real SQLite file."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from omsmodem.message import SegmentState, State
from omsmodem.store import Store, Wanted, open_store
from omsmodem.store.errors import IllegalMove, StoreDamaged
from tests.store.parts import START, TO, Clock, accept, balanced, one, state, submission, three


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


def test_messages_wait_for_their_time_and_expire(store: Store, clock: Clock) -> None:
    """A scheduled message is not taken early, and a queued one is closed when its validity is over."""
    (message_id,) = accept(store, not_before=START + timedelta(hours=2))
    assert store.outbox.take("front", one) is None
    assert store.outbox.next_moment(clock.now) == START + timedelta(hours=2)
    clock.advance(hours=50)
    assert store.outbox.expire() == 1
    assert state(store, message_id) is State.EXPIRED
    assert store.outbox.take("front", one) is None


def test_the_same_request_within_the_window_is_accepted_once(store: Store, clock: Clock) -> None:
    """A client that lost our answer and sends again gets the same ids and no second text."""

    def again() -> tuple[int, ...]:
        return store.accepting.accept(
            Wanted(
                submission(),
                (TO,),
                validity=timedelta(hours=48),
                fingerprint=b"same",
                duplicate_window=timedelta(seconds=60),
            )
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
