"""The stick: is it a modem, has it a driver, is it always found, whose is its port, has it enough power."""

import grp
import os
import pwd
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from omsmodem.doctor.patient import ModemPort, Patient
from omsmodem.facts import Finding, Level
from omsmodem.modem import discovery, usb_ids
from omsmodem.modem.holders import Grabbing, Holder, holders, modem_manager
from omsmodem.modem.machine import (
    SerialLine,
    UsbDevice,
    by_device,
    interface_classes,
    serial_lines,
    usb_devices,
    without_port,
)

#: Numbers of devices that a bus has used up beyond those that are there, e.g. by a stick that comes and goes.
_MANY_ENUMERATIONS = 20
_DISCONNECTS = 3
_VENDOR_SPECIFIC = "ff"
_POWER = "use a powered USB hub or a stronger supply, and a short cable"


def mode(patient: Patient) -> Iterator[Finding]:
    """A stick that shows itself as a CD-ROM or a network card is no modem yet."""
    lines = discovery.candidates(patient.machine)
    for usb in dict.fromkeys(line.usb for line in lines if line.usb is not None):
        ports = ", ".join(sorted(line.device.name for line in lines if line.usb == usb))
        sentence = f"{usb.name or 'A stick'} ({usb.ids}) is a modem with the ports {ports}."
        yield Finding("stick-mode", Level.OK, sentence, subject=usb.path.name)
    found = [finding for usb in without_port(patient.machine) for finding in _not_yet(usb)]
    yield from found
    if not lines and not found and any(_is_usb(modem) for modem in patient.modems):
        sentence = "No modem is plugged in, as far as the kernel knows."
        yield Finding("stick-mode", Level.FAIL, sentence, "plug the stick in directly or through a powered hub; lsusb")


def _is_usb(modem: ModemPort) -> bool:
    return bool(modem.imei) or bool(re.search(r"/tty(USB|ACM)\d+$|/serial/by-", modem.device))


def _not_yet(usb: UsbDevice) -> Iterator[Finding]:
    words = usb_ids.mode_in_words(usb, interface_classes(usb))
    if words is not None:
        what, _, remedy = words.rpartition(": ")
        yield Finding("stick-mode", Level.FAIL, f"{what}.", remedy, usb.path.name)
    elif usb.vendor in usb_ids.MODEM_MAKERS and _VENDOR_SPECIFIC in interface_classes(usb):
        sentence = f"{usb.name} ({usb.ids}) has no driver for its serial ports."
        remedy = f"modprobe option; echo {usb.vendor} {usb.product} > /sys/bus/usb-serial/drivers/option1/new_id"
        yield Finding("stick-driver", Level.FAIL, sentence, remedy, usb.path.name)


def name(patient: Patient) -> Iterator[Finding]:
    """A port named by number is another one after the next plug (and one in four of a stick)."""
    for modem in patient.modems:
        if modem.imei or "://" in modem.device:
            continue
        if not re.search(r"/tty(USB|ACM)\d+$", modem.device):
            yield Finding("port-name", Level.OK, f"Modem {modem.name} is found by a lasting name.", subject=modem.name)
            continue
        line = _line(patient, modem)
        sentence = f"Modem {modem.name} is found by {modem.device}, a number that changes when it is plugged in again."
        lasting = f"device: {line.by_id}" if line is not None and line.by_id is not None else ""
        yield Finding(
            "port-name", Level.WARN, sentence, lasting or "imei: …, as omsmodem modem probe shows it", modem.name
        )


def _line(patient: Patient, modem: ModemPort) -> SerialLine | None:
    real = Path(modem.device).resolve()
    return next((line for line in serial_lines(patient.machine) if line.device.resolve() == real), None)


def port(patient: Patient) -> Iterator[Finding]:
    """The port must be there, and the service's user must be allowed to open it."""
    for modem in patient.modems:
        if modem.imei or "://" in modem.device:
            continue
        try:
            yield _rights(patient, modem, Path(modem.device).stat())
        except PermissionError as error:
            sentence = f"The port {modem.device} of modem {modem.name} may not be looked at: {error.strerror}."
            yield Finding(
                "port", Level.WARN, sentence, f"ls -l {modem.device}; run omsmodem doctor as root", modem.name
            )
        except OSError:
            ports = sorted(str(line.device) for line in discovery.candidates(patient.machine))
            there = f"; these are there: {', '.join(ports)}" if ports else ""
            sentence = f"The port {modem.device} of modem {modem.name} is not there{there}."
            yield Finding("port", Level.FAIL, sentence, "omsmodem modem probe", modem.name)


def _rights(patient: Patient, modem: ModemPort, found: os.stat_result) -> Finding:
    if _may_open(patient.user, found):
        return Finding("port", Level.OK, f"The port {modem.device} is there and may be opened.", subject=modem.name)
    group = _group_name(found.st_gid)
    sentence = f"The user {patient.user} may not open {modem.device} (it belongs to the group {group})."
    return Finding("port", Level.FAIL, sentence, f"usermod -aG {group} {patient.user}", modem.name)


