"""Who else has a port open, and whether ModemManager may grab it."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from omsmodem.modem.machine import HOST, Machine, SerialLine

_MODEM_MANAGER = "ModemManager"
_KEEP_OFF = ("E:ID_MM_DEVICE_IGNORE=1", "E:ID_MM_PORT_IGNORE=1", "E:ID_MM_TTY_BLACKLIST=1")


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that has a port open."""

    pid: int
    name: str

    def __str__(self) -> str:
        return f"{self.name} (process {self.pid})"


class Grabbing(StrEnum):
    """What ModemManager may do to a port. Running as root, it is stopped by no lock, only by udev's mark."""

    NO = "no"  # it does not run
    KEEPS_OFF = "keeps off"
    MAY_GRAB = "may grab it"


def holders(device: str | Path, machine: Machine = HOST) -> list[Holder]:
    """The processes that have `device` open, as far as we may see: without root only those of our own user."""
    target = str(Path(device).resolve())
    return [
        Holder(int(process.name), _name(process)) for process in _processes(machine) if target in _open_files(process)
    ]


def modem_manager(line: SerialLine, machine: Machine = HOST) -> Grabbing:
    """Whether ModemManager runs and has not been told to keep off this port."""
    if not any(_name(process) == _MODEM_MANAGER for process in _processes(machine)):
        return Grabbing.NO
    places = [line.sysfs] + ([line.usb.path] if line.usb else [])
    told = any(mark in _udev_data(place, machine) for place in places for mark in _KEEP_OFF)
    return Grabbing.KEEPS_OFF if told else Grabbing.MAY_GRAB


def _processes(machine: Machine) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        yield from sorted(entry for entry in machine.proc.iterdir() if entry.name.isdigit())


def _open_files(process: Path) -> set[str]:
    found = set()
    with contextlib.suppress(OSError):
        for descriptor in (process / "fd").iterdir():
            with contextlib.suppress(OSError):
                found.add(str(descriptor.readlink()))
    return found


def _name(process: Path) -> str:
    try:
        return (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return "a process"


def _udev_data(place: Path, machine: Machine) -> list[str]:
    try:
        number = (place / "dev").read_text(encoding="ascii").strip()
        return (machine.udev / "data" / f"c{number}").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
