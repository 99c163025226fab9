"""user: accounts from the command line."""

import json
from collections.abc import Callable
from pathlib import Path

from omsmodem.accounts import Accounts
from omsmodem.app import Application
from tests.cli.conftest import PASSWORD, Home


def test_accounts_come_are_changed_and_go(home: Home) -> None:
    """A made password is shown once and works; keys are set, shown and listed."""
    added = home.run("user", "add", "erik", "--mail", "erik@harbour.example", "--operator").stdout
    password = added.strip().rpartition(" ")[2]
    accounts = Accounts(home.directory / "accounts.json")
    assert accounts.verify("erik", password)
    assert home.run("user", "set", "erik", "segments_per_day", "20").stdout == "erik: segments_per_day is 20\n"
    assert json.loads(home.run("user", "show", "erik", "--json").stdout)["segments_per_day"] == 20
    shown = " ".join(home.run("user", "show", "erik").stdout.split())
    assert "quiet_hours - # when its automatic messages wait" in shown
    assert "erik  operator  erik@harbour.example" in home.run("user", "list").stdout
    names = [json.loads(line)["name"] for line in home.run("user", "list", "--json").stdout.splitlines()]
    assert names == ["dana", "erik"]
    home.run("user", "remove", "erik")
    assert accounts.get("erik") is None


def test_who_changed_accounts_is_on_record(home: Home) -> None:
    """Who was made, given rights or a password, and taken away; no number, no address."""
    home.store().close()  # the service has started once
    home.run("user", "add", "erik", "--mail", "erik@harbour.example")
    home.run("user", "set", "erik", "operator", "on")
    home.run("user", "set", "erik", "reply_phone", "+447700900333")
    home.run("user", "password", "erik")
    home.run("user", "remove", "erik")
    acts = [line.split("\t")[2:] for line in home.run("audit").stdout.splitlines()]
    assert acts[::-1] == [
        ["user add", "erik"],
        ["user set", "erik operator on"],
        ["user set", "erik reply_phone"],
        ["user password", "erik"],
        ["user remove", "erik"],
    ]


def test_mistakes_change_nothing(home: Home) -> None:
    """A sentence and exit code 1 or 2."""
    assert "say on or off" in home.run("user", "set", "dana", "enabled", "perhaps").stderr
    assert home.run("user", "set", "dana", "password_hash", "x").exit_code == 2
    assert "there is no account 'nobody'" in home.run("user", "show", "nobody").stderr
    assert "exists already" in home.run("user", "add", "Dana").stderr
    assert "say one mail address" in home.run("user", "add", "kim", "--mail", "kim at the harbour").stderr
    assert "there is no account 'kim'" in home.run("user", "show", "kim").stderr


def test_a_weak_password_is_warned_of_or_refused(home: Home) -> None:
    """As the configuration has it; scripts with short ones keep working unless it says otherwise."""
    file = home.directory / "password"
    file.write_text("tide&74\n")
    warned = home.run("user", "password", "dana", "--password-file", file)
    assert warned.exit_code == 0
    assert "Warning: the password has 7 characters" in warned.stderr
    home.configure("\nauth:\n  min_password_length: 15\n")
    refused = home.run("user", "password", "dana", "--password-file", file)
    assert refused.exit_code == 1
    assert "auth.min_password_length is 15" in refused.stderr
    assert Accounts(home.directory / "accounts.json").verify("dana", "tide&74")


def test_a_thousand_guesses_from_the_office_stop_nobody_there(home: Home, serving: Callable[[], Application]) -> None:
    """The running service: dana works on while her own PC's address guesses her password; the operator sees it."""
    application = serving()
    dana = ("dana", PASSWORD, "127.0.0.1")
    assert application.accounts.verify(*dana)
    for number in range(1000):
        application.intake.identify("dana", f"guess {number}", "127.0.0.1")
    assert application.accounts.verify(*dana)
    assert "127.0.0.1 for dana" in home.run("user", "throttle").stdout
    assert json.loads(home.run("status", "--json").stdout)["clients"]["guessing_from"] == ["127.0.0.1"]
    assert home.run("user", "throttle", "clear").stdout == "nothing is paused\n"


def test_a_stopped_service_pauses_nobody(home: Home) -> None:
    """The throttle lives in the service."""
    assert "Nothing is paused" in home.run("user", "throttle").stderr


def test_a_new_service_has_one_account_with_a_password_of_its_own(tmp_path: Path) -> None:
    """No default account, no default password: what is made is shown once, and is another each time."""
    shown = []
    for name in ("one", "two"):
        home = Home(tmp_path / name)
        made = home.run("setup", "--directory", home.directory, "--host", "localhost", "--modem", "m", "--yes")
        shown.append(next(line.split()[-1] for line in made.stdout.splitlines() if line.strip().startswith("password")))
        accounts = Accounts(home.directory / "accounts.json")
        assert [account.name for account in accounts.all()] == ["office"]
        assert accounts.verify("office", shown[-1])
    assert len(set(shown)) == 2
    assert all(len(password) == 20 for password in shown)
