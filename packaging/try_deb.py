"""Tries the Debian package as a new user would, in a root of its own: install, set up, serve, send, upgrade, remove, purge.

Needs root and debootstrap. The root is made once and kept in the given directory.
"""

import argparse
import contextlib
import importlib.util
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import live
from saying import expect, say, until

from omsmodem.cli.outlook import deliver

MIRROR = "http://deb.debian.org/debian"
PACKAGES = "python3,adduser,procps,systemd,udev,ca-certificates"
PORT = 18499
URI = f"https://localhost:{PORT}/oms/service.asmx"
MODEM = "/var/lib/omsmodem/modem"
PHONE = "+447700900222"
TEXT = "Fish delivery moved to 15:30 🐟, 12 € a crate."
USER = "dana"
MOST_COMMANDS = 8
_APT = ("apt-get", "install", "-y", "-q", "--no-install-recommends")
NEWER = "99.0"


@dataclass(frozen=True)
class Root:
    """A Debian system in a directory."""

    path: Path

    def run(self, *command: str, check: bool = True, user: str = "", answers: str = "") -> str:
        """Run a command in it, with what a person answers, and return what it prints."""
        done = subprocess.run(
            self.inside(*command, user=user), input=answers, check=False, capture_output=True, text=True, timeout=300
        )
        if check and done.returncode:
            sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def inside(self, *command: str, user: str = "") -> list[str]:
        """The command line that runs a command in it."""
        who = [f"--userspec={user}", f"--groups={user},dialout"] if user else []
        return ["chroot", *who, str(self.path), "/usr/bin/env", "-i", *_ENVIRONMENT, *command]

    def __truediv__(self, path: str) -> Path:
        return self.path / path.lstrip("/")


_ENVIRONMENT = ("PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", "HOME=/root")


