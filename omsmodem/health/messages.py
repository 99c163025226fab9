"""The messages: what waits and why, what failed, what is in doubt, what limits leave."""

from collections.abc import Iterator
from datetime import timedelta

from omsmodem import figures
from omsmodem.facts import Facts, Finding, Level, QuotaFacts
from omsmodem.health.thresholds import Thresholds
from omsmodem.message import State

_WENT_WRONG = {State.FAILED, State.UNDELIVERED, State.EXPIRED}


def queue_stands(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    """A message that waits too long."""
    oldest = facts.queue.oldest_since
    if oldest is not None and facts.now - oldest > limits.queue_wait and limits.at_work(facts.now):
        waiting = figures.plural(facts.queue.waiting, "message waits", "messages wait")
        sentence = f"{waiting}, the oldest for {figures.since(oldest, facts.now)}{_why_it_waits(facts)}."
        yield Finding("queue", Level.FAIL, sentence, "omsmodem queue list")


def _why_it_waits(facts: Facts) -> str:
    reason = why_it_waits(facts)
    return f": {reason}" if reason else ""


def why_it_waits(facts: Facts) -> str:
    """Why the queue stands still, in words; empty when it moves."""
    if not facts.running:
        return "the service does not run"
    if not facts.modems:
        return "no modem is configured"
    if any(modem.state == "ready" and not modem.held for modem in facts.modems):
        return ""
    if all(modem.held for modem in facts.modems):
        return "every modem is held"
    modem = next(modem for modem in facts.modems if not modem.held)
    return f"modem {modem.name} is {modem.state}" + (f" ({modem.detail})" if modem.detail else "")


def time_to_go(facts: Facts) -> timedelta | None:
    """How long the queue takes at the pace that was measured on the modems that can send; None where nothing is known."""
    paces = [m.seconds_per_segment for m in facts.modems if m.state == "ready" and not m.held and m.seconds_per_segment]
    if not facts.queue.segments or not paces:
        return None
    return timedelta(seconds=facts.queue.segments / sum(1 / pace for pace in paces))


def failures(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    """Many messages that did not arrive."""
    last = facts.queue.last_outcomes[: limits.failures_of]
    wrong = sum(state in _WENT_WRONG for state in last)
    if len(last) >= limits.failures_of and wrong * 100 > len(last) * limits.failures_percent:
        sentence = f"{wrong} of the last {len(last)} messages did not arrive."
        yield Finding("failures", Level.WARN, sentence, "omsmodem queue list --state failed")


def uncertain(facts: Facts, _: Thresholds) -> Iterator[Finding]:
    """Messages about which a person decides."""
    count = facts.queue.to_decide
    if count:
        waiting = figures.plural(count, "message may have been sent and waits", "messages may have been sent and wait")
        yield Finding("uncertain", Level.WARN, f"{waiting} for a decision.", "omsmodem queue list --state uncertain")


def quotas(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    """Limits that are nearly used up."""
    for quota in _all_quotas(facts):
        if quota.limit and quota.spent * 100 >= quota.limit * limits.quota_percent:
            full = quota.spent >= quota.limit
            used = f"{quota.spent:,} of {quota.limit:,} segments"
            sentence = f"The limit for {quota.name} is {'used up' if full else 'nearly used up'}: {used}."
            remedy = "raise limits in the configuration, or wait for the next period"
            yield Finding("quota", Level.FAIL if full else Level.WARN, sentence, remedy, quota.name)


def _all_quotas(facts: Facts) -> Iterator[QuotaFacts]:
    """The limits of everybody, of each account and of each SIM."""
    yield from facts.quotas
    for one in facts.accounts:
        yield QuotaFacts(f"{one.name} today", one.today, one.limit_today)
        yield QuotaFacts(f"{one.name} this month", one.month, one.limit_month)
    for modem in facts.modems:
        yield QuotaFacts(f"the SIM of modem {modem.name} today", modem.spent_today or 0, modem.limit_today or 0)
        yield QuotaFacts(f"the SIM of modem {modem.name} this month", modem.spent_month or 0, modem.limit_month or 0)
