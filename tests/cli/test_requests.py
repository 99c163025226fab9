"""user requests · approve · reject."""

from pathlib import Path

from click.testing import CliRunner

from omsmodem.accounts import Accounts
from omsmodem.cli import main
from omsmodem.message import AccountRequest
from omsmodem.periods import utc_now
from omsmodem.store import open_store


def _run(config: Path, *arguments: str) -> tuple[int, str]:
    command, *rest = arguments
    result = CliRunner().invoke(main, ["user", command, "--config", str(config), *rest])
    return result.exit_code, result.output


def test_the_operator_approves_or_rejects_who_asked(tmp_path: Path) -> None:
    """An approved request becomes an account with a password shown once; a rejected one is forgotten."""
    config = tmp_path / "config.yaml"
    config.write_text("service:\n  uri: https://sms.harbour.example/oms/service.asmx\n")
    store = open_store(tmp_path / "omsmodem.db", utc_now)
    store.registrations.ask(AccountRequest("Erin Reed", "erin@harbour.example", "+447700900123", "192.0.2.7"))
    store.registrations.ask(AccountRequest("Nobody", "nobody@harbour.example"))
    store.close()

    code, listed = _run(config, "requests")
    assert code == 0
    assert "Erin Reed  erin@harbour.example  +447700900123  from 192.0.2.7" in listed
    code, approved = _run(config, "approve", "1", "erin")
    assert code == 0
    password = approved.split("password ")[1].split(";")[0]
    account = Accounts(tmp_path / "accounts.json").verify("erin", password)
    assert account is not None
    assert (account.reply_phone, account.smtp_address) == ("+447700900123", "erin@harbour.example")
    assert _run(config, "approve", "1", "erin")[0] == 1
    assert _run(config, "approve", "2", "erin")[0] == 1  # the name is taken, the request stays
    assert _run(config, "reject", "2") == (0, "forgot the request of Nobody\n")
    assert _run(config, "reject", "2")[0] == 1
    assert _run(config, "requests") == (0, "")
