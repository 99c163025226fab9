"""Machines laid out in a directory: /sys, /proc, /dev and /run as the kernel and udev would have them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from omsmodem.doctor import Patient
from omsmodem.doctor.rounds import Check
from omsmodem.facts import Facts, Finding

NOW = datetime(2026, 11, 23, 7, 20, tzinfo=UTC)
FACTS = Facts(now=NOW, uri="https://localhost:8443/oms/service.asmx")


def the(check: Check, patient: Patient) -> Finding:
    """The one finding of a check."""
    (finding,) = check(patient)
    return finding


@dataclass
class Machine:
    """A root directory that things are plugged into."""

    root: Path

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def plug_in(
        self, identity: str, name: str, interfaces: list[tuple[int, str, str]], *, place: str = "1-1", number: int = 4
    ) -> None:
        """A USB device with interfaces of (class, driver, tty), e.g. (0xFF, "option", "ttyUSB0")."""
        vendor, product = identity.split(":")
        devices = "sys/bus/usb/devices"
        for part, text in (("idVendor", vendor), ("idProduct", product), ("product", name), ("devnum", str(number))):
            self.write(f"{devices}/{place}/{part}", text + "\n")
        for index, (kind, driver, tty) in enumerate(interfaces):
            interface = f"{devices}/{place}:1.{index}"
            self.write(f"{interface}/bInterfaceNumber", f"{index:02x}\n")
            self.write(f"{interface}/bInterfaceClass", f"{kind:02x}\n")
            if driver:
                home = self.root / "sys/bus/usb/drivers" / driver
                home.mkdir(parents=True, exist_ok=True)
                (self.root / interface / "driver").symlink_to(home)
            if tty:
                (self.root / interface / tty / "tty" / tty).mkdir(parents=True)
                self.write(f"dev/{tty}", "")

    def name_lastingly(self, name: str, tty: str) -> None:
        directory = self.root / "dev/serial/by-id"
        directory.mkdir(parents=True, exist_ok=True)
        (directory / name).symlink_to(self.root / "dev" / tty)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)
