"""The operator's desk: what people decide about messages. Every act is a guarded move, an event and an audit line."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from omsmodem.message import SegmentState, State
from omsmodem.store import audit, reports, rows
from omsmodem.store.errors import IllegalMove
from omsmodem.store.evidence import send_again
from omsmodem.store.face import Face
from omsmodem.store.moves import HANDED_OVER, any_in, move, move_segment, note

_ENDED = (State.FAILED, State.EXPIRED, State.UNDELIVERED)


class Desk(Face):
    """Moves that a person makes; `by` is who. All raise IllegalMove with a sentence for that person."""

    def act(self, name: str, message_id: int, by: str, expires_at: datetime) -> None:
        """What people call `name` at the command line and on pages; `expires_at` is the new end of what is tried again."""
        if name == "retry":
            self.retry(message_id, by, expires_at)
        else:
            _ACTS[name](self, message_id, by)

    def hold(self, message_id: int, by: str) -> None:
        """Keep a queued message from the modems until it is released; its validity does not run meanwhile."""
        with self._database.transaction() as connection:
            now, row = self._now_ms(), _message(connection, message_id, "held", State.QUEUED)
            if row["held_by"] is not None:
                raise IllegalMove(f"message {message_id} is held already, by {row['held_by']}")
            connection.execute("UPDATE message SET held_by = ?, held_at = ? WHERE id = ?", (by, now, message_id))
            note(connection, message_id, now, State.QUEUED, f"held by {by}")
            audit.record(connection, now, by, "hold", f"message {message_id}")

    def release(self, message_id: int, by: str) -> None:
        """Give a held message back to the queue, with the validity it had left."""
        with self._database.transaction() as connection:
            now, row = self._now_ms(), _message(connection, message_id, "released", State.QUEUED)
            if row["held_by"] is None:
                raise IllegalMove(f"message {message_id} is not held")
            connection.execute(
                "UPDATE message SET held_by = NULL, held_at = NULL, expires_at = expires_at + ? WHERE id = ?",
                (now - row["held_at"], message_id),
            )
            note(connection, message_id, now, State.QUEUED, f"released by {by}")
            audit.record(connection, now, by, "release", f"message {message_id}")

    def cancel(self, message_id: int, by: str) -> None:
        """Stop a queued message; segments of it that went out stay out."""
        with self._database.transaction() as connection:
            now = self._now_ms()
            _message(connection, message_id, "cancelled", State.QUEUED)
            gone = any(any_in(connection, message_id, state) for state in HANDED_OVER)
            words = f"cancelled by {by}" + (" after a part of it had been sent" if gone else "")
            move(connection, message_id, State.CANCELLED, now, words)
            audit.record(connection, now, by, "cancel", f"message {message_id}")

    def retry(self, message_id: int, by: str, expires_at: datetime) -> None:
        """Try a message now that waits for its next attempt, or anew one that failed, expired or was not delivered."""
        with self._database.transaction() as connection:
            now, row = self._now_ms(), _message(connection, message_id, "tried again", State.QUEUED, *_ENDED)
            expires = max(row["expires_at"], rows.to_ms(expires_at))
            columns = {"due_at": now, "retry_at": None, "expires_at": expires, "attempts": 0}
            words = f"tried again by {by}"
            if row["state"] == State.QUEUED:
                connection.execute(
                    "UPDATE message SET due_at = ?, retry_at = NULL, expires_at = ?, attempts = 0 WHERE id = ?",
                    (now, expires, message_id),
                )
                note(connection, message_id, now, State.QUEUED, words)
            else:
                bound = row["bound_to"] if _reopen(connection, message_id) else None
                move(connection, message_id, State.QUEUED, now, words, bound_to=bound, report_until=None, **columns)
            audit.record(connection, now, by, "retry", f"message {message_id}")

    def resend(self, message_id: int, by: str) -> None:
        """Send a doubtful message again although it may arrive twice."""
        with self._database.transaction() as connection:
            now = self._now_ms()
            _message(connection, message_id, "sent again", State.UNCERTAIN)
            send_again(connection, message_id, now, f"decided by {by}")
            audit.record(connection, now, by, "resend", f"message {message_id}")

    def take_as_sent(self, message_id: int, by: str) -> None:
        """Settle doubt by a person's knowledge: the recipient has got it. Segments not yet sent are still sent."""
        with self._database.transaction() as connection:
            now = self._now_ms()
            _message(connection, message_id, "taken as sent", State.UNCERTAIN)
            for number in _numbers(connection, message_id, SegmentState.UNCERTAIN):
                reports.confirm(connection, message_id, number, None, now, f"{by} says so")
            audit.record(connection, now, by, "take as sent", f"message {message_id}")

    def give_up(self, message_id: int, by: str) -> None:
        """Leave a doubtful message as it is, for good."""
        with self._database.transaction() as connection:
            now = self._now_ms()
            _message(connection, message_id, "given up", State.UNCERTAIN)
            words = f"given up by {by}: it may have been sent"
            move(connection, message_id, State.FAILED, now, words, last_error=words, doubt_until=None)
            audit.record(connection, now, by, "give up", f"message {message_id}")


_ACTS: Mapping[str, Callable[[Desk, int, str], None]] = {
    "hold": Desk.hold,
    "release": Desk.release,
    "cancel": Desk.cancel,
    "resend": Desk.resend,
    "sent": Desk.take_as_sent,
    "give-up": Desk.give_up,
}


def _message(connection: sqlite3.Connection, message_id: int, what: str, *states: State) -> sqlite3.Row:
    """The row of a message that is in one of `states`; `what` says in a word what was to be done with it."""
    row: sqlite3.Row | None = connection.execute("SELECT * FROM message WHERE id = ?", (message_id,)).fetchone()
    if row is None:
        raise IllegalMove(f"there is no message {message_id}")
    if row["state"] not in states:
        allowed = " or ".join(states)
        raise IllegalMove(f"message {message_id} is {row['state']}; only one that is {allowed} can be {what}")
    return row


def _numbers(connection: sqlite3.Connection, message_id: int, *states: SegmentState) -> Sequence[int]:
    marks = ", ".join("?" * len(states))
    found = connection.execute(
        f"SELECT number FROM segment WHERE message_id = ? AND state IN ({marks}) ORDER BY number",  # noqa: S608 - marks
        (message_id, *states),
    )
    return [row["number"] for row in found.fetchall()]


def _reopen(connection: sqlite3.Connection, message_id: int) -> bool:
    """Make the segments that did not arrive ready to be sent; returns whether others of the message did go out."""
    for number in _numbers(connection, message_id, SegmentState.REFUSED, SegmentState.UNDELIVERED):
        move_segment(connection, message_id, number, SegmentState.PENDING)
    for number in _numbers(connection, message_id, SegmentState.UNCERTAIN):
        move_segment(connection, message_id, number, SegmentState.PENDING)
        connection.execute(
            "UPDATE segment SET repeats = repeats + 1, questioned_at = handed_at, handed_at = NULL"
            " WHERE message_id = ? AND number = ?",
            (message_id, number),
        )
        connection.execute("UPDATE message SET repeats = repeats + 1 WHERE id = ?", (message_id,))
    return bool(_numbers(connection, message_id, *HANDED_OVER))