def _may_open(user: str, found: os.stat_result) -> bool:
    try:
        who = pwd.getpwnam(user)
    except KeyError:
        return True  # not installed as a system service: whoever starts it finds out
    if who.pw_uid in {0, found.st_uid} and found.st_mode & (stat.S_IRUSR | stat.S_IWUSR):
        return True
    groups = {who.pw_gid} | {g.gr_gid for g in grp.getgrall() if user in g.gr_mem}
    return bool((found.st_gid in groups and found.st_mode & stat.S_IWGRP) or found.st_mode & stat.S_IWOTH)


def _group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def others(patient: Patient) -> Iterator[Finding]:
    """Nobody else may talk to the modem: not another program, and not ModemManager."""
    for modem in patient.modems:
        found = holders(modem.device, patient.machine) if "://" not in modem.device else []
        strangers = [holder for holder in found if holder.pid != patient.facts.pid and not _simulates(holder, patient)]
        if strangers:
            sentence = f"{strangers[0]} has the port of modem {modem.name} open."
            yield Finding("holder", Level.FAIL, sentence, f"kill {strangers[0].pid}, or stop its service", modem.name)
    grabbing = {modem_manager(line, patient.machine) for line in discovery.candidates(patient.machine)}
    if Grabbing.MAY_GRAB in grabbing:
        sentence = "ModemManager runs and may take the modem's port."
        remedy = "apt remove modemmanager, or install the udev rule that omsmodem modem probe prints"
        yield Finding("modemmanager", Level.FAIL, sentence, remedy)
    elif Grabbing.KEEPS_OFF in grabbing:
        yield Finding("modemmanager", Level.OK, "ModemManager keeps off the modem.")


def _simulates(holder: Holder, patient: Patient) -> bool:
    """A simulated modem holds both ends of its line."""
    try:
        return b"simulate-modem" in (patient.machine.proc / str(holder.pid) / "cmdline").read_bytes()
    except OSError:
        return False


def answers(patient: Patient) -> Iterator[Finding]:
    """While the service is not using them: what each port of each stick answers, and which one to configure."""
    if patient.probe is None:
        return
    for ports in by_device(discovery.candidates(patient.machine)):
        yield from _ranking(patient, [(line, patient.probe(str(line.device))) for line in ports])


def _ranking(patient: Patient, probes: list[tuple[SerialLine, discovery.Probe]]) -> Iterator[Finding]:
    best = discovery.best(probes)
    configured = {Path(modem.device).resolve() for modem in patient.modems if modem.device and not modem.imei}
    for line, one in probes:
        words = _probe_words(one)
        if one is best:
            yield Finding(
                "port-answers", Level.OK, f"{line.device} is the port to use: {words}.", subject=line.device.name
            )
            yield from _sim(line, one)
        elif line.device.resolve() in configured and best is not None:
            sentence = f"{line.device} is configured, but {best.device} is the better port of this stick: {words}."
            yield Finding("port-answers", Level.FAIL, sentence, f"device: {best.device}", line.device.name)
    if best is None:
        heard = "; ".join(f"{line.device}: {_probe_words(one)}" for line, one in probes)
        sentence = f"No port of the stick can be used ({heard})."
        yield Finding("port-answers", Level.FAIL, sentence, "unplug the stick, plug it in again; omsmodem modem probe")


def _probe_words(one: discovery.Probe) -> str:
    if not one.answers:
        return one.trouble or "it does not answer AT"
    if not one.pdu_mode:
        return "it answers AT and takes no messages"
    return "it answers AT, takes messages " + ("and tells of incoming ones" if one.indications else "but tells of none")


def _sim(line: SerialLine, one: discovery.Probe) -> Iterator[Finding]:
    if one.sim == "READY":
        yield Finding("sim", Level.OK, f"The SIM at {line.device} is ready.", subject=line.device.name)
    elif one.sim == "SIM PIN":
        sentence = f"The SIM at {line.device} wants its PIN."
        yield Finding("sim", Level.WARN, sentence, "write the PIN into modems.pin_file", line.device.name)
    elif one.sim:
        sentence = f"The SIM at {line.device} cannot be used: {one.sim}."
        yield Finding("sim", Level.FAIL, sentence, "try the SIM in a phone", line.device.name)


def power(patient: Patient) -> Iterator[Finding]:
    """A stick that drops off the bus again and again mostly lacks power."""
    if _under_voltage(patient):
        sentence = "The board reports under-voltage: its power supply is too weak."
        yield Finding("power", Level.FAIL, sentence, _POWER)
        return
    drops = sum(" USB disconnect" in line or "over-current" in line for line in patient.kernel_log())
    devices = usb_devices(patient.machine)
    restless = [usb for usb in devices if usb.enumeration > len(devices) + _MANY_ENUMERATIONS]
    if drops >= _DISCONNECTS or restless:
        often = f"{drops} times in the kernel's log" if drops else f"device number {restless[0].enumeration}"
        sentence = f"USB devices dropped off and came back ({often}): the power supply is probably too weak."
        yield Finding("power", Level.WARN, sentence, _POWER)
    else:
        yield Finding("power", Level.OK, "No USB device dropped off the bus.")


def _under_voltage(patient: Patient) -> bool:
    """What the Raspberry Pi's firmware says through hwmon."""
    alarms = sorted((patient.machine.sys / "class/hwmon").glob("hwmon*/in0_lcrit_alarm"))
    return any(alarm.read_text(encoding="ascii").strip() == "1" for alarm in alarms)
