"""A small disk of one's own, which can be full, or broken as disks break: an ext4 image on a loop device. Needs root."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SIZE_MB = 24


def why_not() -> str:
    """Why there can be no such disk here, empty when there can."""
    if os.geteuid() != 0:
        return "a disk of one's own needs root"
    missing = [program for program in ("mkfs.ext4", "mount") if shutil.which(program) is None]
    if missing or not Path("/dev/loop-control").exists():
        return f"a disk of one's own needs {', '.join(missing) or 'loop devices'}"
    return ""


class Disk:
    """One disk, mounted at a directory."""

    def __init__(self, at: Path, image: Path) -> None:
        self._at = at
        self._image = image
        self._ballast = at / "ballast"

    def mount(self) -> None:
        """Put it in its place; what a journal holds is replayed."""
        subprocess.run(["mount", "-o", "loop", self._image, self._at], check=True)

    def unmount(self) -> None:
        """Take it away."""
        subprocess.run(["umount", self._at], check=True)

    def sync(self) -> None:
        """Put all of it on the platter."""
        subprocess.run(["sync", "-f", self._at], check=True)

    def fill(self) -> None:
        """Leave no room on it (ENOSPC)."""
        with suppress(OSError), self._ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))

    def clear(self) -> None:
        """Let there be room again."""
        self._ballast.unlink()

    def fail(self) -> None:
        """From now on it can only be read, as the kernel leaves a disk that failed (EROFS)."""
        subprocess.run(["mount", "-o", "remount,abort", self._at], check=True)

    def repair(self) -> None:
        """Mount it afresh. Nobody may be using it."""
        self.unmount()
        self.mount()


@contextmanager
def own_disk(at: Path) -> Iterator[Disk]:
    """A new disk mounted at a directory, gone afterwards."""
    image = at.with_name(at.name + ".img")
    with image.open("wb") as file:
        file.truncate(SIZE_MB << 20)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", image], check=True)
    disk = Disk(at, image)
    disk.mount()
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", at], check=False)
        image.unlink()
