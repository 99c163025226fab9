"""A start that fails says what to do about it."""

import socket
import subprocess
import sys

from omsmodem.cli.options import read_config
from omsmodem.store.turn import service_of
from tests.cli.conftest import Home


def serve(home: Home) -> subprocess.CompletedProcess[str]:
    """A start that ends by itself."""
    command = [sys.executable, "-m", "omsmodem", "serve", "--config", str(home.config)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_port_that_is_taken(home: Home) -> None:
    """By whom can be found out, and which port is ours is the configuration's to say."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        text = home.config.read_text().replace(
            "  port: 0\n", f"  port: {taken.getsockname()[1]}\n  address: 127.0.0.1\n"
        )
        home.config.write_text(text)
        result = serve(home)
    assert result.returncode == 1
    assert "Address already in use" in result.stderr
    assert "`ss -ltnp` names it" in result.stderr


def test_a_port_of_another_door_that_is_taken(home: Home) -> None:
    """What had been started by then is ended: the process is gone, and the service manager may start it again."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        home.configure(
            f"maildoor:\n  enabled: true\n  domain: sms.harbour.example\n  address: 127.0.0.1\n  port: {port}\n"
        )
        result = serve(home)
    assert result.returncode == 1
    assert "Address already in use" in result.stderr


def test_a_certificate_that_cannot_be_served(home: Home) -> None:
    """With the two commands that help."""
    (home.directory / "tls" / "server.crt").write_text("no certificate")
    result = serve(home)
    assert result.returncode == 1
    assert "cannot be served" in result.stderr
    assert "`omsmodem cert check` says more" in result.stderr


def test_a_secret_that_is_not_there(home: Home) -> None:
    """The key that names the file is named."""
    text = home.config.read_text().replace("    device:", "    pin_file: none\n    device:")
    home.config.write_text(text)
    result = serve(home)
    assert result.returncode == 1
    assert "modems.pin_file names" in result.stderr


def test_a_second_service_on_a_directory_does_not_start(home: Home) -> None:
    """Whatever port it has: it would take the first one's messages in hand for left ones, and its control socket."""
    database = read_config(home.config).storage.database
    with service_of(database.parent):
        result = serve(home)
    assert result.returncode == 1
    assert f"another service works on {database.parent}" in result.stderr


def test_accounts_that_cannot_be_read_stop_the_start(home: Home) -> None:
    """Else everybody would be told that their password is wrong; the doctor says the same."""
    (home.directory / "accounts.json").write_text("{bad")
    result = serve(home)
    assert result.returncode == 1
    assert "accounts.json is no account file" in result.stderr
    assert "Nobody can sign in" in home.run("doctor").stdout


def test_the_configuration_of_the_service_is_checked_where_no_file_is_named(home: Home) -> None:
    """As every other command finds it."""
    assert f"{home.config}: good." in home.run("check-config").stdout


def test_mistakes_in_a_configuration_are_said_without_the_words_of_programmers(home: Home) -> None:
    """What the value must be, what it is, and which key was probably meant, also in another section."""
    home.config.write_text(
        "service: {uri: https://sms.harbour.example/oms/service.asmx}\n"
        "listen: {port: 99999}\nmodems: [{name: front, imei: 12}]\nquiet_hours: never\n"
        "numbers: {country: Germany, countries_allowed: DE}\nmail: {port: smtp}\ntimezone: Europe/London\n"
    )
    told = home.run("check-config").stderr
    for words in (
        "2: listen.port: must be 65535 or less",
        "3: modems.0.imei: must be the 15 digits that `omsmodem modem probe` shows, not '12'",
        "4: quiet_hours: must have its keys below it",
        "5: numbers.country: must be two capital letters, e.g. GB, not 'Germany'",
        "5: numbers.countries_allowed: must be a list",
        "6: mail.port: must be a whole number",
        "7: timezone: is no key of omsmodem; did you mean limits.timezone?",
    ):
        assert words in told
    assert "input" not in told


def test_a_country_that_is_none_is_said(home: Home) -> None:
    """Else every number without + would be refused one by one."""
    home.config.write_text(home.config.read_text().replace("country: GB", "country: UK"))
    assert "UK is no country code" in home.run("check-config").stderr
