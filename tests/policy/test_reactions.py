"""The policy knows every reaction that a cause may ask for."""

from datetime import UTC, datetime, timedelta

import pytest

from omsmodem.policy.refusals import MAX_ATTEMPTS, REACTIONS, Verdict, after_refusal
from omsmodem.sms import causes
from omsmodem.sms.causes import Cause, Reaction

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LADDER = (timedelta(seconds=30), timedelta(minutes=5))


def test_every_reaction_has_a_row() -> None:
    """Also the rare ones."""
    assert set(REACTIONS) == set(Reaction)


@pytest.mark.parametrize("reaction", Reaction)
def test_every_reaction_has_a_decision(reaction: Reaction) -> None:
    """At the first refusal and after many; no moment of a next try lies in the past."""
    for attempts in (0, 50):
        assert after_refusal(Cause(None, "", reaction), attempts, NOW, LADDER).retry_at >= NOW


@pytest.mark.parametrize("error", [causes.cms, causes.cme])
def test_no_code_is_tried_for_ever(error: type) -> None:
    """Every code that costs a try is given up, or asks for something else, in the end."""
    for code in range(1100):
        decision = after_refusal(error(code), MAX_ATTEMPTS, NOW, LADDER)
        assert decision.verdict is not Verdict.RETRY
