"""The moves themselves: what every story of the store is made of. To be called within a transaction.

A move is guarded where it is made: the UPDATE names the states it may start from (`message.NEXT`), exactly one row must
change, an event row is written beside it, and who wants to know of the outcome gets a notice.
"""

import sqlite3
from functools import cache

from omsmodem.message import NEXT, NEXT_SEGMENT, Segment, SegmentState, State
from omsmodem.store import rows
from omsmodem.store.errors import IllegalMove
from omsmodem.store.notices import note_outcome

#: A segment in one of these needs no more sending.
HANDED_OVER = (SegmentState.SUBMITTED, SegmentState.DELIVERED, SegmentState.UNDELIVERED)

#: Reports are waited for this long, or until the network must have given up (TP-VP) and said so.
REPORT_WINDOW_MS = 48 * 3_600_000
REPORT_GRACE_MS = 2 * 3_600_000

#: Digits of a number that a status report is matched by: networks return TP-RA in national form too.
TAIL_DIGITS = 7

_FROM: dict[State, tuple[State, ...]] = {to: tuple(s for s in State if to in NEXT[s]) for to in State}
_FROM_SEGMENT: dict[SegmentState, tuple[SegmentState, ...]] = {
    to: tuple(s for s in SegmentState if to in NEXT_SEGMENT[s]) for to in SegmentState
}


def tail(number: str) -> str:
    """The last digits of a number, by which reports and replies are matched."""
    return "".join(filter(str.isdigit, number))[-TAIL_DIGITS:]


def note(connection: sqlite3.Connection, message_id: int, now: int, state: State, detail: str) -> None:
    """Write an event: where a message stands and why."""
    connection.execute(
        "INSERT INTO event (message_id, at, state, detail) VALUES (?, ?, ?, ?)", (message_id, now, state, detail)
    )


def move(
    connection: sqlite3.Connection,
    message_id: int,
    to: State,
    now: int,
    detail: str,
    *,
    origin: State | None = None,
    **columns: object,
) -> None:
    """Move a message, guarded by `message.NEXT` and by `origin` where one is named, with an event. Raises IllegalMove."""
    statement = _guarded("message", to, origin, ("updated_at", *columns), ("id",))
    if connection.execute(statement, (now, *columns.values(), message_id)).rowcount != 1:
        raise IllegalMove(f"message {message_id} may not become {to} from where it is")
    note(connection, message_id, now, to, detail)
    note_outcome(connection, message_id, to, now)


def move_segment(
    connection: sqlite3.Connection,
    message_id: int,
    number: int,
    to: SegmentState,
    *,
    origin: SegmentState | None = None,
    **columns: object,
) -> None:
    """Move a segment, guarded by `message.NEXT_SEGMENT` and by `origin` where one is named. Raises IllegalMove."""
    statement = _guarded("segment", to, origin, tuple(columns), ("message_id", "number"))
    if connection.execute(statement, (*columns.values(), message_id, number)).rowcount != 1:
        raise IllegalMove(f"segment {number} of message {message_id} may not become {to} from where it is")


@cache
def _guarded(
    table: str,
    to: State | SegmentState,
    origin: State | SegmentState | None,
    columns: tuple[str, ...],
    key: tuple[str, ...],
) -> str:
    """The statement of a move: it changes the one row of `key` if that is where the move may start. A few dozen in all."""
    allowed = _FROM[to] if isinstance(to, State) else _FROM_SEGMENT[to]
    starts = ", ".join(f"'{state}'" for state in allowed if origin in (None, state))
    sets = ", ".join(f"{name} = ?" for name in columns)
    wheres = " AND ".join(f"{name} = ?" for name in key)
    state = f"state = '{to}'" + (", " if sets else "")
    return f"UPDATE {table} SET {state}{sets} WHERE {wheres} AND state IN ({starts})"  # noqa: S608 - this file's own names


def segments_of(connection: sqlite3.Connection, message_id: int) -> tuple[Segment, ...]:
    """The segments of a message in order."""
    found = connection.execute("SELECT * FROM segment WHERE message_id = ? ORDER BY number", (message_id,))
    return tuple(rows.segment(row) for row in found.fetchall())


def any_in(connection: sqlite3.Connection, message_id: int, state: SegmentState) -> bool:
    """Whether a segment of a message is in `state`."""
    query = "SELECT 1 FROM segment WHERE message_id = ? AND state = ? LIMIT 1"
    return connection.execute(query, (message_id, state)).fetchone() is not None


def requeue(
    connection: sqlite3.Connection, message_id: int, now: int, error: str, retry_at: int, attempts: int
) -> None:
    """Put a taken message back into the queue until `retry_at`."""
    before = connection.execute("SELECT attempts FROM message WHERE id = ?", (message_id,)).fetchone()["attempts"]
    columns = {"due_at": retry_at, "retry_at": retry_at, "attempts": before + attempts, "last_error": error}
    move(connection, message_id, State.QUEUED, now, error, origin=State.SUBMITTING, **columns)


def doubt(
    connection: sqlite3.Connection, message_id: int, number: int, error: str, now: int, settle_at: int | None
) -> None:
    """A segment may have been sent: its message is uncertain until evidence comes, or `settle_at` (None: a person decides)."""
    modem = connection.execute(
        "SELECT modem FROM segment WHERE message_id = ? AND number = ?", (message_id, number)
    ).fetchone()["modem"]
    move_segment(connection, message_id, number, SegmentState.UNCERTAIN)
    move(connection, message_id, State.UNCERTAIN, now, error, last_error=error, doubt_until=settle_at, bound_to=modem)


def hand_over(connection: sqlite3.Connection, message_id: int, now: int, why: str) -> bool:
    """Move a message whose segments the network has, all of them, to SUBMITTED; False when some are still to be sent."""
    message, segments = _stands(connection, message_id)
    if not segments.issubset(HANDED_OVER):
        return False
    until = max(now + REPORT_WINDOW_MS, message["expires_at"] + REPORT_GRACE_MS)
    columns = {"last_error": None, "doubt_until": None, "held_by": None, "held_at": None, "report_until": until}
    move(connection, message_id, State.SUBMITTED, now, why, **columns)
    _close(connection, message_id, segments, now, "")
    return True


def close_by_reports(connection: sqlite3.Connection, message_id: int, now: int, words: str) -> None:
    """A message is delivered when every segment is, and never will be when one never will; `words` are the last report's."""
    message, segments = _stands(connection, message_id)
    if message["state"] == State.SUBMITTED:
        _close(connection, message_id, segments, now, words)


def _stands(connection: sqlite3.Connection, message_id: int) -> tuple[sqlite3.Row, set[str]]:
    """How a message stands, and in which states its segments are."""
    found = connection.execute(
        "SELECT message.state, expires_at, segment.state AS segment FROM message JOIN segment ON message_id = id"
        " WHERE id = ?",
        (message_id,),
    ).fetchall()
    return found[0], {row["segment"] for row in found}


def _close(connection: sqlite3.Connection, message_id: int, segments: set[str], now: int, words: str) -> None:
    """End a submitted message if its segments' reports end it."""
    because = f": {words}" if words else ""
    if segments == {SegmentState.DELIVERED}:
        columns = {"last_error": None, "report_until": None}
        move(connection, message_id, State.DELIVERED, now, f"every segment is reported{because}", **columns)
    elif SegmentState.UNDELIVERED in segments:
        error = f"the network gave up{because}"
        move(connection, message_id, State.UNDELIVERED, now, error, last_error=error, report_until=None)
