"""Evidence: what reports and late answers prove, and what is done about doubt."""

from datetime import timedelta

from omsmodem.message import SegmentState, State
from omsmodem.store import Store
from tests.store.parts import TO, Clock, accept, balanced, doubt, fly, one, state, submit, three

OTHER = "+447700900333"
GOOD, BAD = SegmentState.DELIVERED, SegmentState.UNDELIVERED


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
    assert store.evidence.settle_doubts("front", lambda m: True) == 0
    clock.advance(seconds=60)
    assert store.evidence.settle_doubts("front", lambda m: m.id == resent) == 2
    assert (state(store, resent), state(store, held)) == (State.QUEUED, State.UNCERTAIN)
    message = store.history.message(resent)
    assert message is not None
    assert message.repeats == 1
    assert [s.repeats for s in store.history.segments(resent)] == [1, 0, 0]
    assert "twice" in store.history.events(resent)[-1].detail
    clock.advance(days=1)
    assert store.evidence.settle_doubts("front", lambda m: True) == 0


def test_a_report_that_comes_before_its_reference_is_kept_for_it(store: Store) -> None:
    """A modem may tell the report before the result of +CMGS: it counts as soon as the reference is known."""
    (message_id,) = accept(store)
    fly(store)
    assert not store.evidence.add_report("front", 9, TO, 0x30, None)
    assert not store.evidence.add_report("front", 9, TO, 0x00, GOOD)
    store.outbox.mark_submitted(message_id, 1, 9)
    assert state(store, message_id) is State.DELIVERED


def test_an_early_report_is_kept_for_minutes_only(store: Store, clock: Clock) -> None:
    """A stray report of this morning says nothing of a message sent now."""
    accept(store)
    assert not store.evidence.add_report("front", 9, TO, 0x00, GOOD)
    clock.advance(minutes=1)
    message_id = submit(store, 9)
    assert state(store, message_id) is State.SUBMITTED


def test_reports_are_matched_to_the_newest_unreported_segment(store: Store, clock: Clock) -> None:
    """TP-MR wraps after 256 segments: the report is for the newer of two with the same reference, then for the older."""
    older, newer = accept(store, "one", "two")
    submit(store, 7)
    clock.advance(hours=2)
    submit(store, 7)
    store.evidence.add_report("front", 7, TO, 0, GOOD)
    assert (state(store, older), state(store, newer)) == (State.SUBMITTED, State.DELIVERED)


def test_a_report_in_national_form_is_matched_by_its_last_digits(store: Store) -> None:
    """Networks return the number as they like."""
    (message_id,) = accept(store)
    submit(store, 7)
    assert store.evidence.add_report("front", 7, "0" + TO[3:], 0, GOOD)
    assert state(store, message_id) is State.DELIVERED


def test_a_pending_report_does_not_use_up_the_reference(store: Store, clock: Clock) -> None:
    """The network still tries: its last word comes under the same TP-MR, hours later."""
    (message_id,) = accept(store)
    submit(store, 7)
    store.evidence.add_report("front", 7, TO, 0x30, None)
    clock.advance(hours=47)
    store.evidence.add_report("front", 7, TO, 0x30, None)
    assert store.evidence.add_report("front", 7, TO, 0, GOOD)
    assert state(store, message_id) is State.DELIVERED


def test_a_repeated_report_settles_no_doubt(store: Store, clock: Clock) -> None:
    """A network that repeats a report must not prove another message with it."""
    accept(store, "one", "two")
    submit(store, 7)
    doubtful = doubt(store, clock)
    assert store.evidence.add_report("front", 7, TO, 0, GOOD)
    assert store.evidence.add_report("front", 7, TO, 0, GOOD)
    assert state(store, doubtful) is State.UNCERTAIN


def test_one_report_does_not_decide_between_two_doubts(store: Store, clock: Clock) -> None:
    """Which of two texts to one phone was sent cannot be told from one report; two reports prove both."""
    first, second = accept(store, "one", "two")
    doubt(store, clock)
    doubt(store, clock)
    assert not store.evidence.add_report("front", 40, TO, 0, GOOD)
    assert (state(store, first), state(store, second)) == (State.UNCERTAIN, State.UNCERTAIN)
    assert store.evidence.add_report("front", 41, TO, 0, GOOD)
    assert (state(store, first), state(store, second)) == (State.DELIVERED, State.DELIVERED)


def test_a_report_over_another_modem_proves_nothing(store: Store, clock: Clock) -> None:
    """Doubt on one modem is settled on that modem."""
    accept(store)
    message_id = doubt(store, clock, "front")
    assert not store.evidence.add_report("back", 40, TO, 0, GOOD)
    assert state(store, message_id) is State.UNCERTAIN


