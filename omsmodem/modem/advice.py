"""What to tell a person about the modems plugged in: mode, udev rule, configuration."""

from pathlib import Path

from omsmodem.modem import usb_ids
from omsmodem.modem.machine import HOST, Machine, UsbDevice, interface_classes, without_port


def unswitched(machine: Machine = HOST) -> list[str]:
    """Modems that show themselves as a CD-ROM or a network card, each with what to do about it."""
    return [
        words
        for usb in without_port(machine)
        if (words := usb_ids.mode_in_words(usb, interface_classes(usb))) is not None
    ]


def udev_rule(usb: UsbDevice, interface: int | None, name: str = "modem1") -> str:
    """A rule that keeps ModemManager away, keeps the stick awake and gives its port a name of its own."""
    itself = f'ATTR{{idVendor}}=="{usb.vendor}", ATTR{{idProduct}}=="{usb.product}"'
    above = f'ATTRS{{idVendor}}=="{usb.vendor}", ATTRS{{idProduct}}=="{usb.product}"'
    place = f', ENV{{ID_USB_INTERFACE_NUM}}=="{interface:02x}"' if interface is not None else ""
    return f"""# /etc/udev/rules.d/77-omsmodem.rules
ACTION=="remove", GOTO="omsmodem_end"
SUBSYSTEM=="usb", ENV{{DEVTYPE}}=="usb_device", {itself}, TEST=="power/control", ATTR{{power/control}}="on"
{above}, ENV{{ID_MM_DEVICE_IGNORE}}="1"
SUBSYSTEM=="tty", {above}{place}, GROUP="dialout", MODE="0660", SYMLINK+="omsmodem/{name}"
LABEL="omsmodem_end"
"""


def configuration(device: str, imei: str, by_id: Path | None, name: str = "modem1") -> str:
    """The lines for the configuration file: by IMEI, which survives any change of port, else by the stablest name."""
    lines = ["modems:", f"  - name: {name}"]
    if imei:
        lines.append(f'    imei: "{imei}"')
        lines.append(f"    # or the port itself: device: {by_id or device}")
    else:
        lines.append(f"    device: {by_id or device}")
    return "\n".join(lines) + "\n"
