"""cert: the certificates from the command line, with a running service that follows."""

import socket
import ssl
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from omsmodem import certificates
from omsmodem.app import Application
from omsmodem.certificates import Files
from tests.cli.conftest import Home


def served(port: int, authority: Path) -> bytes:
    context = ssl.create_default_context(cafile=str(authority))
    raw = socket.create_connection(("127.0.0.1", port), 10)
    with context.wrap_socket(raw, server_hostname="localhost") as connection:
        return connection.getpeercert(binary_form=True) or b""


def test_a_new_service_has_certificates_and_a_kit(home: Home) -> None:
    """set-up made what check finds good; the kit that everybody may fetch names no user."""
    result = home.run("cert", "check")
    assert (result.exit_code, result.stdout[:15]) == (0, "OK    localhost")
    with zipfile.ZipFile(home.directory / "tls" / "windows-kit.zip") as kit:
        assert "import-ca.cmd" in kit.namelist()
        assert not any(name.startswith("users/") for name in kit.namelist())
    assert "signs for   localhost" in home.run("cert", "show").stdout


@pytest.mark.parametrize("what", ["gone", "garbage"])
def test_a_certificate_that_is_lost_is_made_anew_without_an_import(home: Home, what: str) -> None:
    """By the same authority, for the name that people type."""
    tls = home.directory / "tls"
    (tls / "server.crt").unlink() if what == "gone" else (tls / "server.crt").write_text("garbage")
    (tls / "server.key").unlink()
    authority = (tls / "ca.crt").read_bytes()
    assert home.run("cert", "renew").exit_code == 0
    assert home.run("cert", "check").stdout.startswith("OK    localhost")
    assert (tls / "ca.crt").read_bytes() == authority


def test_a_running_service_takes_a_renewed_certificate(home: Home, serving: Callable[[], Application]) -> None:
    """Without a restart, and clients that trusted it still do."""
    application, authority = serving(), home.directory / "tls" / "ca.crt"
    before = served(application.https.port, authority)
    assert "nothing to do" in home.run("cert", "renew", "--if-within", "30d").stdout
    assert served(application.https.port, authority) == before
    assert home.run("cert", "renew").exit_code == 0
    assert served(application.https.port, authority) != before


def test_a_new_authority_is_made_only_when_asked(home: Home) -> None:
    """With more names, offline, from a passphrase file; renewal then needs the stick."""
    refused = home.run("cert", "init", "--name", "smsbox")
    assert refused.exit_code == 1
    assert "certificates already" in refused.stderr
    phrase, stick = home.directory / "phrase", home.directory / "stick.key"
    phrase.write_text("four gulls on a crane\n")
    away = ("--ca-offline", stick, "--passphrase-file", phrase)
    made = home.run("cert", "init", "--replace", "--name", "smsbox", "--ip", "192.0.2.5", *away)
    assert made.exit_code == 0
    assert "localhost, smsbox, 192.0.2.5" in made.stdout
    assert "put elsewhere" in home.run("cert", "renew").stderr
    assert home.run("cert", "renew", "--ca-key", stick, "--passphrase-file", phrase).exit_code == 0
    assert home.run("cert", "renew", "--if-within", "soon").exit_code == 2


def test_certificates_of_others_are_used(home: Home, tmp_path: Path) -> None:
    """Copied after they were tried; a warning where the name does not fit; the kit then has nothing to import."""
    other = Files.within(tmp_path / "other")
    certificates.init(other, ["sms.harbour.example"])
    result = home.run("cert", "use", "--cert", other.certificate, "--key", other.key)
    assert result.exit_code == 0
    assert "localhost, the name in service.uri, is not in the certificate" in result.stderr
    assert home.run("cert", "check").exit_code == 2
    with zipfile.ZipFile(home.directory / "tls" / "windows-kit.zip") as kit:
        assert "ca.cer" not in kit.namelist()
    assert home.run("cert", "use", "--cert", other.certificate, "--key", home.config).exit_code == 1


def test_a_kit_for_the_office_has_a_page_per_user(home: Home, tmp_path: Path) -> None:
    """Address and user name; never a password."""
    home.run("user", "add", "erik", "--reply-phone", "+447700900444")
    out = tmp_path / "kit.zip"
    assert "with 2 page(s) of users" in home.run("cert", "kit", "--out", out).stdout
    with zipfile.ZipFile(out) as kit:
        assert {"users/dana.txt", "users/erik.txt"} <= set(kit.namelist())
        assert b"+447700900444" in kit.read("users/erik.txt")
    assert home.run("cert", "kit", "--no-users", "--out", out).exit_code == 0
    with zipfile.ZipFile(out) as kit:
        assert "users/dana.txt" not in kit.namelist()
