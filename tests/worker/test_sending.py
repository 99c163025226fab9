"""Sending and being refused: every class of code has its cure, and one bad recipient holds up nobody."""

from datetime import timedelta

import pytest

from omsmodem.message import State
from omsmodem.worker import Sending
from tests.worker.world import START, World

TO, OTHER, THIRD = "+447700900222", "+447700900333", "+447700900444"
LONG = "A text of three segments. " * 17


def submissions(world: World) -> int:
    return len(world.network.submissions)


def test_a_message_goes_out_and_is_delivered(world: World) -> None:
    """Taken when the modem is ready, submitted, reported."""
    front = world.modem()
    world.start()
    message_id = world.submit()
    assert world.run_until(lambda: world.state(message_id) is State.DELIVERED)
    assert world.received == [(TO, "Fish at 15:30")]
    assert front.state == "ready"
    assert front.worker.status.seconds_per_segment == pytest.approx(0.04)


def test_a_long_message_is_whole_at_the_phone(world: World) -> None:
    """Three segments, in order, over one modem."""
    world.modem()
    world.start()
    message_id = world.submit(LONG)
    assert world.run_until(lambda: world.state(message_id) is State.DELIVERED)
    assert world.received == [(TO, LONG)]


def test_pain_29_the_burst_needs_one_command_a_segment(world: World) -> None:
    """No chatter between segments: AT+CMGS and nothing else."""
    front = world.modem()
    world.start()
    world.run(10)
    before = len(front.commands)
    ids = [world.submit(f"text {number}") for number in range(40)]
    assert world.run_until(lambda: world.state(ids[-1]) is State.DELIVERED)
    assert len(front.commands) - before <= 1.1 * 40, front.commands[before:]


@pytest.mark.parametrize("code", [17, 22, 41, 42, 47, 81, 192, 194, 500, 512, 513, 615])
def test_pain_15_a_temporary_refusal_is_retried_by_the_ladder(world: World, code: int) -> None:
    """Pain 10, 12, 15: +CMS ERROR 41, 500, 512 and the like: again after half a minute, not given up."""
    world.network.refuse_next.append(code)
    world.modem(sending=Sending(retry_ladder=(timedelta(seconds=30), timedelta(minutes=5))))
    world.start()
    message_id = world.submit()
    assert world.run_until(lambda: world.message(message_id).attempts == 1)
    assert world.state(message_id) is State.QUEUED
    refused_at = world.now
    assert world.run_until(lambda: world.state(message_id) is State.DELIVERED)
    assert world.now - refused_at == pytest.approx(30, abs=2)


def test_retries_are_bounded_and_end_in_words(world: World) -> None:
    """Networks use temporary codes for lasting states: ten attempts, then the sender is told."""
    world.network.refuse_numbers[TO] = 41
    world.modem(sending=Sending(retry_ladder=(timedelta(seconds=30),)))
    world.start()
    message_id = world.submit()
    assert world.run_until(lambda: world.state(message_id) is State.FAILED, 36_000)
    assert world.message(message_id).attempts == 9
    assert "temporary failure" in (world.message(message_id).last_error or "")
    assert submissions(world) == 0


def test_pain_11_a_bad_recipient_never_holds_up_the_next(world: World) -> None:
    """The refused message backs off by itself; those behind it go at once."""
    world.network.refuse_numbers[TO] = 38
    world.modem()
    world.start()
    bad = world.submit(to=TO)
    good = [world.submit(f"text {n}", to=OTHER) for n in range(5)]
    assert world.run_until(lambda: all(world.state(one) is State.DELIVERED for one in good), 30)
    assert world.state(bad) is State.QUEUED
    assert world.message(bad).retry_at == world.message(bad).retry_at
    assert (world.message(bad).retry_at or START) - START >= timedelta(minutes=15)


@pytest.mark.parametrize("code", [1, 21, 195, 196])
def test_a_permanent_refusal_fails_that_recipient_only(world: World, code: int) -> None:
    """Unassigned number, transfer rejected: failed with the meaning in words, no second try."""
    world.network.refuse_numbers[TO] = code
    world.modem()
    world.start()
    bad, good = world.submit(to=TO), world.submit(to=OTHER)
    assert world.run_until(lambda: world.state(good) is State.DELIVERED, 30)
    assert world.state(bad) is State.FAILED
    assert f"+CMS ERROR: {code} (" in (world.message(bad).last_error or "")


def test_a_bug_of_ours_fails_without_a_second_try(world: World) -> None:
    """An invalid TPDU stays invalid."""
    world.network.refuse_next.append(304)
    world.modem()
    world.start()
    message_id = world.submit()
    assert world.run_until(lambda: world.state(message_id) is State.FAILED, 30)


def test_three_segments_retry_only_what_was_refused(world: World) -> None:
    """The first segment is in; the second is refused once: nothing is doubled."""
    world.modem()
    world.do("refuse", code=41, nth=2)
    world.start()
    message_id = world.submit(LONG)
    assert world.run_until(lambda: world.state(message_id) is State.DELIVERED)
    assert submissions(world) == 3
    assert world.received == [(TO, LONG)]


def test_a_message_expires_when_its_time_is_over(world: World) -> None:
    """Not sent within its validity: said so, also while the modem is not there."""
    front = world.modem()
    front.modem.unplug()
    world.start()
    message_id = world.submit(hours=0.5)
    assert world.run_until(lambda: world.state(message_id) is State.EXPIRED, 3600)
    assert world.clock() - START >= timedelta(hours=0.5)


def test_a_scheduled_message_waits_for_its_time_without_polling(world: World) -> None:
    """The worker sleeps until it is due, and asks the modem no more than its minute's question."""
    front = world.modem()
    world.start()
    world.run(120)
    before = len(front.commands)
    world.run(3600)
    assert len(front.commands) - before <= 65


def test_pain_13_a_busy_modem_is_asked_again_in_seconds(world: World) -> None:
    """SIM busy costs no attempt."""
    world.network.refuse_next.extend([314, 314])
    world.modem()
    world.start()
    message_id = world.submit()
    assert world.run_until(lambda: world.state(message_id) is State.DELIVERED, 30)
    assert world.message(message_id).attempts == 0


def test_stopping_finishes_the_segment_in_hand_and_keeps_the_rest(world: World) -> None:
    """A stop in the middle of a long message: the next start sends the rest, and nothing twice."""
    world.network.air_time_s, world.network.report_delay_s = 3.0, 60.0
    front = world.modem()
    world.start()
    message_id = world.submit(LONG)
    world.run_until(lambda: world.state(message_id) is State.SUBMITTING)
    world.run(1.0)
    front.worker.tell_to_stop()
    assert world.run_until(lambda: not front.worker.alive, 30)
    assert submissions(world) == 1
    assert world.state(message_id) is State.QUEUED
    assert [s.state for s in world.store.history.segments(message_id)] == ["submitted", "pending", "pending"]
