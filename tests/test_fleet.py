"""The modems as the configuration builds them."""

from pathlib import Path

import pytest

from omsmodem.accounts import Account, Accounts
from omsmodem.config import load
from omsmodem.fleet import sending
from tests.plain import Plain


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    found = Accounts(tmp_path / "accounts.json", hasher=Plain())
    for name, choice in (("dana", ""), ("robin", "hold")):
        found.add(Account(name, when_uncertain=choice), "a long password")
    return found


def test_a_doubt_is_settled_as_its_account_wants(accounts: Accounts, tmp_path: Path) -> None:
    """The account's choice, else the service's; while the accounts cannot be read a person decides, and sending goes on."""
    (tmp_path / "config.yaml").write_text("service:\n  uri: https://sms.harbour.example/oms/service.asmx\n")
    resends = sending(load(tmp_path / "config.yaml"), accounts).resend
    assert (resends("dana"), resends("robin"), resends("nobody")) == (True, False, True)
    (tmp_path / "accounts.json").write_text("[]")
    assert not resends("dana")
