"""The Windows kit holds what a PC needs, in forms that Windows of 2009 reads."""

import re
import zipfile
from pathlib import Path

import pytest

from omsmodem import certificates
from omsmodem.certificates import Files, KitUser, Service

SERVICE = Service("https://smsbox.office.example:8443/oms/service.asmx", "Hafen-SMS für alle", "Erik, phone 12")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    made = Files.within(tmp_path_factory.mktemp("tls"))
    certificates.init(made, [SERVICE.host])
    return made


@pytest.fixture
def kit(files: Files, tmp_path: Path) -> dict[str, bytes]:
    users = [KitUser("dana", "+447700900123"), KitUser("../../Ev il")]
    certificates.write_kit(tmp_path / "kit.zip", SERVICE, files.authority, users)
    with zipfile.ZipFile(tmp_path / "kit.zip") as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_everything_is_in_it(kit: dict[str, bytes], files: Files) -> None:
    """And file names of users lead nowhere else."""
    assert sorted(kit) == [
        *("README.txt", "ca.cer", "enable-tls12.reg", "import-ca.cmd", "proxy.txt", "sharepoint.txt"),
        *("users/_.._Ev_il.txt", "users/dana.txt"),
    ]
    assert kit["ca.cer"] == files.authority.read_bytes()
    for name in ("README.txt", "sharepoint.txt", "users/dana.txt"):
        assert SERVICE.uri.encode() in kit[name]
    assert b"+447700900123" in kit["users/dana.txt"]
    assert b"Erik, phone 12" in kit["users/dana.txt"]


def test_texts_have_the_line_ends_and_marks_of_windows(kit: dict[str, bytes]) -> None:
    """Every line ends in CR LF; what is not ASCII says that it is UTF-8."""
    for name, octets in kit.items():
        if name.endswith((".txt", ".cmd")):
            assert re.search(rb"(?<!\r)\n", octets) is None
            assert octets.isascii() or octets.startswith(b"\xef\xbb\xbf")
    assert kit["import-ca.cmd"].startswith(b"@echo off\r\n")


def test_the_registry_file_turns_on_tls_1_2_everywhere(kit: dict[str, bytes]) -> None:
    """WinHTTP in both views, WinINet, SChannel and .NET, in UTF-16 as regedit writes it."""
    octets = kit["enable-tls12.reg"]
    assert octets.startswith(b"\xff\xfe")
    text = octets.decode("utf-16")
    assert text.startswith("Windows Registry Editor Version 5.00\r\n\r\n[")
    assert "\n" not in text.replace("\r\n", "")
    for line in text.split("\r\n")[1:]:
        assert re.fullmatch(r'|\[HKEY_(LOCAL_MACHINE|CURRENT_USER)\\[^]]+\]|"\w+"=dword:[0-9a-f]{8}', line)
    settings = {match[1]: match[2] for match in re.finditer(r"\[([^]]+)\]\r\n((?:\"[^\r]+\r\n)+)", text)}
    internet = r"Microsoft\Windows\CurrentVersion\Internet Settings"
    for view in ("SOFTWARE", r"SOFTWARE\Wow6432Node"):
        assert '"DefaultSecureProtocols"=dword:00000a00' in settings[rf"HKEY_LOCAL_MACHINE\{view}\{internet}\WinHttp"]
        assert (
            '"SystemDefaultTlsVersions"=dword:00000001'
            in settings[rf"HKEY_LOCAL_MACHINE\{view}\Microsoft\.NETFramework\v2.0.50727"]
        )
    assert '"SecureProtocols"=dword:00000a80' in settings[rf"HKEY_CURRENT_USER\SOFTWARE\{internet}"]
    client = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\TLS 1.2\Client"
    assert '"DisabledByDefault"=dword:00000000' in settings[client]


def test_a_kit_for_a_public_certificate_has_nothing_to_import(tmp_path: Path) -> None:
    """And says so."""
    certificates.write_kit(tmp_path / "kit.zip", SERVICE, None)
    with zipfile.ZipFile(tmp_path / "kit.zip") as archive:
        assert not {"ca.cer", "import-ca.cmd"} & set(archive.namelist())
        assert b"nothing to import" in archive.read("README.txt")
        assert b"New-SPTrustedRootAuthority" not in archive.read("sharepoint.txt")


def test_only_a_kit_without_users_may_be_read_by_all(files: Files, tmp_path: Path) -> None:
    """Names of accounts are nobody else's business; and the same kit has the same octets."""
    for name in ("one.zip", "two.zip"):
        certificates.write_kit(tmp_path / name, SERVICE, files.authority)
    certificates.write_kit(tmp_path / "users.zip", SERVICE, files.authority, [KitUser("dana")])
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert (tmp_path / "one.zip").stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "users.zip").stat().st_mode & 0o777 == 0o600
