"""What a SIM may cost: caps per minute, day and month that survive a restart, by the office's own midnight."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from omsmodem.message import OutgoingMessage, State
from omsmodem.store import open_store
from omsmodem.store.usage import count
from omsmodem.worker import Care
from omsmodem.worker.budget import Budget, Caps
from tests.worker.world import START, World

TO = "+447700900222"
LONG = "A text of three segments. " * 17


def capped(world: World, caps: Caps) -> None:
    world.modem(care=Care(caps=caps))
    world.start()
    world.run(60)


def test_pain_28_a_minute_holds_so_many_segments_and_no_more(world: World) -> None:
    """Five a minute: ten messages take until the third minute, without an attempt."""
    capped(world, Caps(minute=5))
    ids = [world.submit(f"text {n}") for n in range(10)]
    world.run(1)
    assert len(world.network.submissions) == 5
    status = world.desks["front"].worker.status
    assert status.state == "ready"
    assert "the limit of 5 segments a minute is reached; it goes on at 2026-03-02 09:02" in status.detail
    world.run(60)
    assert len(world.network.submissions) == 10
    assert all(world.message(one).attempts == 0 for one in ids)


def test_a_long_message_is_finished_first_in_the_next_minute(world: World) -> None:
    """A minute ends between two segments: the rest goes out before what came later."""
    capped(world, Caps(minute=2))
    long_one, later = world.submit(LONG), world.submit("later")
    world.run(1)
    assert [s.state for s in world.store.history.segments(long_one)].count("pending") == 1
    assert world.run_until(lambda: world.state(later) is State.DELIVERED, 180)
    assert [text for _, text in world.received] == [LONG, "later"]


def test_a_day_that_is_used_up_waits_for_midnight(world: World) -> None:
    """Queued, with the reason visible; sent after the office's midnight, which is not UTC's."""
    zone = ZoneInfo("Europe/Berlin")
    capped(world, Caps(day=3, zone=zone))
    ids = [world.submit(f"text {n}") for n in range(4)]
    world.run(60)
    assert [world.state(one) for one in ids].count(State.DELIVERED) == 3
    assert "it goes on at 2026-03-03 00:00" in world.desks["front"].worker.status.detail
    assert world.run_until(lambda: world.state(ids[3]) is State.DELIVERED, 86_400)
    assert world.clock() >= datetime(2026, 3, 3, tzinfo=zone)
    assert world.now < 14 * 3600 + 120


def test_a_message_is_only_begun_when_the_day_has_room_for_all_of_it(world: World) -> None:
    """Two segments are left, the text has three: it waits, and a shorter one goes."""
    capped(world, Caps(day=5))
    for n in range(3):
        world.submit(f"text {n}")
    world.run(30)
    long_one, short = world.submit(LONG), world.submit("short")
    world.run(60)
    assert world.state(short) is State.DELIVERED
    assert world.state(long_one) is State.QUEUED
    assert world.store.history.segments(long_one) == ()
    detail = world.desks["front"].worker.status.detail
    assert detail == f"message {long_one} needs 3 segments, more than its limits leave; it waits"
    assert world.run_until(lambda: world.state(long_one) is State.DELIVERED, 86_400)


def test_pain_28_caps_belong_to_the_sim_and_survive_a_restart(tmp_path: Path) -> None:
    """The count is in the store, by ICCID: neither a restart nor another stick starts it anew."""
    store = open_store(tmp_path / "omsmodem.db", lambda: START)
    budget = Budget(store.modems, Caps(month=1), lambda: START, "89440")
    with store.database.transaction() as connection:
        count(connection, budget.charge())
    store.close()
    again = open_store(tmp_path / "omsmodem.db", lambda: START)
    rest = Budget(again.modems, Caps(month=1), lambda: START, "89440").rest()
    assert rest is not None
    assert rest.until == datetime(2026, 4, 1, tzinfo=rest.until.tzinfo)
    assert Budget(again.modems, Caps(month=1), lambda: START, "89441").rest() is None
    again.close()


def test_days_of_23_and_25_hours_end_at_their_midnight(tmp_path: Path) -> None:
    """The clock jumps in March and October; the cap's day is the one on the wall."""
    zone = ZoneInfo("Europe/Berlin")
    store = open_store(tmp_path / "omsmodem.db", lambda: START)
    for day, hours in ((datetime(2026, 3, 29, 12, tzinfo=zone), 23), (datetime(2026, 10, 25, 12, tzinfo=zone), 25)):
        budget = Budget(store.modems, Caps(day=1, zone=zone), lambda day=day: day, "89440")
        _, cap, _ = budget._periods()
        assert cap.period.until - cap.period.since == timedelta(hours=hours)
    store.close()


def test_a_message_longer_than_the_whole_cap_is_begun_on_a_fresh_day(tmp_path: Path) -> None:
    """Otherwise it would wait for ever without a word."""
    store = open_store(tmp_path / "omsmodem.db", lambda: START)
    budget = Budget(store.modems, Caps(day=2), lambda: START, "89440")
    message = OutgoingMessage(1, 1, "dana", TO, LONG, State.QUEUED, START, START, START, segments=3)
    assert budget.has_room_for(message)
    store.close()
