"""status: how the service is, on one screen; exit code 0, 1 or 2 as a monitoring plug-in."""

import json
import shutil
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

import click

from omsmodem import figures, health
from omsmodem.certificates import CertificateError, describe
from omsmodem.cli.options import config_option, fitting, opened, read_config, running
from omsmodem.config import Config
from omsmodem.facts import (
    AccountFacts,
    CertificateFacts,
    ErrorFacts,
    Facts,
    Finding,
    Level,
    ModemFacts,
    QuotaFacts,
    plain,
    worst,
)
from omsmodem.numbers import masked
from omsmodem.periods import utc_now, zone_of
from omsmodem.store import Store
from omsmodem.survey import Survey

_WORDS = {Level.OK: ("OK", "green"), Level.WARN: ("WARNING", "yellow"), Level.FAIL: ("CRITICAL", "red")}
_STATE_COLOURS = {"ready": "green", "starting": "yellow", "absent": "red", "blocked": "red"}
_PERIOD_S = 2.0
#: Accounts that the screen names; `omsmodem status --json` has all of them.
_ACCOUNTS = 4
_CLEAR = "\x1b[H\x1b[J"


@click.command()
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of words.")
@click.option("--watch", is_flag=True, help="Draw it again every two seconds until Ctrl-C.")
def status(config_path: Path, as_json: bool, watch: bool) -> None:
    """Say how the service is, what waits and why, and what somebody should do.

    Exit code 0 when all is well, 1 for a warning, 2 when something is wrong: usable as a monitoring plug-in.
    """
    config = read_config(config_path)
    shape = _json if as_json else _screen

    def look(facts: Facts, findings: list[Finding]) -> str:
        return shape(facts, fitting(findings, config_path))

    with opened(config) as store:
        survey = survey_of(config, store)
        level = _watch(survey, look) if watch else _show(survey, look)
    raise SystemExit(int(level))


def survey_of(config: Config, store: Store) -> Survey:
    """What asks the service, if it runs, and its files."""
    live = partial(running, config)
    return Survey(config, store, live, zone_of(config.limits.timezone), read_certificate=certificate_facts)


def certificate_facts(path: Path) -> CertificateFacts:
    """What the certificate in a file says of itself."""
    try:
        names, not_after = describe(path)
    except CertificateError as error:
        return CertificateFacts(problem=str(error))
    return CertificateFacts(names, not_after)


def _show(survey: Survey, look: Callable[[Facts, list[Finding]], str]) -> Level:
    facts = survey.facts(utc_now())
    findings = health.examine(facts, survey.thresholds())
    click.echo(look(facts, findings))
    return worst(findings)


def _watch(survey: Survey, look: Callable[[Facts, list[Finding]], str]) -> Level:
    level = Level.OK
    try:
        while True:
            click.echo(_CLEAR, nl=False)
            level = _show(survey, look)
            time.sleep(_PERIOD_S)
    except KeyboardInterrupt:
        return level


def _json(facts: Facts, findings: list[Finding]) -> str:
    whole = {"level": plain(worst(findings)), **plain(facts), "findings": plain(findings)}
    return json.dumps(whole, ensure_ascii=False)


def _screen(facts: Facts, findings: list[Finding]) -> str:
    """The screen for people; its first line alone says the whole, for monitors that show one line."""
    return "\n".join([_head(facts, findings), *_lines(facts), *_troubles(findings)])


def _head(facts: Facts, findings: list[Finding]) -> str:
    word, colour = _WORDS[worst(findings)]
    why = findings[0].sentence if findings else ""
    up = f"up {figures.since(facts.started_at, facts.now)}" if facts.started_at else ""
    when = facts.now.astimezone().strftime("%a %d %b %H:%M %z")
    parts = (f"omsmodem {facts.version}", click.style(word, fg=colour, bold=True), why or up, when)
    return "  ".join(part for part in parts if part)


def _lines(facts: Facts) -> Iterator[str]:
    state = click.style("running", fg="green") if facts.running else click.style("not running", fg="red")
    yield _line("SERVICE", state, facts.uri)
    for modem in facts.modems:
        yield _line("MODEM", *_modem(modem, facts.now))
    yield _line("QUEUE", *_queue(facts))
    today = facts.today
    yield _line(
        "TODAY",
        f"accepted {today.accepted}",
        f"sent {figures.plural(today.segments, 'segment')}",
        f"delivered {today.delivered}",
        f"failed {today.failed}",
        f"received {today.received}",
        f"refused {today.refused}",
    )
    for quota in facts.quotas:
        yield _line("LIMIT", _quota(quota))
    spenders = [one for one in facts.accounts if one.month]
    if spenders:
        yield _line("ACCOUNTS", *_accounts(spenders))
    counts = [f"{name} {count}" for name, count in facts.ledger.items() if count]
    yield _line("LEDGER", f"accepted {sum(facts.ledger.values())}", *counts)
    yield _line("CERT", *_certificate(facts))
    if facts.mail.waiting or facts.mail.kept:
        yield _line("MAIL", *_mail(facts))
    yield _line("MACHINE", *_machine(facts))
    clients = facts.clients
    if facts.legacy_until is not None:
        yield _line("LEGACY", click.style(_legacy(facts, facts.legacy_until), fg="yellow"))
    if clients.today:
        oldest = f"oldest protocol {clients.oldest_protocol}" if clients.oldest_protocol else ""
        yield _line("CLIENTS", f"{clients.today} today", oldest)
    for advice in clients.advice:
        yield _line("CLIENT", advice)
    for number, error in enumerate(facts.errors):
        yield _line("" if number else "ERRORS", *_error(error, facts.now))


