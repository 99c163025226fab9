"""Keeping the radio link between the segments of a burst (+CMMS, TS 27.005 §3.5.6), whichever mode a modem has."""

from dataclasses import replace

import pytest

from omsmodem.modem.gsm import Gsm
from omsmodem.modem.simulator.devices import GENERIC
from tests.modem.simulated import World, tpdus

LONG = tpdus("a burst of several segments that follow each other closely " * 8)


def burst_s(world: World, gsm: Gsm) -> float:
    """Send a long text; returns the seconds it took."""
    before = world.seconds
    for number, part in enumerate(LONG, 1):
        gsm.submit(part, more=number < len(LONG))
    return world.seconds - before


@pytest.mark.parametrize(("modes", "said_in_burst"), [("012", 0), ("01", 1), ("", 0)])
def test_the_link_is_set_up_once_in_a_burst(modes: str, said_in_burst: int) -> None:
    """Mode 2 holds from bring-up on; mode 1 is said once before each burst; without either every segment pays for it."""
    world = World(replace(GENERIC, more_messages=modes))
    world.network.air_time_s, world.network.link_setup_s = 3.0, 2.0
    with world.up() as gsm:
        for _ in range(2):
            before = len(world.modem.commands)
            paid = len(LONG) if not modes else 1
            assert burst_s(world, gsm) == pytest.approx(len(LONG) + 2.0 * paid, abs=0.5)
            assert world.modem.commands[before:].count("AT+CMMS=1") == said_in_burst
            world.pass_s(20)


def test_one_segment_alone_needs_no_link() -> None:
    """Nothing follows, so nothing is said."""
    world = World(replace(GENERIC, more_messages="01"))
    with world.up() as gsm:
        before = len(world.modem.commands)
        gsm.submit(LONG[0])
        assert "AT+CMMS=1" not in world.modem.commands[before:]
