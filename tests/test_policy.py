"""The policy knows every reaction that a cause may ask for."""

from datetime import UTC, datetime, timedelta

import pytest

from omsmodem.policy import after_refusal
from omsmodem.sms.causes import Reaction

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("reaction", Reaction)
def test_every_reaction_has_a_decision(reaction: Reaction) -> None:
    """Also the rare ones, at the first refusal and after many; no moment of a next try lies in the past."""
    for attempts in (0, 50):
        assert after_refusal(reaction, attempts, NOW, (timedelta(seconds=30),)).retry_at >= NOW
