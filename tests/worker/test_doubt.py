"""Duplicates after a lost answer. Evidence first, policy after, nothing repeated silently."""

from datetime import timedelta

from omsmodem.message import State
from omsmodem.worker import Sending
from tests.worker.world import World

TO, OTHER = "+447700900222", "+447700900333"
HOLD = Sending(evidence_window=timedelta(seconds=120), resend=lambda _: False)


def test_pain_01_a_lost_answer_is_settled_by_the_report(world: World) -> None:
    """Sent, no answer, then the status report: it is delivered once and never sent again."""
    world.network.report_delay_s = 5.0
    world.modem()
    world.do("lost")
    world.start()
    message_id = world.submit()
    assert world.run_until(lambda: world.state(message_id) is State.DELIVERED, 600)
    assert world.received == [(TO, "Fish at 15:30")]
    assert world.message(message_id).repeats == 0


def test_pain_01_three_lost_answers_are_three_texts_not_six(world: World) -> None:
    """Every peer sends all of them twice."""
    world.network.report_delay_s = 5.0
    world.modem()
    world.do("lost", times=3)
    world.start()
    ids = [world.submit(f"text {number}", to=f"+44770090022{number}") for number in range(3)]
    assert world.run_until(lambda: all(world.state(one) is State.DELIVERED for one in ids), 1200)
    assert sorted(text for _, text in world.received) == ["text 0", "text 1", "text 2"]


def test_three_lost_answers_to_one_phone_are_told_apart(world: World) -> None:
    """The same recipient thrice: one report proves nothing, three prove all."""
    world.network.report_delay_s = 5.0
    world.modem(sending=Sending(evidence_window=timedelta(minutes=20)))
    world.do("lost", times=3)
    world.start()
    ids = [world.submit(f"text {number}") for number in range(3)]
    assert world.run_until(lambda: all(world.state(one) is State.DELIVERED for one in ids), 1800)
    assert [text for _, text in world.received] == ["text 0", "text 1", "text 2"]


def test_an_answer_after_its_deadline_still_counts(world: World) -> None:
    """Four minutes late, and without reports: the late +CMGS settles it before policy does."""
    world.network.reports.extend([])
    world.modem(sending=Sending(evidence_window=timedelta(minutes=10)))
    world.network.status_of[TO] = ()
    world.do("late", by_s=240)
    world.start()
    message_id = world.submit()
    assert world.run_until(lambda: world.state(message_id) is State.UNCERTAIN, 300)
    assert world.run_until(lambda: world.state(message_id) is State.SUBMITTED, 300)
    assert world.received == [(TO, "Fish at 15:30")]


def test_pain_01_without_evidence_the_copy_is_sent_and_marked(world: World) -> None:
    """No report, no late answer: resent after the window, the same octets, marked, and the phone can merge it."""
    world.network.status_of[TO] = ()
    world.modem()
    world.do("lost")
    world.start()
    message_id = world.submit()
    assert world.run_until(lambda: world.state(message_id) is State.SUBMITTED, 900)
    assert world.message(message_id).repeats == 1
    assert len(set(world.network.submissions)) == 1
    assert any("may arrive twice" in words for words in world.story(message_id))


def test_policy_hold_leaves_the_decision_to_a_person(world: World) -> None:
    """Held: uncertain until a person decides, also hours later."""
    world.network.status_of[TO] = ()
    world.modem(sending=HOLD)
    world.do("lost")
    world.start()
    message_id = world.submit()
    world.run(3 * 3600)
    assert world.state(message_id) is State.UNCERTAIN
    assert len(world.network.submissions) == 1
    world.store.desk.take_as_sent(message_id, "dana")
    assert world.state(message_id) is State.SUBMITTED


def test_a_bare_ok_is_no_success(world: World) -> None:
    """OK without +CMGS: in doubt, settled by the report."""
    world.network.report_delay_s = 5.0
    world.modem()
    world.do("bare_ok")
    world.start()
    message_id = world.submit()
    assert world.run_until(lambda: world.state(message_id) is State.DELIVERED, 600)
    assert len(world.received) == 1


def test_sent_but_answered_with_an_error_is_not_sent_again(world: World) -> None:
    """The modem says 500 for a text that went out: its report comes before the retry, which is then not made."""
    world.network.report_delay_s = 5.0
    world.modem()
    world.do("refuse", on="taken", code=500, times=3)
    world.start()
    ids = [world.submit(f"text {number}", to=f"+44770090022{number}") for number in range(3)]
    assert world.run_until(lambda: all(world.state(one) is State.DELIVERED for one in ids), 1200)
    assert sorted(text for _, text in world.received) == ["text 0", "text 1", "text 2"]


