"""Sending: a worker takes a message, writes its intent, and records what became of each segment."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from omsmodem.message import OutgoingMessage, Segment, SegmentState, State
from omsmodem.store import reports, rows
from omsmodem.store.errors import IllegalMove
from omsmodem.store.face import Face
from omsmodem.store.moves import doubt, hand_over, move, move_segment, note, requeue, segments_of, tail
from omsmodem.store.usage import Charge, count

Cut = Callable[[OutgoingMessage, int], tuple[bytes, ...]]


@dataclass(frozen=True, slots=True)
class Taken:
    """A message a worker now holds, with its segments."""

    message: OutgoingMessage
    segments: tuple[Segment, ...]

    def next_pending(self) -> Segment | None:
        """The first segment that is still to be sent."""
        return next((one for one in self.segments if one.state is SegmentState.PENDING), None)

    def without(self, number: int) -> "Taken":
        """What is left of it once segment `number` was handed over."""
        return Taken(self.message, tuple(one for one in self.segments if one.number != number))


class Outbox(Face):
    """What a worker does with outgoing messages."""

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Moves made within are one transaction: on disk, all of them, when the block ends."""
        with self._database.transaction():
            yield

    def take(
        self,
        modem: str,
        cut: Cut,
        *,
        fits: Callable[[OutgoingMessage], bool] | None = None,
        begun_only: bool = False,
    ) -> Taken | None:
        """Hand the next due message to `modem`, cut into segments the first time it is taken.

        `cut(message, reference)` gives the SMS-SUBMIT octets; they are stored, so every retry sends the same octets
        with the same concatenation reference. A message of which something was, or may have been, sent over another modem
        is never handed out; nor one that does not `fits`; with `begun_only` only those that `modem` began.
        """
        with self._database.transaction() as connection:
            now = self._now_ms()
            message = self._next(connection, modem, now, fits, begun_only=begun_only)
            if message is None:
                return None
            move(connection, message.id, State.SUBMITTING, now, f"taken by {modem}", modem=modem)
            taken_before = message.modem is not None
            segments = segments_of(connection, message.id) if taken_before else ()
            return Taken(message, segments or _cut(connection, message, cut))

    @staticmethod
    def _next(
        connection: sqlite3.Connection,
        modem: str,
        now: int,
        fits: Callable[[OutgoingMessage], bool] | None,
        *,
        begun_only: bool,
    ) -> OutgoingMessage | None:
        """What `modem` began comes first: a phone shows nothing, or pieces, until a message is whole."""
        for query in (_BEGUN,) if begun_only else (_BEGUN, _FREE):
            for row in connection.execute(query, {"now": now, "modem": modem}):
                message = rows.message(row)
                if fits is None or fits(message):
                    return message
        return None

    def mark_in_flight(self, message_id: int, number: int, modem: str, charge: Charge | None = None) -> None:
        """Write the intent to send a segment (law 2), and count it; to be called before Ctrl-Z can be written."""
        with self._database.transaction() as connection:
            now = self._now_ms()
            _mark_copy(connection, message_id, number, now)
            move_segment(
                connection,
                message_id,
                number,
                SegmentState.IN_FLIGHT,
                modem=modem,
                message_reference=None,
                handed_at=now,
            )
            count(connection, charge)

    def mark_submitted(self, message_id: int, number: int, reference: int | None) -> None:
        """The network took a segment and the modem named it `reference` (TP-MR); None when it had taken it before."""
        with self._database.transaction() as connection:
            now = self._now_ms()
            move_segment(
                connection,
                message_id,
                number,
                SegmentState.SUBMITTED,
                origin=SegmentState.IN_FLIGHT,
                message_reference=reference,
                submitted_at=now,
            )
            if not hand_over(connection, message_id, now, "the network took every segment"):
                bind = "UPDATE message SET bound_to = modem WHERE id = ? AND bound_to IS NOT modem"
                connection.execute(bind, (message_id,))
            if reference is not None:
                reports.claim_early(connection, message_id, number)

    def mark_not_sent(
        self,
        message_id: int,
        number: int,
        error: str,
        retry_at: datetime,
        *,
        counted: bool = True,
        certain: bool = True,
        charge: Charge | None = None,
    ) -> None:
        """A segment was refused for now, or never handed over: the message waits until `retry_at`.

        `counted` False when the message is not to blame (port lost, no network): that is not an attempt. `certain` False when
        the refusal may be the modem's invention: a report may still prove that it was sent. `charge` is taken back.
        """
        with self._database.transaction() as connection:
            move_segment(connection, message_id, number, SegmentState.PENDING, origin=SegmentState.IN_FLIGHT)
            column = "handed_at = NULL" if certain else "questioned_at = handed_at"
            query = f"UPDATE segment SET {column} WHERE message_id = ? AND number = ?"  # noqa: S608 - the line above
            connection.execute(query, (message_id, number))
            requeue(connection, message_id, self._now_ms(), error, rows.to_ms(retry_at), int(counted))
            count(connection, charge, -1)

    def mark_failed(self, message_id: int, number: int, error: str, *, charge: Charge | None = None) -> None:
        """A segment was refused for good: so is the message. `charge` is taken back."""
        with self._database.transaction() as connection:
            move_segment(connection, message_id, number, SegmentState.REFUSED)
            move(connection, message_id, State.FAILED, self._now_ms(), error, origin=State.SUBMITTING, last_error=error)
            count(connection, charge, -1)

    def mark_uncertain(self, message_id: int, number: int, error: str, settle_at: datetime) -> None:
        """Ctrl-Z was written and no answer came: wait for evidence until `settle_at`, unless a report came before."""
        with self._database.transaction() as connection:
            now = self._now_ms()
            doubt(connection, message_id, number, error, now, rows.to_ms(settle_at))
            reports.settle_segment(connection, message_id, number, now)

    def rewrite(self, message_id: int, tpdus: Mapping[int, bytes]) -> None:
        """Replace the octets of segments (by number) that the network refused in their old form."""
        with self._database.transaction() as connection:
            for number, tpdu in tpdus.items():
                changed = connection.execute(
                    "UPDATE segment SET tpdu = ? WHERE message_id = ? AND number = ? AND state = 'pending' AND repeats = 0",
                    (tpdu, message_id, number),
                ).rowcount
                if changed != 1:
                    raise IllegalMove(f"segment {number} of message {message_id} may have been sent in its old form")

    def fail(self, message_id: int, error: str) -> None:
        """Give up a taken message none of whose segments is in the air."""
        with self._database.transaction() as connection:
            move(connection, message_id, State.FAILED, self._now_ms(), error, origin=State.SUBMITTING, last_error=error)

    def release(self, message_id: int, why: str, *, retry_at: datetime | None = None) -> None:
        """Put a taken message back without counting an attempt (waiting for the network, stopping)."""
        with self._database.transaction() as connection:
            now = self._now_ms()
            due = rows.to_ms(retry_at) if retry_at else now
            move(connection, message_id, State.QUEUED, now, why, origin=State.SUBMITTING, due_at=due)

    def recover(self, settle_at: datetime, modem: str | None = None) -> tuple[int, int]:
        """After a kill: what was in the air is uncertain, what was only taken is queued again; of `modem`, or of all.

        Returns (messages put back, messages in doubt).
        """
        key = {"modem": modem}
        with self._database.reading() as connection:
            if not any(connection.execute(query + " LIMIT 1", key).fetchone() for query in (_IN_FLIGHT, _IN_HAND)):
                return 0, 0
        with self._database.transaction() as connection:
            now = self._now_ms()
            flying = connection.execute(_IN_FLIGHT, key).fetchall()
            for row in flying:
                why = "the service ended while this segment was being handed over"
                doubt(connection, row["message_id"], row["number"], why, now, rows.to_ms(settle_at))
                reports.settle_segment(connection, row["message_id"], row["number"], now)
            taken = connection.execute(_IN_HAND, key).fetchall()
            for row in taken:
                words = "the service ended before this was handed over"
                move(connection, row["id"], State.QUEUED, now, words, origin=State.SUBMITTING, due_at=now)
            return len(taken), len(flying)

    def expire(self) -> int:
        """Close the queued messages whose time has run out; returns how many."""
        with self._database.reading() as connection:
            now = self._now_ms()
            query = f"{_EXPIRING} AND expires_at <= ?"
            if connection.execute(query + " LIMIT 1", (now,)).fetchone() is None:
                return 0
        with self._database.transaction() as connection:
            late = connection.execute(query, (now,)).fetchall()
            for row in late:
                move(connection, row["id"], State.EXPIRED, now, "not sent within its validity")
            return len(late)

    def last_reference(self, modem: str) -> int | None:
        """The TP-MR that `modem` gave last, None when that is long ago."""
        query = (
            "SELECT message_reference FROM segment WHERE message_id > (SELECT max(id) FROM message) - ?"
            " AND +modem = ? AND message_reference IS NOT NULL ORDER BY submitted_at DESC LIMIT 1"
        )
        with self._database.reading() as connection:
            row = connection.execute(query, (_LATELY, modem)).fetchone()
        return None if row is None else int(row["message_reference"])

    def next_moment(self, after: datetime) -> datetime | None:
        """When the queue next wants attention: a message becomes due after `after`, expires, or its doubt is to be settled."""
        with self._database.reading() as connection:
            moments = [connection.execute(query, {"after": rows.to_ms(after)}).fetchone()[0] for query in _MOMENTS]
        known = [moment for moment in moments if moment is not None]
        return rows.from_ms(min(known)) if known else None


