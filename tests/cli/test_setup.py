"""From a box and a stick to a service, and again without harm."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from omsmodem.accounts import Accounts
from omsmodem.cli import main
from omsmodem.cli.finding import find
from omsmodem.cli.setup import _guess_country
from omsmodem.config import ServiceValues, load, render
from omsmodem.modem.discovery import Probe, probe
from tests.modem.stick import Stick, answer
from tests.modem.tree import Tree

IMEI = "356938035643809"


def run(*arguments: str | Path, stdin: str = "") -> Result:
    return CliRunner().invoke(main, ["setup", *map(str, arguments)], input=stdin)


def test_the_options_that_scripts_give_are_enough(tmp_path: Path) -> None:
    """Nothing is asked, everything is made, and what to type is printed."""
    home, password = tmp_path / "office", tmp_path / "password"
    password.write_text("a long enough password\n")
    result = run(
        *("--directory", home, "--host", "sms.harbour.example", "--port", "8444", "--modem", "/dev/ttyUSB2"),
        *("--account", "dana", "--password-file", password, "--country", "gb", "--yes"),
    )
    assert result.exit_code == 0, result.output
    config = load(home / "config.yaml")
    assert config.service.uri == "https://sms.harbour.example:8444/oms/service.asmx"
    assert (config.modems[0].device, config.modems[0].imei) == ("/dev/ttyUSB2", None)
    assert config.numbers.country == "GB"
    account = Accounts(config.storage.accounts).verify("dana", "a long enough password")
    assert account is not None
    assert account.operator
    for name in ("ca.crt", "ca.cer", "server.crt", "server.key", "windows-kit.zip"):
        assert (home / "tls" / name).exists()
    assert (home / "config.yaml").stat().st_mode & 0o777 == 0o600
    for words in (
        "https://sms.harbour.example:8444/oms/service.asmx",
        "Set-SPMobileMessagingAccount",
        "certutil",
        "dana",
    ):
        assert words in result.stdout
    assert "a long enough password" not in result.stdout


def test_what_is_not_given_is_asked(tmp_path: Path) -> None:
    """Name, port, country, mail server, modem and first account; the made password is shown once."""
    home = tmp_path / "office"
    answers = ["sms.harbour.example", "8443", *([] if _locale_names_a_country() else ["GB"])]
    answers += ["mail.harbour.example", "admin@harbour.example", "/dev/ttyUSB0", "dana"]
    result = run("--directory", home, stdin="\n".join(answers) + "\n")
    assert result.exit_code == 0, result.output
    config = load(home / "config.yaml")
    assert config.mail.host == "mail.harbour.example"
    assert config.mail.sender == "omsmodem@harbour.example"
    assert config.alarms.mail_to == ("admin@harbour.example",)
    assert [account.name for account in Accounts(config.storage.accounts).all()] == ["dana"]
    made = result.stdout.partition("password              ")[2].split()[0]
    assert Accounts(config.storage.accounts).verify("dana", made) is not None


def _locale_names_a_country() -> bool:
    return _guess_country() is not None


def test_run_again_it_keeps_what_is_there_and_adds_what_is_missing(tmp_path: Path) -> None:
    """A configuration edited by hand, certificates, accounts: nothing is lost."""
    home = tmp_path / "office"
    arguments = ("--directory", home, "--host", "localhost", "--modem", "/dev/null", "--account", "dana", "--yes")
    assert run(*arguments).exit_code == 0
    config, authority = home / "config.yaml", home / "tls" / "ca.crt"
    config.write_text(config.read_text() + "# mine\n")
    before = (config.read_bytes(), authority.read_bytes(), (home / "accounts.json").read_bytes())
    result = run(*arguments)
    assert result.exit_code == 0
    assert "is kept as it is" in result.stdout
    assert "(as before; `omsmodem user password dana` makes another)" in result.stdout
    assert "As localhost only this machine reaches it" in result.stdout
    assert before == (config.read_bytes(), authority.read_bytes(), (home / "accounts.json").read_bytes())

    (home / "accounts.json").unlink()
    for file in (home / "tls").iterdir():
        file.unlink()
    assert run(*arguments).exit_code == 0
    assert authority.exists()
    assert (home / "accounts.json").exists()


def test_an_imei_may_be_given_in_place_of_a_port(tmp_path: Path) -> None:
    """It finds the modem on whichever port it is."""
    run("--directory", tmp_path, "--host", "localhost", "--modem", IMEI, "--account", "dana", "--yes")
    (modem,) = load(tmp_path / "config.yaml").modems
    assert (modem.imei, modem.device) == (IMEI, None)


def test_a_host_that_is_none_is_refused(tmp_path: Path) -> None:
    """Before anything is written."""
    result = run("--directory", tmp_path / "x", "--host", "not a host", "--modem", "/dev/null", "--yes")
    assert result.exit_code == 2
    assert "is no host name" in result.output
    assert not (tmp_path / "x").exists()


def test_an_answer_that_is_none_is_asked_for_again(tmp_path: Path) -> None:
    """Name, port, country and mail address: the question comes again with what was wrong, and the set-up goes on."""
    home = tmp_path / "office"
    answers = ["https://sms.harbour.example", "sms.harbour.example", "abc", "70000", "8443"]
    answers += [] if _locale_names_a_country() else ["Germany", "UK", "GB"]
    answers += ["mail.harbour.example", "nobody", "admin@harbour.example", "/dev/ttyUSB0", "dana"]
    result = run("--directory", home, stdin="\n".join(answers) + "\n")
    assert result.exit_code == 0, result.output
    assert "'https://sms.harbour.example' is no host name" in result.output
    assert "'abc' is no port: a number from 1 to 65535" in result.output
    assert "'nobody' is no mail address" in result.output
    config = load(home / "config.yaml")
    assert (config.listen.port, config.alarms.mail_to) == (8443, ("admin@harbour.example",))


@pytest.mark.parametrize(
    ("option", "words"), [(("--country", "UK"), "is no country code"), (("--mail-to", "nobody"), "is no mail address")]
)
def test_an_option_that_cannot_be_is_refused(tmp_path: Path, option: tuple[str, str], words: str) -> None:
    """Before anything is written."""
    result = run("--directory", tmp_path / "office", *option, "--yes")
    assert result.exit_code == 2
    assert words in result.output
    assert not (tmp_path / "office").exists()


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """One sentence, no traceback."""
    (tmp_path / "file").write_text("")
    result = run("--directory", tmp_path / "file" / "office", "--modem", "/dev/ttyUSB0", "--yes")
    assert result.exit_code == 1
    assert "config.yaml cannot be written: Not a directory" in result.output


def test_a_configuration_for_the_system_names_its_places(tmp_path: Path) -> None:
    """Data and sockets where the Debian package has them; the file is valid."""
    values = ServiceValues(
        "sms.harbour.example", 8443, "", "GB", IMEI, state=Path("/var/lib/omsmodem"), runtime=Path("/run/omsmodem")
    )
    path = tmp_path / "config.yaml"
    path.write_text(render(values))
    config = load(path)
    assert config.storage.database == Path("/var/lib/omsmodem/omsmodem.db")
    assert config.storage.control_socket == Path("/run/omsmodem/control.sock")
    assert config.backup.directory == Path("/var/lib/omsmodem/backup")


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    tree = Tree(tmp_path)
    yield tree
    tree.close()


def test_the_stick_is_found_on_its_best_port(tree: Tree) -> None:
    """One entry a stick, with what people know it by."""
    good = Stick({"AT+CGSN": answer(IMEI), "AT+CNMI=?": answer("+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)")})
    tree.plug("2c7c:0125", {2: ("ttyUSB2", good), 3: ("ttyUSB3", None)})
    found, troubles = find(tree.machine, lambda device: _probe(device, tree))
    assert [one.probe.identity.imei for one in found] == [IMEI]
    assert found[0].title.endswith(f"at {tree.device('ttyUSB2')}, IMEI {IMEI}")
    assert found[0].lasting_device.endswith("usb-Maker_Stick-if02-port0")
    assert troubles == []


def test_a_stick_that_is_no_modem_yet_is_told(tree: Tree) -> None:
    """CD-ROM mode, and ports without an answer."""
    tree.plug("19d2:2000", {}, classes=("08",))
    tree.plug("2c7c:0125", {2: ("ttyUSB2", None)}, place="1-2")
    found, troubles = find(tree.machine, lambda device: Probe(device, trouble="no answer to AT"))
    assert found == []
    assert len(troubles) == 2
    assert "CD-ROM" in troubles[0]


def _probe(device: str, tree: Tree) -> Probe:
    return probe(device) if device == str(tree.device("ttyUSB2")) else Probe(device, trouble="no answer")
