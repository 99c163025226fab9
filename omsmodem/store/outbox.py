"""Sending: a worker takes a message, writes its intent, and records what became of each segment."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from omsmodem.message import OutgoingMessage, Segment, SegmentState, State
from omsmodem.store import rows
from omsmodem.store.face import Face
from omsmodem.store.moves import (
    HANDED_OVER,
    all_in,
    close_by_reports,
    doubt,
    move,
    move_segment,
    requeue,
    segments_of,
    tail,
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A message a worker now holds, with its segments."""

    message: OutgoingMessage
    segments: tuple[Segment, ...]


class Outbox(Face):
    """What a worker does with outgoing messages."""

    def take(self, modem: str, cut: Callable[[OutgoingMessage, int], tuple[bytes, ...]]) -> Taken | None:
        """Hand the next due message to `modem`, cut into segments the first time it is taken.

        `cut(message, reference)` gives the SMS-SUBMIT octets; they are stored, so every retry sends the same octets
        with the same concatenation reference.
        """
        now = self._now_ms()
        query = "SELECT * FROM message WHERE state = ? AND due_at <= ? ORDER BY due_at, id LIMIT 1"
        with self._database.reading() as connection:
            if connection.execute(query, (State.QUEUED, now)).fetchone() is None:
                return None
        with self._database.transaction() as connection:
            row = connection.execute(query, (State.QUEUED, now)).fetchone()
            if row is None:
                return None
            message = rows.message(row)
            move(connection, message.id, State.SUBMITTING, now, f"taken by {modem}", modem=modem)
            segments = segments_of(connection, message.id) or _cut(connection, message, cut)
            return Taken(message, segments)

    def mark_in_flight(self, message_id: int, number: int, modem: str) -> None:
        """Write the intent to send a segment (law 2); to be called before Ctrl-Z can be written."""
        with self._database.transaction() as connection:
            move_segment(connection, message_id, number, SegmentState.IN_FLIGHT, modem=modem, message_reference=None)

    def mark_submitted(self, message_id: int, number: int, reference: int) -> None:
        """The network took a segment and the modem named it `reference` (TP-MR)."""
        with self._database.transaction() as connection:
            now = self._now_ms()
            move_segment(
                connection, message_id, number, SegmentState.SUBMITTED, message_reference=reference, submitted_at=now
            )
            if all_in(connection, message_id, *HANDED_OVER):
                move(connection, message_id, State.SUBMITTED, now, "the network took every segment", last_error=None)
                close_by_reports(connection, message_id, now)

    def mark_not_sent(
        self, message_id: int, number: int, error: str, retry_at: datetime, *, counted: bool = True
    ) -> None:
        """A segment was refused for now, or never handed over: the message waits until `retry_at`.

        `counted` False when the message is not to blame (port lost, no network): that is not an attempt.
        """
        with self._database.transaction() as connection:
            move_segment(connection, message_id, number, SegmentState.PENDING)
            requeue(connection, message_id, self._now_ms(), error, rows.to_ms(retry_at), int(counted))

    def mark_failed(self, message_id: int, number: int, error: str) -> None:
        """A segment was refused for good: so is the message."""
        with self._database.transaction() as connection:
            move_segment(connection, message_id, number, SegmentState.REFUSED)
            move(connection, message_id, State.FAILED, self._now_ms(), error, last_error=error)

    def mark_uncertain(self, message_id: int, number: int, error: str, settle_at: datetime) -> None:
        """Ctrl-Z was written and no answer came: wait for evidence until `settle_at`."""
        with self._database.transaction() as connection:
            doubt(connection, message_id, number, error, self._now_ms(), rows.to_ms(settle_at))

    def fail(self, message_id: int, error: str) -> None:
        """Give up a taken message none of whose segments is in the air."""
        with self._database.transaction() as connection:
            move(connection, message_id, State.FAILED, self._now_ms(), error, last_error=error)

    def release(self, message_id: int, why: str, *, retry_at: datetime | None = None) -> None:
        """Put a taken message back without counting an attempt (waiting for the network, stopping)."""
        with self._database.transaction() as connection:
            now = self._now_ms()
            due = rows.to_ms(retry_at) if retry_at else now
            move(connection, message_id, State.QUEUED, now, why, due_at=due)

    def recover(self, settle_at: datetime) -> tuple[int, int]:
        """After a kill: what was in the air is uncertain, what was only taken is queued again.

        Returns (messages put back, messages in doubt).
        """
        with self._database.transaction() as connection:
            now = self._now_ms()
            flying = connection.execute(
                "SELECT message_id, number FROM segment WHERE state = ?", (SegmentState.IN_FLIGHT,)
            ).fetchall()
            for row in flying:
                why = "the service ended while this segment was being handed over"
                doubt(connection, row["message_id"], row["number"], why, now, rows.to_ms(settle_at))
            held = connection.execute("SELECT id FROM message WHERE state = ?", (State.SUBMITTING,)).fetchall()
            for row in held:
                move(connection, row["id"], State.QUEUED, now, "the service ended before this was handed over")
            return len(held), len(flying)

    def expire(self) -> int:
        """Close the queued messages whose time has run out; returns how many."""
        with self._database.reading() as connection:
            now = self._now_ms()
            query = "SELECT id FROM message WHERE state = 'queued' AND expires_at <= ?"
            if connection.execute(query + " LIMIT 1", (now,)).fetchone() is None:
                return 0
        with self._database.transaction() as connection:
            late = connection.execute(query, (now,)).fetchall()
            for row in late:
                move(connection, row["id"], State.EXPIRED, now, "not sent within its validity")
            return len(late)

    def next_moment(self) -> datetime | None:
        """When the queue next wants attention: a message due or expiring, or a doubt to settle."""
        with self._database.reading() as connection:
            moments = [
                connection.execute("SELECT min(due_at) FROM message WHERE state = 'queued'").fetchone()[0],
                connection.execute("SELECT min(expires_at) FROM message WHERE state = 'queued'").fetchone()[0],
                connection.execute("SELECT min(doubt_until) FROM message WHERE state = 'uncertain'").fetchone()[0],
            ]
        known = [moment for moment in moments if moment is not None]
        return rows.from_ms(min(known)) if known else None


def _cut(
    connection: sqlite3.Connection, message: OutgoingMessage, cut: Callable[[OutgoingMessage, int], tuple[bytes, ...]]
) -> tuple[Segment, ...]:
    tpdus = cut(message, _next_reference(connection, message.recipient))
    connection.executemany(
        "INSERT INTO segment (message_id, number, total, tpdu, state, recipient_tail) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (message.id, number, len(tpdus), tpdu, SegmentState.PENDING, tail(message.recipient))
            for number, tpdu in enumerate(tpdus, 1)
        ],
    )
    return segments_of(connection, message.id)


def _next_reference(connection: sqlite3.Connection, recipient: str) -> int:
    """The recipient's next concatenation reference: never the same for two messages in flight (TS 23.040 §9.2.3.24.1)."""
    row = connection.execute(
        "INSERT INTO concatenation_reference VALUES (?, 1)"
        " ON CONFLICT (recipient) DO UPDATE SET last = (last + 1) % 65536 RETURNING last",
        (recipient,),
    ).fetchone()
    return int(row["last"])
