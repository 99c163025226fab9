"""The moves themselves: what every story of the store is made of. To be called within a transaction.

A move is guarded where it is made: the UPDATE names the states it may start from (`message.NEXT`), exactly one row must
change, an event row is written beside it, and who wants to know of the outcome gets a notice.
"""

import sqlite3
from collections.abc import Mapping, Sequence

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
    return "".join(c for c in number if c.isdigit())[-TAIL_DIGITS:]


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
    starts = _FROM[to] if origin is None else tuple({origin}.intersection(_FROM[to]))
    values = {"state": to, "updated_at": now, **columns}
    if not _update("message", values, {"id": message_id}, starts, connection):
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
    starts = _FROM_SEGMENT[to] if origin is None else tuple({origin}.intersection(_FROM_SEGMENT[to]))
    key = {"message_id": message_id, "number": number}
    if not _update("segment", {"state": to, **columns}, key, starts, connection):
        raise IllegalMove(f"segment {number} of message {message_id} may not become {to} from where it is")


def _update(
    table: str,
    values: Mapping[str, object],
    key: Mapping[str, object],
    starts: Sequence[str],
    connection: sqlite3.Connection,
) -> bool:
    """Change the one row of `key` if its state is among `starts`."""
    sets = ", ".join(f"{name} = ?" for name in values)
    wheres = " AND ".join(f"{name} = ?" for name in key)
    marks = ", ".join("?" * len(starts))
    statement = f"UPDATE {table} SET {sets} WHERE {wheres} AND state IN ({marks})"  # noqa: S608 - names are this file's own
    return connection.execute(statement, (*values.values(), *key.values(), *starts)).rowcount == 1


def segments_of(connection: sqlite3.Connection, message_id: int) -> tuple[Segment, ...]:
    """The segments of a message in order."""
    found = connection.execute("SELECT * FROM segment WHERE message_id = ? ORDER BY number", (message_id,))
    return tuple(rows.segment(row) for row in found.fetchall())


def all_in(connection: sqlite3.Connection, message_id: int, *states: SegmentState) -> bool:
    """Whether every segment of a message is in one of `states`."""
    found = connection.execute("SELECT DISTINCT state FROM segment WHERE message_id = ?", (message_id,)).fetchall()
    return {row["state"] for row in found} <= set(states)


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
    if not all_in(connection, message_id, *HANDED_OVER):
        return False
    expires = connection.execute("SELECT expires_at FROM message WHERE id = ?", (message_id,)).fetchone()["expires_at"]
    until = max(now + REPORT_WINDOW_MS, expires + REPORT_GRACE_MS)
    columns = {"last_error": None, "doubt_until": None, "held_by": None, "held_at": None, "report_until": until}
    move(connection, message_id, State.SUBMITTED, now, why, **columns)
    close_by_reports(connection, message_id, now)
    return True


def close_by_reports(connection: sqlite3.Connection, message_id: int, now: int, words: str = "") -> None:
    """A message is delivered when every segment is, and never will be when one never will; `words` are the last report's."""
    state = State(connection.execute("SELECT state FROM message WHERE id = ?", (message_id,)).fetchone()["state"])
    if state is not State.SUBMITTED:
        return
    if all_in(connection, message_id, SegmentState.DELIVERED):
        detail = "every segment is reported" + (f": {words}" if words else "")
        move(connection, message_id, State.DELIVERED, now, detail, last_error=None, report_until=None)
    elif any_in(connection, message_id, SegmentState.UNDELIVERED):
        error = "the network gave up" + (f": {words}" if words else "")
        move(connection, message_id, State.UNDELIVERED, now, error, last_error=error, report_until=None)
