"""A day of trouble at random on two modems of different makes, in seconds: what no script thinks of.

The scripted day, which also shows that nothing grows, is in tests/faults/day.py.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from omsmodem.message import State
from omsmodem.modem.simulator.devices import HUAWEI_E173, SIM800
from omsmodem.modem.simulator.sim import Sim
from omsmodem.policy.choice import Claim
from tests.worker.world import World

HOUR_S = 3600.0
NUMBERS = tuple(f"+4477009002{digit:02}" for digit in range(20))
LONG = "A text of three segments. " * 17


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def lose_the_network(world: World, for_s: float) -> None:
    world.network.registered = False
    world.at(world.now + for_s, lambda: setattr(world.network, "registered", True))


def trouble(world: World, chance: random.Random, modem: str) -> None:
    """Something goes wrong with a modem, or with the network."""
    times = chance.randint(1, 4)
    pick = chance.choice
    mishaps: tuple[Callable[[], object], ...] = (
        lambda: world.do(pick(("hang", "hold", "silence")), modem=modem, for_s=pick((5.0, 60.0, 400.0))),
        lambda: world.do("unplug", modem=modem, for_s=pick((1.0, 10.0, 300.0))),
        lambda: world.do("reboot", modem=modem),
        lambda: world.do("lost", modem=modem, times=times),
        lambda: world.do("late", modem=modem, by_s=pick((10.0, 170.0, 200.0))),
        lambda: world.do("refuse", modem=modem, code=pick((38, 41, 300, 314, 331, 500)), times=times),
        lambda: world.do("refuse", modem=modem, on="taken", code=500),
        lambda: world.do("garble", modem=modem, times=times),
        lambda: world.do("interleave", modem=modem, count=5, times=times),
        lambda: world.do("noise", modem=modem),
        lambda: lose_the_network(world, pick((10.0, 120.0, 900.0))),
        lambda: world.network.refuse_next.extend(pick((17, 22, 42, 47, 192)) for _ in range(times)),
    )
    pick(mishaps)()


def calm(world: World) -> None:
    """All trouble ends."""
    world.network.registered = True
    world.network.refuse_next.clear()
    for desk in world.desks.values():
        desk.modem.faults.armed.clear()


def test_24_hours_of_trouble_lose_nothing_and_double_nothing_silently(world: World) -> None:
    """Something breaks every few minutes; a text comes every few minutes. At the end the phones have what was accepted."""
    chance = random.Random(2)
    world.network.air_time_s, world.network.report_delay_s = 3.0, 4.0
    names = ("front", "back")
    world.share({name: Claim() for name in names})
    for number, (name, profile) in enumerate(zip(names, (HUAWEI_E173, SIM800), strict=True)):
        world.modem(name, profile=profile, sim=Sim(iccid=f"894411006512345678{number}"))
    world.start()
    world.run(60)
    threads, descriptors = threading.active_count(), open_descriptors()
    texts: dict[int, tuple[str, str]] = {}
    while world.now < 24 * HOUR_S:
        world.run(chance.uniform(30, 300))
        if chance.random() < 0.5:
            trouble(world, chance, chance.choice(names))
        for _ in range(chance.choice((0, 1, 1, 2))):
            to = chance.choice(NUMBERS)
            text = f"{len(texts)} {LONG if chance.random() < 0.3 else 'short'}"
            texts[world.submit(text, to=to)] = (to, text)
    calm(world)
    ended = {State.DELIVERED, State.SUBMITTED}
    assert world.run_until(lambda: set(world.ledger) <= ended, 12 * HOUR_S), world.ledger
    world.run(600)

    assert sum(world.ledger.values()) == len(texts) > 200
    expected, got = Counter(texts.values()), Counter(world.received)
    assert not expected - got, "a text that was accepted did not arrive"
    marked = {texts[one] for one in texts if world.message(one).repeats}
    assert set((got - expected).keys()) <= marked, "a text arrived twice without being marked"
    assert len(got - expected) < len(texts) / 10
    assert threading.active_count() == threads
    assert open_descriptors() <= descriptors
