"""What goes wrong with sticks is recognised from what the kernel shows, and has a remedy to copy."""

from dataclasses import replace

import pytest

from omsmodem.doctor import ModemPort, Patient, stick
from omsmodem.facts import Level
from tests.doctor.conftest import FACTS, Machine, the

MODEM = [(0xFF, "option", "ttyUSB0"), (0xFF, "option", "ttyUSB1"), (0xFF, "option", "ttyUSB2")]
STORAGE = [(0x08, "usb-storage", "")]


def patient(machine: Machine, *devices: str) -> Patient:
    modems = tuple(ModemPort(f"modem{n}", device) for n, device in enumerate(devices, 1))
    return Patient(FACTS, modems, root=machine.root, user="root")


def test_a_stick_with_serial_ports_is_a_modem(machine: Machine) -> None:
    """Its ports are named."""
    machine.plug_in("12d1:1506", "HUAWEI Mobile", MODEM)
    finding = the(stick.mode, patient(machine))
    assert finding.level is Level.OK
    assert finding.sentence == "HUAWEI Mobile (12d1:1506) is a modem with the ports ttyUSB0, ttyUSB1, ttyUSB2."


def test_a_stick_in_cdrom_mode_is_recognised(machine: Machine) -> None:
    """Pain 8: a stick that shows only its drivers' CD-ROM needs usb-modeswitch."""
    machine.plug_in("19d2:2000", "ZTE WCDMA Technologies MSM", STORAGE)
    finding = the(stick.mode, patient(machine))
    assert finding.level is Level.FAIL
    assert "shows itself as a CD-ROM" in finding.sentence
    assert finding.remedy.startswith("apt install usb-modeswitch")


def test_a_stick_in_hilink_mode_is_recognised(machine: Machine) -> None:
    """It plays network card and answers no AT commands."""
    machine.plug_in("12d1:14dc", "HUAWEI Mobile", [(0x02, "cdc_ether", ""), (0x0A, "cdc_ether", ""), *STORAGE])
    finding = the(stick.mode, patient(machine))
    assert finding.level is Level.FAIL
    assert "HiLink" in finding.sentence
    assert "usb_modeswitch -v 12d1 -p 14dc" in finding.remedy


def test_a_stick_without_driver_is_recognised(machine: Machine) -> None:
    """Its serial interfaces are there, and no driver took them."""
    machine.plug_in("2c7c:0125", "EC25", [(0xFF, "", ""), (0xFF, "", "")])
    finding = the(stick.mode, patient(machine))
    assert (finding.rule, finding.level) == ("stick-driver", Level.FAIL)
    assert finding.remedy.startswith("modprobe option; echo 2c7c 0125 >")


def test_no_stick_at_all(machine: Machine) -> None:
    """Only where the configuration wants one; a modem behind a URL needs none."""
    assert "No modem is plugged in" in the(stick.mode, patient(machine, "/dev/ttyUSB0")).sentence
    assert list(stick.mode(patient(machine, "socket://192.0.2.1:4000"))) == []


def test_other_usb_devices_are_left_alone(machine: Machine) -> None:
    """A keyboard is nobody's modem."""
    machine.plug_in("046d:c31c", "Keyboard", [(0x03, "usbhid", "")])
    assert list(stick.mode(patient(machine))) == []


def test_a_number_that_moves_is_warned_of_with_the_lasting_name(machine: Machine) -> None:
    """Pain 4: /dev/ttyUSB2 is another port after the next plug; the line to write is given."""
    machine.plug_in("12d1:1506", "HUAWEI Mobile", MODEM)
    machine.name_lastingly("usb-HUAWEI_Mobile-if02-port0", "ttyUSB2")
    finding = the(stick.name, patient(machine, "/dev/ttyUSB2"))
    assert finding.level is Level.WARN
    assert finding.remedy == "device: /dev/serial/by-id/usb-HUAWEI_Mobile-if02-port0"
    assert the(stick.name, patient(machine, "/dev/serial/by-id/usb-HUAWEI_Mobile-if02-port0")).level is Level.OK


def test_a_port_that_is_not_there_names_those_that_are(machine: Machine) -> None:
    """The number moved: the others are shown."""
    machine.plug_in("12d1:1506", "HUAWEI Mobile", MODEM)
    finding = the(stick.port, patient(machine, "/dev/ttyUSB7"))
    assert finding.level is Level.FAIL
    assert "these are there: /dev/ttyUSB0, /dev/ttyUSB1, /dev/ttyUSB2" in finding.sentence


def test_a_port_that_the_user_may_not_open(machine: Machine) -> None:
    """The group to join is named; the user `nobody` is on every system."""
    machine.plug_in("12d1:1506", "HUAWEI Mobile", MODEM)
    (machine.root / "dev/ttyUSB0").chmod(0o660)
    finding = the(stick.port, replace(patient(machine, "/dev/ttyUSB0"), user="nobody"))
    assert finding.level is Level.FAIL
    assert finding.remedy.endswith(" nobody")
    assert finding.remedy.startswith("usermod -aG ")
    assert the(stick.port, patient(machine, "/dev/ttyUSB0")).level is Level.OK


@pytest.mark.parametrize(
    ("log", "number", "level"),
    [
        ([], 4, Level.OK),
        (["usb 1-1: USB disconnect, device number 4"] * 2, 4, Level.OK),
        (["usb 1-1: USB disconnect, device number 4"] * 3, 4, Level.WARN),
        ([], 40, Level.WARN),
    ],
)
def test_a_stick_that_comes_and_goes_lacks_power(machine: Machine, log: list[str], number: int, level: Level) -> None:
    """Pain 9: bursts of re-enumeration are said to be what they mostly are: the power supply."""
    machine.plug_in("12d1:1506", "HUAWEI Mobile", MODEM, number=number)
    finding = the(stick.power, replace(patient(machine), kernel_log=lambda: log))
    assert finding.level is level
    assert level is Level.OK or "power supply" in finding.sentence


def test_under_voltage_of_a_board_is_reported(machine: Machine) -> None:
    """The Raspberry Pi says so itself."""
    machine.write("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n")
    assert the(stick.power, patient(machine)).level is Level.FAIL
