"""Complaints about ports and sticks."""

from pathlib import Path

import pytest

from omsmodem.modem import advice, discovery
from omsmodem.modem.discovery import Finder, probe
from omsmodem.modem.gsm import Gsm
from omsmodem.modem.holders import Grabbing, modem_manager
from omsmodem.modem.machine import serial_lines
from omsmodem.modem.serial_port import open_port
from tests.modem.simulated import tpdus
from tests.modem.stick import ERROR, PtyStick, Stick, answer, talking
from tests.modem.tree import Tree

IMEI = "356938035643809"


def test_pain_04_a_tty_that_moves_is_followed(tree: Tree) -> None:
    """By IMEI, whatever the kernel calls the port today."""
    finds = Finder(imei=IMEI, machine=tree.machine)
    for number in (0, 3, 1):
        tree.plug("12d1:1506", {0: (f"ttyUSB{number}", Stick())}, place=f"1-{number + 1}")
        port = finds.open()
        assert Path(port.name).name == f"ttyUSB{number}"
        port.close()
        tree.unplug(f"ttyUSB{number}")


def test_pain_05_of_several_ports_the_one_for_messages_is_taken(tree: Tree) -> None:
    """A stick has diagnosis and GPS ports, too."""
    right = Stick({"AT+CNMI=?": answer("+CNMI: (0-2)")})
    tree.plug("19d2:fff1", {0: ("ttyUSB0", None), 2: ("ttyUSB1", Stick({"AT+CMGF=0": ERROR})), 3: ("ttyUSB2", right)})
    port = Finder(imei=IMEI, machine=tree.machine).open()
    assert Path(port.name).name == "ttyUSB2"
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
