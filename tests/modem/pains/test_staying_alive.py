"""Complaints about modems that hang, restart or vanish."""

import pytest

from omsmodem.modem.discovery import Finder
from omsmodem.modem.errors import (
    InDoubt,
    NotSent,
    PortLost,
    PortUnavailable,
    Unresponsive,
)
from omsmodem.modem.gsm import Gsm
from omsmodem.modem.simulator.actions import perform
from omsmodem.modem.simulator.devices import HUAWEI_E173, SIM800
from omsmodem.modem.simulator.profile import Profile
from tests.modem.simulated import World, tpdus
from tests.modem.stick import Stick, answer, lines, talking
from tests.modem.tree import Tree

IMEI = "356938035643809"


@pytest.mark.parametrize("profile", [HUAWEI_E173, SIM800])
def test_pain_02_a_modem_that_hangs_is_found_and_comes_back(profile: Profile) -> None:
    """Silence is noticed within half a minute, chatter or not; once the modem is back so are we, in seconds."""
    world = World(profile)
    with world.up() as gsm:
        perform(world.network, {"do": "hang", "for_s": 60})
        before = world.seconds
        with pytest.raises(Unresponsive):
            gsm.check_alive()
        assert world.seconds - before < 30
    world.pass_s(60)
    before = world.seconds
    with world.up() as gsm:
        gsm.submit(*tpdus("again"))
    assert world.seconds - before < 15
    assert world.texts() == ["again"]


def test_pain_02_a_reset_is_survived_however_the_modem_takes_it() -> None:
    """A stick re-enumerates, a board on a UART keeps its tty: both are brought up again."""
    for profile in (HUAWEI_E173, SIM800):
        world = World(profile)
        with world.up() as gsm:
            gsm.reset()
        world.pass_s(60)
        with world.up() as gsm:
            gsm.submit(*tpdus(profile.name))
        assert world.texts() == [profile.name]


def test_pain_02_chatter_never_hides_a_hang() -> None:
    """A modem that answers nothing but tells ^RSSI every second is given up at the same moment as a silent one."""
    stick = Stick()
    stick.result = [(float(second), lines("^RSSI:18")) for second in range(600)]
    with talking(stick) as (session, line):
        with pytest.raises(InDoubt):
            Gsm(session).submit(*tpdus())
        assert line.now < 185


@pytest.mark.parametrize("moment", ["idle", "command", "submit", "taken"])
def test_pain_03_an_unplug_at_any_moment_is_recovered_from(moment: str) -> None:
    """Not sent is known as such, sent is doubt, and after the replug everything works without a new process."""
    world = World()
    with world.connect() as session:
        gsm = Gsm(session)
        gsm.bring_up()
        if moment == "idle":
            perform(world.network, {"do": "unplug", "at_s": 1, "for_s": 5})
            with pytest.raises(PortLost):
                session.wait(60)
        else:
            perform(world.network, {"do": "unplug", "on": moment, "for_s": 5})
            with pytest.raises(InDoubt if moment in {"submit", "taken"} else PortLost):
                gsm.submit(*tpdus("struck"))
    with pytest.raises(PortUnavailable), world.connect():
        pass
    world.pass_s(10)
    with world.up() as gsm:
        gsm.submit(*tpdus("after"))
    assert world.texts() == (["struck", "after"] if moment == "taken" else ["after"])


def test_pain_03_a_reboot_at_any_moment_sends_nobody_a_line_of_digits() -> None:
    """After a restart the modem may be in text mode: our next command finds out before it writes a TPDU."""
    world = World(SIM800)
    with world.up() as gsm:
        world.modem.power_up()
        world.pass_s(20)
        with pytest.raises(NotSent):
            gsm.submit(*tpdus("never"))
    assert world.network.submissions == []
    with world.up() as gsm:
        gsm.submit(*tpdus("now"))
    assert world.texts() == ["now"]


def test_pain_30_a_modem_that_is_missing_at_the_start_is_no_reason_not_to_start(tree: Tree) -> None:
    """A sentence now, the modem later."""
    finds = Finder(imei=IMEI, machine=tree.machine)
    with pytest.raises(PortUnavailable, match="plugged in"):
        finds.open()
    tree.plug("12d1:1506", {0: ("ttyUSB0", Stick({"AT+CNMI=?": answer("+CNMI: (0-2)")}))})
    finds.open().close()
