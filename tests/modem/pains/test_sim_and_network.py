"""Complaints about SIM and network."""

from dataclasses import replace

import pytest

from omsmodem.modem.bring_up import Setup
from omsmodem.modem.errors import (
    Blocked,
    BlockReason,
)
from omsmodem.modem.gsm import Gsm
from omsmodem.modem.sim import MemoryOfProcess, Unlock
from omsmodem.modem.simulator.actions import perform
from omsmodem.modem.simulator.devices import GENERIC
from tests.modem.simulated import World
from tests.modem.stick import Stick, answer, lines, talking


@pytest.mark.parametrize("lacking", [frozenset(), frozenset({"+CPINR"})], ids=["counter", "no counter"])
def test_pain_23_a_wrong_pin_never_costs_the_sim(lacking: frozenset[str]) -> None:
    """Days of reconnecting enter it once, whether or not the modem tells how many tries are left."""
    world, memory = World(replace(GENERIC, lacking=lacking)), MemoryOfProcess()
    perform(world.network, {"do": "sim", "state": "SIM PIN", "pin": "4711", "tries": 3})
    for _ in range(10):
        with world.connect() as session, pytest.raises(Blocked) as caught:
            Gsm(session).bring_up(Setup(Unlock("1234", memory)))
        assert caught.value.reason is BlockReason.PIN
        world.modem.power_up()
        world.pass_s(60)
    assert world.modem.sim.pin_tries == 2


def test_pain_24_a_network_lost_in_silence_is_known() -> None:
    """The modem tells, without being asked; and the radio can be switched off and on."""
    world = World()
    with world.connect() as session:
        gsm = Gsm(session)
        gsm.bring_up()
        perform(world.network, {"do": "network", "state": "searching"})
        session.wait(10)
        gsm.incoming()
        assert not gsm.network.registered
        perform(world.network, {"do": "network", "state": "home"})
        gsm.register_again()
        session.rest(20)
        assert gsm.registration().registered


@pytest.mark.parametrize(
    ("state", "reason"),
    [("searching", BlockReason.NOT_REGISTERED), ("denied", BlockReason.DENIED), ("roaming", BlockReason.ROAMING)],
)
def test_pain_24_without_a_network_the_reason_is_said(state: str, reason: BlockReason) -> None:
    """And a foreign network is one only if it is not allowed."""
    world = World()
    perform(world.network, {"do": "network", "state": state})
    with world.connect() as session, pytest.raises(Blocked) as caught:
        Gsm(session).bring_up(Setup(roaming_allowed=False))
    assert caught.value.reason is reason


def test_pain_25_a_missing_service_centre_is_said_and_can_be_configured() -> None:
    """The SIM's, the configured one, or the one that worked before."""
    missing = {"AT+CSCA?": answer('+CSCA: "",129')}
    with talking(Stick(dict(missing))) as (session, _), pytest.raises(Blocked) as caught:
        Gsm(session).bring_up()
    assert caught.value.reason is BlockReason.NO_SERVICE_CENTRE


def test_pain_26_lte_without_sms_is_suspected() -> None:
    """Registered for data only: the words say what may be wrong before the first message fails."""
    stick = Stick({"AT+CREG?": answer("+CREG: 0,0"), "AT+CEREG?": answer("+CEREG: 0,1")})
    with talking(stick) as (session, _):
        gsm = Gsm(session)
        gsm.bring_up()
        assert gsm.network.lte_without_sms
        assert "SMS may not be part" in gsm.network.words


def test_pain_27_the_credit_can_be_asked_for() -> None:
    """By USSD, when somebody wants to know, and never otherwise."""
    stick = Stick({'AT+CUSD=1,"*100#",15': lines("OK", '+CUSD: 0,"Credit 5.00",15')})
    with talking(stick) as (session, _):
        gsm = Gsm(session)
        gsm.bring_up()
        assert not [command for command in stick.heard if "CUSD" in command]
        assert gsm.ussd("*100#").text == "Credit 5.00"
