"""What the service needs around it, and who is there: certificate, SIM, mail server, doors, webhooks, guessers, old PCs."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from omsmodem import figures
from omsmodem.facts import Facts, Finding, Level
from omsmodem.health.thresholds import Thresholds


def certificate(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    """A certificate that cannot be used, or ends soon."""
    served, days = facts.certificate, limits.certificate_days
    if served.problem:
        sentence = f"The certificate cannot be used: {served.problem}."
        yield Finding("certificate", Level.FAIL, sentence, "omsmodem cert check")
    elif served.not_after is not None:
        what, remedy = "The certificate", "omsmodem cert renew"
        yield from _expiry("certificate", what, served.not_after, facts.now, days, remedy)


def sim_expiry(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    """A SIM or its credit that ends soon."""
    if facts.sim_expires is not None:
        yield from _expiry("sim-expiry", "The SIM", facts.sim_expires, facts.now, limits.sim_expiry_days, "top it up")


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


def mail(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    """Mail that does not go out."""
    since = facts.mail.failing_since
    if since is not None and facts.now - since >= limits.mail_failing:
        waiting = figures.plural(facts.mail.waiting, "mail waits", "mails wait")
        why = f": {facts.mail.last_error}" if facts.mail.last_error else ""
        sentence = f"Mail has not gone out for {figures.since(since, facts.now)}; {waiting}{why}."
        yield Finding("mail", Level.FAIL, sentence, "omsmodem doctor")


def doors(facts: Facts, _: Thresholds) -> Iterator[Finding]:
    """Doors that take nobody."""
    for name in facts.doors_down:
        sentence = f"The door for {name} takes nobody, though the configuration wants it."
        yield Finding("door-down", Level.FAIL, sentence, "systemctl restart omsmodem; journalctl -u omsmodem", name)


def webhooks(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    """Webhooks that take nothing."""
    for hook in facts.webhooks:
        if facts.now - hook.failing_since >= limits.webhook_failing:
            since = figures.since(hook.failing_since, facts.now)
            sentence = f"Webhook {hook.name} has taken nothing for {since}: {hook.last_error.rstrip('.')}."
            remedy = "look at the receiver; until webhooks.give_up_hours the messages wait for it"
            yield Finding("webhook", Level.WARN, sentence, remedy, hook.name)


def guessing(facts: Facts, _: Thresholds) -> Iterator[Finding]:
    """Somebody who tries passwords."""
    for address in facts.clients.guessing_from:
        sentence = f"Somebody at {address} tries many passwords."
        yield Finding("password-attack", Level.WARN, sentence, "find that machine; omsmodem audit", address)


def legacy(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    """Weak TLS that ends soon, or should have."""
    until = facts.legacy_until
    if until is not None and until - facts.now <= timedelta(days=limits.legacy_days):
        closed = until <= facts.now
        verb = "closed on" if closed else "closes on"
        sentence = f"The listener for old Windows {verb} {until:%Y-%m-%d}."
        remedy = "run enable-tls12.reg of the Windows kit on the PCs that still use it"
        yield Finding("legacy-listener", Level.WARN, sentence, remedy)
