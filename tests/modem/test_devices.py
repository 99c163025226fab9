"""The driver on each simulated device, as its maker built it."""

import pytest

from omsmodem.modem.gsm import Gsm, Setup
from omsmodem.modem.quirks import quirk_of
from omsmodem.modem.sim import MemoryOfProcess, Unlock
from omsmodem.modem.simulator.actions import perform
from omsmodem.modem.simulator.devices import PROFILES
from omsmodem.sms import tpdu
from tests.modem.simulated import World, tpdus

TEXT = "A text of three segments, with a euro € and a smile 🙂. " * 3


@pytest.fixture(params=sorted(PROFILES))
def world(request: pytest.FixtureRequest) -> World:
    return World(PROFILES[request.param], command_delay_s=0.02)


def test_a_device_is_brought_up_right_after_power(world: World) -> None:
    """While it starts its commands are refused or not even heard; within a minute and a few tries it is ready."""
    world.modem.power_up(world.modem.profile.boot_s)
    world.pass_s(world.modem.profile.boot_s)
    with world.up() as gsm:
        assert gsm.ready is not None
        assert gsm.ready.identity.imei == world.modem.profile.imei
        assert gsm.ready.identity.iccid == world.modem.sim.iccid
        assert gsm.ready.reports
        assert gsm.network.registered
    assert world.seconds < world.modem.profile.boot_s + 60


def test_a_message_goes_out_and_its_reports_come_back(world: World) -> None:
    """Every segment, every character, one report each, routed or stored."""
    world.network.air_time_s, world.network.report_delay_s = 3.0, 2.0
    parts = tpdus(TEXT)
    with world.connect() as session:
        gsm = Gsm(session)
        gsm.bring_up()
        references = [gsm.submit(part) for part in parts]
        reports = []
        while session.wait(30):
            for incoming in gsm.incoming():
                reports.append(tpdu.decode_status_report(incoming.tpdu).message_reference)
                gsm.acknowledge(incoming)
    assert world.texts() == [TEXT]
    assert sorted(reports) == sorted(references)


def test_a_text_arrives_and_is_let_go(world: World) -> None:
    """Read where it lies, deleted after, nothing left behind."""
    with world.connect() as session:
        gsm = Gsm(session)
        gsm.bring_up()
        world.network.send_text("+447700900333", TEXT)
        texts = []
        while session.wait(30):
            for incoming in gsm.incoming():
                texts.append(tpdu.decode_deliver(incoming.tpdu))
                gsm.acknowledge(incoming)
        assert len(texts) >= 3
        assert gsm.stored() == []
        fill = gsm.fill()
        assert fill is not None
        assert fill.used == 0


def test_what_came_while_nobody_listened_is_found(world: World) -> None:
    """Texts of the time when the box was down lie in the modem."""
    with world.up():
        pass
    world.network.send_text("+447700900333", "while you were away")
    world.pass_s(10)
    with world.up() as gsm:
        found = gsm.stored()
        assert [incoming.kind for incoming in found] == ["deliver"]
        for incoming in found:
            gsm.acknowledge(incoming)
        assert gsm.stored() == []


def test_a_full_storage_does_not_stop_reception(world: World) -> None:
    """What lies there is fetched and let go, and then the network's next try succeeds."""
    with world.connect() as session:
        gsm = Gsm(session)
        gsm.bring_up()
        assert gsm.ready is not None
        assert gsm.ready.fill is not None
        perform(world.network, {"do": "fill", "storage": gsm.ready.fill.storage, "leave": 0})
        fill = gsm.fill()
        assert fill is not None
        assert fill.full
        world.network.send_text("+447700900333", "is there room?")
        world.pass_s(1)
        found = gsm.poll()
        assert len(found) >= fill.total
        for incoming in found:
            gsm.acknowledge(incoming)
        waited_s, late = world.seconds, []
        while not late and world.seconds < waited_s + 24 * 3600:
            session.wait(60)
            late = gsm.incoming()
        assert late


def test_a_locked_sim_is_opened_once(world: World) -> None:
    """The right PIN after every start, a wrong one once."""
    memory = MemoryOfProcess()
    perform(world.network, {"do": "sim", "state": "SIM PIN", "pin": "4711", "tries": 3})
    for _ in range(3):
        with world.connect() as session:
            Gsm(session).bring_up(Setup(Unlock("4711", memory)))
        world.modem.power_up()


def test_two_tries_are_left_alone(world: World) -> None:
    """Each device's own counter is understood."""
    perform(world.network, {"do": "sim", "state": "SIM PIN", "pin": "4711", "tries": 2})
    profile = world.modem.profile
    counter = quirk_of(profile.manufacturer, profile.model).counter
    with world.connect() as session:
        gsm = Gsm(session)
        with pytest.raises(Exception, match="tries are left"):
            gsm.bring_up(Setup(Unlock("4711", MemoryOfProcess())))
    assert not [command for command in world.modem.commands if command.startswith("AT+CPIN=")]
    assert counter is None or any(command == counter.command for command in world.modem.commands)
