"""Pure decisions about modems: sickness, the ladder, patience, who takes what."""

from hypothesis import given
from hypothesis import strategies as st

from omsmodem.policy import patience
from omsmodem.policy.choice import Claim, Seat, may_take
from omsmodem.policy.patience import Push
from omsmodem.policy.recovery import HOOK_EVERY_S, MISSING_ALARM_S, RESET_EVERY_S, Ladder, Step
from omsmodem.policy.refusals import Suspicion
from omsmodem.policy.sickness import Health

A, B, C = "+447700900222", "+447700900333", "+447700900444"


def test_only_different_recipients_make_a_modem_sick() -> None:
    """Three faint ones or two strong ones; the same one ever so often does not."""
    health = Health()
    for _ in range(10):
        health = health.after_refusal(A, Suspicion.FAINT)
    assert not health.sick
    assert health.after_refusal(B, Suspicion.FAINT).after_refusal(C, Suspicion.FAINT).sick
    strong = Health().after_refusal(A, Suspicion.STRONG)
    assert not strong.sick
    assert strong.after_refusal(B, Suspicion.STRONG).sick


def test_a_success_between_clears_the_suspicion() -> None:
    """Two refused, one taken, one refused: no pattern."""
    health = Health().after_refusal(A, Suspicion.FAINT).after_refusal(B, Suspicion.FAINT).after_success()
    assert not health.after_refusal(C, Suspicion.FAINT).sick


def test_a_modem_on_trial_is_blocked_by_one_refusal_with_growing_pauses() -> None:
    """Back on probation: the pause grows until it works, then all is forgotten."""
    health = Health().after_block()
    pauses = []
    for _ in range(7):
        pauses.append(health.pause.total_seconds())
        assert health.after_refusal(A, Suspicion.FAINT).sick
        health = health.after_block()
    assert pauses == [10, 30, 60, 120, 300, 900, 900]
    assert health.after_success() == Health()


def test_a_missing_stick_gets_its_hook_and_its_alarm_once() -> None:
    """After a minute the power may be switched, after two somebody is told."""
    ladder, steps = Ladder(hooked=True), []
    for second in range(0, 600, 5):
        ladder, step = ladder.missing(float(second))
        if step is not Step.REOPEN:
            steps.append((second, step))
    assert steps == [(60, Step.HOOK), (int(MISSING_ALARM_S), Step.ALARM)]


@given(st.lists(st.tuples(st.floats(0, 400), st.sampled_from(("deaf", "missing", "well"))), max_size=60))
def test_forceful_steps_are_never_taken_too_often(events: "list[tuple[float, str]]") -> None:
    """Whatever happens: resets ten minutes apart, hooks half an hour, pauses within a minute."""
    ladder, now = Ladder(hooked=True), 0.0
    taken: dict[Step, float] = {}
    for pause, what in events:
        now += pause
        if what == "well":
            ladder = ladder.well()
            continue
        ladder, step = ladder.deaf(now) if what == "deaf" else ladder.missing(now)
        for kind, least in ((Step.RESET, RESET_EVERY_S), (Step.HOOK, HOOK_EVERY_S)):
            if step is kind:
                assert now - taken.get(kind, -1e9) >= least
                taken[kind] = now
        assert 0 < ladder.pause_s <= 30


def test_without_a_hook_none_is_run() -> None:
    """The rung is left out."""
    ladder, steps = Ladder(), set()
    for second in range(0, 600, 10):
        ladder, step = ladder.deaf(float(second))
        steps.add(step)
    assert Step.HOOK not in steps
    assert {Step.REOPEN, Step.RESYNC, Step.RESET, Step.ALARM} <= steps


def test_patience_by_reason() -> None:
    """A network comes back by itself, a SIM with a person, an unknown reason slowly."""
    assert [patience.pause_s("not_registered", n) for n in range(6)] == [5, 10, 20, 30, 60, 60]
    assert patience.pause_s("pin", 9) == 60
    assert patience.pause_s("never heard of", 9) == 300


def test_pushes_alternate_between_radio_and_reset() -> None:
    """A silent network: radio off and on, then reset, then radio again; a SIM that failed thrice: reset once."""
    assert patience.push("not_registered", 3, 299, 0) is Push.NONE
    assert [patience.push("not_registered", 3, 300 * (n + 1), n) for n in range(3)] == [
        Push.REGISTER,
        Push.RESET,
        Push.REGISTER,
    ]
    assert patience.push("sim_failure", 3, 60, 0) is Push.RESET
    assert patience.push("sim_failure", 3, 60, 1) is Push.NONE
    assert patience.push("pin", 99, 1e6, 0) is Push.NONE


def test_rank_prefers_accounts_to_prefixes_and_long_prefixes_to_short() -> None:
    """None where a claim does not fit at all."""
    assert Claim().rank(A, "dana") == 0
    assert Claim(("+44",)).rank(A, "dana") == 3
    assert Claim(("+44", "+4477")).rank(A, "dana") == 5
    assert Claim(("+49",)).rank(A, "dana") is None
    assert Claim(accounts=frozenset({"kim"})).rank(A, "dana") is None
    assert (Claim(accounts=frozenset({"dana"})).rank(A, "dana") or 0) > 100


@given(
    st.dictionaries(
        st.sampled_from(("a", "b", "c", "d")),
        st.builds(
            Seat,
            claim=st.builds(
                Claim,
                prefixes=st.sampled_from(((), ("+44",), ("+4477",), ("+49",))),
                accounts=st.sampled_from((frozenset(), frozenset({"dana"}))),
                weight=st.floats(0.1, 10),
            ),
            able=st.booleans(),
            idle=st.booleans(),
            away_s=st.sampled_from((0.0, 59.0, 61.0)),
            carried=st.floats(0, 100),
        ),
        min_size=1,
    )
)
def test_a_message_that_some_able_modem_fits_is_never_left_lying(seats: "dict[str, Seat]") -> None:
    """Either one may take it now, or a better one is expected back within the minute."""
    fitting = {name: seat for name, seat in seats.items() if seat.claim.rank(A, "dana") is not None}
    able = [name for name, seat in fitting.items() if seat.able]
    takers = [name for name in able if may_take(seats, name, A, "dana")]
    expected = any(not seat.able and seat.away_s < 60 for seat in fitting.values())
    assert takers or not able or expected
