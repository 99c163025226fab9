"""What a disk holds after a power cut: the writes of a real run, as the kernel saw them, cut at every point.

strace records every write to the store and every synchronisation. A cut keeps all that was synchronised before it; of what
was not, the disk keeps nothing, everything, or half of the last write.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_CALL = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) += (-?\d+)")
_TRACED = "openat,close,pwrite64,write,fdatasync,fsync,ftruncate,unlink"
PAGE_OCTETS = 512  # a disk writes a sector whole, more it may tear


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a file: octets at an offset, a new length, a synchronisation; or a promise was made."""

    kind: str  # write, truncate, sync, remove, promise
    name: str = ""
    offset: int = 0
    octets: bytes = b""


@dataclass(slots=True)
class Disk:
    """Files as they are on the platter."""

    files: dict[str, bytearray] = field(default_factory=dict)

    def apply(self, event: Event, upto: int | None = None) -> None:
        """Let one event reach the platter, or only its first octets."""
        file = self.files.setdefault(event.name, bytearray())
        if event.kind == "truncate":
            del file[event.offset :]
            file.extend(bytes(event.offset - len(file)))
            return
        octets = event.octets if upto is None else event.octets[:upto]
        file.extend(bytes(max(event.offset + len(octets) - len(file), 0)))
        file[event.offset : event.offset + len(octets)] = octets

    def copy(self) -> "Disk":
        """The same files, to go on differently."""
        return Disk({name: bytearray(octets) for name, octets in self.files.items()})

    def write_to(self, directory: Path) -> None:
        """Lay the files out, as they are found after the power came back."""
        directory.mkdir()
        for name, octets in self.files.items():
            (directory / name).write_bytes(octets)


def record(code: str, directory: Path, trace: Path) -> list[Event]:
    """Run Python `code` with the directory as its argument; what happened to the files in it, and what it promised."""
    command = ["strace", "-f", "-xx", "-s", "1000000", "-e", f"trace={_TRACED}", "-o", str(trace)]
    subprocess.run([*command, sys.executable, "-c", code, str(directory)], check=True, timeout=120, capture_output=True)
    return list(_events(trace, directory))


def _events(trace: Path, directory: Path) -> Iterator[Event]:
    names: dict[int, str] = {}
    ends: dict[str, int] = {}
    for line in trace.read_text().splitlines():
        match = _CALL.match(line)
        if match is None:
            continue
        call, arguments, result = match[1], match[2], int(match[3])
        strings = [bytes.fromhex(text.replace("\\x", "")) for text in re.findall(r'"((?:\\x[0-9a-f]{2})*)"', arguments)]
        if call == "openat":
            path = Path(strings[0].decode(errors="replace"))
            if result >= 0 and path.parent == directory:
                names[result] = path.name
            continue
        if call == "unlink":
            path = Path(strings[0].decode(errors="replace"))
            if not result and path.parent == directory:
                yield Event("remove", path.name)
            continue
        descriptor = int(arguments.partition(",")[0])
        if call == "close":
            names.pop(descriptor, None)
        elif call == "write" and descriptor == 1:
            yield Event("promise", octets=strings[0])
        elif descriptor in names:
            yield from _change(call, names[descriptor], arguments, strings, ends)


def _change(call: str, name: str, arguments: str, strings: list[bytes], ends: dict[str, int]) -> Iterator[Event]:
    if call == "pwrite64":
        yield Event("write", name, int(arguments.rpartition(",")[2]), strings[0])
    elif call == "write":
        yield Event("write", name, ends.get(name, 0), strings[0])
        ends[name] = ends.get(name, 0) + len(strings[0])
    elif call == "ftruncate":
        yield Event("truncate", name, int(arguments.rpartition(",")[2]))
    elif call in ("fsync", "fdatasync"):
        yield Event("sync", name)


def cuts(events: list[Event]) -> Iterator[tuple[int, str, Disk]]:
    """The disk at every cut: promises made before it, which of the unsynchronised writes it kept, and its files."""
    platter = Disk()
    pending: list[Event] = []
    promises = 0
    for event in events:
        if event.kind == "promise":
            promises += event.octets.count(b"\n")
            yield promises, "only what was synchronised", platter.copy()
        elif event.kind == "remove":
            platter.files.pop(event.name, None)
            pending = [one for one in pending if one.name != event.name]
        elif event.kind == "sync":
            yield from _torn(promises, platter, [one for one in pending if one.name == event.name])
            for one in pending:
                if one.name == event.name:
                    platter.apply(one)
            pending = [one for one in pending if one.name != event.name]
        else:
            pending.append(event)


def _torn(promises: int, platter: Disk, pending: list[Event]) -> Iterator[tuple[int, str, Disk]]:
    if not pending:
        return
    *first, last = pending
    disk = platter.copy()
    disk.apply(last)
    yield promises, "only the last write", disk
    disk = platter.copy()
    for one in first:
        disk.apply(one)
    yield promises, "all but the last write", disk.copy()
    disk.apply(last, upto=max(len(last.octets) // 2 // PAGE_OCTETS * PAGE_OCTETS, 0))
    yield promises, "half of the last write", disk
