"""People are told once when something starts, once when it ends, and never in a storm."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from omsmodem.caretaker import Alarming
from omsmodem.caretaker.alarming import CALM, MOST_AN_HOUR, MOST_TEXTS_A_DAY
from omsmodem.facts import Condition, Facts, Finding, Level
from omsmodem.store import open_store

START = datetime(2026, 11, 23, 7, 20, tzinfo=UTC)
MISSING = Finding("modem-missing", Level.FAIL, "Modem front has been missing for 2 min.", "omsmodem doctor", "front")
DISK = Finding("disk", Level.WARN, "Only 400 MB are free for the queue.", "omsmodem purge")
MAIL = Finding("mail", Level.FAIL, "Mail has not gone out for 30 min.", "omsmodem doctor")


class Office:
    """A store with a clock, and what was texted."""

    def __init__(self, path: Path) -> None:
        self.now = START
        self.store = open_store(path, lambda: self.now)
        self.texted: list[str] = []
        self.alarming = Alarming(self.store.alarms, self.texted.append)

    def look(self, *findings: Finding, after: timedelta = timedelta(0)) -> None:
        self.now += after
        self.alarming.look(Condition(Facts(now=self.now), list(findings)))

    def mails(self) -> list[str]:
        return [mail.subject for mail in reversed(self.store.overview.alarm_mails(limit=1000))]

    def restart(self) -> None:
        self.alarming = Alarming(self.store.alarms, self.texted.append)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path / "omsmodem.db")
    yield made
    made.store.close()


def test_one_mail_when_it_starts_and_one_when_it_ends(office: Office) -> None:
    """However often the service is looked at in between."""
    for _ in range(10):
        office.look(MISSING, after=timedelta(minutes=1))
    assert office.mails() == ["Modem front has been missing for 2 min."]
    office.look(after=timedelta(minutes=1))
    assert len(office.mails()) == 1
    office.look(after=CALM)
    assert office.mails()[1] == "Over: Modem front has been missing for 2 min."
    assert office.store.alarms.active() == []


def test_the_mail_says_what_to_do(office: Office) -> None:
    """The remedy is in it, to be copied."""
    office.look(MISSING)
    (mail,) = office.store.overview.alarm_mails()
    assert "What to do: omsmodem doctor" in mail.text


def test_a_fault_that_comes_and_goes_is_one_fault(office: Office) -> None:
    """Two mails for a whole day of it, and reminders."""
    for minute in range(0, 600, 5):
        office.look(*([MISSING] if minute % 10 else []), after=timedelta(minutes=5))
    assert len(office.mails()) == 1


def test_a_restart_neither_repeats_nor_forgets(office: Office) -> None:
    """What people were told is on disk."""
    office.look(MISSING)
    office.restart()
    office.look(MISSING, after=timedelta(minutes=1))
    assert len(office.mails()) == 1
    office.restart()
    office.look(after=timedelta(minutes=1))
    office.look(after=CALM)
    assert len(office.mails()) == 2


def test_a_warning_that_gets_worse_is_told_again(office: Office) -> None:
    """Once."""
    office.look(DISK)
    worse = replace(DISK, level=Level.FAIL, sentence="Only 40 MB are free for the queue.")
    for _ in range(3):
        office.look(worse, after=timedelta(minutes=1))
    assert office.mails() == [DISK.sentence, worse.sentence]


def test_a_lasting_alarm_is_reminded_of_with_its_newest_words(office: Office) -> None:
    """The reminder of tomorrow does not speak of two minutes."""
    office.look(MISSING)
    later = replace(MISSING, sentence="Modem front has been missing for 24 h.")
    office.look(later, after=timedelta(hours=24))
    office.store.alarms.remind()
    assert office.mails()[-1] == "Still: Modem front has been missing for 24 h."


def test_many_faults_at_once_are_no_storm(office: Office) -> None:
    """So many alarms begin in an hour, the others wait for the next one."""
    many = [replace(MISSING, subject=f"modem{n}") for n in range(50)]
    for _ in range(10):
        office.look(*many, after=timedelta(minutes=1))
    assert len(office.mails()) == MOST_AN_HOUR
    office.look(*many, after=timedelta(hours=1))
    assert len(office.mails()) == 2 * MOST_AN_HOUR


def test_while_mail_is_down_each_fault_is_texted_once(office: Office) -> None:
    """The one of the mail too; warnings wait."""
    office.look(MISSING, DISK)
    assert office.texted == []
    for _ in range(3):
        office.look(MISSING, DISK, MAIL, after=timedelta(minutes=1))
    assert office.texted == [f"omsmodem: {MISSING.sentence}", f"omsmodem: {MAIL.sentence}"]


def test_texts_are_few_and_short(office: Office) -> None:
    """They cost money and wake people."""
    many = [replace(MISSING, subject=f"modem{n}", sentence="x" * 300) for n in range(50)]
    office.look(MAIL, *many)
    assert len(office.texted) == MOST_TEXTS_A_DAY
    assert max(map(len, office.texted)) == 160
    office.look(MAIL, *many, after=timedelta(hours=25))
    assert len(office.texted) == 2 * MOST_TEXTS_A_DAY


def test_without_a_mail_server_texts_are_the_way(office: Office) -> None:
    """Where the configuration names somebody."""
    office.alarming.mails_at_all = False
    office.look(MISSING)
    assert office.texted == [f"omsmodem: {MISSING.sentence}"]


def test_alarms_of_others_are_left_alone(office: Office) -> None:
    """A report of the receiver is not ended by us."""
    office.store.alarms.alarm("undecodable", "A message could not be read", "…")
    office.look(after=CALM)
    office.look(after=CALM)
    assert [alarm.key for alarm in office.store.alarms.active()] == ["undecodable"]
