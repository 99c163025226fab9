"""Boots the systemd of a Debian root in namespaces of its own, with no network but its loopback, and asks it things.

Needs root, and a kernel that lets it make namespaces; where it does not, `booted` says None and nothing is tried.
"""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_NAME = "omsmodem-boot"
_ENVIRONMENT = ("PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8")
_UP = {"running", "degraded"}
_PATIENCE_S = 60.0

#: A cgroup to be the root of systemd's, in either of the kernel's two hierarchies, then namespaces, then its own world.
_BOOT = f"""
root=$1
for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
  [ -e $hierarchy/cgroup.procs ] && mkdir -p $hierarchy/{_NAME} && echo $$ > $hierarchy/{_NAME}/cgroup.procs
done 2>/dev/null
exec unshare --mount --pid --fork --kill-child --uts --ipc --cgroup --net bash -c '
set -e
root=$1
mount --make-rprivate /
mount --bind $root $root
mount -t proc proc $root/proc
mount -t sysfs sysfs $root/sys
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mount -t cgroup2 cgroup2 $root/sys/fs/cgroup
else
  mount -t tmpfs tmpfs $root/sys/fs/cgroup
  mkdir $root/sys/fs/cgroup/systemd
  mount -t cgroup -o none,name=systemd cgroup $root/sys/fs/cgroup/systemd
fi
for place in run tmp; do mount -t tmpfs tmpfs $root/$place; done
mount -t tmpfs -o mode=755 tmpfs $root/dev
for device in null zero full random urandom tty; do
  touch $root/dev/$device; mount --bind /dev/$device $root/dev/$device
done
mkdir $root/dev/pts $root/dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,gid=5 devpts $root/dev/pts
ln -s pts/ptmx $root/dev/ptmx; ln -s /proc/self/fd $root/dev/fd
cd $root; mkdir -p old; pivot_root . old; cd /; umount -l /old; rmdir /old
mount --make-rshared /
exec env -i container=omsmodem PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --unit=multi-user.target
' boot "$root"
"""


@dataclass(frozen=True)
class Machine:
    """A system that runs; `pid` is its systemd, seen from here."""

    pid: int

    def run(self, *command: str, check: bool = True) -> str:
        """Run a command in it and return what it prints."""
        entered = [
            "nsenter",
            "--target",
            str(self.pid),
            "--all",
            "--root",
            "--wd",
            "env",
            "-i",
            *_ENVIRONMENT,
            *command,
        ]
        done = subprocess.run(entered, check=False, capture_output=True, text=True, timeout=120)
        if check and done.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout.strip()

    def unit(self, name: str, what: str) -> str:
        """A property of a unit."""
        return self.run("systemctl", "show", name, "--property", what, "--value")


@contextmanager
def booted(root: Path) -> Iterator[Machine | None]:
    """The system in `root`, booted; None where it does not come up."""
    process = subprocess.Popen(
        ["bash", "-c", _BOOT, "boot", str(root)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield _up(process)
    finally:
        process.kill()  # and with it, by --kill-child, systemd and all that it runs
        process.wait(60)
        for hierarchy in ("", "systemd", "unified"):
            _forget(Path("/sys/fs/cgroup", hierarchy, _NAME))


def _up(process: subprocess.Popen[bytes]) -> Machine | None:
    deadline = time.monotonic() + _PATIENCE_S
    while process.poll() is None and time.monotonic() < deadline:
        child = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        if child:
            machine = Machine(int(child[0]))
            if machine.run("systemctl", "is-system-running", check=False) in _UP:
                return machine
        time.sleep(0.5)
    return None


def _forget(cgroup: Path) -> None:
    """Remove a cgroup and those below it, once they are empty."""
    with suppress(OSError):
        for below in sorted(cgroup.glob("**/"), key=lambda path: -len(path.parts)):
            below.rmdir()
