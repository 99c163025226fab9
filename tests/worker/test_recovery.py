"""A modem that hangs, goes, comes back, restarts: won back without a restart of ours, without loss, without silent copies."""

from collections.abc import Callable

import pytest

from omsmodem.message import State
from omsmodem.modem.simulator.devices import HUAWEI_E173, SIM800
from omsmodem.policy.recovery import Step
from omsmodem.worker import Care
from tests.worker.world import World

TO = "+447700900222"


def delivered(world: World, *ids: int) -> Callable[[], bool]:
    return lambda: all(world.state(one) is State.DELIVERED for one in ids)


def texts(world: World) -> list[str]:
    return sorted(text for _, text in world.received)


def test_pain_03_a_stick_that_is_pulled_and_put_in_again_is_back_in_seconds(world: World) -> None:
    """No restart, no cron; whatever the pause, sending resumes within ten seconds of the port's return."""
    for away_s in (0.5, 4.0, 30.0, 3600.0):
        front = world.desks.get("front") or world.modem()
        world.start()
        world.run(30)
        world.do("unplug")
        world.run(away_s)
        message_id = world.submit(f"after {away_s}")
        assert front.state == "absent"
        world.do("plug")
        back_at = world.now
        assert world.run_until(delivered(world, message_id))
        assert world.now - back_at < 10


def test_a_missing_stick_is_looked_for_every_five_seconds_at_most(world: World) -> None:
    """Back-off while it is not there: quick at first, then steady."""
    front = world.modem()
    world.do("unplug")
    world.start()
    world.run(120)
    pauses = [after - before for before, after in zip(front.opened_at, front.opened_at[1:], strict=False)]
    assert pauses[:3] == [1.0, 2.0, 5.0]
    assert set(pauses[3:]) == {5.0}


def test_a_missing_stick_fills_no_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A line when it goes, one for each other reason, and none every five seconds."""
    caplog.set_level("INFO", logger="omsmodem.worker")
    world.modem()
    world.start()
    world.run(30)
    world.do("unplug")
    world.run(7200)
    assert len([record for record in caplog.records if "reopen" in record.message]) <= 3


def test_a_missing_stick_is_told_after_two_minutes_once(world: World) -> None:
    """It is given up with its reason, not again every five seconds, and taken up again when it is back."""
    front = world.modem()
    world.do("unplug")
    world.start()
    world.run(100)
    assert not front.worker.status.given_up
    world.run(3600)
    assert front.worker.status.given_up == "/dev/ttyUSB0 cannot be opened: no such file"
    assert front.worker.status.steps[Step.ALARM] == 1
    world.do("plug")
    world.run(60)
    assert not front.worker.status.given_up


@pytest.mark.parametrize("hang_s", [30, 200])
def test_pain_02_a_modem_that_hangs_is_won_back_without_a_duplicate(world: World, hang_s: float) -> None:
    """It ignores everything for a while; what was not handed over is sent once, after it answers again."""
    world.modem()
    world.start()
    world.run(30)
    world.do("hang", for_s=hang_s)
    ids = [world.submit(f"text {number}", to=f"+44770090022{number}") for number in range(3)]
    assert world.run_until(delivered(world, *ids), 600)
    assert texts(world) == ["text 0", "text 1", "text 2"]
    assert world.now < 30 + hang_s + 60


def test_a_modem_that_falls_silent_and_speaks_later_makes_no_duplicate(world: World) -> None:
    """Thirty seconds of silence in the middle of a submission: the answer that comes then counts."""
    world.network.air_time_s = 2.0
    world.modem()
    world.start()
    world.run(30)
    ids = [world.submit(f"text {number}", to=f"+44770090022{number}") for number in range(3)]
    world.run(1)
    world.do("hold", for_s=30)
    assert world.run_until(delivered(world, *ids), 600)
    assert texts(world) == ["text 0", "text 1", "text 2"]


def test_pain_02_a_dead_modem_climbs_the_ladder_once_and_in_order(world: World) -> None:
    """Reopen, resynchronise, +CFUN=1,1, the operator's hook, the alarm; resets no more often than every ten minutes."""
    reasons: list[str] = []

    def hook(reason: str) -> str:
        reasons.append(reason)
        return "done"

    front = world.modem(care=Care(hook=hook))
    world.start()
    world.run(90)
    world.do("hang")
    world.run(900)
    steps = list(front.worker.status.steps)
    assert steps == [Step.REOPEN, Step.RESYNC, Step.RESET, Step.HOOK, Step.ALARM]
    assert front.worker.status.steps[Step.RESET] <= 2
    assert len(reasons) == 1
    assert reasons == ["the modem does not answer AT"]
    assert front.worker.status.given_up == "the modem does not answer AT"


