"""What users of modems complain of, one test a complaint that concerns the driver; the rest is the worker's and the store's."""

from dataclasses import replace
from pathlib import Path

import pytest

from omsmodem.modem import advice, discovery
from omsmodem.modem.bring_up import Setup
from omsmodem.modem.discovery import Finder, probe
from omsmodem.modem.errors import (
    Blocked,
    BlockReason,
    InDoubt,
    NotSent,
    PortLost,
    PortUnavailable,
    Refused,
    Unresponsive,
)
from omsmodem.modem.gsm import Gsm, Incoming
from omsmodem.modem.holders import Grabbing, modem_manager
from omsmodem.modem.machine import serial_lines
from omsmodem.modem.serial_port import open_port
from omsmodem.modem.sim import MemoryOfProcess, Unlock
from omsmodem.modem.simulator.actions import perform
from omsmodem.modem.simulator.devices import GENERIC, HUAWEI_E173, PROFILES, QUECTEL_EC25, SIM800, SIM7600
from omsmodem.modem.simulator.profile import Profile
from omsmodem.sms import tpdu
from omsmodem.sms.address import Address
from omsmodem.sms.tpdu import Deliver
from omsmodem.sms.user_data import UserData
from tests.modem.simulated import World, tpdus
from tests.modem.stick import ERROR, REPORT, PtyStick, Stick, answer, lines, pdu, talking
from tests.modem.tree import Tree

IMEI = "356938035643809"


def submit_late(world: World, gsm: Gsm, by_s: float) -> None:
    """A submit whose answer comes after the deadline."""
    perform(world.network, {"do": "late", "by_s": by_s})
    with pytest.raises(InDoubt):
        gsm.submit(*tpdus("late"))


# -- sending ----------------------------------------------------------------------------------------------------------


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


# -- staying alive ----------------------------------------------------------------------------------------------------


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


# -- ports ------------------------------------------------------------------------------------------------------------


def test_pain_04_a_tty_that_moves_is_followed(tree: Tree) -> None:
    """By IMEI, whatever the kernel calls the port today."""
    finds = Finder(imei=IMEI, machine=tree.machine)
    for number in (0, 3, 1):
        tree.plug("12d1:1506", {0: (f"ttyUSB{number}", Stick())}, place=f"1-{number + 1}")
        port = finds.open()
        assert Path(port.name).name == f"ttyUSB{number}"  # type: ignore[attr-defined]
        port.close()
        tree.unplug(f"ttyUSB{number}")


def test_pain_05_of_several_ports_the_one_for_messages_is_taken(tree: Tree) -> None:
    """A stick has diagnosis and GPS ports, too."""
    right = Stick({"AT+CNMI=?": answer("+CNMI: (0-2)")})
    tree.plug("19d2:fff1", {0: ("ttyUSB0", None), 2: ("ttyUSB1", Stick({"AT+CMGF=0": ERROR})), 3: ("ttyUSB2", right)})
    port = Finder(imei=IMEI, machine=tree.machine).open()
    assert Path(port.name).name == "ttyUSB2"  # type: ignore[attr-defined]
    port.close()


def test_pain_06_modem_manager_is_noticed_and_kept_off(tree: Tree) -> None:
    """It is said that it may grab the port, and the rule that keeps it off is given."""
    tree.plug("12d1:1506", {2: ("ttyUSB2", None)})
    tree.process(77, "ModemManager")
    (line,) = serial_lines(tree.machine)
    assert modem_manager(line, tree.machine) is Grabbing.MAY_GRAB
    assert line.usb is not None
    assert "ID_MM_DEVICE_IGNORE" in advice.udev_rule(line.usb, line.interface)


def test_pain_07_another_program_on_the_port_is_named() -> None:
    """Two readers of one line steal each other's answers: the second one is told who is first."""
    with PtyStick(Stick()) as stick:
        port = open_port(str(stick.path))
        try:
            assert "in use by" in probe(str(stick.path)).trouble
        finally:
            port.close()


@pytest.mark.parametrize("echo", [True, False])
def test_pain_07_echo_is_no_fault(echo: bool) -> None:
    """A modem that echoes in spite of ATE0 works like any other."""
    stick = Stick()
    stick.echo = echo
    with talking(stick) as (session, _):
        gsm = Gsm(session)
        gsm.bring_up()
        assert gsm.submit(*tpdus()) == 7


def test_pain_08_a_stick_in_cd_rom_mode_is_recognised(tree: Tree) -> None:
    """With the one thing to do about it."""
    tree.plug("12d1:1f01", {}, classes=("08",))
    assert "usb-modeswitch" in advice.unswitched(tree.machine)[0]
    assert discovery.candidates(tree.machine) == []


def test_pain_09_resets_for_want_of_power_are_called_that(tree: Tree) -> None:
    """A stick that comes back again and again is short of power, most often."""
    now = 0.0
    finds = Finder(device=str(tree.device("ttyUSB0")), machine=tree.machine, monotonic=lambda: now)
    for _ in range(5):
        tree.plug("12d1:1506", {0: ("ttyUSB0", Stick())})
        finds.open().close()
        tree.unplug("ttyUSB0")
        now += 30
    assert "power" in finds.restless


# -- receiving --------------------------------------------------------------------------------------------------------


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


# -- SIM and network --------------------------------------------------------------------------------------------------


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
