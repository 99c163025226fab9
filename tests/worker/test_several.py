"""One queue, several modems: who takes what, who steps in, and what stays where it was begun."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta

from omsmodem.message import State
from omsmodem.modem.simulator.sim import Sim
from omsmodem.policy.choice import Claim
from omsmodem.store import Control
from omsmodem.worker import Sending
from tests.worker.world import World

MOBILE, ABROAD = "+447700900222", "+4915550123456"
LONG = "A text of three segments. " * 17


def office(world: World, claims: Mapping[str, Claim], sending: Sending | None = None) -> None:
    world.share(claims)
    for number, name in enumerate(claims):
        world.modem(name, sim=Sim(iccid=f"894411006512345678{number}"), sending=sending)
    world.start()
    world.run(60)


def over(world: World, *ids: int) -> Counter[str | None]:
    """How many messages went over each modem."""
    assert world.run_until(lambda: all(world.state(one) is State.DELIVERED for one in ids), 3600)
    return Counter(world.message(one).modem for one in ids)


def delivered(world: World, *ids: int) -> Callable[[], bool]:
    return lambda: all(world.state(one) is State.DELIVERED for one in ids)


def test_equal_modems_share_the_work(world: World) -> None:
    """Both send at once, and each about half."""
    world.network.air_time_s = 3.0
    office(world, {"front": Claim(), "back": Claim()})
    started = world.now
    ids = [world.submit(f"text {n}") for n in range(40)]
    shares = over(world, *ids)
    assert abs(shares["front"] - shares["back"]) <= 2
    assert world.now - started < 40 * 3.1 / 2 + 10


def test_no_modem_idles_while_messages_wait(world: World) -> None:
    """Told once of a whole batch, four modems begin at the same moment and end at the same moment."""
    world.network.air_time_s = 3.0
    office(world, {name: Claim() for name in ("north", "east", "south", "west")})
    ids = [world.accept(LONG) for _ in range(16)]
    world.nudge()
    started = world.now
    assert world.run_until(lambda: all(world.state(one) is not State.QUEUED for one in ids), 600)
    assert world.now - started < 3 * 9 + 2
    assert over(world, *ids) == dict.fromkeys(("north", "east", "south", "west"), 4)


def test_weight_decides_while_both_are_free(world: World) -> None:
    """One message at a time: three to one, as configured."""
    office(world, {"front": Claim(weight=3), "back": Claim(weight=1)})
    shares: Counter[str | None] = Counter()
    for n in range(16):
        shares += over(world, world.submit(f"text {n}"))
    assert 11 <= shares["front"] <= 13


def test_a_modem_of_a_prefix_takes_its_numbers_and_only_those(world: World) -> None:
    """The SIM for numbers abroad is not used at home, and the other way round."""
    office(world, {"front": Claim(), "abroad": Claim(prefixes=("+49",))})
    assert over(world, *(world.submit(to=ABROAD) for _ in range(3))) == {"abroad": 3}
    assert over(world, *(world.submit(to=MOBILE) for _ in range(3))) == {"front": 3}


def test_a_modem_of_an_account_serves_that_account_only(world: World) -> None:
    """The SIM a department pays for."""
    office(world, {"front": Claim(), "sales": Claim(accounts=frozenset({"kim"}))})
    assert over(world, world.submit(account="kim")) == {"sales": 1}
    assert over(world, world.submit(account="dana")) == {"front": 1}


def test_another_modem_steps_in_when_the_best_one_stays_away(world: World) -> None:
    """Waited for a minute, then failed over; back again, it has its numbers again."""
    office(world, {"front": Claim(), "abroad": Claim(prefixes=("+49",))})
    world.do("unplug", modem="abroad")
    away_at = world.now
    waiting = world.submit(to=ABROAD)
    assert world.run_until(delivered(world, waiting), 120)
    assert world.message(waiting).modem == "front"
    assert world.now - away_at >= 60
    world.do("plug", modem="abroad")
    world.run(30)
    assert over(world, world.submit(to=ABROAD)) == {"abroad": 1}


def test_a_held_modem_takes_nothing_and_the_other_steps_in_at_once(world: World) -> None:
    """Held by a person: no waiting for it. Opened again, it works again."""
    office(world, {"front": Claim(), "abroad": Claim(prefixes=("+49",))})
    world.store.modems.say("abroad", Control.HELD, "dana")
    world.desks["abroad"].worker.nudge()
    world.run(61)
    assert over(world, world.submit(to=ABROAD)) == {"front": 1}
    assert world.desks["abroad"].worker.status.detail == "held by dana"
    assert world.desks["abroad"].state == "ready"
    world.store.modems.say("abroad", Control.OPEN, "dana")
    world.desks["abroad"].worker.nudge()
    world.run(1)
    assert over(world, world.submit(to=ABROAD)) == {"abroad": 1}


def test_segments_of_one_message_go_over_one_modem(world: World) -> None:
    """The stick goes away between two segments: the rest waits for it, a phone could not join pieces of two senders."""
    world.network.air_time_s = 3.0
    office(world, {"front": Claim(), "back": Claim()})
    message_id = world.submit(LONG)
    world.run(4.5)
    begun = world.message(message_id).modem
    world.do("unplug", modem=begun)
    world.run(600)
    assert world.state(message_id) in {State.QUEUED, State.UNCERTAIN}
    other = world.submit("meanwhile")
    assert world.run_until(delivered(world, other), 60)
    assert world.message(other).modem != begun
    world.do("plug", modem=begun)
    assert world.run_until(lambda: world.state(message_id) is State.DELIVERED, 600)
    assert world.message(message_id).modem == begun


def test_a_message_in_doubt_is_never_taken_by_another(world: World) -> None:
    """Resent by policy, but by the modem that may have sent it; not before that is back."""
    world.network.status_of[MOBILE] = ()
    office(world, {"front": Claim(), "back": Claim()}, Sending(evidence_window=timedelta(seconds=60)))
    world.network.air_time_s = 3.0
    message_id = world.submit()
    world.run(1)
    doubtful = world.message(message_id).modem
    world.do("unplug", modem=doubtful)
    world.run(7200)
    assert world.state(message_id) is State.UNCERTAIN
    assert len(world.network.submissions) == 1
    world.do("plug", modem=doubtful)
    assert world.run_until(lambda: world.state(message_id) is State.SUBMITTED, 600)
    assert world.message(message_id).modem == doubtful


def test_a_message_that_never_left_may_go_over_another(world: World) -> None:
    """Pulled before the first segment was handed over: the other modem takes it at once."""
    office(world, {"front": Claim(), "back": Claim()})
    world.do("hang", modem="front")
    ids = [world.submit(f"text {n}") for n in range(4)]
    assert world.run_until(delivered(world, *ids), 120)
    assert {world.message(one).modem for one in ids} == {"back"}


def test_draining_finishes_what_was_begun_and_takes_nothing_new(world: World) -> None:
    """Before a SIM is changed: the long message in hand is completed, the next one waits for the other modem."""
    world.network.air_time_s = 3.0
    office(world, {"front": Claim()})
    long_one, other = world.submit(LONG), world.submit("next")
    world.run(1)
    world.store.modems.say("front", Control.DRAINING, "dana")
    world.desks["front"].worker.nudge()
    assert world.run_until(lambda: world.state(long_one) is State.DELIVERED, 60)
    world.run(300)
    assert world.state(other) is State.QUEUED
    assert world.desks["front"].worker.status.detail == "draining by dana"


def test_holding_stops_a_long_message_between_two_segments(world: World) -> None:
    """Held is held: the segment in the air is finished, the others wait."""
    world.network.air_time_s = 3.0
    office(world, {"front": Claim()})
    message_id = world.submit(LONG)
    world.run(1)
    world.store.modems.say("front", Control.HELD, "dana")
    world.desks["front"].worker.nudge()
    world.run(60)
    assert len(world.network.submissions) == 1
    assert world.state(message_id) is State.QUEUED
