"""system install · remove: user, directories, unit and udev rule, where omsmodem came by pip or pipx and not as a package."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import click

from omsmodem.cli.groups import Group
from omsmodem.modem import udev

#: Where the units expect the program; an installation by pip has it elsewhere.
_PROGRAM = "/usr/bin/omsmodem"
_PLACES = {
    "omsmodem.service": "etc/systemd/system/omsmodem.service",
    "omsmodem.socket": "etc/systemd/system/omsmodem.socket",
    "omsmodem-renew.service": "etc/systemd/system/omsmodem-renew.service",
    "omsmodem-renew.timer": "etc/systemd/system/omsmodem-renew.timer",
    "omsmodem.sysusers": "etc/sysusers.d/omsmodem.conf",
    "omsmodem.tmpfiles": "etc/tmpfiles.d/omsmodem.conf",
}
_UNITS = ("/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")
_HIDDEN = (
    "The service will not see the program in {place}: its sandbox hides home directories and /tmp. Install it elsewhere,"
    " e.g. python3 -m venv /opt/omsmodem && /opt/omsmodem/bin/pip install omsmodem"
)
_RULE = "etc/udev/rules.d/77-omsmodem.rules"
#: What takes the files into use; a program that is missing has nothing to take them.
_AFTER_INSTALL = (
    ("systemd-sysusers", "omsmodem.conf"),
    ("systemd-tmpfiles", "--create", "omsmodem.conf"),
    ("systemctl", "daemon-reload"),
    ("udevadm", "control", "--reload"),
)
_BEFORE_REMOVE = (("systemctl", "disable", "--now", "omsmodem.service", "omsmodem.socket", "omsmodem-renew.timer"),)
_AFTER_REMOVE = (("systemctl", "daemon-reload"), ("udevadm", "control", "--reload"))

_dry_run = click.option("--dry-run", is_flag=True, help="Only say what would be done.")
_root = click.option(
    "--root",
    default="/",
    type=click.Path(path_type=Path, file_okay=False),
    help="Another root directory; nothing is run.",
)


@click.group(cls=Group)
def system() -> None:
    """Make omsmodem a service of this machine. The Debian package needs none of this."""


def shipped(name: str) -> str:
    """One of the files of `systemd/`, from the installed package or from the source tree."""
    home = resources.files("omsmodem") / "systemd"
    found = home / name if home.is_dir() else Path(__file__).resolve().parents[2] / "systemd" / name
    return found.read_text(encoding="utf-8")


def _files() -> Iterator[tuple[str, str]]:
    for name, place in _PLACES.items():
        yield place, shipped(name).replace(_PROGRAM, _program())
    yield _RULE, udev.rules()


def _program() -> str:
    """The program that runs now, as systemd can start it."""
    beside = Path(sys.executable).parent / "omsmodem"
    return str(beside if beside.exists() else shutil.which("omsmodem") or _PROGRAM)


@system.command()
@_root
@_dry_run
def install(root: Path, dry_run: bool) -> None:
    """Write the unit, its user, its directories and the udev rule, and take them into use."""
    install_at(root, dry_run=dry_run)
    click.echo("Next: omsmodem setup, then systemctl enable --now omsmodem omsmodem-renew.timer")


def install_at(root: Path = Path("/"), *, dry_run: bool = False) -> None:
    """Make omsmodem a service of the system in `root`. Raises click.ClickException without the right to."""
    _require_root(root, dry_run)
    if root == Path("/") and _hidden(Path(sys.prefix)):
        click.echo(_HIDDEN.format(place=Path(sys.prefix).resolve()), err=True)
    for place, text in _files():
        click.echo(f"write {root / place}")
        if not dry_run:
            path = root / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            path.chmod(0o644)
    _run_all(_AFTER_INSTALL, root, dry_run)


def is_installed() -> bool:
    """Whether this machine has the unit, from here or from a package."""
    return any((Path(place) / "omsmodem.service").exists() for place in _UNITS)


def can_be_installed() -> bool:
    """Whether this machine has something that reads units."""
    return shutil.which("systemctl") is not None


def _hidden(place: Path) -> bool:
    """Whether the unit's sandbox hides a directory from the service (ProtectHome=, PrivateTmp=)."""
    return any(place.resolve().is_relative_to(home) for home in ("/home", "/root", "/run/user", "/tmp", "/var/tmp"))  # noqa: S108 - compared, not written to


@system.command()
@_root
@_dry_run
def remove(root: Path, dry_run: bool) -> None:
    """Take away what `install` wrote. Configuration, queue and backups stay."""
    _require_root(root, dry_run)
    _run_all(_BEFORE_REMOVE, root, dry_run)
    for place in (*_PLACES.values(), _RULE):
        path = root / place
        if path.exists():
            click.echo(f"delete {path}")
            if not dry_run:
                path.unlink()
    _run_all(_AFTER_REMOVE, root, dry_run)


def _require_root(root: Path, dry_run: bool) -> None:
    if not dry_run and root == Path("/") and os.geteuid() != 0:
        raise click.ClickException("this needs root: sudo omsmodem system …")


def _run_all(commands: tuple[tuple[str, ...], ...], root: Path, dry_run: bool) -> None:
    if root != Path("/"):
        return
    for command in commands:
        if shutil.which(command[0]) is None:
            continue
        click.echo(" ".join(command))
        if not dry_run and subprocess.run(command, check=False).returncode:  # noqa: S603 - the lists above
            click.echo(f"{command[0]} had something against it", err=True)
