"""Complaints about receiving."""

import pytest

from omsmodem.modem.errors import (
    Unresponsive,
)
from omsmodem.modem.gsm import Gsm, Incoming
from omsmodem.modem.simulator.actions import perform
from omsmodem.modem.simulator.devices import PROFILES, QUECTEL_EC25
from omsmodem.sms import tpdu
from omsmodem.sms.address import Address
from omsmodem.sms.tpdu import Deliver
from omsmodem.sms.user_data import UserData
from tests.modem.simulated import World, tpdus
from tests.modem.stick import REPORT, Stick, lines, pdu, talking


def test_pain_18_every_segment_stays_in_the_modem_until_it_is_kept() -> None:
    """Also those of a message whose other segments are still on the way."""
    world = World()
    with world.connect() as session:
        gsm = Gsm(session)
        gsm.bring_up()
        perform(
            world.network,
            {"do": "send", "from": "+447700900333", "text": "three segments of text " * 15, "order": [3, 1]},
        )
        session.rest(5)
        assert len(gsm.incoming()) == len(gsm.stored()) == 2


def test_pain_19_a_delete_that_fails_is_no_second_message() -> None:
    """The same octets come again: a repeat can be known by them."""
    world = World()
    with world.connect() as session:
        gsm = Gsm(session)
        gsm.bring_up()
        world.network.send_text("+447700900333", "once")
        session.rest(5)
        (first,) = gsm.incoming()
        perform(world.network, {"do": "hang", "on": "command", "matching": "+CMGD", "for_s": 30})
        with pytest.raises(Unresponsive):
            gsm.acknowledge(first)
    world.pass_s(60)
    with world.up() as gsm:
        (again,) = gsm.stored()
    assert again.tpdu == first.tpdu


def test_pain_20_a_full_memory_is_seen_and_emptied() -> None:
    """The larger storage is chosen, its fill is told, and what is let go makes room."""
    world = World()
    with world.up() as gsm:
        assert gsm.ready is not None
        assert gsm.ready.fill is not None
        assert gsm.ready.fill.storage == "ME"
        perform(world.network, {"do": "fill", "storage": "ME", "leave": 0})
        fill = gsm.fill()
        assert fill is not None
        assert fill.full
        for incoming in gsm.stored():
            gsm.acknowledge(incoming)
        fill = gsm.fill()
        assert fill is not None
        assert fill.used == 0


def test_pain_21_the_storage_that_was_named_is_read() -> None:
    """SM, ME or SR as the indication says, and everywhere when it was wrong."""
    world = World(QUECTEL_EC25)  # it stores reports and announces them
    with world.connect() as session:
        gsm = Gsm(session)
        gsm.bring_up()
        reference = gsm.submit(*tpdus())
        found: list[Incoming] = []
        while not found and session.wait(30):
            found = gsm.incoming()
    assert [tpdu.decode_status_report(one.tpdu).message_reference for one in found] == [reference]


def test_pain_21_a_text_for_the_sim_is_read_from_the_sim() -> None:
    """Another one lies in the modem under the same number; nothing is listed to find the right one."""
    world = World()
    with world.connect() as session:
        gsm = Gsm(session)
        gsm.bring_up()
        world.network.send_text("+447700900333", "for the modem")
        session.rest(5)
        gsm.incoming()  # stays there
        before = len(world.modem.commands)
        world.network.inject(Deliver(Address.of("+447700900333"), UserData("for the SIM", 0xF2)).encode())
        session.rest(5)
        (found,) = gsm.incoming()
    assert tpdu.decode_deliver(found.tpdu).user_data.text == "for the SIM"
    assert not [command for command in world.modem.commands[before:] if "CMGL" in command]


def test_pain_22_reports_come_whichever_way_a_modem_has() -> None:
    """Routed or stored, by the first form of +CNMI that the modem takes."""
    for profile in PROFILES.values():
        world = World(profile)
        with world.connect() as session:
            gsm = Gsm(session)
            gsm.bring_up()
            gsm.submit(*tpdus())
            assert session.wait(30), profile.name
            assert [one.kind for one in gsm.incoming()] == ["status_report"], profile.name


def test_pain_22_a_report_in_the_middle_of_the_next_submit_is_kept() -> None:
    """However busy the line is."""
    stick = Stick()
    stick.prompt = lines("+CDS: 25", pdu(REPORT)) + b"\r\n> "
    with talking(stick) as (session, _):
        gsm = Gsm(session)
        gsm.submit(*tpdus())
        assert gsm.incoming() == [Incoming("status_report", REPORT)]
