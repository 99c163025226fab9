"""Secrets are files that the configuration names, or credentials that systemd hands over."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from omsmodem.config import ConfigError, SecretUnreadable, load, read_secret
from omsmodem.config.credentials import located

SERVICE = 'service: {uri: "https://sms.harbour.example:8443/oms/service.asmx"}\n'


def configured(home: Path, pin_file: str) -> Path:
    path = home / "config.yaml"
    path.write_text(f"{SERVICE}modems: [{{name: front, device: /dev/null, pin_file: '{pin_file}'}}]\n")
    return path


@pytest.mark.parametrize("name", ["simpin", "secrets_simpin"])
def test_a_credential_is_what_systemd_hands_over(tmp_path: Path, name: str) -> None:
    """By its own name (LoadCredential=simpin:…), or as a file of the directory that the unit hands over whole."""
    (tmp_path / name).write_text("1234\n")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert located("simpin", environ, tmp_path / "none") == tmp_path / name


def test_commands_outside_the_unit_find_the_file_it_comes_from(tmp_path: Path) -> None:
    """`doctor` and `modem probe` run without the unit's environment; without any file the service's own is named."""
    (tmp_path / "simpin").write_text("1234\n")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path / "none")}
    assert located("simpin", environ, tmp_path) == tmp_path / "simpin"
    assert located("smtp", environ, tmp_path) == tmp_path / "none" / "secrets_smtp"


def test_the_configuration_names_it(tmp_path: Path) -> None:
    """In a process that systemd gave it to, as systemd does."""
    (tmp_path / "secrets_simpin").write_text("1234\n")
    code = "import sys; from pathlib import Path; from omsmodem.config import load; print(load(Path(sys.argv[1])).modems[0].pin_file)"
    asked = subprocess.run(
        [sys.executable, "-c", code, str(configured(tmp_path, "credential:simpin"))],
        env=os.environ | {"CREDENTIALS_DIRECTORY": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert asked.stdout.strip() == str(tmp_path / "secrets_simpin")


def test_a_plain_path_stays_a_path(tmp_path: Path) -> None:
    """Beside the configuration, as every other; and what has secrets is listed for whoever looks after their rights."""
    config = load(configured(tmp_path, "pin"))
    assert config.modems[0].pin_file == tmp_path / "pin"
    assert config.secret_files() == (tmp_path / "pin",)


@pytest.mark.parametrize("name", ["credential:", "credential:../shadow", "credential:a/b"])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    """With what would be right."""
    with pytest.raises(ConfigError, match="credential:simpin"):
        load(configured(tmp_path, name))


def test_a_secret_that_cannot_be_read_names_its_key(tmp_path: Path) -> None:
    """So that a start without it says where the secret belongs; the secret itself is only its first line."""
    (tmp_path / "pin").write_bytes(b"1234\r\nof the front modem\n")
    assert read_secret(tmp_path / "pin", "modems.pin_file") == "1234"
    with pytest.raises(SecretUnreadable, match=r"modems\.pin_file names .*none, which cannot be read \(No such file"):
        read_secret(tmp_path / "none", "modems.pin_file")
