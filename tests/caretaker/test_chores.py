"""Chores are done once a day at their hour, or as soon as possible after it."""

import threading
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from omsmodem.caretaker import Alarming, Caretaker, Daily
from omsmodem.facts import Condition, Facts
from omsmodem.store import open_store
from omsmodem.store.errors import StoreError

BERLIN = ZoneInfo("Europe/Berlin")


class Work:
    """Counts, or fails."""

    def __init__(self) -> None:
        self.done: list[datetime] = []
        self.failures: list[str] = []
        self.now = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
        self.broken = False
        self.chore = Daily(
            "backup", time(2, 30), UTC, self.last, self.do, lambda what, _why: self.failures.append(what)
        )

    def last(self) -> datetime | None:
        return self.done[-1] if self.done else None

    def do(self) -> None:
        if self.broken:
            raise StoreError("the disk is full")
        self.done.append(self.now)

    def hours(self, count: float) -> None:
        """Look every half hour."""
        for _ in range(round(count * 2)):
            self.chore.look(self.now)
            self.now += timedelta(minutes=30)


def test_what_was_never_done_is_done_at_once() -> None:
    """And then every night at its hour."""
    work = Work()
    work.hours(72)
    assert [moment.strftime("%d %H:%M") for moment in work.done] == ["23 02:00", "23 02:30", "24 02:30", "25 02:30"]


def test_a_machine_that_slept_at_night_catches_up() -> None:
    """Once, not once for every night."""
    work = Work()
    work.hours(1)
    work.now += timedelta(days=3)
    count = len(work.done)
    work.hours(5)
    assert len(work.done) == count + 1


def test_a_failure_is_told_and_tried_again_later() -> None:
    """Not every minute."""
    work = Work()
    work.broken = True
    work.hours(3)
    assert work.failures == ["The daily backup failed"] * 3
    work.broken = False
    work.hours(2)
    assert len(work.done) == 1


def test_the_hour_is_that_of_the_wall_also_where_the_clock_jumps() -> None:
    """02:30 does not exist on the last Sunday of March in Berlin, and nothing is left out."""
    work = Work()
    work.now = datetime(2026, 3, 27, 0, 0, tzinfo=UTC)
    work.chore.zone = BERLIN
    work.hours(96)
    days = [moment.astimezone(BERLIN).date().day for moment in work.done]
    assert days[1:] == [27, 28, 29, 30]


def test_a_round_that_fails_does_not_end_the_watch(tmp_path: Path) -> None:
    """Whoever watches over the service is the last to give up."""
    rounds: list[int] = []
    enough = threading.Event()

    def condition() -> Condition:
        rounds.append(1)
        if len(rounds) == 1:
            raise StoreError("busy")
        if len(rounds) == 2:
            raise ValueError("a mistake of ours")
        enough.set()
        return Condition(Facts(now=datetime.now(UTC)), [])

    now = partial(datetime.now, UTC)
    store = open_store(tmp_path / "omsmodem.db", now)
    caretaker = Caretaker(condition, Alarming(store.alarms), (), now, period_s=0.01)
    caretaker.start()
    try:
        assert enough.wait(20)
    finally:
        caretaker.stop()
        store.close()
