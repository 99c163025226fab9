"""The units for systemd: valid, tight, and free of the traps that others fell into."""

import configparser
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[2] / "systemd"


class _Unit(configparser.RawConfigParser):
    """A unit file: keys may come several times and keep their case."""

    def __init__(self, name: str) -> None:
        super().__init__(strict=False, interpolation=None, delimiters=("=",), comment_prefixes=("#",))
        self.optionxform = str
        self.text = (UNITS / name).read_text()
        self.read_string(self.text)

    def all(self, key: str) -> list[str]:
        """Every value of a key."""
        return re.findall(rf"^{key}=(.*)$", self.text, flags=re.MULTILINE)


SERVICE, SOCKET, RENEWAL = (_Unit(name) for name in ("omsmodem.service", "omsmodem.socket", "omsmodem-renew.service"))


def _analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    return subprocess.run(["systemd-analyze", *map(str, arguments)], capture_output=True, text=True, timeout=60)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units with a program that exists."""
    for unit in UNITS.glob("omsmodem*"):
        if unit.suffix in (".service", ".socket", ".timer"):
            (tmp_path / unit.name).write_text(unit.read_text().replace("/usr/bin/omsmodem", "/bin/true"))
    return tmp_path


def test_systemd_finds_nothing_wrong(installed: Path) -> None:
    """Every unit, with no word of complaint."""
    checked = _analyze("verify", "--man=no", *sorted(installed.iterdir()))
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


@pytest.mark.parametrize(("name", "most"), [("omsmodem.service", 15), ("omsmodem-renew.service", 20)])
def test_the_exposure_is_low(installed: Path, name: str, most: int) -> None:
    """1.5 or better for the service that opens a modem and serves a network (9.6 for most of its kind)."""
    checked = _analyze("security", "--offline=true", f"--threshold={most}", installed / name)
    assert checked.returncode == 0, checked.stdout[-300:]


def test_drivers_are_loaded_before_the_device_rules_are_read() -> None:
    """Else DeviceAllow matches nothing, and a stick that is plugged in later stays forbidden."""
    for driver in ("usbserial", "cdc_acm"):
        for key in ("Wants", "After"):
            assert f"modprobe@{driver}.service" in SERVICE["Unit"][key].split()
    assert SERVICE.all("DeviceAllow") == ["char-ttyUSB rw", "char-ttyACM rw"]


def test_no_capability_where_it_would_be_useless() -> None:
    """With PrivateUsers a port below 1024 needs the socket unit; the default port is above."""
    assert SERVICE["Service"]["PrivateUsers"] == "yes"
    assert SERVICE["Service"]["CapabilityBoundingSet"] == ""
    assert SOCKET["Socket"]["FileDescriptorName"] == "https"


def test_the_socket_is_filtered_like_the_service() -> None:
    """A socket that systemd opens does not know the service's address filter."""
    for key in ("IPAddressDeny", "IPAddressAllow"):
        assert SOCKET["Socket"][key] == SERVICE["Service"][key]


def test_certificates_are_no_credentials() -> None:
    """A credential does not change on reload: right for a PIN, wrong for a certificate that is renewed."""
    (credential,) = SERVICE.all("LoadCredential")
    assert credential == "secrets:/etc/omsmodem/secrets"
    assert SERVICE["Service"]["ExecReload"].endswith("-HUP $MAINPID")


def test_only_root_reads_the_authority_s_key() -> None:
    """Renewal is a unit of its own, without a network; nothing of the service runs as root."""
    assert "User" not in RENEWAL["Service"]
    assert RENEWAL["Service"]["PrivateNetwork"] == "yes"
    assert RENEWAL["Service"]["ReadWritePaths"] == "/etc/omsmodem/tls"
    assert SERVICE["Service"]["User"] == "omsmodem"


def test_the_watchdog_waits_longer_than_a_sign_of_life_may_take() -> None:
    """A third of a minute between signs, ten seconds for HTTPS to answer; and a stop waits for the segment in hand."""
    assert SERVICE["Service"]["Type"] == "notify"
    assert SERVICE["Service"]["WatchdogSec"] == "60s"
    assert int(SERVICE["Service"]["TimeoutStopSec"].removesuffix("s")) > 200


def test_users_and_directories_are_made(tmp_path: Path) -> None:
    """By systemd-sysusers and systemd-tmpfiles, below another root."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("systemd-sysusers", "systemd-tmpfiles"))):
        pytest.skip("needs root and systemd's own tools")
    (tmp_path / "etc").mkdir()
    for tool, unit in (("systemd-sysusers", "omsmodem.sysusers"), ("systemd-tmpfiles --create", "omsmodem.tmpfiles")):
        command = [*tool.split(), f"--root={tmp_path}", "-"]
        made = subprocess.run(
            command, input=(UNITS / unit).read_text(), capture_output=True, text=True, timeout=30, check=False
        )
        assert made.returncode == 0, made.stderr
    assert re.search(r"^omsmodem:", (tmp_path / "etc/passwd").read_text(), flags=re.MULTILINE)
    assert re.search(r"^dialout:.*omsmodem$", (tmp_path / "etc/group").read_text(), flags=re.MULTILINE)
    assert (tmp_path / "etc/omsmodem/secrets").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "etc/omsmodem/tls").stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "var/lib/omsmodem").stat().st_mode & 0o777 == 0o700


def test_the_udev_rule_keeps_modemmanager_away() -> None:
    """Before its candidates are chosen (80) and after serial identities are known (60); jumps land."""
    (rules,) = UNITS.glob("[67]?-*.rules")
    text = rules.read_text()
    assert 'ENV{ID_MM_DEVICE_IGNORE}="1"' in text
    assert set(re.findall(r'GOTO="(\w+)"', text)) == set(re.findall(r'LABEL="(\w+)"', text))
    for line in text.splitlines():
        for part in filter(None, line.split("#")[0].split(", ")):
            assert re.fullmatch(r'\w+(\{[\w/]+\})?(==|!=|=|\+=)"[^"]*"', part.strip()), part