def test_a_bad_report_for_a_doubt_says_sent_and_undelivered(store: Store, clock: Clock) -> None:
    """It was sent, and never arrives: not to be sent again by itself."""
    accept(store)
    message_id = doubt(store, clock)
    store.evidence.add_report("front", 40, TO, 0x46, BAD)
    assert state(store, message_id) is State.UNDELIVERED


def test_evidence_for_one_segment_lets_the_rest_be_sent(store: Store, clock: Clock) -> None:
    """The proven segment is not repeated; the others follow over the same modem."""
    (message_id,) = accept(store)
    fly(store, cut=three)
    store.outbox.mark_uncertain(message_id, 1, "no answer", clock.now + timedelta(seconds=120))
    store.evidence.add_report("front", 40, TO, 0, GOOD)
    assert state(store, message_id) is State.QUEUED
    assert store.outbox.take("back", three) is None
    taken = store.outbox.take("front", three)
    assert taken is not None
    assert [s.state for s in taken.segments] == [GOOD, SegmentState.PENDING, SegmentState.PENDING]


def test_a_late_answer_settles_doubt(store: Store, clock: Clock) -> None:
    """The +CMGS result that came after its deadline counts, and so does the report that follows it."""
    accept(store)
    message_id = doubt(store, clock)
    assert store.evidence.add_late_answer(message_id, 1, 55)
    assert state(store, message_id) is State.SUBMITTED
    store.evidence.add_report("front", 55, TO, 0, GOOD)
    assert state(store, message_id) is State.DELIVERED


def test_a_late_answer_after_the_decision_to_resend_prevents_the_copy(store: Store, clock: Clock) -> None:
    """Queued again but not yet handed over: the late answer comes in time and nothing is doubled."""
    accept(store)
    message_id = doubt(store, clock)
    clock.advance(seconds=120)
    store.evidence.settle_doubts("front", lambda _: True)
    assert state(store, message_id) is State.QUEUED
    assert store.evidence.add_late_answer(message_id, 1, 55)
    assert state(store, message_id) is State.SUBMITTED
    assert store.outbox.take("front", one) is None
    assert balanced(store)


def test_a_report_after_the_decision_to_resend_prevents_the_copy(store: Store, clock: Clock) -> None:
    """The same with a status report."""
    accept(store)
    message_id = doubt(store, clock)
    clock.advance(seconds=120)
    store.evidence.settle_doubts("front", lambda _: True)
    assert store.evidence.add_report("front", 40, TO, 0, GOOD)
    assert state(store, message_id) is State.DELIVERED


def test_a_late_answer_while_the_copy_is_in_flight_is_only_written_down(store: Store, clock: Clock) -> None:
    """Both went out: the copy's own answer decides, and the history says that it arrived twice."""
    accept(store)
    message_id = doubt(store, clock)
    clock.advance(seconds=120)
    store.evidence.settle_doubts("front", lambda _: True)
    fly(store)
    assert not store.evidence.add_late_answer(message_id, 1, 55)
    store.outbox.mark_submitted(message_id, 1, 56)
    assert [e.detail for e in store.history.events(message_id) if "sent before" in e.detail]
    assert state(store, message_id) is State.SUBMITTED


def test_a_doubt_is_only_settled_for_its_modem_and_gets_its_time_again(store: Store, clock: Clock) -> None:
    """A modem that was away could bring no report: its doubts wait, and then have their window anew."""
    accept(store)
    message_id = doubt(store, clock, "front")
    clock.advance(minutes=10)
    assert store.evidence.settle_doubts("back", lambda _: True) == 0
    store.evidence.await_reports("front", clock.now + timedelta(seconds=120))
    assert store.evidence.settle_doubts("front", lambda _: True) == 0
    clock.advance(seconds=120)
    assert store.evidence.settle_doubts("front", lambda _: True) == 1
    assert state(store, message_id) is State.QUEUED
    assert store.outbox.take("back", one) is None


def test_doubts_of_a_modem_that_is_gone_are_left_to_a_person(store: Store, clock: Clock) -> None:
    """Nobody can bring evidence any more, and nobody else may send a copy unasked."""
    accept(store)
    message_id = doubt(store, clock, "old")
    assert store.evidence.orphan_doubts(frozenset({"front"})) == 1
    assert store.evidence.orphan_doubts(frozenset({"front"})) == 0
    assert "a person decides" in store.history.events(message_id)[-1].detail


def test_pain_22_no_report_is_said_in_words_after_48_hours(store: Store, clock: Clock) -> None:
    """The message stays submitted, not pending for ever, and a report of the day after is not taken for it."""
    accept(store)
    message_id = submit(store, 7)
    clock.advance(hours=49)
    assert store.evidence.lapse() == 0
    clock.advance(hours=2)
    assert store.evidence.lapse() == 1
    message = store.history.message(message_id)
    assert message is not None
    assert (message.state, message.last_error) == (State.SUBMITTED, "no delivery report came")
    assert not store.evidence.add_report("front", 7, TO, 0, GOOD)