def main() -> None:
    """Try the package; ends with a sentence and exit code 1 at the first thing that is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", type=Path)
    parser.add_argument("--suite", default="bookworm")
    parser.add_argument("--root", type=Path, help="where the root is made, or was (default: a temporary directory)")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        home = chosen.root or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="omsmodem-root-")))
        root = _debian(home, chosen.suite)
        for what in ("proc", "dev/pts"):
            stack.enter_context(_mounted(what, root))
        for step in (_as_a_new_user, _under_systemd, _upgrade, _remove_and_purge):
            step(root, chosen.package)
    print("the package does what it promises")


def _debian(home: Path, suite: str) -> Root:
    if not (home / "usr/bin/python3").exists():
        say(f"making a Debian {suite} root")
        subprocess.run(
            ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, str(home), MIRROR],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    home.chmod(0o755)  # a temporary directory is its maker's alone, and not everybody in there is root
    (home / "etc/hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")
    return Root(home)


@contextmanager
def _mounted(what: str, root: Root) -> Iterator[None]:
    place = str(root / what)
    subprocess.run(["mount", "--bind", f"/{what}", place], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", place], check=True)


# -- the steps --------------------------------------------------------------------------------------------------------


def _as_a_new_user(root: Root, package: Path) -> None:
    """From nothing to a text on a phone and a page in a browser, in the commands of docs/getting-started.md."""
    root.run("dpkg", "--purge", "omsmodem", check=False)
    shutil.copyfile(package, root / "root/omsmodem.deb")
    with _Keyboard(root) as keyboard, ExitStack() as running:
        keyboard.types(*_APT, "/root/omsmodem.deb")
        _look_at_what_was_installed(root)
        running.enter_context(_stick(root))
        # the name, the port, the country, no mail server yet, where the stick is, the first account
        told = keyboard.types("omsmodem", "setup", answers=f"localhost\n{PORT}\nGB\n\n{MODEM}\n{USER}\n")
        password = told.partition("password              ")[2].split()[0]
        expect(URI in told and "certutil" in told, f"set-up says what to type into Outlook: {told}")
        doctor = keyboard.types("omsmodem", "doctor", check=False)
        expect("The service does not run" in doctor, f"the doctor says what is still to be done: {doctor}")
        keyboard.types(
            "systemctl", "enable", "--now", "omsmodem", "omsmodem-renew.timer", check=False
        )  # no systemd runs here
        enabled = root / "etc/systemd/system/multi-user.target.wants/omsmodem.service"
        expect(enabled.is_symlink(), "the service starts with the machine")
        running.enter_context(_service(root))
        keyboard.types("omsmodem", "cert", "kit", "--out", "/root/windows-kit.zip")
        keyboard.types("omsmodem", "user", "add", "kim", "--mail", "kim@harbour.example")
        _send_as_outlook_does(root, password)
        screen = keyboard.types("omsmodem", "status")
        expect(" OK " in screen.splitlines()[0] and "delivered 1" in screen, f"all is well: {screen}")
        _see_in_a_browser(password)
        _look_again(root)


class _Keyboard:
    """What a new user types; no more than eight commands."""

    def __init__(self, root: Root) -> None:
        self._root = root
        self._typed: list[str] = []

    def __enter__(self) -> "_Keyboard":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            expect(len(self._typed) <= MOST_COMMANDS, f"{len(self._typed)} commands were enough: {self._typed}")

    def types(self, *command: str, answers: str = "", check: bool = True) -> str:
        """Run a command as a person would, and return what it says."""
        self._typed.append(" ".join(command))
        say(f"$ {self._typed[-1]}")
        return self._root.run(*command, answers=answers, check=check)


def _look_at_what_was_installed(root: Root) -> None:
    user = root.run("id", "omsmodem")
    expect("dialout" in user, f"the user is in dialout: {user}")
    for path, mode, owner in (
        ("/etc/omsmodem", 0o750, "root"),
        ("/etc/omsmodem/secrets", 0o700, "root"),
        ("/var/lib/omsmodem", 0o700, "omsmodem"),
    ):
        found = root.run("stat", "-c", "%a %U", path).split()
        expect(found == [f"{mode:o}", owner], f"{path} is {found}")
    for place in (
        "man/man8/omsmodem.8.gz",
        "bash-completion/completions/omsmodem",
        "doc/omsmodem/README.md",
        "doc/omsmodem/sbom.json",
    ):
        expect((root / f"usr/share/{place}").exists(), f"{place} is there")
    problems = root.run(
        "systemd-analyze", "verify", "omsmodem.service", "omsmodem.socket", "omsmodem-renew.timer", check=False
    )
    expect("omsmodem" not in problems, f"systemd likes the units: {problems}")
    if "verify" in root.run("udevadm", "--help"):
        root.run("udevadm", "verify", "/usr/lib/udev/rules.d/77-omsmodem.rules")


def _send_as_outlook_does(root: Root, password: str) -> None:
    answer = deliver(URI, root / "etc/omsmodem/tls/ca.crt", USER, password, (PHONE,), TEXT)
    expect(answer == "ok", f"the service says ok: {answer}")
    expect(until(lambda: [phone["text"] for phone in _phones(root)] == [TEXT]), "the phone has every character")
    expect(until(lambda: _status(root)["ledger"]["delivered"] == 1), "the message is delivered")


def _see_in_a_browser(password: str) -> None:
    if importlib.util.find_spec("selenium") is None or not all(map(shutil.which, ("chromium", "chromedriver"))):
        say("  - nobody looked at the page: needs chromium, chromium-driver and selenium")
        return
    import browser

    shown = browser.first_page(f"https://localhost:{PORT}/", USER, password, (1200, 900))
    expect("All is well" in shown and "ready" in shown, f"the status page is seen in Chromium: {shown}")


def _look_again(root: Root) -> None:
    """What else is promised of a service that runs."""
    rights = root.run("stat", "-c", "%a %U %G", "/etc/omsmodem/config.yaml").split()
    expect(rights == ["640", "root", "omsmodem"], f"the configuration is the service's to read: {rights}")
    expect(_page(root, "/healthz") == "ok\n", "monitors hear ok")
    doctor = root.run("omsmodem", "doctor", check=False)
    expect("FAIL" not in doctor, f"the doctor finds nothing:\n{doctor}")
    expect("kept as it is" in root.run("omsmodem", "setup", "--yes"), "set-up may be run again")


def _under_systemd(root: Root, _package: Path) -> None:
    live.under_systemd(root.path, URI, USER, PHONE)


def _upgrade(root: Root, package: Path) -> None:
    say("upgrading, with a backup first")
    before = _status(root)["ledger"]
    with tempfile.TemporaryDirectory() as directory:
        newer = _repacked(package, Path(directory))
        told = _dpkg(root, newer)
    expect("backup before the upgrade" in told, f"a backup is made first: {told}")
    expect(len(list((root / "var/lib/omsmodem/backup").glob("*.db"))) == 1, "and kept")
    expect(NEWER in root.run("dpkg-query", "-W", "omsmodem"), "the newer one is installed")
    expect(_status(root)["ledger"] == before, f"the queue is the same: {before}")


def _remove_and_purge(root: Root, _package: Path) -> None:
    say("removing, purging")
    root.run("dpkg", "--remove", "omsmodem")
    expect(not (root / "opt/omsmodem/bin").exists(), "the program is gone")
    expect((root / "var/lib/omsmodem/omsmodem.db").exists(), "the queue stays")
    expect((root / "etc/omsmodem/config.yaml").exists(), "the configuration stays")
    root.run("dpkg", "--purge", "omsmodem")
    expect(not (root / "var/lib/omsmodem").exists(), "after a purge nothing is left")
    expect(not (root / "etc/omsmodem").exists(), "after a purge nothing is left")


# -- what they use ----------------------------------------------------------------------------------------------------


def _dpkg(root: Root, package: Path) -> str:
    shutil.copyfile(package, root / "root/omsmodem.deb")
    return root.run(*_APT, "/root/omsmodem.deb")


def _repacked(package: Path, home: Path) -> Path:
    """The same package with a higher version."""
    subprocess.run(["dpkg-deb", "--raw-extract", str(package), str(home / "x")], check=True)
    control = home / "x/DEBIAN/control"
    control.write_text(re.sub(r"(?m)^Version: .*$", f"Version: {NEWER}", control.read_text()))
    newer = home / "newer.deb"
    subprocess.run(
        ["dpkg-deb", "-Zgzip", "--build", str(home / "x"), str(newer)], check=True, stdout=subprocess.DEVNULL
    )
    return newer


@contextmanager
def _stick(root: Root) -> Iterator[None]:
    """A simulated modem as the stick."""
    (root / MODEM).unlink(missing_ok=True)
    (root / "tmp/phones.jsonl").unlink(missing_ok=True)
    simulate = ("omsmodem", "simulate-modem", "--link", MODEM, "--log", "/tmp/phones.jsonl", "--air-time", "0")
    with _process(root.inside(*simulate, user="omsmodem")):
        expect(until((root / MODEM).is_symlink), "the simulated modem is plugged in")
        yield


@contextmanager
def _service(root: Root) -> Iterator[None]:
    """The service as systemd would start it: the unit's command, as its user. (systemd itself does not run in such a root.)"""
    unit = (root / "usr/lib/systemd/system/omsmodem.service").read_text()
    (command,) = re.findall(r"(?m)^ExecStart=(.*)$", unit)
    (root / "run/omsmodem").mkdir(parents=True, exist_ok=True)
    root.run("chown", "omsmodem:omsmodem", "/run/omsmodem")
    with _process(root.inside(*command.split(), user="omsmodem")):
        expect(until(lambda: _answers(root)), "the service answers")
        yield


@contextmanager
def _process(command: list[str]) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def _answers(root: Root) -> bool:
    with contextlib.suppress(OSError):
        return _page(root, "/healthz") != ""
    return False


def _page(root: Root, path: str) -> str:
    context = ssl.create_default_context(cafile=str(root / "etc/omsmodem/tls/ca.crt"))
    with urllib.request.urlopen(f"https://localhost:{PORT}{path}", context=context, timeout=10) as answer:
        return str(answer.read().decode())


def _phones(root: Root) -> list[dict[str, str]]:
    log = root / "tmp/phones.jsonl"
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def _status(root: Root) -> dict[str, object]:
    return json.loads(root.run("omsmodem", "status", "--json", check=False))


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit("this needs root: it makes a Debian root and installs a package there")
    main()
