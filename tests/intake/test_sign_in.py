"""What a client is told while passwords are guessed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from omsmodem.accounts import Account, Accounts
from omsmodem.intake import Intake, Limits
from omsmodem.message import Profile, Reason, Refusal
from omsmodem.numbers import NumberPolicy
from omsmodem.store import open_store


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Intake]:
    accounts = Accounts(tmp_path / "accounts.json")
    accounts.add(Account(name="dana"), "a tide table by heart")
    store = open_store(tmp_path / "omsmodem.db", lambda: datetime.now(UTC))
    yield Intake(accounts, store.accepting, numbers=NumberPolicy(country="GB"), limits=Limits())
    store.close()


def _reason(answer: Profile | Refusal) -> Reason | None:
    return answer.reason if isinstance(answer, Refusal) else None


def test_a_paused_address_is_told_that_the_service_is_busy(gate: Intake) -> None:
    """Not that the password is wrong: nobody looked at it, and Outlook must not forget a right one."""
    reasons = [_reason(gate.identify("dana", f"guess {number}", "192.0.2.1")) for number in range(12)]
    assert reasons == [Reason.INVALID_USER] * 10 + [Reason.BUSY] * 2
    assert _reason(gate.identify("dana", "a tide table by heart", "192.0.2.2")) is None
