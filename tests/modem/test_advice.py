"""Who holds a port, and what a person is told about the modems plugged in."""

from pathlib import Path

import pytest

from omsmodem.modem import advice
from omsmodem.modem.holders import Grabbing, Holder, holders, modem_manager
from omsmodem.modem.machine import serial_lines
from tests.modem.tree import Tree

IMEI = "356938035643809"


def test_who_holds_a_port_is_named(tree: Tree) -> None:
    """By process number and name, through any link to the port."""
    tree.plug("12d1:1506", {0: ("ttyUSB0", None)})
    real = tree.device("ttyUSB0").resolve()
    tree.process(512, "gammu-smsd", real)
    tree.process(513, "bash", Path("/dev/null"))
    assert holders(tree.device("ttyUSB0"), tree.machine) == [Holder(512, "gammu-smsd")]


@pytest.mark.parametrize(
    ("running", "marked", "expected"),
    [
        (False, "", Grabbing.NO),
        (True, "", Grabbing.MAY_GRAB),
        (True, "c188:0", Grabbing.KEEPS_OFF),
        (True, "c189:1", Grabbing.KEEPS_OFF),
    ],
)
def test_modem_manager_is_watched(tree: Tree, running: bool, marked: str, expected: Grabbing) -> None:
    """Only udev's mark, on the port or on the device, keeps it off."""
    tree.plug("12d1:1506", {0: ("ttyUSB0", None)})
    if running:
        tree.process(77, "ModemManager")
    if marked:
        tree.udev(marked, "E:ID_VENDOR_ID=12d1", "E:ID_MM_DEVICE_IGNORE=1")
    (line,) = serial_lines(tree.machine)
    assert modem_manager(line, tree.machine) is expected


@pytest.mark.parametrize(
    ("ids", "classes", "words"),
    [
        ("12d1:1f01", ("08",), "usb-modeswitch"),
        ("19d2:2000", ("08",), "usb-modeswitch"),
        ("2c7c:0125", ("08",), "usb-modeswitch"),
        ("12d1:14dc", ("02", "0a"), "HiLink"),
        ("19d2:1405", ("e0", "0a"), "network-card"),
    ],
)
def test_a_stick_that_is_no_modem_yet_is_recognised(tree: Tree, ids: str, classes: tuple[str, ...], words: str) -> None:
    """A CD-ROM or a network card of a modem maker, with what to do."""
    tree.plug(ids, {}, classes=classes)
    (advised,) = advice.unswitched(tree.machine)
    assert words in advised


def test_other_devices_are_no_business_of_ours(tree: Tree) -> None:
    """A memory stick is one, and a modem with ports needs no switching."""
    tree.plug("0781:5567", {}, classes=("08",))
    tree.plug("12d1:1506", {0: ("ttyUSB0", None)}, classes=("ff", "08"), place="1-2")
    assert advice.unswitched(tree.machine) == []


def test_the_udev_rule_names_device_and_port(tree: Tree) -> None:
    """ModemManager off, power on, a name for the port."""
    tree.plug("12d1:1506", {2: ("ttyUSB2", None)})
    (line,) = serial_lines(tree.machine)
    assert line.usb is not None
    rule = advice.udev_rule(line.usb, line.interface, "front")
    assert 'ENV{ID_MM_DEVICE_IGNORE}="1"' in rule
    assert 'ENV{ID_USB_INTERFACE_NUM}=="02"' in rule
    assert 'SYMLINK+="omsmodem/front"' in rule
    assert rule.count('ATTRS{idVendor}=="12d1", ATTRS{idProduct}=="1506"') == 2


def test_the_configuration_lines_prefer_the_imei() -> None:
    """The one identity that survives ports and sockets; without it the stablest name of the port."""
    by_id = Path("/dev/serial/by-id/usb-x-if02-port0")
    assert f'imei: "{IMEI}"' in advice.configuration("/dev/ttyUSB2", IMEI, by_id)
    assert f"    device: {by_id}\n" in advice.configuration("/dev/ttyUSB2", "", by_id)