_BEGUN = (
    "SELECT * FROM message WHERE state = 'queued' AND bound_to IS NOT NULL AND bound_to = :modem"
    " AND due_at <= :now AND held_by IS NULL ORDER BY due_at, id"
)
_FREE = (
    "SELECT * FROM message WHERE state = 'queued' AND due_at <= :now AND held_by IS NULL AND bound_to IS NULL"
    " ORDER BY due_at, id"
)
#: Messages among which the newest of a modem is looked for.
_LATELY = 10_000
_MINE = "(:modem IS NULL OR modem = :modem)"
_IN_FLIGHT = f"SELECT message_id, number FROM segment WHERE state = 'in_flight' AND {_MINE}"  # noqa: S608 - a constant
_IN_HAND = f"SELECT id FROM message WHERE state = 'submitting' AND {_MINE}"  # noqa: S608 - a constant
_EXPIRING = "SELECT id FROM message INDEXED BY message_expiry WHERE state = 'queued' AND held_by IS NULL"
_MOMENTS = (
    "SELECT min(due_at) FROM message WHERE state = 'queued' AND due_at > :after",
    _EXPIRING.replace("id", "min(expires_at)", 1),
    "SELECT min(doubt_until) FROM message INDEXED BY message_doubt WHERE state = 'uncertain' AND doubt_until > :after",
    "SELECT min(report_until) FROM message WHERE report_until IS NOT NULL",
)


