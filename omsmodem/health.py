"""What is wrong and why, in words: rules over facts. Pure: no I/O, no clock of its own.

Each rule looks at one thing and yields a finding for what somebody should know; a healthy service yields none.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from omsmodem import figures
from omsmodem.facts import Facts, Finding, Level, ModemFacts, QuotaFacts
from omsmodem.message import State

_POWER = "use a powered USB hub or a stronger supply, and a short cable"
_REPLUG = "pull the stick out and put it in again; recovery_hook can name a program that switches its power"
_ANTENNA = "check the antenna, and that the SIM is active with its operator"
#: Why a modem that answers cannot send → rule, what is said of it, what to do. Those of the rule `sim` wait for a person,
#: and no time makes them better.
BLOCKED: Mapping[str, tuple[str, str, str]] = {
    "pin": (
        "sim",
        "The SIM of modem {name} wants its PIN",
        "write the PIN into modems.pin_file, or type it in a phone",
    ),
    "puk": ("sim", "The SIM of modem {name} is locked and wants its PUK", "unlock it with the PUK in a phone"),
    "no_sim": ("sim", "The SIM of modem {name} is missing", "put the SIM in and plug the stick in again"),
    "sim_failure": (
        "sim",
        "The SIM of modem {name} cannot be used",
        "try the SIM in a phone; ask the operator for another",
    ),
    "sim_lock": ("sim", "The modem {name} is locked to another SIM or operator", "use a modem without SIM lock"),
    "denied": ("registration", "The network refuses modem {name}", "ask the operator whether the SIM is active"),
    "not_registered": ("registration", "Modem {name} has been without network{lasting}", _ANTENNA),
    "emergency_only": ("registration", "Modem {name} may make emergency calls only", "ask the operator about the SIM"),
    "roaming": (
        "registration",
        "Modem {name} is in a foreign network",
        "allow roaming in the configuration, or move it",
    ),
    "no_service_centre": (
        "service-centre",
        "Modem {name} knows no service centre",
        "ask the operator for its number and write it into modems.service_centre",
    ),
    "storage_full": ("storage", "The message storage of modem {name} is full", "omsmodem modem reset --modem {name}"),
}
_OTHER = ("modem-blocked", "Modem {name} cannot send", "omsmodem doctor")

_WENT_WRONG = {State.FAILED, State.UNDELIVERED, State.EXPIRED}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on a fact is worth an alarm."""

    modem_missing: timedelta = timedelta(minutes=2)
    not_registered: timedelta = timedelta(minutes=5)
    weak_signal: timedelta = timedelta(minutes=30)
    queue_wait: timedelta = timedelta(minutes=10)
    refusals_in_a_row: int = 3
    failures_percent: int = 20
    failures_of: int = 20  # the messages settled last
    storage_percent: int = 80
    quota_percent: int = 90
    balance_below: float = 0.0
    sim_expiry_days: tuple[int, int] = (14, 3)  # warn, then alarm
    certificate_days: tuple[int, int] = (30, 7)
    disk_octets: int = 500_000_000
    backup_age: timedelta = timedelta(hours=48)
    mail_failing: timedelta = timedelta(minutes=30)
    webhook_failing: timedelta = timedelta(minutes=30)
    legacy_days: int = 14
    at_work: Callable[[datetime], bool] = lambda _now: True  # are these working hours


Rule = Callable[[Facts, Thresholds], Iterator[Finding]]


def examine(facts: Facts, thresholds: Thresholds | None = None) -> list[Finding]:
    """Everything somebody should know, worst first."""
    chosen = thresholds or Thresholds()
    found = [finding for rule in RULES for finding in rule(facts, chosen)]
    return sorted(found, key=lambda finding: -finding.level)


# -- the service ----------------------------------------------------------------------------------------------------


def _service(facts: Facts, _: Thresholds) -> Iterator[Finding]:
    if not facts.running:
        sentence = "The service does not run; messages in the queue wait."
        yield Finding("service-down", Level.FAIL, sentence, "systemctl start omsmodem")


def _no_modem(facts: Facts, _: Thresholds) -> Iterator[Finding]:
    if facts.running and not facts.modems:
        sentence = "No modem is configured: messages are accepted and wait."
        yield Finding("no-modem", Level.FAIL, sentence, "omsmodem modem probe")


def _clock(facts: Facts, _: Thresholds) -> Iterator[Finding]:
    if facts.clock_synchronised is False:
        sentence = "The clock is not synchronised: times in the log and the validity of messages may be wrong."
        yield Finding("clock", Level.WARN, sentence, "timedatectl set-ntp true")


