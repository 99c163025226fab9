"""The udev rule for a machine whose modems are all ours; `advice.udev_rule` is the one for a single stick."""

from omsmodem.modem.usb_ids import MODEM_MAKERS

_HEAD = """\
# Keeps ModemManager, which runs as root and minds no lock, away from sticks of the makers below, and the sticks from sleeping.
# To have none of it, put an empty file at /etc/udev/rules.d/77-omsmodem.rules; for one stick alone, the rule that
# `omsmodem modem probe` prints.
ACTION=="remove", GOTO="omsmodem_end"
"""


def rules() -> str:
    """The text of 77-omsmodem.rules for every maker we know."""
    blocks = [
        _HEAD,
        *(_block(vendor, maker) for vendor, maker in sorted(MODEM_MAKERS.items(), key=lambda item: item[1])),
    ]
    return "\n".join([*blocks, 'LABEL="omsmodem_end"\n'])


def _block(vendor: str, maker: str) -> str:
    return (
        f"# {maker}\n"
        f'SUBSYSTEM=="usb", ENV{{DEVTYPE}}=="usb_device", ATTR{{idVendor}}=="{vendor}", TEST=="power/control",'
        f' ATTR{{power/control}}="on"\n'
        f'ATTRS{{idVendor}}=="{vendor}", ENV{{ID_MM_DEVICE_IGNORE}}="1"\n'
        f'SUBSYSTEM=="tty", ATTRS{{idVendor}}=="{vendor}", GROUP="dialout", MODE="0660"\n'
    )
