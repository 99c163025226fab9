"""The stick: is it a modem, has it a driver, is it always found, may the service open it, has it enough power."""

import grp
import os
import pwd
import re
import stat
from collections.abc import Iterator

from omsmodem.doctor.patient import ModemPort, Patient
from omsmodem.doctor.usb import STORAGE, VENDOR_SPECIFIC, Stick, sticks
from omsmodem.facts import Finding, Level

#: Sticks that play network card with a page to click on, and answer no AT commands so.
_HILINK = {"12d1:14db", "12d1:14dc", "12d1:1f01", "19d2:1405", "19d2:1403"}
#: Numbers of devices that a bus has used up beyond those that are there, e.g. by a stick that comes and goes.
_MANY_ENUMERATIONS = 20
_DISCONNECTS = 3
_RULE = "77-omsmodem.rules"


def mode(patient: Patient) -> Iterator[Finding]:
    """A stick that shows itself as a CD-ROM or a network card is no modem yet."""
    found = sticks(patient.root)
    for stick in found:
        if stick.ttys:
            ports = ", ".join(stick.ttys)
            yield Finding(
                "stick-mode", Level.OK, f"{stick.title} is a modem with the ports {ports}.", subject=stick.path
            )
        elif stick.identity in _HILINK:
            sentence = f"{stick.title} is in HiLink mode: it plays network card and answers no AT commands."
            remedy = f"usb_modeswitch -v {stick.vendor} -p {stick.product} -X; if that does not help, it needs modem firmware"
            yield Finding("stick-mode", Level.FAIL, sentence, remedy, stick.path)
        elif stick.interfaces and all(interface.kind == STORAGE for interface in stick.interfaces):
            sentence = f"{stick.title} shows itself as a CD-ROM and has not been switched to a modem."
            remedy = "apt install usb-modeswitch usb-modeswitch-data, then plug the stick in again"
            yield Finding("stick-mode", Level.FAIL, sentence, remedy, stick.path)
        elif stick.maker:
            yield from _without_driver(stick)
    if not found and any(_is_usb(modem) for modem in patient.modems):
        sentence = "No modem is plugged in, as far as the kernel knows."
        yield Finding("stick-mode", Level.FAIL, sentence, "plug the stick in directly or through a powered hub; lsusb")


def _is_usb(modem: ModemPort) -> bool:
    return bool(modem.imei) or modem.device.startswith(("/dev/ttyUSB", "/dev/ttyACM", "/dev/serial/"))


def _without_driver(stick: Stick) -> Iterator[Finding]:
    if any(interface.kind == VENDOR_SPECIFIC and not interface.driver for interface in stick.interfaces):
        sentence = f"{stick.title} has no driver for its serial ports."
        remedy = f"modprobe option; echo {stick.vendor} {stick.product} > /sys/bus/usb-serial/drivers/option1/new_id"
        yield Finding("stick-driver", Level.FAIL, sentence, remedy, stick.path)


def name(patient: Patient) -> Iterator[Finding]:
    """A port named by number is another one after the next plug (and one in four of a stick)."""
    for modem in patient.modems:
        if modem.imei or "://" in modem.device:
            continue
        if not re.fullmatch(r"/dev/tty(USB|ACM)\d+", modem.device):
            yield Finding("port-name", Level.OK, f"Modem {modem.name} is found by a lasting name.", subject=modem.name)
            continue
        lasting = _lasting_name(patient, modem.device)
        sentence = f"Modem {modem.name} is found by {modem.device}, a number that changes when it is plugged in again."
        remedy = f"device: {lasting}" if lasting else "imei: … in place of device; omsmodem modem probe shows it"
        yield Finding("port-name", Level.WARN, sentence, remedy, modem.name)


def _lasting_name(patient: Patient, device: str) -> str:
    directory = patient.path("/dev/serial/by-id")
    wanted = patient.path(device).resolve()
    links = sorted(directory.iterdir()) if directory.is_dir() else []
    return next((f"/dev/serial/by-id/{link.name}" for link in links if link.resolve() == wanted), "")


def port(patient: Patient) -> Iterator[Finding]:
    """The port must be there, and the service's user must be allowed to open it."""
    for modem in patient.modems:
        if modem.imei or "://" in modem.device:
            continue
        path = patient.path(modem.device)
        if not path.exists():
            ports = [tty for stick in sticks(patient.root) for tty in stick.ttys]
            there = f"; these are there: {', '.join(f'/dev/{tty}' for tty in ports)}" if ports else ""
            sentence = f"The port {modem.device} of modem {modem.name} is not there{there}."
            yield Finding("port", Level.FAIL, sentence, "omsmodem modem probe", modem.name)
            continue
        yield _rights(patient, modem, path.stat())


def _rights(patient: Patient, modem: ModemPort, found: os.stat_result) -> Finding:
    group = _group_name(found.st_gid)
    if _may_open(patient.user, found):
        return Finding("port", Level.OK, f"The port {modem.device} is there and may be opened.", subject=modem.name)
    sentence = f"The user {patient.user} may not open {modem.device} (it belongs to the group {group})."
    return Finding("port", Level.FAIL, sentence, f"usermod -aG {group} {patient.user}", modem.name)


def _may_open(user: str, found: os.stat_result) -> bool:
    try:
        who = pwd.getpwnam(user)
    except KeyError:
        return True  # not installed as a system service: whoever starts it finds out
    mode = found.st_mode
    if who.pw_uid in {0, found.st_uid} and mode & (stat.S_IRUSR | stat.S_IWUSR):
        return True
    groups = {who.pw_gid} | {g.gr_gid for g in grp.getgrall() if user in g.gr_mem}
    return bool((found.st_gid in groups and mode & stat.S_IWGRP) or mode & stat.S_IWOTH)


def _group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def power(patient: Patient) -> Iterator[Finding]:
    """A stick that drops off the bus again and again mostly lacks power."""
    remedy = "use a powered USB hub or a stronger supply, and a short cable"
    if _under_voltage(patient):
        sentence = "The board reports under-voltage: its power supply is too weak."
        yield Finding("power", Level.FAIL, sentence, remedy)
        return
    drops = sum(" USB disconnect" in line or "over-current" in line for line in patient.kernel_log())
    found = sticks(patient.root)
    restless = [stick for stick in found if stick.device_number > len(found) + _MANY_ENUMERATIONS]
    if drops >= _DISCONNECTS or restless:
        often = f"{drops} times in the kernel's log" if drops else f"device number {restless[0].device_number}"
        sentence = f"USB devices dropped off and came back ({often}): the power supply is probably too weak."
        yield Finding("power", Level.WARN, sentence, remedy)
    else:
        yield Finding("power", Level.OK, "No USB device dropped off the bus.")


def _under_voltage(patient: Patient) -> bool:
    """What the Raspberry Pi's firmware says through hwmon."""
    for directory in sorted(patient.path("/sys/class/hwmon").glob("hwmon*")):
        alarm = directory / "in0_lcrit_alarm"
        if alarm.exists() and alarm.read_text().strip() == "1":
            return True
    return False