def test_a_stick_pulled_on_the_air_leaves_doubt_that_waits_for_it(world: World) -> None:
    """The report can only come once the stick is back, so the window starts then."""
    world.network.air_time_s = 3.0
    world.network.report_delay_s = 1860.0
    front = world.modem()
    world.start()
    message_id = world.submit()
    world.run_until(lambda: world.state(message_id) is State.SUBMITTING)
    world.run(1.0)
    world.do("unplug", for_s=1800)
    assert world.run_until(lambda: world.state(message_id) is State.UNCERTAIN, 10)
    world.run(1700)
    assert world.state(message_id) is State.UNCERTAIN
    assert world.run_until(lambda: world.state(message_id) is State.DELIVERED, 300)
    assert len(world.received) == 1
    assert front.state == "ready"


def test_a_kill_on_the_air_is_settled_by_the_report(world: World) -> None:
    """After a kill the segment in the air is in doubt; the next start hears its report."""
    world.network.report_delay_s = 30.0
    message_id = world.submit()
    taken = world.store.outbox.take("front", lambda _m, _r: ())
    assert taken is not None
    world.store.outbox.release(message_id, "test")
    world.modem()
    world.do("lost")
    world.start()
    assert world.run_until(lambda: world.state(message_id) in {State.DELIVERED, State.FAILED}, 600)


def test_other_messages_go_on_while_one_is_in_doubt(world: World) -> None:
    """Doubt about one is no reason to stop."""
    world.network.status_of[TO] = ()
    world.modem(sending=HOLD)
    world.do("lost")
    world.start()
    doubtful, other = world.submit(), world.submit(to=OTHER)
    assert world.run_until(lambda: world.state(other) is State.DELIVERED, 300)
    assert world.state(doubtful) is State.UNCERTAIN


def test_a_refusal_that_was_none_is_found_out_by_the_report(world: World) -> None:
    """The modem says error 500 for a segment the network took: the report comes before the retry, and it goes out once."""
    world.network.report_delay_s = 2.0
    world.modem()
    world.start()
    world.do("refuse", on="taken", code=500)
    message_id = world.submit()
    assert world.run_until(lambda: world.state(message_id) is State.DELIVERED)
    assert len(world.network.submissions) == 1
    assert world.message(message_id).repeats == 0


def test_a_report_that_comes_after_the_retry_admits_the_repeat(world: World) -> None:
    """Error 500 for a segment the network took, and the report is slow: the copy that went out is marked as one."""
    world.modem()
    world.start()
    world.do("reports", copies=1, delay_s=120)
    world.do("refuse", on="taken", code=500)
    message_id = world.submit()
    world.run(300)
    assert len(world.network.submissions) == 2
    assert world.message(message_id).repeats == 1
    assert "it arrives twice" in " ".join(world.story(message_id))


def test_a_late_answer_in_the_midst_of_another_exchange_is_not_taken_for_its_own(world: World) -> None:
    """The first text's answer comes when the second one waits for its own, which is a refusal: the second is not lost."""
    world.network.air_time_s, world.network.report_delay_s = 3.0, 4.0
    world.modem()
    world.start()
    before = world.submit("before")
    assert world.run_until(lambda: world.state(before) is State.DELIVERED)
    world.do("late", by_s=179.5)
    first = world.submit("first", to=TO)
    assert world.run_until(lambda: world.state(first) is State.DELIVERED, 300)
    world.network.refuse_next.append(17)
    second = world.submit("second", to=OTHER)
    assert world.run_until(lambda: world.state(second) is State.DELIVERED, 1800)
    assert [text for _, text in world.received] == ["before", "first", "second"]
    assert any("may be that of an earlier segment" in words for words in world.story(second))


def test_a_report_that_came_during_the_exchange_settles_the_doubt_at_once(world: World) -> None:
    """The report is there before the time for the answer is over."""
    world.network.report_delay_s = 5.0
    world.modem()
    world.do("lost")
    world.start()
    message_id = world.submit()
    world.run_until(lambda: any("no answer" in words for words in world.story(message_id)), 300)
    world.run(5)
    assert world.state(message_id) is State.DELIVERED
