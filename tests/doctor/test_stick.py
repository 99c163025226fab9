"""What goes wrong with sticks is recognised from what the kernel shows and the ports answer, and has a remedy to copy."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from omsmodem.doctor import ModemPort, Patient, stick
from omsmodem.facts import Level
from omsmodem.modem import discovery
from tests.doctor.conftest import FACTS, the
from tests.modem.stick import ERROR, Stick, answer
from tests.modem.tree import Tree

NAMES: dict[int, tuple[str, Stick | None]] = {number: (f"ttyUSB{number}", None) for number in range(3)}


def patient(tree: Tree, *devices: object) -> Patient:
    modems = tuple(ModemPort(f"modem{n}", str(device)) for n, device in enumerate(devices, 1))
    return Patient(FACTS, modems, machine=tree.machine, user="root")


def test_a_stick_with_serial_ports_is_a_modem(tree: Tree) -> None:
    """Its ports are named."""
    tree.plug("12d1:1506", NAMES)
    finding = the(stick.mode, patient(tree))
    assert finding.level is Level.OK
    assert finding.sentence == "Maker Stick (12d1:1506) is a modem with the ports ttyUSB0, ttyUSB1, ttyUSB2."


def test_a_stick_in_cdrom_mode_is_recognised(tree: Tree) -> None:
    """Pain 8: a stick that shows only its drivers' CD-ROM needs usb-modeswitch."""
    tree.plug("19d2:2000", {}, classes=("08",))
    finding = the(stick.mode, patient(tree))
    assert finding.level is Level.FAIL
    assert "shows itself as a CD-ROM" in finding.sentence
    assert finding.remedy.startswith("install usb-modeswitch")


def test_a_stick_in_hilink_mode_is_recognised(tree: Tree) -> None:
    """It plays network card and answers no AT commands."""
    tree.plug("12d1:14dc", {}, classes=("02", "0a", "08"))
    finding = the(stick.mode, patient(tree))
    assert finding.level is Level.FAIL
    assert "HiLink" in finding.sentence
    assert "usb_modeswitch" in finding.remedy


def test_a_stick_without_driver_is_recognised(tree: Tree) -> None:
    """Its serial interfaces are there, and no driver took them."""
    tree.plug("2c7c:0125", {}, classes=("ff", "ff"))
    finding = the(stick.mode, patient(tree))
    assert (finding.rule, finding.level) == ("stick-driver", Level.FAIL)
    assert finding.remedy.startswith("modprobe option; echo 2c7c 0125 >")


def test_no_stick_at_all(tree: Tree) -> None:
    """Only where the configuration wants one; a modem behind a URL needs none."""
    assert "No modem is plugged in" in the(stick.mode, patient(tree, "/dev/ttyUSB0")).sentence
    assert list(stick.mode(patient(tree, "socket://192.0.2.1:4000"))) == []


def test_other_usb_devices_are_left_alone(tree: Tree) -> None:
    """A keyboard is nobody's modem."""
    tree.plug("046d:c31c", {}, classes=("03",))
    assert list(stick.mode(patient(tree))) == []


def test_a_number_that_moves_is_warned_of_with_the_lasting_name(tree: Tree) -> None:
    """Pain 4: /dev/ttyUSB2 is another port after the next plug; the line to write is given."""
    tree.plug("12d1:1506", NAMES)
    finding = the(stick.name, patient(tree, tree.device("ttyUSB2")))
    assert finding.level is Level.WARN
    lasting = tree.machine.dev / "serial/by-id/usb-Maker_Stick-if02-port0"
    assert finding.remedy == f"device: {lasting}"
    assert the(stick.name, patient(tree, lasting)).level is Level.OK


def test_a_port_that_is_not_there_names_those_that_are(tree: Tree) -> None:
    """The number moved: the others are shown."""
    tree.plug("12d1:1506", NAMES)
    finding = the(stick.port, patient(tree, tree.device("ttyUSB7")))
    assert finding.level is Level.FAIL
    assert f"these are there: {tree.device('ttyUSB0')}, {tree.device('ttyUSB1')}" in finding.sentence


def test_a_port_that_the_user_may_not_open(tree: Tree) -> None:
    """The group to join is named; the user `nobody` is on every system."""
    tree.plug("12d1:1506", NAMES)
    port = tree.device("ttyUSB0")
    port.chmod(0o660)
    finding = the(stick.port, replace(patient(tree, port), user="nobody"))
    assert finding.level is Level.FAIL
    assert finding.remedy.startswith("usermod -aG ")
    assert finding.remedy.endswith(" nobody")
    assert the(stick.port, patient(tree, port)).level is Level.OK


def test_a_port_that_may_not_be_looked_at_is_not_called_missing(tree: Tree, tmp_path: Path) -> None:
    """As below a directory that is closed to whoever runs the doctor; for root, a stranger's link where everybody may write."""
    tree.plug("12d1:1506", NAMES)
    closed = tmp_path / "closed"
    closed.mkdir()
    link = closed / "modem"
    link.symlink_to(tree.device("ttyUSB0"))
    if os.geteuid() == 0:
        os.lchown(link, 65534, 65534)
        closed.chmod(0o1777)
    else:
        closed.chmod(0o000)
    try:
        if os.access(link, os.F_OK):
            pytest.skip("this kernel lets root follow every link (fs.protected_symlinks)")
        finding = the(stick.port, patient(tree, link))
    finally:
        closed.chmod(0o700)
    assert finding.level is Level.WARN
    assert f"The port {link} of modem modem1 may not be looked at: Permission denied." in finding.sentence


