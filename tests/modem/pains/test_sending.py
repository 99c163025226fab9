"""Complaints about sending."""

import pytest

from omsmodem.modem.errors import (
    InDoubt,
    Refused,
)
from omsmodem.modem.gsm import Gsm
from omsmodem.modem.simulator.actions import perform
from omsmodem.modem.simulator.devices import PROFILES, SIM7600
from tests.modem.simulated import World, tpdus


def submit_late(world: World, gsm: Gsm, by_s: float) -> None:
    """A submit whose answer comes after the deadline."""
    perform(world.network, {"do": "late", "by_s": by_s})
    with pytest.raises(InDoubt):
        gsm.submit(*tpdus("late"))


def test_pain_01_duplicates_after_a_time_out_are_avoided_by_evidence() -> None:
    """The late answer of a segment in doubt proves that it was sent: nobody needs to send it again."""
    world = World()
    with world.connect() as session:
        gsm = Gsm(session)
        gsm.bring_up()
        submit_late(world, gsm, 200)
        gsm.settle()
        session.rest(60)
        assert len(gsm.late_references()) == 1
    assert world.texts() == ["late"]


def test_pain_01_what_was_not_sent_is_known_not_to_be() -> None:
    """Before Ctrl-Z every failure says that nothing went out, so sending again is no duplicate."""
    world = World()
    perform(world.network, {"do": "refuse", "code": 500, "on": "submit"})
    with world.up() as gsm:
        with pytest.raises(Refused):
            gsm.submit(*tpdus("once"))
        gsm.submit(*tpdus("once"))
    assert world.texts() == ["once"]


def test_pain_10_cms_error_500_has_its_code_also_in_words() -> None:
    """`+CMS ERROR: Unknown error` is 500, and after Ctrl-Z it is a refusal, not silence."""
    world = World(SIM7600)
    perform(world.network, {"do": "refuse", "code": 500})
    with world.up() as gsm, pytest.raises(Refused) as caught:
        gsm.submit(*tpdus())
    assert (caught.value.kind, caught.value.code) == ("cms", 500)


def test_pain_11_one_bad_number_leaves_the_modem_in_order() -> None:
    """After CMS 38 for one recipient the next message goes out at once."""
    world = World()
    perform(world.network, {"do": "refuse_number", "number": "+447700900111", "code": 38})
    with world.up() as gsm:
        with pytest.raises(Refused):
            gsm.submit(*tpdus("no", "+447700900111"))
        before = world.seconds
        gsm.submit(*tpdus("yes"))
        assert world.seconds - before < 1
    assert world.texts() == ["yes"]


@pytest.mark.parametrize("code", [512, 31, 34])
def test_pain_12_a_collision_is_one_refusal_and_no_loop(code: int) -> None:
    """A busy modem is told by its code; the pause is the caller's."""
    world = World()
    perform(world.network, {"do": "refuse", "code": code, "on": "submit"})
    with world.up() as gsm:
        before = len(world.modem.commands)
        with pytest.raises(Refused) as caught:
            gsm.submit(*tpdus())
        assert caught.value.busy == (code in {31, 34})
        assert len(world.modem.commands) == before + 1


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_pain_13_a_modem_that_has_just_started_is_waited_for(name: str) -> None:
    """Ready means that the first message goes out, not that AT is answered."""
    world = World(PROFILES[name])
    world.modem.power_up()
    with world.up() as gsm:
        gsm.submit(*tpdus("first"))
    assert world.texts() == ["first"]


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_pain_29_a_segment_costs_one_command(name: str) -> None:
    """In a burst there is nothing between +CMGS and the next +CMGS."""
    world = World(PROFILES[name])
    parts = tpdus("a burst of several segments that follow each other closely " * 8)
    with world.up() as gsm:
        before = len(world.modem.commands)
        for part in parts:
            gsm.submit(part)
            gsm.incoming()
        assert len(world.modem.commands) - before <= 2 * len(parts)
        sending = [command for command in world.modem.commands[before:] if not command.startswith("AT+CMGS")]
    if gsm.ready is not None and gsm.ready.indications == "2,1,0,1,0":
        assert sending == []
