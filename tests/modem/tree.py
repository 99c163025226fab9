"""A tree of sysfs, /dev, /proc and udev's data in a directory, with PTYs for the ports."""

from pathlib import Path

from omsmodem.modem.machine import Machine
from tests.modem.stick import PtyStick, Stick


class Tree:
    """A machine of which every detail is made up; `plug` a stick with its ports."""

    def __init__(self, root: Path) -> None:
        self.machine = Machine(root / "sys", root / "dev", root / "proc", root / "run" / "udev")
        for directory in ("sys/class/tty", "sys/bus/usb/devices", "dev/serial/by-id", "proc", "run/udev/data"):
            (root / directory).mkdir(parents=True)
        self._root = root
        self._count = 0
        self._ports: list[PtyStick] = []

    def plug(
        self,
        ids: str,
        ports: dict[int, tuple[str, Stick | None]],
        *,
        driver: str = "option1",
        place: str = "1-1",
        classes: tuple[str, ...] = (),
        serial: str = "",
    ) -> Path:
        """A USB device; `ports`: interface → (name of the tty, what answers there)."""
        self._count += 1
        usb = self._root / "sys/devices/usb1" / place
        vendor, product = ids.split(":")
        _write(
            usb,
            idVendor=vendor,
            idProduct=product,
            devnum=str(self._count),
            dev=f"189:{self._count}",
            manufacturer="Maker",
            product="Stick",
            serial=serial,
        )
        _link(self._root / "sys/bus/usb/devices" / place, usb)
        for number, klass in enumerate(classes):
            _write(usb / f"{place}:1.{number}", bInterfaceClass=klass, bInterfaceNumber=f"{number:02x}")
        for interface, (name, stick) in ports.items():
            self._port(usb, place, interface, name, stick, driver)
        return usb

    def _port(self, usb: Path, place: str, interface: int, name: str, stick: Stick | None, driver: str) -> None:
        at = usb / f"{place}:1.{interface}"
        _write(at, bInterfaceNumber=f"{interface:02x}", bInterfaceClass="ff")
        shared = driver == "cdc_acm"
        tty = (at if shared else at / name) / "tty" / name
        _write(tty, dev=f"188:{interface}")
        _link(tty / "device", at if shared else at / name)
        drivers = self._root / "sys/bus" / ("usb" if shared else "usb-serial") / "drivers" / driver
        drivers.mkdir(parents=True, exist_ok=True)
        _link((at if shared else at / name) / "driver", drivers)
        _link(self._root / "sys/class/tty" / name, tty)
        on_pty = PtyStick(stick or _deaf(), self.device(name))
        self._ports.append(on_pty)
        _link(self._root / "dev/serial/by-id" / f"usb-Maker_Stick-if{interface:02d}-port0", self.device(name))

    def unplug(self, *names: str) -> None:
        """Ports disappear from /dev and from sysfs."""
        for name in names:
            (self._root / "dev" / name).unlink()
            (self._root / "sys/class/tty" / name).unlink()
        for link in (self._root / "dev/serial/by-id").iterdir():
            if not link.exists():
                link.unlink()

    def device(self, name: str) -> Path:
        """The path of a port."""
        return self._root / "dev" / name

    def process(self, pid: int, name: str, *files: Path) -> None:
        """A process with files open."""
        _write(self._root / "proc" / str(pid), comm=name + "\n")
        (self._root / "proc" / str(pid) / "fd").mkdir()
        for number, file in enumerate(files):
            _link(self._root / "proc" / str(pid) / "fd" / str(number), file)

    def udev(self, number: str, *data: str) -> None:
        """What udev knows of a device number, as `c188:2`."""
        (self._root / "run/udev/data" / number).write_text("\n".join(data) + "\n")

    def close(self) -> None:
        for port in self._ports:
            port.unplug()


def _deaf() -> Stick:
    stick = Stick()
    stick.deaf = True
    return stick


def _write(directory: Path, **values: str) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for name, value in values.items():
        (directory / name).write_text(value if value.endswith("\n") else f"{value}\n")


def _link(link: Path, target: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    if link.is_symlink():
        link.unlink()
    link.symlink_to(target)
