"""The moves themselves: what every story of the store is made of. To be called within a transaction.

A move is guarded where it is made: the UPDATE names the states it may start from (`message.NEXT`), exactly one row must
change, an event row is written beside it, and who wants to know of the outcome gets a notice.
"""

import sqlite3

from omsmodem.message import NEXT, NEXT_SEGMENT, Segment, SegmentState, State
from omsmodem.store import rows
from omsmodem.store.errors import IllegalMove
from omsmodem.store.notices import note_outcome

#: A segment in one of these needs no more sending.
HANDED_OVER = (SegmentState.SUBMITTED, SegmentState.DELIVERED, SegmentState.UNDELIVERED)

#: Digits of a number that a status report is matched by: networks return national forms (SMS.md §1, TP-ST matching).
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


def move(connection: sqlite3.Connection, message_id: int, to: State, now: int, detail: str, **columns: object) -> None:
    """Move a message, guarded by `message.NEXT`, with an event. Raises IllegalMove."""
    values = {"state": to, "updated_at": now, **columns}
    sets = ", ".join(f"{name} = ?" for name in values)
    marks = ", ".join("?" * len(_FROM[to]))
    changed = connection.execute(
        f"UPDATE message SET {sets} WHERE id = ? AND state IN ({marks})",  # noqa: S608 - names are this file's own
        (*values.values(), message_id, *_FROM[to]),
    ).rowcount
    if changed != 1:
        raise IllegalMove(f"message {message_id} may not become {to} from where it is")
    note(connection, message_id, now, to, detail)
    note_outcome(connection, message_id, to, now)


def move_segment(
    connection: sqlite3.Connection, message_id: int, number: int, to: SegmentState, **columns: object
) -> None:
    """Move a segment, guarded by `message.NEXT_SEGMENT`. Raises IllegalMove."""
    values = {"state": to, **columns}
    sets = ", ".join(f"{name} = ?" for name in values)
    marks = ", ".join("?" * len(_FROM_SEGMENT[to]))
    changed = connection.execute(
        f"UPDATE segment SET {sets} WHERE message_id = ? AND number = ? AND state IN ({marks})",  # noqa: S608 - as above
        (*values.values(), message_id, number, *_FROM_SEGMENT[to]),
    ).rowcount
    if changed != 1:
        raise IllegalMove(f"segment {number} of message {message_id} may not become {to} from where it is")


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
    move(connection, message_id, State.QUEUED, now, error, **columns)


def doubt(connection: sqlite3.Connection, message_id: int, number: int, error: str, now: int, settle_at: int) -> None:
    """A segment may have been sent: its message is uncertain until evidence comes, or `settle_at`."""
    move_segment(connection, message_id, number, SegmentState.UNCERTAIN)
    move(connection, message_id, State.UNCERTAIN, now, error, last_error=error, doubt_until=settle_at)


def close_by_reports(connection: sqlite3.Connection, message_id: int, now: int) -> None:
    """A message is delivered when every segment is, and never will be when one never will."""
    state = State(connection.execute("SELECT state FROM message WHERE id = ?", (message_id,)).fetchone()["state"])
    if state is not State.SUBMITTED:
        return
    if all_in(connection, message_id, SegmentState.DELIVERED):
        move(connection, message_id, State.DELIVERED, now, "every segment is confirmed")
    elif any_in(connection, message_id, SegmentState.UNDELIVERED):
        error = "a status report says the phone will never get it"
        move(connection, message_id, State.UNDELIVERED, now, error, last_error=error)
