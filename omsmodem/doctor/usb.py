"""The USB devices of a machine as the kernel shows them in sysfs."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

STORAGE = 0x08
COMMUNICATION = 0x02
WIRELESS = 0xE0
VENDOR_SPECIFIC = 0xFF

#: Makers of modems, by USB vendor number.
MAKERS = {
    "0421": "Nokia",
    "05c6": "Qualcomm",
    "0af0": "Option",
    "0bdb": "Ericsson",
    "1199": "Sierra Wireless",
    "12d1": "Huawei",
    "1410": "Novatel",
    "1546": "u-blox",
    "19d2": "ZTE",
    "1bbb": "Alcatel",
    "1bc7": "Telit",
    "1c9e": "Longcheer",
    "1e0e": "SIMCom",
    "1e2d": "Cinterion",
    "2001": "D-Link",
    "2c7c": "Quectel",
}


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface of a device: its class, the driver bound to it, the serial port the driver made."""

    number: int
    kind: int
    driver: str = ""
    tty: str = ""


@dataclass(frozen=True, slots=True)
class Stick:
    """A USB device that may be a modem."""

    path: str  # its place: bus and ports, e.g. 1-1.2
    vendor: str
    product: str
    name: str = ""
    device_number: int = 0  # grows with every enumeration on this bus
    interfaces: tuple[Interface, ...] = ()

    @property
    def identity(self) -> str:
        """Vendor and product as lsusb has them."""
        return f"{self.vendor}:{self.product}"

    @property
    def title(self) -> str:
        """Maker, model and identity for people."""
        words = self.name if MAKERS.get(self.vendor, "").lower() in self.name.lower() else f"{self.maker} {self.name}"
        return f"{words.strip()} ({self.identity})"

    @property
    def maker(self) -> str:
        """Who made it, if that is a maker of modems."""
        return MAKERS.get(self.vendor, "")

    @property
    def ttys(self) -> tuple[str, ...]:
        """Its serial ports, in order of interface."""
        return tuple(interface.tty for interface in self.interfaces if interface.tty)


def sticks(root: Path) -> list[Stick]:
    """The devices of makers of modems, and whatever else has a serial port, in order of place."""
    found = (
        _stick(directory) for directory in sorted(_listed(root / "sys/bus/usb/devices")) if ":" not in directory.name
    )
    return [stick for stick in found if stick is not None and (stick.maker or stick.ttys)]


def _stick(directory: Path) -> Stick | None:
    vendor = _word(directory / "idVendor")
    if not vendor:
        return None
    words = " ".join(_word(directory / part) for part in ("manufacturer", "product"))
    number = _word(directory / "devnum")
    return Stick(
        path=directory.name,
        vendor=vendor,
        product=_word(directory / "idProduct"),
        name=" ".join(words.split()),
        device_number=int(number) if number.isdigit() else 0,
        interfaces=tuple(_interfaces(directory)),
    )


def _interfaces(device: Path) -> Iterator[Interface]:
    for directory in sorted(device.parent.glob(f"{device.name}:*")):
        driver = directory / "driver"
        yield Interface(
            number=int(_word(directory / "bInterfaceNumber") or "0", 16),
            kind=int(_word(directory / "bInterfaceClass") or "0", 16),
            driver=driver.resolve().name if driver.exists() else "",
            tty=next(_ttys(directory), ""),
        )


def _ttys(interface: Path) -> Iterator[str]:
    for place in (interface, interface / "tty"):
        yield from (path.name for path in sorted(_listed(place)) if path.name.startswith(("ttyUSB", "ttyACM")))


def _listed(directory: Path) -> list[Path]:
    try:
        return list(directory.iterdir())
    except OSError:
        return []


def _word(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
