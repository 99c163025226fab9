"""Every alarm condition is said by `status` and by `doctor`, in the words of its rule, with what to do."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from omsmodem.app import Application
from omsmodem.cli.status import _screen
from omsmodem.doctor import Patient, examine
from omsmodem.facts import AccountFacts, ClientFacts, Facts, Level, MailFacts
from omsmodem.health import examine as judge
from tests.cli.conftest import Home
from tests.health.test_rules import HEALTHY, TROUBLES
from tests.modem.tree import Tree

WORDS = {Level.WARN: "WARNING", Level.FAIL: "CRITICAL"}


def screen(facts: Facts) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", _screen(facts, judge(facts)))


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[Patient]:
    """A machine with nothing plugged in; none of its own troubles is looked at here."""
    tree = Tree(tmp_path)
    yield Patient(HEALTHY, machine=tree.machine, database=tmp_path / "none.db", accounts=1)
    tree.close()


@pytest.mark.parametrize(
    ("facts", "rule", "level", "sentence"), TROUBLES, ids=[f"{t[1]}-{n}" for n, t in enumerate(TROUBLES)]
)
def test_every_condition_is_said(patient: Patient, facts: Facts, rule: str, level: Level, sentence: str) -> None:
    """The screen's first line has the level for monitors, and both name the trouble and the remedy."""
    alarms = judge(facts)
    (alarm,) = [one for one in alarms if one.rule == rule and sentence in one.sentence]
    shown = screen(facts)
    assert WORDS[level] in shown.splitlines()[0]
    assert alarm.sentence in shown
    assert f"→ {alarm.remedy}" in shown
    facts = replace(facts, uri="https://localhost:8443/", running=False)
    assert alarm in examine(replace(patient, facts=facts), alarms)


def test_both_commands_say_what_is_wrong(home: Home, serving: Callable[[], Application]) -> None:
    """A real service with a full disk, a SIM at its end, an account at its limit."""
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
    home.configure(
        f"\nalarms: {{disk_free_mb: 1000000000000, sim_expires: {tomorrow}}}\nlimits: {{segments_per_day: 1}}\n"
    )
    serving()
    assert home.run("send", "--account", "dana", "--to", "07700 900222", "a text").exit_code == 0
    for command in ("status", "doctor"):
        result = home.run(command)
        assert result.exit_code == 2
        assert "are free for the queue." in result.output
        assert f"The SIM expires on {tomorrow}" in result.output
        assert "The limit for dana today is used up: 1 of 1 segments." in result.output


def test_the_listener_for_old_windows_says_whether_it_is_needed() -> None:
    """A yellow line with the last PC that used it, so that somebody knows when it may go."""
    open_ = replace(HEALTHY, legacy_until=HEALTHY.now + timedelta(days=100))
    assert "TLS 1.0 is spoken until 2027-03-03; nobody has needed it since the service started" in screen(open_)
    old = ClientFacts(old_address="192.0.2.31", old_protocol="TLS 1.0", old_at=HEALTHY.now - timedelta(hours=2))
    assert "192.0.2.31 needed it 2 h ago (TLS 1.0)" in screen(replace(open_, clients=old))
    assert "LEGACY" not in screen(HEALTHY)


def test_accounts_and_mails_have_a_line() -> None:
    """Who spent what of which limit, and which mails nobody got."""
    many = tuple(AccountFacts(f"user{n}", 9 - n, 0, 10, 0) for n in range(1, 6))
    facts = replace(HEALTHY, accounts=(AccountFacts("dana", 12, 200, 1612, 3000), *many), mail=MailFacts(2, kept=1))
    lines = {line.split()[0]: line for line in screen(facts).splitlines()}
    assert "dana 12/200 today, 1,612/3,000 this month  user1 8 today, 10 this month" in lines["ACCOUNTS"]
    assert lines["ACCOUNTS"].endswith("and 2 more")
    assert "waiting 2  could not be sent 1 (omsmodem mail list)" in lines["MAIL"]
