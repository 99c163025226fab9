"""What the kernel tells about serial ports and USB devices: sysfs, /dev, /proc and udev's data. Reads only."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    """Where the kernel tells it; tests have a tree of their own."""

    sys: Path = Path("/sys")
    dev: Path = Path("/dev")
    proc: Path = Path("/proc")
    udev: Path = Path("/run/udev")


@dataclass(frozen=True, slots=True)
class UsbDevice:
    """A USB device: its place in sysfs, ids in lower case hexadecimal, and what it calls itself."""

    path: Path
    vendor: str
    product: str
    name: str = ""
    serial: str = ""
    enumeration: int = 0  # grows each time the kernel meets a device on that bus

    @property
    def ids(self) -> str:
        """`vendor:product`, as lsusb writes it."""
        return f"{self.vendor}:{self.product}"


@dataclass(frozen=True, slots=True)
class SerialLine:
    """A serial port: `device` is what a program opens, `interface` its number within the USB device."""

    device: Path
    sysfs: Path
    driver: str = ""
    interface: int | None = None
    usb: UsbDevice | None = None
    by_id: Path | None = None

    @property
    def sighting(self) -> tuple[str, int]:
        """The same as long as the device stays plugged in."""
        return str(self.device), self.usb.enumeration if self.usb else 0


HOST = Machine()


def serial_lines(machine: Machine = HOST) -> list[SerialLine]:
    """Every serial port with hardware behind it, in the kernel's order."""
    by_id = {link.resolve(): link for link in sorted(_entries(machine.dev / "serial" / "by-id"))}
    lines = (_serial_line(entry, machine, by_id) for entry in sorted(_entries(machine.sys / "class" / "tty")))
    return [line for line in lines if line is not None]


def _serial_line(entry: Path, machine: Machine, by_id: dict[Path, Path]) -> SerialLine | None:
    device = machine.dev / entry.name
    if not (entry / "device").exists() or not device.exists():
        return None
    sysfs = entry.resolve()
    driver = (entry / "device" / "driver").resolve().name if (entry / "device" / "driver").exists() else ""
    place = _above(sysfs, "bInterfaceNumber")
    return SerialLine(
        device,
        sysfs,
        driver,
        int(_text(place / "bInterfaceNumber"), 16) if place else None,
        _usb_above(sysfs),
        by_id.get(device.resolve()),
    )


def usb_devices(machine: Machine = HOST) -> list[UsbDevice]:
    """Every USB device that is plugged in."""
    entries = sorted(entry.resolve() for entry in _entries(machine.sys / "bus" / "usb" / "devices"))
    return [device for entry in entries if (device := _usb_device(entry)) is not None]


def without_port(machine: Machine = HOST) -> list[UsbDevice]:
    """Every USB device that offers no serial port."""
    with_port = {line.usb.path for line in serial_lines(machine) if line.usb is not None}
    return [usb for usb in usb_devices(machine) if usb.path not in with_port]


def by_device(lines: Iterable[SerialLine]) -> list[list[SerialLine]]:
    """The ports of each USB device together, in their order; those on none are together too."""
    devices: dict[UsbDevice | None, list[SerialLine]] = {}
    for line in lines:
        devices.setdefault(line.usb, []).append(line)
    return list(devices.values())


def interface_classes(usb: UsbDevice) -> set[str]:
    """The class of each interface, two hexadecimal digits: 08 storage, 02 and e0 network, ff a maker's own."""
    return {_text(place / "bInterfaceClass").lower() for place in _entries(usb.path)} - {""}


def _usb_above(sysfs: Path) -> UsbDevice | None:
    place = _above(sysfs, "idVendor")
    return _usb_device(place) if place else None


def _usb_device(place: Path) -> UsbDevice | None:
    vendor, product = _text(place / "idVendor").lower(), _text(place / "idProduct").lower()
    if not vendor:
        return None
    number = _text(place / "devnum")
    name = " ".join(part for part in (_text(place / "manufacturer"), _text(place / "product")) if part)
    return UsbDevice(place, vendor, product, name, _text(place / "serial"), int(number) if number.isdigit() else 0)


def _above(sysfs: Path, name: str) -> Path | None:
    return next((place for place in sysfs.parents if (place / name).is_file()), None)


def _entries(directory: Path) -> Iterator[Path]:
    if directory.is_dir():
        yield from directory.iterdir()


def _text(path: Path) -> str:
    """A sysfs attribute; empty when there is none, also when the device has just gone."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
