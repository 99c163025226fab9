"""Every reaction of every code has its row: what becomes of the message, and what it says of the modem."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omsmodem.policy.refusals import MAX_ATTEMPTS, REACTIONS, Suspicion, Verdict, after_refusal
from omsmodem.sms import causes
from omsmodem.sms.causes import Cause, Reaction

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LADDER = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=5))


def test_every_reaction_has_a_row() -> None:
    """A new class of code cannot be forgotten here."""
    assert set(REACTIONS) == set(Reaction)


@pytest.mark.parametrize(
    ("code", "verdict", "suspicion", "counted"),
    [
        (41, Verdict.RETRY, Suspicion.FAINT, True),
        (27, Verdict.RETRY, Suspicion.FAINT, True),
        (1, Verdict.FAIL, Suspicion.FAINT, True),
        (196, Verdict.FAIL, Suspicion.NONE, True),
        (8, Verdict.RETRY, Suspicion.STRONG, True),
        (38, Verdict.RETRY, Suspicion.FAINT, True),
        (197, Verdict.SENT, Suspicion.NONE, True),
        (145, Verdict.WITHOUT_CLASS, Suspicion.NONE, True),
        (198, Verdict.WITHOUT_VALIDITY, Suspicion.NONE, True),
        (208, Verdict.RETRY, Suspicion.STORAGE, True),
        (304, Verdict.FAIL, Suspicion.NONE, True),
        (300, Verdict.RETRY, Suspicion.MODEM, True),
        (310, Verdict.WAIT, Suspicion.SIM, False),
        (314, Verdict.WAIT, Suspicion.BUSY, False),
        (322, Verdict.RETRY, Suspicion.STORAGE, True),
        (331, Verdict.WAIT, Suspicion.NETWORK, False),
        (332, Verdict.DOUBT, Suspicion.NONE, True),
        (500, Verdict.RETRY, Suspicion.FAINT, True),
    ],
)
def test_codes_and_what_is_done(code: int, verdict: Verdict, suspicion: Suspicion, counted: bool) -> None:
    """One row a class of code, as the operator's manual lists them."""
    decision = after_refusal(causes.cms(code), 0, NOW, LADDER, from_network=code < 256)
    assert (decision.verdict, decision.suspicion, decision.counted) == (verdict, suspicion, counted)


def test_a_stop_of_the_modem_itself_waits_and_a_stop_of_the_network_backs_off() -> None:
    """302 from the modem is about no recipient; 8 from the network may be about this one."""
    assert after_refusal(causes.cms(302), 0, NOW, LADDER, from_network=False).verdict is Verdict.WAIT
    decision = after_refusal(causes.cms(8), 0, NOW, LADDER, from_network=True)
    assert decision.retry_at - NOW >= timedelta(minutes=15)


def test_the_pause_follows_the_ladder_and_then_its_last_rung() -> None:
    """30 s, 2 min, 5 min, 5 min, …"""
    pauses = [(after_refusal(causes.cms(41), n, NOW, LADDER).retry_at - NOW).total_seconds() for n in range(5)]
    assert pauses == [30, 120, 300, 300, 300]


def test_a_slow_code_starts_at_a_quarter_of_an_hour() -> None:
    """Destination out of order is not congestion."""
    assert after_refusal(causes.cms(27), 0, NOW, LADDER).retry_at - NOW == timedelta(minutes=15)


def test_a_code_that_is_worth_three_tries_then_does_what_follows() -> None:
    """500: three tries, then as 38; 111: three tries, then never."""
    assert after_refusal(causes.cms(500), 2, NOW, LADDER).retry_at - NOW == timedelta(minutes=5)
    assert after_refusal(causes.cms(500), 3, NOW, LADDER).retry_at - NOW == timedelta(minutes=15)
    assert after_refusal(causes.cms(111), 3, NOW, LADDER).verdict is Verdict.FAIL


def test_no_message_is_tried_more_than_ten_times() -> None:
    """Networks use temporary codes for lasting states."""
    assert after_refusal(causes.cms(41), MAX_ATTEMPTS - 2, NOW, LADDER).verdict is Verdict.RETRY
    assert after_refusal(causes.cms(41), MAX_ATTEMPTS - 1, NOW, LADDER).verdict is Verdict.FAIL


def test_jitter_spreads_retries_by_up_to_a_fifth() -> None:
    """Messages refused together do not come back together."""
    assert after_refusal(causes.cms(41), 0, NOW, LADDER, 1.0).retry_at - NOW == timedelta(seconds=36)


@given(
    kind=st.sampled_from((causes.cms, causes.cme)),
    code=st.one_of(st.none(), st.integers(0, 999)),
    attempts=st.integers(0, 20),
    jitter=st.floats(0, 1),
    from_network=st.booleans(),
)
def test_any_code_gets_a_decision_that_ends(
    kind: "object", code: int | None, attempts: int, jitter: float, from_network: bool
) -> None:
    """Whatever a modem invents: no exception, no retry in the past, and an end after ten attempts."""
    cause: Cause = kind(code)
    decision = after_refusal(cause, attempts, NOW, LADDER, jitter, from_network=from_network)
    assert decision.retry_at >= NOW
    if decision.verdict is Verdict.RETRY:
        assert attempts + 1 < MAX_ATTEMPTS
    if not decision.counted:
        assert decision.verdict is Verdict.WAIT
