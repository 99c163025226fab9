"""What people decide: guarded moves, written down with their name."""

from datetime import timedelta

import pytest

from omsmodem.message import SegmentState, State
from omsmodem.store import Store
from omsmodem.store.errors import IllegalMove
from tests.store.parts import START, TO, Clock, accept, balanced, doubt, fly, one, state, submit, three

EXPIRES = START + timedelta(days=9)


def acts(store: Store) -> list[tuple[str, str, str]]:
    return [(act.by, act.action, act.subject) for act in reversed(store.audit.newest())]


def test_a_held_message_is_not_taken_until_it_is_released(store: Store, clock: Clock) -> None:
    """Hold keeps it from every modem and stops its validity; release gives both back."""
    (message_id,) = accept(store)
    store.desk.hold(message_id, "dana")
    assert store.outbox.take("front", one) is None
    clock.advance(hours=100)
    assert store.outbox.expire() == 0
    store.desk.release(message_id, "dana")
    assert store.outbox.expire() == 0
    taken = store.outbox.take("front", one)
    assert taken is not None
    assert taken.message.expires_at == START + timedelta(hours=148)
    assert acts(store) == [("dana", "hold", "message 1"), ("dana", "release", "message 1")]
    assert [e.detail for e in store.history.events(message_id)][1:3] == ["held by dana", "released by dana"]


def test_only_a_queued_message_can_be_held_or_cancelled(store: Store) -> None:
    """What a modem has in hand is out of a person's; the refusal says why."""
    (message_id,) = accept(store)
    fly(store)
    for act in (store.desk.hold, store.desk.cancel):
        with pytest.raises(IllegalMove, match="message 1 is submitting; only one that is queued"):
            act(message_id, "dana")
    with pytest.raises(IllegalMove, match="there is no message 99"):
        store.desk.hold(99, "dana")
    assert acts(store) == []


def test_a_cancelled_message_is_never_sent(store: Store) -> None:
    """Cancel is for good."""
    (message_id,) = accept(store)
    store.desk.cancel(message_id, "dana")
    assert store.outbox.take("front", one) is None
    with pytest.raises(IllegalMove):
        store.desk.retry(message_id, "dana", EXPIRES)
    assert state(store, message_id) is State.CANCELLED
    assert balanced(store)


def test_cancelling_a_begun_message_says_that_a_part_went_out(store: Store, clock: Clock) -> None:
    """What left stays out."""
    (message_id,) = accept(store)
    fly(store, cut=three)
    store.outbox.mark_submitted(message_id, 1, 1)
    store.outbox.release(message_id, "the service is stopping")
    store.desk.cancel(message_id, "dana")
    assert store.history.events(message_id)[-1].detail == "cancelled by dana after a part of it had been sent"


def test_retry_of_a_waiting_message_tries_now(store: Store, clock: Clock) -> None:
    """A person who knows better does not wait for the ladder."""
    (message_id,) = accept(store)
    fly(store)
    store.outbox.mark_not_sent(message_id, 1, "congestion", clock.now + timedelta(minutes=30))
    assert store.outbox.take("front", one) is None
    store.desk.retry(message_id, "dana", EXPIRES)
    taken = store.outbox.take("front", one)
    assert taken is not None
    assert taken.message.attempts == 0


def test_retry_of_a_failed_message_sends_what_was_refused(store: Store) -> None:
    """The refused segment is pending again; the one that went out is not repeated, and the modem stays the same."""
    (message_id,) = accept(store)
    fly(store, cut=three)
    store.outbox.mark_submitted(message_id, 1, 1)
    store.outbox.mark_in_flight(message_id, 2, "front")
    store.outbox.mark_failed(message_id, 2, "transfer rejected")
    store.desk.retry(message_id, "dana", EXPIRES)
    assert store.outbox.take("back", three) is None
    taken = store.outbox.take("front", three)
    assert taken is not None
    pending = SegmentState.PENDING
    assert [s.state for s in taken.segments] == [SegmentState.SUBMITTED, pending, pending]
    assert taken.message.expires_at == EXPIRES
    assert balanced(store)


def test_retry_of_an_undelivered_message_may_go_over_any_modem(store: Store) -> None:
    """Nothing of it arrived, so nothing ties it."""
    (message_id,) = accept(store)
    submit(store, 7)
    store.evidence.add_report("front", 7, TO, 0x46, SegmentState.UNDELIVERED)
    store.desk.retry(message_id, "dana", EXPIRES)
    taken = store.outbox.take("back", one)
    assert taken is not None
    assert taken.message.id == message_id


def test_an_expired_message_is_retried_with_a_new_validity(store: Store, clock: Clock) -> None:
    """Otherwise it would expire again at once."""
    (message_id,) = accept(store)
    clock.advance(hours=50)
    store.outbox.expire()
    store.desk.retry(message_id, "dana", clock.now + timedelta(hours=1))
    assert store.outbox.expire() == 0
    assert store.outbox.take("front", one) is not None


def test_doubt_is_settled_by_a_person_in_three_ways(store: Store, clock: Clock) -> None:
    """Resend marks the copy, give up fails, taken as sent closes; each is written down."""
    again, lost, arrived = accept(store, "one", "two", "three")
    for _ in range(3):
        doubt(store, clock)
    store.desk.resend(again, "dana")
    store.desk.give_up(lost, "dana")
    store.desk.take_as_sent(arrived, "dana")
    assert [state(store, one_id) for one_id in (again, lost, arrived)] == [State.QUEUED, State.FAILED, State.SUBMITTED]
    message = store.history.message(again)
    assert message is not None
    assert message.repeats == 1
    assert [action for _, action, _ in acts(store)] == ["resend", "give up", "take as sent"]
    assert balanced(store)


def test_a_message_given_up_may_be_retried_and_is_marked(store: Store, clock: Clock) -> None:
    """It may have been sent before, so the copy is marked."""
    (message_id,) = accept(store)
    doubt(store, clock)
    store.desk.give_up(message_id, "dana")
    store.desk.retry(message_id, "dana", EXPIRES)
    message = store.history.message(message_id)
    assert message is not None
    assert (message.state, message.repeats) == (State.QUEUED, 1)
