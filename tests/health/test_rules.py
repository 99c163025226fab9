"""Every alarm condition makes the right sentence, with a remedy; a healthy service makes none."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from omsmodem import health
from omsmodem.facts import (
    AccountFacts,
    CertificateFacts,
    ClientFacts,
    Facts,
    Level,
    MailFacts,
    ModemFacts,
    QueueFacts,
    QuotaFacts,
    WebhookFacts,
    plain,
    read,
    worst,
)
from omsmodem.health import Thresholds, examine, time_to_go
from omsmodem.message import State
from omsmodem.modem.errors import BlockReason

NOW = datetime(2026, 11, 23, 7, 20, tzinfo=UTC)
READY = ModemFacts(
    "front", "ready", since=NOW - timedelta(days=2), operator="Harbour Mobile", signal_dbm=-73, signal="good"
)
HEALTHY = Facts(
    now=NOW,
    started_at=NOW - timedelta(days=12),
    modems=(READY,),
    certificate=CertificateFacts(("sms.harbour.example",), NOW + timedelta(days=700)),
    disk_free_octets=12_000_000_000,
    newest_backup=NOW - timedelta(hours=5),
    backups_wanted=True,
    first_message_at=NOW - timedelta(days=100),
    clock_synchronised=True,
)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def modem(state: str, since: timedelta, **facts: object) -> Facts:
    return replace(HEALTHY, modems=(replace(READY, state=state, since=NOW - since, **facts),))


def test_a_healthy_service_needs_nobody() -> None:
    """No rule speaks of a service that is well."""
    assert examine(HEALTHY) == []
    assert worst([]) is Level.OK


TROUBLES = [
    (replace(HEALTHY, running=False), "service-down", Level.FAIL, "does not run"),
    (replace(HEALTHY, modems=()), "no-modem", Level.FAIL, "No modem is configured"),
    (
        modem("absent", minutes(3), detail="/dev/ttyUSB2: no such port"),
        "modem-missing",
        Level.FAIL,
        "Modem front has been missing for 3 min: /dev/ttyUSB2: no such port.",
    ),
    (
        modem(
            "starting", minutes(0), given_up="the modem does not answer AT", steps={"reopen": 1, "reset": 2, "alarm": 1}
        ),
        "modem-missing",
        Level.FAIL,
        "Modem front could not be won back: the modem does not answer AT; tried in vain: reopen 1, reset 2.",
    ),
    (
        modem("ready", minutes(5), restless="it dropped off the bus and came back 4 times within 10 minutes"),
        "power",
        Level.WARN,
        "Modem front: it dropped off the bus and came back 4 times within 10 minutes.",
    ),
    (modem("blocked", minutes(0), reason="pin"), "sim", Level.FAIL, "The SIM of modem front wants its PIN."),
    (modem("blocked", minutes(0), reason="puk"), "sim", Level.FAIL, "is locked and wants its PUK"),
    (modem("blocked", minutes(0), reason="no_sim"), "sim", Level.FAIL, "is missing"),
    (
        modem("blocked", minutes(6), reason="not_registered", detail="searching"),
        "registration",
        Level.FAIL,
        "Modem front has been without network for 6 min: searching.",
    ),
    (
        modem("blocked", minutes(6), reason="no_service_centre"),
        "service-centre",
        Level.FAIL,
        "Modem front knows no service centre.",
    ),
    (
        modem("blocked", minutes(6), detail="+CMS ERROR 512"),
        "modem-blocked",
        Level.FAIL,
        "cannot send: +CMS ERROR 512.",
    ),
    (
        modem("ready", minutes(0), weak_since=NOW - minutes(31), signal_dbm=-107),
        "signal",
        Level.WARN,
        "weak signal (-107 dBm) for 31 min",
    ),
    (
        modem("ready", minutes(0), refusals_in_a_row=3),
        "send-errors",
        Level.FAIL,
        "The last 3 messages over modem front",
    ),
    (modem("ready", minutes(0), storage_used=40, storage_size=50), "storage", Level.WARN, "nearly full (40 of 50)"),
    (modem("ready", minutes(0), balance=-0.5), "balance", Level.WARN, "has -0.50 left"),
    (
        replace(modem("absent", minutes(1)), queue=QueueFacts(waiting=3, oldest_since=NOW - minutes(11))),
        "queue",
        Level.FAIL,
        "3 messages wait, the oldest for 11 min: modem front is absent.",
    ),
    (
        replace(HEALTHY, queue=QueueFacts(last_outcomes=(State.FAILED,) * 5 + (State.DELIVERED,) * 15)),
        "failures",
        Level.WARN,
        "5 of the last 20 messages did not arrive",
    ),
    (replace(HEALTHY, queue=QueueFacts(to_decide=1)), "uncertain", Level.WARN, "1 message may have been sent"),
    (
        replace(HEALTHY, quotas=(QuotaFacts("all accounts today", 450, 500),)),
        "quota",
        Level.WARN,
        "The limit for all accounts today is nearly used up: 450 of 500 segments.",
    ),
    (replace(HEALTHY, quotas=(QuotaFacts("all accounts today", 500, 500),)), "quota", Level.FAIL, "is used up"),
    (
        replace(HEALTHY, certificate=CertificateFacts(not_after=NOW + timedelta(days=29, hours=1))),
        "certificate",
        Level.WARN,
        "expires on 2026-12-22, in 29 d.",
    ),
    (
        replace(HEALTHY, certificate=CertificateFacts(not_after=NOW + timedelta(days=6))),
        "certificate",
        Level.FAIL,
        "expires on 2026-11-29",
    ),
    (
        replace(HEALTHY, certificate=CertificateFacts(not_after=NOW - timedelta(days=1))),
        "certificate",
        Level.FAIL,
        "The certificate expired on 2026-11-22.",
    ),
    (replace(HEALTHY, certificate=CertificateFacts(problem="no such file")), "certificate", Level.FAIL, "no such file"),
    (replace(HEALTHY, sim_expires=NOW + timedelta(days=13)), "sim-expiry", Level.WARN, "The SIM expires on 2026-12-06"),
    (replace(HEALTHY, sim_expires=NOW + timedelta(days=2)), "sim-expiry", Level.FAIL, "The SIM expires on"),
    (
        replace(HEALTHY, mail=MailFacts(4, NOW - minutes(45), "connection refused")),
        "mail",
        Level.FAIL,
        "Mail has not gone out for 45 min; 4 mails wait: connection refused.",
    ),
    (
        replace(HEALTHY, accounts=(AccountFacts("dana", 180, 200, 500, 3000),)),
        "quota",
        Level.WARN,
        "The limit for dana today is nearly used up: 180 of 200 segments.",
    ),
    (
        modem("ready", minutes(0), spent_month=3000, limit_month=3000),
        "quota",
        Level.FAIL,
        "The limit for the SIM of modem front this month is used up",
    ),
    (
        replace(HEALTHY, doors_down=("mail",)),
        "door-down",
        Level.FAIL,
        "The door for mail takes nobody, though the configuration wants it.",
    ),
    (
        replace(HEALTHY, webhooks=(WebhookFacts("desk", NOW - minutes(45), "the receiver answered 502"),)),
        "webhook",
        Level.WARN,
        "Webhook desk has taken nothing for 45 min: the receiver answered 502.",
    ),
    (replace(HEALTHY, clients=ClientFacts(guessing_from=("192.0.2.7",))), "password-attack", Level.WARN, "192.0.2.7"),
    (replace(HEALTHY, disk_free_octets=400_000_000), "disk", Level.WARN, "Only 400 MB are free"),
    (replace(HEALTHY, disk_free_octets=40_000_000), "disk", Level.FAIL, "Only 40 MB are free"),
    (replace(HEALTHY, newest_backup=NOW - timedelta(hours=50)), "backup", Level.WARN, "The newest backup is 2 d old."),
    (replace(HEALTHY, newest_backup=None), "backup", Level.WARN, "There is no backup yet."),
    (replace(HEALTHY, clock_synchronised=False), "clock", Level.WARN, "The clock is not synchronised"),
    (
        replace(HEALTHY, legacy_until=NOW + timedelta(days=10)),
        "legacy-listener",
        Level.WARN,
        "The listener for old Windows closes on 2026-12-03.",
    ),
]


@pytest.mark.parametrize(
    ("facts", "rule", "level", "sentence"), TROUBLES, ids=[f"{t[1]}-{n}" for n, t in enumerate(TROUBLES)]
)
def test_a_trouble_has_a_sentence_and_a_remedy(facts: Facts, rule: str, level: Level, sentence: str) -> None:
    """Exactly the rule for this trouble speaks, at its level, and says what to do."""
    finding = next(finding for finding in examine(facts) if finding.rule == rule)
    assert finding.level is level
    assert sentence in finding.sentence
    assert finding.remedy
    assert worst(examine(facts)) is level


def test_every_rule_is_tried_above() -> None:
    """A new rule needs a trouble in this file."""
    for rule in health.RULES:
        assert any(list(rule(trouble[0], Thresholds())) for trouble in TROUBLES), rule.__name__


@pytest.mark.parametrize(
    "facts",
    [
        modem("absent", minutes(1)),
        modem("blocked", minutes(4), reason="not_registered"),
        modem("ready", minutes(0), weak_since=NOW - minutes(29)),
        modem("starting", minutes(60)),
        replace(HEALTHY, queue=QueueFacts(waiting=3, oldest_since=NOW - minutes(9))),
        replace(HEALTHY, queue=QueueFacts(last_outcomes=(State.FAILED,) * 10)),
        replace(HEALTHY, newest_backup=None, first_message_at=NOW - timedelta(hours=1)),
        replace(HEALTHY, newest_backup=None, backups_wanted=False),
        replace(HEALTHY, disk_free_octets=None, clock_synchronised=None),
        replace(HEALTHY, accounts=(AccountFacts("dana", 5000, 0, 90_000, 0),)),
        replace(HEALTHY, webhooks=(WebhookFacts("desk", NOW - minutes(9), "the receiver answered 502"),)),
    ],
)
def test_what_passes_by_itself_or_is_not_known_is_no_trouble(facts: Facts) -> None:
    """A hiccup shorter than its limit, too few messages to judge by, an unknown fact: nobody is called."""
    assert examine(facts) == []


def test_a_modem_that_was_never_there_is_missing_since_the_start() -> None:
    """Two minutes after the service started, not at once."""
    never = replace(modem("absent", minutes(0)), modems=(replace(READY, state="absent", since=None),))
    assert examine(replace(never, started_at=NOW - minutes(1))) == []
    (finding,) = examine(replace(never, started_at=NOW - minutes(3)))
    assert "has been missing for 3 min" in finding.sentence


def test_a_queue_that_stands_still_at_night_waits_for_the_morning() -> None:
    """Outside the working hours a waiting queue is no alarm."""
    facts = replace(HEALTHY, queue=QueueFacts(waiting=3, oldest_since=NOW - minutes(600)))
    assert examine(facts, Thresholds(at_work=lambda _now: False)) == []


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (HEALTHY, ""),
        (replace(HEALTHY, running=False), "the service does not run"),
        (replace(HEALTHY, modems=()), "no modem is configured"),
        (modem("ready", minutes(1), held=True), "every modem is held"),
        (
            modem("blocked", minutes(1), detail="the SIM wants its PIN"),
            "modem front is blocked (the SIM wants its PIN)",
        ),
    ],
)
def test_it_says_why_the_queue_stands_still(facts: Facts, why: str) -> None:
    """The one question of every operator has an answer in words."""
    assert health.why_it_waits(facts) == why


def test_worst_comes_first() -> None:
    """The first finding is the one a monitor shows."""
    facts = replace(HEALTHY, running=False, clock_synchronised=False)
    assert [finding.level for finding in examine(facts)] == [Level.FAIL, Level.WARN]


def test_facts_survive_the_way_through_json() -> None:
    """What the running service tells of a modem is what the command line reads."""
    told = plain(replace(READY, weak_since=NOW))
    assert told["since"] == "2026-11-21T07:20:00+00:00"
    assert read(ModemFacts, {**told, "of_a_later_release": 1}) == replace(READY, weak_since=NOW)


def test_every_reason_of_a_blocked_modem_has_its_sentence() -> None:
    """What the driver can say, the operator reads in words with a remedy."""
    told = {reason.value for reason in BlockReason} - {"sim_busy", "no_pdu_mode", "other"}
    assert told == set(health.BLOCKED)


@pytest.mark.parametrize(
    ("paces", "segments", "left"),
    [((4.0,), 15, minutes(1)), ((4.0, 4.0), 30, minutes(1)), ((None,), 15, None), ((4.0,), 0, None)],
)
def test_pain_29_the_time_that_the_queue_takes_is_told(
    paces: tuple[float | None, ...], segments: int, left: timedelta | None
) -> None:
    """By the measured pace of the modems that can send; nothing is guessed."""
    modems = tuple(replace(READY, name=str(n), seconds_per_segment=pace) for n, pace in enumerate(paces))
    held = replace(READY, held=True, seconds_per_segment=1.0)
    facts = replace(HEALTHY, modems=(*modems, held), queue=QueueFacts(waiting=1, segments=segments))
    assert time_to_go(facts) == left