def _disk(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    free = facts.disk_free_octets
    if free is not None and free < limits.disk_octets:
        level = Level.FAIL if free < limits.disk_octets // 10 else Level.WARN
        yield Finding("disk", level, f"Only {figures.octets(free)} are free for the queue.", "omsmodem purge")


def _backup(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    newest = facts.newest_backup
    if not facts.backups_wanted:
        return
    if newest is None:
        if facts.first_message_at is not None and facts.now - facts.first_message_at > limits.backup_age:
            yield Finding("backup", Level.WARN, "There is no backup yet.", "omsmodem backup")
    elif facts.now - newest > limits.backup_age:
        sentence = f"The newest backup is {figures.since(newest, facts.now)} old."
        yield Finding("backup", Level.WARN, sentence, "omsmodem backup")


# -- the modems -----------------------------------------------------------------------------------------------------


def _modem_missing(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    for modem in facts.modems:
        if modem.state == "absent" and _lasting(modem, facts, limits.modem_missing):
            sentence = f"Modem {modem.name} has been missing{_for(modem, facts)}{_because(modem)}."
            yield Finding("modem-missing", Level.FAIL, sentence, "omsmodem doctor", modem.name)
        elif modem.given_up:
            tried = f"; tried in vain: {steps_in_words(modem)}" if modem.steps else ""
            sentence = f"Modem {modem.name} could not be won back: {modem.given_up.rstrip('.')}{tried}."
            yield Finding("modem-missing", Level.FAIL, sentence, _REPLUG, modem.name)


def _restless(facts: Facts, _: Thresholds) -> Iterator[Finding]:
    for modem in facts.modems:
        if modem.restless:
            yield Finding("power", Level.WARN, f"Modem {modem.name}: {modem.restless}.", _POWER, modem.name)


def steps_in_words(modem: ModemFacts) -> str:
    """What was done to win a modem back since the service started, e.g. "reopen 3, reset 1"."""
    return ", ".join(f"{step} {count}" for step, count in modem.steps.items() if step != "alarm")


def _modem_blocked(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    for modem in facts.modems:
        rule, sentence, remedy = BLOCKED.get(modem.reason, _OTHER)
        patience = {"sim": timedelta(0), "registration": limits.not_registered}.get(rule, limits.modem_missing)
        if modem.state == "blocked" and _lasting(modem, facts, patience):
            words = sentence.format(name=modem.name, lasting=_for(modem, facts)) + _because(modem) + "."
            yield Finding(rule, Level.FAIL, words, remedy.format(name=modem.name), modem.name)


def _weak_signal(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    for modem in facts.modems:
        if modem.weak_since is not None and facts.now - modem.weak_since >= limits.weak_signal:
            level = f" ({modem.signal_dbm} dBm)" if modem.signal_dbm is not None else ""
            sentence = (
                f"Modem {modem.name} has had a weak signal{level} for {figures.since(modem.weak_since, facts.now)}."
            )
            remedy = "move the stick or its antenna to a window; a USB extension lead helps"
            yield Finding("signal", Level.WARN, sentence, remedy, modem.name)


def _refusals(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    for modem in facts.modems:
        if modem.refusals_in_a_row >= limits.refusals_in_a_row:
            sentence = f"The last {modem.refusals_in_a_row} messages over modem {modem.name} were refused."
            yield Finding("send-errors", Level.FAIL, sentence, "omsmodem queue list --state failed", modem.name)


def _storage(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    for modem in facts.modems:
        used, size = modem.storage_used, modem.storage_size
        if used is not None and size and used * 100 >= size * limits.storage_percent:
            sentence = (
                f"The message storage of modem {modem.name} is nearly full ({used} of {size}): replies may not arrive."
            )
            yield Finding("storage", Level.WARN, sentence, f"omsmodem modem reset --modem {modem.name}", modem.name)


def _balance(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    for modem in facts.modems:
        if modem.balance is not None and modem.balance < limits.balance_below:
            sentence = f"The SIM of modem {modem.name} has {modem.balance:.2f} left."
            yield Finding("balance", Level.WARN, sentence, "top up the SIM's credit", modem.name)


def _sim_expiry(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    if facts.sim_expires is not None:
        yield from _expiry("sim-expiry", "The SIM", facts.sim_expires, facts.now, limits.sim_expiry_days, "top it up")


# -- messages -------------------------------------------------------------------------------------------------------


def _queue_stands(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
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


def _failures(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    last = facts.queue.last_outcomes[: limits.failures_of]
    wrong = sum(state in _WENT_WRONG for state in last)
    if len(last) >= limits.failures_of and wrong * 100 > len(last) * limits.failures_percent:
        sentence = f"{wrong} of the last {len(last)} messages did not arrive."
        yield Finding("failures", Level.WARN, sentence, "omsmodem queue list --state failed")


def _uncertain(facts: Facts, _: Thresholds) -> Iterator[Finding]:
    count = facts.queue.to_decide
    if count:
        waiting = figures.plural(count, "message may have been sent and waits", "messages may have been sent and wait")
        yield Finding("uncertain", Level.WARN, f"{waiting} for a decision.", "omsmodem queue list --state uncertain")


def _quotas(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
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


# -- the network around ---------------------------------------------------------------------------------------------


def _certificate(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    certificate = facts.certificate
    if certificate.problem:
        sentence = f"The certificate cannot be used: {certificate.problem}."
        yield Finding("certificate", Level.FAIL, sentence, "omsmodem cert check")
    elif certificate.not_after is not None:
        what = "The certificate"
        days = limits.certificate_days
        yield from _expiry("certificate", what, certificate.not_after, facts.now, days, "omsmodem cert renew")


def _expiry(
    rule: str, what: str, end: datetime, now: datetime, days: tuple[int, int], remedy: str
) -> Iterator[Finding]:
    warn, alarm = days
    left = (end - now) / timedelta(days=1)
    if left <= warn:
        when = f"{end:%Y-%m-%d}"
        sentence = (
            f"{what} expired on {when}." if left <= 0 else f"{what} expires on {when}, in {figures.span(end - now)}."
        )
        yield Finding(rule, Level.FAIL if left <= alarm else Level.WARN, sentence, remedy)


def _mail(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    since = facts.mail.failing_since
    if since is not None and facts.now - since >= limits.mail_failing:
        waiting = figures.plural(facts.mail.waiting, "mail waits", "mails wait")
        why = f": {facts.mail.last_error}" if facts.mail.last_error else ""
        sentence = f"Mail has not gone out for {figures.since(since, facts.now)}; {waiting}{why}."
        yield Finding("mail", Level.FAIL, sentence, "omsmodem doctor")


def _doors(facts: Facts, _: Thresholds) -> Iterator[Finding]:
    for name in facts.doors_down:
        sentence = f"The door for {name} takes nobody, though the configuration wants it."
        yield Finding("door-down", Level.FAIL, sentence, "systemctl restart omsmodem; journalctl -u omsmodem", name)


def _webhooks(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    for hook in facts.webhooks:
        if facts.now - hook.failing_since >= limits.webhook_failing:
            since = figures.since(hook.failing_since, facts.now)
            sentence = f"Webhook {hook.name} has taken nothing for {since}: {hook.last_error.rstrip('.')}."
            remedy = "look at the receiver; until webhooks.give_up_hours the messages wait for it"
            yield Finding("webhook", Level.WARN, sentence, remedy, hook.name)


def _guessing(facts: Facts, _: Thresholds) -> Iterator[Finding]:
    for address in facts.clients.guessing_from:
        sentence = f"Somebody at {address} tries many passwords."
        yield Finding("password-attack", Level.WARN, sentence, "find that machine; omsmodem audit", address)


def _legacy(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    until = facts.legacy_until
    if until is not None and until - facts.now <= timedelta(days=limits.legacy_days):
        closed = until <= facts.now
        verb = "closed on" if closed else "closes on"
        sentence = f"The listener for old Windows {verb} {until:%Y-%m-%d}."
        remedy = "run enable-tls12.reg of the Windows kit on the PCs that still use it"
        yield Finding("legacy-listener", Level.WARN, sentence, remedy)


def _since(modem: ModemFacts, facts: Facts) -> datetime | None:
    """When a modem came into its state; one that was never anything else, when the service started."""
    return modem.since or facts.started_at


def _lasting(modem: ModemFacts, facts: Facts, least: timedelta) -> bool:
    since = _since(modem, facts)
    return since is None or facts.now - since >= least


def _for(modem: ModemFacts, facts: Facts) -> str:
    since = _since(modem, facts)
    return f" for {figures.since(since, facts.now)}" if since is not None else ""


def _because(modem: ModemFacts) -> str:
    return f": {modem.detail.rstrip('.')}" if modem.detail else ""


RULES: tuple[Rule, ...] = (
    _service,
    _no_modem,
    _modem_missing,
    _modem_blocked,
    _restless,
    _queue_stands,
    _refusals,
    _failures,
    _uncertain,
    _weak_signal,
    _storage,
    _balance,
    _sim_expiry,
    _quotas,
    _certificate,
    _mail,
    _doors,
    _webhooks,
    _guessing,
    _disk,
    _backup,
    _clock,
    _legacy,
)