def test_another_program_on_the_port_is_named(tree: Tree) -> None:
    """Pain 7: who answers the modem's lines besides us; our own service is no stranger."""
    tree.plug("12d1:1506", NAMES)
    port = tree.device("ttyUSB0")
    tree.process(1000, "omsmodem", port.resolve())
    assert list(stick.others(patient(tree, port))) == []
    tree.process(77, "minicom", port.resolve())
    finding = the(stick.others, patient(tree, port))
    assert finding.level is Level.FAIL
    assert "minicom (process 77) has the port of modem modem1 open" in finding.sentence
    assert finding.remedy.startswith("kill 77")


def test_modemmanager_is_named_unless_udev_keeps_it_off(tree: Tree) -> None:
    """Pain 6: it grabs the port, whatever locks there are."""
    tree.plug("12d1:1506", {0: ("ttyUSB0", None)})
    tree.process(55, "ModemManager")
    finding = the(stick.others, patient(tree, tree.device("ttyUSB0")))
    assert (finding.rule, finding.level) == ("modemmanager", Level.FAIL)
    tree.udev("c188:0", "E:ID_MM_PORT_IGNORE=1")
    assert the(stick.others, patient(tree, tree.device("ttyUSB0"))).level is Level.OK


def test_the_better_port_of_a_stick_is_told(tree: Tree) -> None:
    """Pain 5: of several ports one answers AT, takes messages and tells of incoming ones; the others are not configured."""
    good = Stick({"AT+CNMI=?": answer("+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)"), "AT+CPIN?": answer("+CPIN: READY")})
    deaf_to_messages = Stick({"AT+CMGF=0": ERROR})
    tree.plug("2c7c:0125", {2: ("ttyUSB2", good), 3: ("ttyUSB3", deaf_to_messages)})
    asked = replace(patient(tree, tree.device("ttyUSB3")), probe=discovery.probe)
    findings = {finding.subject: finding for finding in stick.answers(asked) if finding.rule == "port-answers"}
    assert findings["ttyUSB2"].level is Level.OK
    assert "takes messages and tells of incoming ones" in findings["ttyUSB2"].sentence
    assert findings["ttyUSB3"].level is Level.FAIL
    assert findings["ttyUSB3"].remedy == f"device: {tree.device('ttyUSB2')}"


@pytest.mark.parametrize(
    ("cpin", "level"),
    [
        (answer("+CPIN: READY"), Level.OK),
        (answer("+CPIN: SIM PIN"), Level.WARN),
        (answer("+CPIN: SIM PUK"), Level.FAIL),
    ],
)
def test_the_sim_is_looked_at_without_entering_anything(tree: Tree, cpin: bytes, level: Level) -> None:
    """Pain 23: the doctor asks and never enters a PIN."""
    answering = Stick({"AT+CPIN?": cpin, "AT+CNMI=?": answer("+CNMI: (0-2)")})
    tree.plug("2c7c:0125", {2: ("ttyUSB2", answering)})
    findings = [f for f in stick.answers(replace(patient(tree), probe=discovery.probe)) if f.rule == "sim"]
    assert [finding.level for finding in findings] == [level]
    assert not any(command.startswith("AT+CPIN=") for command in answering.heard)


def test_a_stick_that_answers_nowhere(tree: Tree) -> None:
    """Every port is named with what it did."""
    tree.plug("2c7c:0125", {2: ("ttyUSB2", None)})
    no_answer = discovery.Probe("ttyUSB2", trouble="no answer to AT")
    finding = the(stick.answers, replace(patient(tree), probe=lambda _device: no_answer))
    assert finding.level is Level.FAIL
    assert "no answer to AT" in finding.sentence


def test_ports_are_not_probed_while_the_service_uses_them(tree: Tree) -> None:
    """Two programs on one modem hear each other's answers."""
    tree.plug("2c7c:0125", {2: ("ttyUSB2", None)})
    assert list(stick.answers(patient(tree))) == []


@pytest.mark.parametrize(
    ("log", "level"),
    [
        ([], Level.OK),
        (["usb 1-1: USB disconnect, device number 4"] * 2, Level.OK),
        (["usb 1-1: USB disconnect, device number 4"] * 3, Level.WARN),
    ],
)
def test_a_stick_that_comes_and_goes_lacks_power(tree: Tree, log: list[str], level: Level) -> None:
    """Pain 9: bursts of re-enumeration are said to be what they mostly are: the power supply."""
    tree.plug("12d1:1506", NAMES)
    finding = the(stick.power, replace(patient(tree), kernel_log=lambda: log))
    assert finding.level is level
    assert level is Level.OK or "power supply" in finding.sentence


def test_a_bus_that_has_used_up_many_numbers_lacks_power(tree: Tree) -> None:
    """Also where the kernel's log may not be read."""
    usb = tree.plug("12d1:1506", NAMES)
    (usb / "devnum").write_text("40\n")
    assert the(stick.power, patient(tree)).level is Level.WARN


def test_under_voltage_of_a_board_is_reported(tree: Tree) -> None:
    """The Raspberry Pi says so itself."""
    alarm = tree.machine.sys / "class/hwmon/hwmon1/in0_lcrit_alarm"
    alarm.parent.mkdir(parents=True)
    alarm.write_text("1\n")
    assert the(stick.power, patient(tree)).level is Level.FAIL