def test_the_hook_brings_a_dead_modem_back(world: World) -> None:
    """What a power switch does: the next message goes out."""
    desk = world.modem(care=Care(hook=lambda _reason: str(world.desks["front"].modem.power_up())))
    world.start()
    world.run(90)
    world.do("hang")
    message_id = world.submit()
    assert world.run_until(delivered(world, message_id), 900)
    assert desk.worker.status.steps[Step.HOOK] == 1
    assert not desk.worker.status.given_up


def test_a_reset_cures_a_modem_that_only_a_reset_cures(world: World) -> None:
    """It answers AT and refuses every message with 300: reset, then sent."""
    front = world.modem()
    world.do("refuse", code=300, times=10_000)
    world.start()
    ids = [world.submit(f"text {number}", to=f"+44770090022{number}") for number in range(3)]
    assert world.run_until(lambda: "AT+CFUN=1,1" in front.commands, 900)
    front.modem.faults.armed.clear()
    assert world.run_until(delivered(world, *ids), 3600)
    assert texts(world) == ["text 0", "text 1", "text 2"]


@pytest.mark.parametrize("profile", [HUAWEI_E173, SIM800], ids=["usb", "uart"])
def test_a_modem_that_reboots_is_set_up_again(world: World, profile: object) -> None:
    """Echo back on, settings gone, tty re-enumerated or not: noticed, set up, and nothing lost."""
    world.modem(profile=profile)
    world.start()
    world.run(40)
    world.do("reboot")
    ids = [world.submit(f"text {number}", to=f"+44770090022{number}") for number in range(3)]
    assert world.run_until(delivered(world, *ids), 300)
    assert texts(world) == ["text 0", "text 1", "text 2"]


def test_a_reboot_in_the_middle_of_a_submission_leaves_doubt_not_a_copy(world: World) -> None:
    """The network had it: its report, once the stick is back, settles it."""
    world.network.air_time_s = 3.0
    world.network.report_delay_s = 40.0
    world.modem(profile=HUAWEI_E173)
    world.start()
    world.run(40)
    message_id = world.submit()
    world.run(1)
    world.do("reboot")
    assert world.run_until(lambda: world.state(message_id) is State.UNCERTAIN, 30)
    assert world.run_until(delivered(world, message_id), 600)
    assert texts(world) == ["Fish at 15:30"]


def test_noise_and_split_octets_and_chatter_harm_nothing(world: World) -> None:
    """Garbage between and within answers, octet by octet, indications in the midst: every text once."""
    world.modem()
    world.do("garble", times=3)
    world.do("interleave", times=5, count=8)
    world.do("split", gap_s=0.001)
    for moment in (2.0, 3.0, 5.0):
        world.do("noise", at=moment)
    world.start()
    ids = [world.submit(f"text {number}", to=f"+44770090022{number}") for number in range(8)]
    assert world.run_until(delivered(world, *ids), 1200)
    assert texts(world) == [f"text {number}" for number in range(8)]


def test_an_unexpected_fault_of_ours_is_survived_and_said(world: World) -> None:
    """A worker that dies silently is the one fault nobody sees."""
    front = world.modem()
    world.start()
    world.run(30)
    watch = front.worker._carrying.watch

    def broken(*_: object) -> object:
        raise ZeroDivisionError

    whole, watch.ask = watch.ask, broken
    assert world.run_until(lambda: front.worker.status.reason == "fault", 300)
    watch.ask = whole
    message_id = world.submit()
    assert world.run_until(delivered(world, message_id), 300)


def test_what_a_fault_left_in_flight_is_in_doubt_and_not_forgotten(world: World) -> None:
    """A segment that was marked and never settled is found at the next connection."""
    message_id = world.submit()
    taken = world.store.outbox.take("front", lambda _m, _r: (b"\\x01",))
    assert taken is not None
    world.store.outbox.mark_in_flight(message_id, 1, "front")
    world.modem()
    world.start()
    world.run(10)
    assert world.state(message_id) is State.UNCERTAIN


def test_no_thread_is_left_behind_by_reconnections(world: World) -> None:
    """A hundred lives of a stick: one worker, one pump."""
    import threading

    world.modem()
    world.start()
    world.run(20)
    before = threading.active_count()
    for _ in range(100):
        world.do("unplug", for_s=3)
        world.run(20)
    assert threading.active_count() == before
