"""Blocked: in words, for a reason, without an attempt of any message, and back by looking rather than by the clock."""

from collections.abc import Callable

import pytest

from omsmodem.message import State
from omsmodem.modem.gsm import Setup
from omsmodem.modem.sim import Unlock
from omsmodem.modem.simulator.registration import Registration
from omsmodem.modem.simulator.sim import Sim
from omsmodem.worker import Care
from tests.worker.world import World

NUMBERS = tuple(f"+44770090022{digit}" for digit in range(6))


def delivered(world: World, *ids: int) -> Callable[[], bool]:
    return lambda: all(world.state(one) is State.DELIVERED for one in ids)


def test_pain_24_a_lost_network_costs_nothing_but_time(world: World) -> None:
    """Thirty seconds without network, with messages waiting: no attempt, no failure, sent as soon as it is back."""
    front = world.modem()
    world.start()
    world.run(30)
    world.network.registered = False
    ids = [world.submit(f"text {n}", to=number) for n, number in enumerate(NUMBERS)]
    world.run(30)
    assert front.state == "blocked"
    assert front.worker.status.reason == "not_registered"
    assert "searching" in front.worker.status.detail
    world.network.registered = True
    back_at = world.now
    assert world.run_until(delivered(world, *ids), 60)
    assert world.now - back_at < 5
    assert all(world.message(one).attempts == 0 for one in ids)


def test_a_network_lost_in_silence_is_found_by_the_refusal(world: World) -> None:
    """331 without a word before: the modem is asked, blocked, and the message waits without an attempt."""
    front = world.modem()
    world.start()
    world.run(30)
    world.network.registration = Registration.SEARCHING  # nobody is told
    message_id = world.submit()
    assert world.run_until(lambda: front.state == "blocked", 30)
    world.run(40)
    assert world.message(message_id).attempts == 0
    world.network.registration = Registration.HOME
    assert world.run_until(delivered(world, message_id), 120)


def test_pain_24_a_network_that_stays_away_is_sought_with_growing_force(world: World) -> None:
    """After five minutes the radio is switched off and on, after ten the modem is reset."""
    front = world.modem()
    world.start()
    world.run(30)
    world.network.registered = False
    world.run(360)
    assert "AT+CFUN=4" in front.commands
    world.run(400)
    assert "AT+CFUN=1,1" in front.commands


def test_a_stop_of_one_recipient_does_not_stop_the_others(world: World) -> None:
    """Barred for premium numbers only: one recipient backs off, the next goes out."""
    world.network.refuse_numbers[NUMBERS[0]] = 8
    front = world.modem()
    world.start()
    bad, good = world.submit(to=NUMBERS[0]), world.submit(to=NUMBERS[1])
    assert world.run_until(delivered(world, good), 30)
    assert front.state == "ready"
    assert world.state(bad) is State.QUEUED


def test_pain_14_a_barred_sim_is_found_by_two_recipients_and_tried_by_probe(world: World) -> None:
    """Operator determined barring for everybody: held, said in words with advice, tried again with growing pauses."""
    world.network.refuse_numbers.update(dict.fromkeys(NUMBERS, 8))
    front = world.modem()
    world.start()
    ids = [world.submit(to=number) for number in NUMBERS]
    assert world.run_until(lambda: front.state == "blocked", 30)
    assert front.worker.status.reason == "sick"
    assert "operator determined barring" in front.worker.status.detail
    assert "Ask the operator" in front.worker.status.detail
    world.run(600)
    tried = sum(world.message(one).attempts for one in ids)
    assert tried <= 6
    world.network.refuse_numbers.clear()
    assert world.run_until(delivered(world, *ids), 3600)


def test_three_different_recipients_with_38_stop_the_modem(world: World) -> None:
    """Network out of order for three in a row: the modem or its service centre, not they."""
    world.network.refuse_numbers.update(dict.fromkeys(NUMBERS, 38))
    front = world.modem()
    world.start()
    ids = [world.submit(to=number) for number in NUMBERS]
    assert world.run_until(lambda: front.state == "blocked", 30)
    assert sum(world.message(one).attempts for one in ids) == 3
    assert front.worker.status.refusals_in_a_row == 0 or front.worker.status.refusals_in_a_row == 3


def test_pain_14_one_recipient_refused_three_times_does_not_stop_the_modem(world: World) -> None:
    """Three failures of one number block nobody for an hour."""
    world.network.refuse_numbers[NUMBERS[0]] = 41
    front = world.modem()
    world.start()
    ids = [world.submit(f"text {n}", to=NUMBERS[0]) for n in range(4)]
    world.run(20)
    assert front.state == "ready"
    good = world.submit(to=NUMBERS[1])
    assert world.run_until(delivered(world, good), 10)
    assert all(world.message(one).attempts == 1 for one in ids)


def test_pain_15_a_burst_of_refusals_gives_nobody_up(world: World) -> None:
    """Two bursts of five errors, nothing sent: everything is delivered within minutes."""
    world.network.refuse_next.extend([42] * 5)
    world.modem()
    world.start()
    ids = [world.submit(f"text {n}", to=number) for n, number in enumerate(NUMBERS)]
    world.run(120)
    world.network.refuse_next.extend([500] * 5)
    more = [world.submit(f"more {n}", to=number) for n, number in enumerate(NUMBERS)]
    assert world.run_until(delivered(world, *ids, *more), 3600)


@pytest.mark.parametrize(
    ("state", "reason"), [("absent", "no_sim"), ("SIM PUK", "puk"), ("SIM PIN", "pin")], ids=["none", "puk", "pin"]
)
def test_a_sim_that_cannot_be_used_is_said_and_looked_at_again(world: World, state: str, reason: str) -> None:
    """Blocked by reason; ready within a minute of the person who mends it."""
    front = world.modem()
    world.do("sim", state=state)
    world.start()
    message_id = world.submit()
    assert world.run_until(lambda: front.worker.status.reason == reason, 120)
    world.run(600)
    world.do("sim", state="READY")
    assert world.run_until(delivered(world, message_id), 90)
    assert world.message(message_id).attempts == 0


def test_pain_23_a_wrong_pin_is_entered_once_whatever_restarts(world: World) -> None:
    """One attempt per value, remembered in the store; the SIM keeps its other tries."""
    setup = Setup(unlock=Unlock("9999", world.store.modems))
    front = world.modem(sim=Sim(pin="1234", pin_required=True), care=Care(setup=setup))
    world.start()
    world.run(3600)
    world.do("unplug", for_s=5)
    world.run(600)
    assert sum("CPIN=" in line for line in front.commands) == 1
    assert front.worker.status.reason == "pin"


def test_pain_20_a_full_storage_is_freed_and_the_message_sent(world: World) -> None:
    """The storage refuses; old copies go, the text goes out."""
    world.network.refuse_next.append(322)
    world.modem()
    world.do("fill", storage="SM")
    world.start()
    message_id = world.submit()
    assert world.run_until(delivered(world, message_id), 300)


def test_pain_25_a_service_centre_that_vanished_is_restored(world: World) -> None:
    """The last good one of this SIM is remembered and given back to it."""
    front = world.modem()
    world.start()
    first = world.submit()
    assert world.run_until(delivered(world, first), 60)
    front.modem.sim.service_centre = ""
    world.do("unplug", for_s=3)
    world.run(30)
    second = world.submit()
    assert world.run_until(delivered(world, second), 120)
    assert any(line.startswith("AT+CSCA=") for line in front.commands)