def _mark_copy(connection: sqlite3.Connection, message_id: int, number: int, now: int) -> None:
    """A segment that may have been sent in spite of its refusal goes out again: marked, like every copy."""
    query = "UPDATE segment SET repeats = repeats + 1 WHERE message_id = ? AND number = ? AND questioned_at = handed_at"
    if connection.execute(query, (message_id, number)).rowcount:
        connection.execute("UPDATE message SET repeats = repeats + 1 WHERE id = ?", (message_id,))
        words = f"segment {number} goes out again although its refusal proves nothing: it may arrive twice"
        note(connection, message_id, now, State.SUBMITTING, words)


def _cut(connection: sqlite3.Connection, message: OutgoingMessage, cut: Cut) -> tuple[Segment, ...]:
    tpdus = cut(message, 0) if message.segments == 1 else ()  # one segment names no reference
    if len(tpdus) != 1:
        tpdus = cut(message, _next_reference(connection, message.recipient))
    segments = tuple(Segment(message.id, number, len(tpdus), tpdu) for number, tpdu in enumerate(tpdus, 1))
    connection.executemany(
        "INSERT INTO segment (message_id, number, total, tpdu, state, recipient_tail) VALUES (?, ?, ?, ?, ?, ?)",
        [(one.message_id, one.number, one.total, one.tpdu, one.state, tail(message.recipient)) for one in segments],
    )
    return segments


def _next_reference(connection: sqlite3.Connection, recipient: str) -> int:
    """The recipient's next concatenation reference: never the same for two messages in flight (TS 23.040 §9.2.3.24.1)."""
    row = connection.execute(
        "INSERT INTO concatenation_reference VALUES (?, 1)"
        " ON CONFLICT (recipient) DO UPDATE SET last = (last + 1) % 65536 RETURNING last",
        (recipient,),
    ).fetchone()
    return int(row["last"])
