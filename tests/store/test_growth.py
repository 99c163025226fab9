"""What a long history may not cost: statements that read through a table, and limits that add up a month."""

import sqlite3
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bench._history import fill
from bench.growth import Subject
from omsmodem.message import Quota, Reason
from omsmodem.store import Store, open_store
from tests.store.test_overview import Clock
from tests.store.test_search import accept

#: Tables that grow with the history.
SMALL = "segment_flying"  # an index of few rows, however long the history
LONG = {"submission", "message", "segment", "event", "notice", "outcome", "incoming", "incoming_segment"}


def test_no_step_and_no_question_reads_through_a_table_of_the_history(tmp_path: Path) -> None:
    """Every statement of a message's life, of an answer's, and of the screens finds its rows by an index."""
    path = tmp_path / "omsmodem.db"
    fill(path, 300, datetime.now(UTC))
    store = open_store(path, lambda: datetime.now(UTC))
    statements = set[str]()
    try:
        with store.database.reading() as connection:
            connection.set_trace_callback(statements.add)
        subject = Subject(300, store)
        for steps in (subject.message, subject.refusal, subject.repeated_report, subject.questions):
            for _, step in steps():
                step()
        with store.database.reading() as connection:
            connection.set_trace_callback(None)
            scans = {found: sql for sql in statements for found in _scans(connection, sql)}
    finally:
        store.close()
    assert len(statements) > 100
    assert not scans


def _scans(connection: sqlite3.Connection, statement: str) -> list[str]:
    """The tables of the history that a statement reads through."""
    if not statement.startswith(("SELECT", "UPDATE", "DELETE", "INSERT", "\n")):
        return []
    plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
    words = [row["detail"].split() for row in plan]
    return [" ".join(line) for line in words if line[0] == "SCAN" and line[1] in LONG and line[-1] != SMALL]


OUTCOMES = {"wait": 1, "send": 1, "refuse": 0, "cancel": 0, "refuse, then retry": 1}


def _live(store: Store, message_id: int, outcome: str, now: datetime) -> None:
    if outcome == "cancel":
        store.desk.cancel(message_id, "dana")
    elif outcome != "wait":
        taken = store.outbox.take("front", lambda _message, _reference: (b"tpdu",))
        assert taken is not None
        store.outbox.mark_in_flight(taken.message.id, 1, "front")
        if outcome == "send":
            store.outbox.mark_submitted(taken.message.id, 1, 7)
        else:
            store.outbox.mark_failed(taken.message.id, 1, "refused")
        if outcome == "refuse, then retry":
            store.desk.retry(taken.message.id, "dana", now + timedelta(days=1))
            store.desk.hold(message_id, "dana")


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(OUTCOMES)), st.integers(1, 200_000)), max_size=8), st.integers(0, 900_000)
)
def test_what_is_spent_is_what_left_or_may_still_leave(lives: list[tuple[str, int]], back_s: int) -> None:
    """From any moment on, of one account and of everybody, whatever became of the messages."""
    clock = Clock()
    kept: list[tuple[datetime, str, int]] = []
    with tempfile.TemporaryDirectory() as directory:
        store = open_store(Path(directory) / "omsmodem.db", clock)
        for number, (outcome, pause_s) in enumerate(lives):
            clock.now += timedelta(seconds=pause_s)
            account = ("dana", "fish")[number % 2]
            (message_id,) = accept(store, account, f"+4477009002{number:02d}", "text")
            if outcome == "wait":
                store.desk.hold(message_id, "dana")
            _live(store, message_id, outcome, clock.now)
            kept.append((clock.now, account, OUTCOMES[outcome]))
        since = clock.now - timedelta(seconds=back_s)
        for who in ("dana", "fish", None):
            expected = sum(segments for at, account, segments in kept if at >= since and who in (account, None))
            assert store.overview.spent(Quota(Reason.QUOTA_DAY, since, 1, who)) == expected
        store.close()