def _line(label: str, *parts: str) -> str:
    """One line for programs; for people as many as their terminal needs, broken between parts, below each other."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 1_000_000
    lines, gap = [f"{label:8}"], " "
    for part in filter(None, parts):
        for piece in textwrap.wrap(part, width - 9) if len(part) > width - 9 else [part]:
            if len(click.unstyle(lines[-1] + gap + piece)) > width:
                lines.append(" " * 8)
                gap = " "
            lines[-1] += gap + piece
            gap = "  "
    return "\n".join(lines)


def _modem(modem: ModemFacts, now: datetime) -> Iterator[str]:
    yield modem.name
    yield click.style(modem.state, fg=_STATE_COLOURS.get(modem.state))
    yield click.style("held", fg="yellow") if modem.held else ""
    if modem.state != "absent":  # what it said last is of the past
        network = ", ".join(word for word in (modem.registration, modem.access) if word)
        yield f"{modem.operator} ({network})" if modem.operator and network else modem.operator or network
        yield f"signal {modem.signal} ({modem.signal_dbm} dBm)" if modem.signal_dbm is not None else ""
    yield f"SIM …{modem.sim[-4:]}" if modem.sim else ""
    yield f"{modem.seconds_per_segment:.1f} s a segment" if modem.seconds_per_segment else ""
    yield f"balance {modem.balance:.2f}" if modem.balance is not None else ""
    yield f"storage {modem.storage_used}/{modem.storage_size}" if modem.storage_size else ""
    if modem.limit_month:
        yield f"month {modem.spent_month or 0}/{modem.limit_month}"
    yield f"recovery: {steps}" if (steps := health.steps_in_words(modem)) else ""
    if modem.state != "ready":
        yield f"for {figures.since(modem.since, now)}" if modem.since else ""
        yield modem.detail


def _queue(facts: Facts) -> Iterator[str]:
    queue = facts.queue
    oldest = f" (oldest {figures.since(queue.oldest_since, facts.now)})" if queue.oldest_since else ""
    yield f"waiting {queue.waiting}{oldest}"
    yield f"sending {queue.sending}"
    yield f"scheduled {queue.scheduled}"
    yield f"retry {queue.retrying}"
    yield f"held {queue.held}"
    yield click.style(f"uncertain {queue.uncertain}", fg="yellow" if queue.to_decide else None)
    left = health.time_to_go(facts)
    yield f"about {figures.span(left)} to go" if left is not None else ""
    why = health.why_it_waits(facts)
    if queue.waiting and why:
        yield click.style(f"waits because {why}", fg="yellow")


def _quota(quota: QuotaFacts) -> str:
    return f"{quota.name}  {quota.spent:,}/{quota.limit:,} segments ({quota.spent * 100 // quota.limit} %)"


def _accounts(accounts: Sequence[AccountFacts]) -> Iterator[str]:
    for one in accounts[:_ACCOUNTS]:
        today, month = f"{one.today:,}" + _of(one.limit_today), f"{one.month:,}" + _of(one.limit_month)
        yield f"{one.name} {today} today, {month} this month"
    if len(accounts) > _ACCOUNTS:
        yield f"and {len(accounts) - _ACCOUNTS} more"


def _of(limit: int) -> str:
    return f"/{limit:,}" if limit else ""


def _mail(facts: Facts) -> Iterator[str]:
    yield f"waiting {facts.mail.waiting}"
    if facts.mail.kept:
        yield click.style(f"could not be sent {facts.mail.kept} (omsmodem mail list)", fg="yellow")


def _certificate(facts: Facts) -> Iterator[str]:
    certificate = facts.certificate
    if certificate.problem or certificate.not_after is None:
        yield click.style(certificate.problem or "none", fg="red")
        return
    yield ", ".join(certificate.names)
    if certificate.not_after <= facts.now:
        yield click.style(f"expired {certificate.not_after:%Y-%m-%d}", fg="red")
        return
    yield f"valid to {certificate.not_after:%Y-%m-%d} ({(certificate.not_after - facts.now).days} days)"


def _legacy(facts: Facts, until: datetime) -> str:
    """Whether the listener for old Windows is still needed."""
    clients, spoken = facts.clients, f"TLS 1.0 is spoken until {until:%Y-%m-%d}"
    if clients.old_at is None:
        return f"{spoken}; nobody has needed it since the service started"
    ago = figures.since(clients.old_at, facts.now)
    return f"{spoken}; {clients.old_address} needed it {ago} ago ({clients.old_protocol})"


def _machine(facts: Facts) -> Iterator[str]:
    if facts.disk_free_octets is not None:
        yield f"disk free {figures.octets(facts.disk_free_octets)}"
    if facts.newest_backup is not None:
        yield f"backup {figures.since(facts.newest_backup, facts.now)} old"
    else:
        yield "no backup yet" if facts.backups_wanted else "no backups wanted"
    yield {True: "clock synchronised", False: "clock not synchronised", None: ""}[facts.clock_synchronised]


def _error(error: ErrorFacts, now: datetime) -> Iterator[str]:
    local = error.at.astimezone()
    yield local.strftime("%H:%M" if local.date() == now.astimezone().date() else "%Y-%m-%d %H:%M")
    yield f"#{error.message_id}"
    yield masked(error.recipient)
    yield f"{error.error} → {error.state}"


def _troubles(findings: list[Finding]) -> Iterator[str]:
    for finding in findings:
        word, colour = _WORDS[finding.level]
        yield _line(click.style(f"{word:8}", fg=colour, bold=True), finding.sentence)
        if finding.remedy:
            yield _line("", click.style(f"→ {finding.remedy}", fg="cyan"))
