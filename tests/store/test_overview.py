"""The numbers of the status screen are those of the messages."""

from datetime import UTC, datetime, timedelta

import pytest

from omsmodem.message import SegmentState, State
from omsmodem.store import Store
from tests.store.parts import Clock
from tests.store.test_search import accept

START = datetime(2026, 11, 23, 7, 20, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


def send(store: Store, outcome: str) -> int:
    """Take the next message and let its one segment end as `outcome` says."""
    taken = store.outbox.take("front", lambda _message, _reference: (b"tpdu",))
    assert taken is not None
    message_id = taken.message.id
    store.outbox.mark_in_flight(message_id, 1, "front")
    if outcome == "refused":
        store.outbox.mark_failed(message_id, 1, "+CMS ERROR 38")
        return message_id
    store.outbox.mark_submitted(message_id, 1, 7)
    if outcome == "delivered":
        store.evidence.add_report("front", 7, taken.message.recipient, 0, SegmentState.DELIVERED)
    return message_id


def test_the_day_is_counted_as_it_happens(store: Store, clock: Clock) -> None:
    """What was accepted, sent, delivered and failed since a moment, to a quarter of an hour."""
    accept(store, "dana", "+447700900222", "one", "two", "three")
    send(store, "delivered")
    clock.now += timedelta(hours=1)
    send(store, "refused")
    today = store.overview.counts(START - timedelta(hours=7))
    assert (today.accepted, today.segments, today.delivered, today.failed) == (3, 1, 1, 1)
    later = store.overview.counts(START + timedelta(minutes=30))
    assert (later.accepted, later.segments, later.delivered, later.failed) == (0, 0, 0, 1)


def test_a_series_has_a_number_for_every_quarter_of_an_hour(store: Store, clock: Clock) -> None:
    """Quiet times are zeros, so that a plot needs no thought."""
    accept(store, "dana", "+447700900222", "one")
    clock.now += timedelta(minutes=30)
    accept(store, "dana", "+447700900222", "two", "three")
    assert store.overview.series("accepted", START, clock.now) == [1, 0, 2]


def test_the_queue_is_told_apart_by_why_it_waits(store: Store, clock: Clock) -> None:
    """Waiting, refused for now, being sent and doubtful are different things."""
    *_, last = accept(store, "dana", "+447700900222", "one", "two", "three", "four")
    store.desk.hold(last, "dana")
    clock.now += timedelta(minutes=5)
    taken = store.outbox.take("front", lambda _message, _reference: (b"tpdu",))
    assert taken is not None
    store.outbox.mark_in_flight(taken.message.id, 1, "front")
    store.outbox.mark_not_sent(taken.message.id, 1, "+CMS ERROR 42", clock.now + timedelta(minutes=2))
    store.outbox.take("front", lambda _message, _reference: (b"tpdu",))
    queue = store.overview.queue(clock.now)
    assert (queue.waiting, queue.retrying, queue.sending, queue.scheduled, queue.held) == (1, 1, 1, 0, 1)
    assert queue.oldest_since == START


def test_the_last_outcomes_and_errors_come_newest_first(store: Store) -> None:
    """What the failure alarm judges by, and the lines of the screen."""
    accept(store, "dana", "+447700900222", "one", "two", "three")
    send(store, "delivered")
    refused = send(store, "refused")
    send(store, "submitted")
    assert store.overview.queue(START).last_outcomes == (State.SUBMITTED, State.FAILED, State.SUBMITTED)
    (error,) = store.overview.errors()
    assert (error.message_id, error.recipient, error.error, error.state) == (
        refused,
        "+447700900222",
        "+CMS ERROR 38",
        State.FAILED,
    )


def test_the_oldest_message_tells_how_long_the_service_is_in_use(store: Store) -> None:
    """A new store has none."""
    assert store.overview.first_message_at() is None
    accept(store, "dana", "+447700900222", "one")
    assert store.overview.first_message_at() == START


def test_what_accounts_spent_today(store: Store) -> None:
    """Each account's own, without what failed before it left."""
    accept(store, "dana", "+447700900222", "one", "two")
    accept(store, "fish", "+447700900333", "three")
    send(store, "refused")
    assert store.overview.spent_by_account(START - timedelta(hours=1)) == {"dana": 1, "fish": 1}
