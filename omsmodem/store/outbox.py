"""The moves of outgoing messages. Each public method is one durable transaction.

A move is guarded where it is made: the UPDATE names the states it may start from (`message.NEXT`), exactly one row must
change, and an event row is written beside it.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from omsmodem.message import NEXT, NEXT_SEGMENT, OutgoingMessage, Quota, Segment, SegmentState, State, Submission
from omsmodem.store import rows
from omsmodem.store.database import Database
from omsmodem.store.errors import IllegalMove
from omsmodem.store.quotas import affordable

#: A segment in one of these needs no more sending.
_HANDED_OVER = (SegmentState.SUBMITTED, SegmentState.DELIVERED, SegmentState.UNDELIVERED)

#: Digits of a number that a status report is matched by: networks return national forms (SMS.md §1, TP-ST matching).
TAIL_DIGITS = 7

_FROM: dict[State, tuple[State, ...]] = {to: tuple(s for s in State if to in NEXT[s]) for to in State}
_FROM_SEGMENT: dict[SegmentState, tuple[SegmentState, ...]] = {
    to: tuple(s for s in SegmentState if to in NEXT_SEGMENT[s]) for to in SegmentState
}


@dataclass(frozen=True, slots=True)
class Accepted:
    """What is safely on disk: the submission and its messages. `repeated` when it had been accepted before.

    `surplus` are the recipients for whom `quota` leaves no room; nothing is on disk for them.
    """

    submission_id: int | None
    message_ids: tuple[int, ...]
    repeated: bool = False
    surplus: tuple[str, ...] = ()
    quota: Quota | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A message a worker now holds, with its segments."""

    message: OutgoingMessage
    segments: tuple[Segment, ...]


def tail(number: str) -> str:
    """The last digits of a number, by which reports and replies are matched."""
    return "".join(c for c in number if c.isdigit())[-TAIL_DIGITS:]


class Outbox:
    """Accepts, hands out and settles messages."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def _now_ms(self) -> int:
        return rows.to_ms(self._clock())

    # -- the gate ---------------------------------------------------------------------------------------------------

    def accept(
        self,
        submission: Submission,
        recipients: Sequence[str],
        *,
        validity: timedelta,
        fingerprint: bytes,
        duplicate_window: timedelta,
        segments: Sequence[int] = (),
        quotas: Sequence[Quota] = (),
        note: str = "accepted",
    ) -> Accepted:
        """Put one message per recipient and text on disk (law 1), unless the same came within `duplicate_window`.

        `segments` is the cost of each text. Recipients are accepted in order while every quota has room for all texts;
        the room is measured and taken in one transaction, so that no two submitters get the same.
        """
        with self._database.transaction() as connection:
            now = self._now_ms()
            earlier = _earlier(connection, fingerprint, now - duplicate_window // timedelta(milliseconds=1))
            if earlier is not None:
                _note_repeat(connection, earlier.message_ids, now)
                return earlier
            costs = tuple(segments) or (1,) * len(submission.texts)
            room, quota = affordable(connection, quotas, sum(costs))
            within, surplus = tuple(recipients[:room]), tuple(recipients[len(recipients) if room is None else room :])
            if not within:
                return Accepted(None, (), surplus=surplus, quota=quota)
            submission_id = _insert_submission(connection, submission, fingerprint, now)
            start = max(now, rows.to_ms(submission.not_before)) if submission.not_before else now
            times = _Times(now, start, start + validity // timedelta(milliseconds=1))
            ids = tuple(
                _insert_message(connection, submission_id, submission.account, recipient, text, cost, times, note)
                for recipient in within
                for text, cost in zip(submission.texts, costs, strict=True)
            )
            return Accepted(submission_id, ids, surplus=surplus, quota=quota if surplus else None)

    def tell_properties(self, account: str, digest: bytes) -> bool:
        """Remember that `account` knows the service's properties as `digest`; True when it knew others before."""
        with self._database.transaction() as connection:
            known = connection.execute("SELECT digest FROM announced WHERE account = ?", (account,)).fetchone()
            if known is not None and known["digest"] == digest:
                return False
            connection.execute("INSERT OR REPLACE INTO announced VALUES (?, ?)", (account, digest))
            return known is not None

    # -- the worker: out --------------------------------------------------------------------------------------------

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
            _move(connection, message.id, State.SUBMITTING, now, f"taken by {modem}", modem=modem)
            segments = _segments(connection, message.id) or _cut(connection, message, cut)
            return Taken(message, segments)

    def mark_in_flight(self, message_id: int, number: int, modem: str) -> None:
        """Write the intent to send a segment (law 2); to be called before Ctrl-Z can be written."""
        with self._database.transaction() as connection:
            _move_segment(connection, message_id, number, SegmentState.IN_FLIGHT, modem=modem, message_reference=None)

    def mark_submitted(self, message_id: int, number: int, reference: int) -> None:
        """The network took a segment and the modem named it `reference` (TP-MR)."""
        with self._database.transaction() as connection:
            now = self._now_ms()
            _move_segment(
                connection, message_id, number, SegmentState.SUBMITTED, message_reference=reference, submitted_at=now
            )
            if _all(connection, message_id, *_HANDED_OVER):
                _move(connection, message_id, State.SUBMITTED, now, "the network took every segment", last_error=None)
                _close_by_reports(connection, message_id, now)

    def mark_not_sent(
        self, message_id: int, number: int, error: str, retry_at: datetime, *, counted: bool = True
    ) -> None:
        """A segment was refused for now, or never handed over: the message waits until `retry_at`.

        `counted` False when the message is not to blame (port lost, no network): that is not an attempt.
        """
        with self._database.transaction() as connection:
            _move_segment(connection, message_id, number, SegmentState.PENDING)
            _requeue(connection, message_id, self._now_ms(), error, rows.to_ms(retry_at), int(counted))

    def mark_failed(self, message_id: int, number: int, error: str) -> None:
        """A segment was refused for good: so is the message."""
        with self._database.transaction() as connection:
            _move_segment(connection, message_id, number, SegmentState.REFUSED)
            _move(connection, message_id, State.FAILED, self._now_ms(), error, last_error=error)

    def mark_uncertain(self, message_id: int, number: int, error: str, settle_at: datetime) -> None:
        """Ctrl-Z was written and no answer came: wait for evidence until `settle_at`."""
        with self._database.transaction() as connection:
            _doubt(connection, message_id, number, error, self._now_ms(), rows.to_ms(settle_at))

    def fail(self, message_id: int, error: str) -> None:
        """Give up a taken message none of whose segments is in the air."""
        with self._database.transaction() as connection:
            _move(connection, message_id, State.FAILED, self._now_ms(), error, last_error=error)

    def release(self, message_id: int, why: str, *, retry_at: datetime | None = None) -> None:
        """Put a taken message back without counting an attempt (waiting for the network, stopping)."""
        with self._database.transaction() as connection:
            now = self._now_ms()
            due = rows.to_ms(retry_at) if retry_at else now
            _move(connection, message_id, State.QUEUED, now, why, due_at=due)

    # -- evidence and time ------------------------------------------------------------------------------------------

    def add_report(self, modem: str, reference: int, recipient: str, status: int, outcome: SegmentState | None) -> bool:
        """Record a status report (TP-MR, TP-RA, TP-ST); `outcome` None means the centre still tries.

        A report that no submitted segment claims is evidence that a doubtful one for that recipient was sent.
        Returns whether any segment was meant.
        """
        with self._database.transaction() as connection:
            now = self._now_ms()
            row = _reported(connection, modem, reference, tail(recipient))
            if row is None:
                row = _doubtful(connection, modem, tail(recipient))
                if row is None:
                    return False
                _confirm_doubtful(connection, row, reference, now)
            _record_report(connection, row["message_id"], row["number"], status, outcome, now)
            return True

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
                _doubt(connection, row["message_id"], row["number"], why, now, rows.to_ms(settle_at))
            held = connection.execute("SELECT id FROM message WHERE state = ?", (State.SUBMITTING,)).fetchall()
            for row in held:
                _move(connection, row["id"], State.QUEUED, now, "the service ended before this was handed over")
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
                _move(connection, row["id"], State.EXPIRED, now, "not sent within its validity")
            return len(late)

    def settle_doubts(self, decide: Callable[[OutgoingMessage], bool]) -> int:
        """Settle messages whose evidence window is over: resend where `decide` says so, else hold for a person."""
        query = "SELECT * FROM message WHERE state = 'uncertain' AND doubt_until <= ?"
        with self._database.reading() as connection:
            now = self._now_ms()
            if connection.execute(query + " LIMIT 1", (now,)).fetchone() is None:
                return 0
        with self._database.transaction() as connection:
            doubtful = connection.execute(query, (now,)).fetchall()
            for row in doubtful:
                if decide(rows.message(row)):
                    _resend(connection, row["id"], now)
                else:
                    connection.execute("UPDATE message SET doubt_until = NULL WHERE id = ?", (row["id"],))
                    _note(connection, row["id"], now, State.UNCERTAIN, "held: a person decides")
            return len(doubtful)

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


def _earlier(connection: sqlite3.Connection, fingerprint: bytes, since_ms: int) -> Accepted | None:
    row = connection.execute(
        "SELECT id FROM submission WHERE fingerprint = ? AND accepted_at > ? ORDER BY id DESC LIMIT 1",
        (fingerprint, since_ms),
    ).fetchone()
    if row is None:
        return None
    ids = connection.execute("SELECT id FROM message WHERE submission_id = ? ORDER BY id", (row["id"],)).fetchall()
    return Accepted(row["id"], tuple(r["id"] for r in ids), repeated=True)


def _insert_submission(connection: sqlite3.Connection, s: Submission, fingerprint: bytes, now: int) -> int:
    cursor = connection.execute(
        "INSERT INTO submission (account, door, client, source_type, source, fingerprint, accepted_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (s.account, s.door, s.client, s.source_type, s.source, fingerprint, now),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


@dataclass(frozen=True, slots=True)
class _Times:
    """When a message was accepted, may be sent, and expires: milliseconds since 1970."""

    accepted: int
    start: int
    expires: int


def _insert_message(
    connection: sqlite3.Connection,
    submission_id: int,
    account: str,
    recipient: str,
    text: str,
    segments: int,
    times: _Times,
    note: str,
) -> int:
    cursor = connection.execute(
        "INSERT INTO message (submission_id, account, recipient, text, segments, state, accepted_at, not_before,"
        " expires_at, due_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            submission_id,
            account,
            recipient,
            text,
            segments,
            State.QUEUED,
            times.accepted,
            times.start,
            times.expires,
            times.start,
            times.accepted,
        ),
    )
    assert cursor.lastrowid is not None
    _note(connection, cursor.lastrowid, times.accepted, State.QUEUED, note)
    return cursor.lastrowid


def _note_repeat(connection: sqlite3.Connection, message_ids: Sequence[int], now: int) -> None:
    for message_id in message_ids:
        row = connection.execute("SELECT state FROM message WHERE id = ?", (message_id,)).fetchone()
        _note(connection, message_id, now, State(row["state"]), "the same request came again: not queued twice")


def _note(connection: sqlite3.Connection, message_id: int, now: int, state: State, detail: str) -> None:
    connection.execute(
        "INSERT INTO event (message_id, at, state, detail) VALUES (?, ?, ?, ?)", (message_id, now, state, detail)
    )


def _move(connection: sqlite3.Connection, message_id: int, to: State, now: int, detail: str, **columns: object) -> None:
    values = {"state": to, "updated_at": now, **columns}
    sets = ", ".join(f"{name} = ?" for name in values)
    marks = ", ".join("?" * len(_FROM[to]))
    changed = connection.execute(
        f"UPDATE message SET {sets} WHERE id = ? AND state IN ({marks})",  # noqa: S608 - names are this file's own
        (*values.values(), message_id, *_FROM[to]),
    ).rowcount
    if changed != 1:
        raise IllegalMove(f"message {message_id} may not become {to} from where it is")
    _note(connection, message_id, now, to, detail)


def _move_segment(
    connection: sqlite3.Connection, message_id: int, number: int, to: SegmentState, **columns: object
) -> None:
    values = {"state": to, **columns}
    sets = ", ".join(f"{name} = ?" for name in values)
    marks = ", ".join("?" * len(_FROM_SEGMENT[to]))
    changed = connection.execute(
        f"UPDATE segment SET {sets} WHERE message_id = ? AND number = ? AND state IN ({marks})",  # noqa: S608 - as above
        (*values.values(), message_id, number, *_FROM_SEGMENT[to]),
    ).rowcount
    if changed != 1:
        raise IllegalMove(f"segment {number} of message {message_id} may not become {to} from where it is")


def _segments(connection: sqlite3.Connection, message_id: int) -> tuple[Segment, ...]:
    found = connection.execute("SELECT * FROM segment WHERE message_id = ? ORDER BY number", (message_id,))
    return tuple(rows.segment(row) for row in found.fetchall())


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
    return _segments(connection, message.id)


def _next_reference(connection: sqlite3.Connection, recipient: str) -> int:
    """The recipient's next concatenation reference: never the same for two messages in flight (TS 23.040 §9.2.3.24.1)."""
    row = connection.execute(
        "INSERT INTO concatenation_reference VALUES (?, 1)"
        " ON CONFLICT (recipient) DO UPDATE SET last = (last + 1) % 65536 RETURNING last",
        (recipient,),
    ).fetchone()
    return int(row["last"])


def _all(connection: sqlite3.Connection, message_id: int, *states: SegmentState) -> bool:
    found = connection.execute("SELECT DISTINCT state FROM segment WHERE message_id = ?", (message_id,)).fetchall()
    return {row["state"] for row in found} <= set(states)


def _requeue(
    connection: sqlite3.Connection, message_id: int, now: int, error: str, retry_at: int, attempts: int
) -> None:
    before = connection.execute("SELECT attempts FROM message WHERE id = ?", (message_id,)).fetchone()["attempts"]
    columns = {"due_at": retry_at, "retry_at": retry_at, "attempts": before + attempts, "last_error": error}
    _move(connection, message_id, State.QUEUED, now, error, **columns)


def _doubt(connection: sqlite3.Connection, message_id: int, number: int, error: str, now: int, settle_at: int) -> None:
    _move_segment(connection, message_id, number, SegmentState.UNCERTAIN)
    _move(connection, message_id, State.UNCERTAIN, now, error, last_error=error, doubt_until=settle_at)


def _reported(connection: sqlite3.Connection, modem: str, reference: int, recipient_tail: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute(
        "SELECT message_id, number FROM segment WHERE state = 'submitted' AND modem = ? AND message_reference = ?"
        " AND recipient_tail = ? ORDER BY submitted_at DESC LIMIT 1",
        (modem, reference, recipient_tail),
    ).fetchone()
    return row


def _doubtful(connection: sqlite3.Connection, modem: str, recipient_tail: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute(
        "SELECT message_id, number FROM segment WHERE state = 'uncertain' AND modem = ? AND recipient_tail = ?"
        " ORDER BY message_id LIMIT 1",
        (modem, recipient_tail),
    ).fetchone()
    return row


def _confirm_doubtful(connection: sqlite3.Connection, row: sqlite3.Row, reference: int, now: int) -> None:
    """Evidence: the doubtful segment did go out. The rest of its message is then sent as usual."""
    message_id, number = row["message_id"], row["number"]
    _move_segment(connection, message_id, number, SegmentState.SUBMITTED, message_reference=reference, submitted_at=now)
    complete = _all(connection, message_id, *_HANDED_OVER)
    to = State.SUBMITTED if complete else State.QUEUED
    _move(
        connection, message_id, to, now, f"a report proves that segment {number} was sent", doubt_until=None, due_at=now
    )


def _record_report(
    connection: sqlite3.Connection, message_id: int, number: int, status: int, outcome: SegmentState | None, now: int
) -> None:
    if outcome is None:
        connection.execute(
            "UPDATE segment SET status = ?, reported_at = ? WHERE message_id = ? AND number = ?",
            (status, now, message_id, number),
        )
        return
    _move_segment(connection, message_id, number, outcome, status=status, reported_at=now)
    _close_by_reports(connection, message_id, now)


def _close_by_reports(connection: sqlite3.Connection, message_id: int, now: int) -> None:
    """A message is delivered when every segment is, and never will be when one never will."""
    state = State(connection.execute("SELECT state FROM message WHERE id = ?", (message_id,)).fetchone()["state"])
    if state is not State.SUBMITTED:
        return
    if _all(connection, message_id, SegmentState.DELIVERED):
        _move(connection, message_id, State.DELIVERED, now, "every segment is confirmed")
    elif _some(connection, message_id, SegmentState.UNDELIVERED):
        error = "a status report says the phone will never get it"
        _move(connection, message_id, State.UNDELIVERED, now, error, last_error=error)


def _some(connection: sqlite3.Connection, message_id: int, state: SegmentState) -> bool:
    query = "SELECT 1 FROM segment WHERE message_id = ? AND state = ? LIMIT 1"
    return connection.execute(query, (message_id, state)).fetchone() is not None


def _resend(connection: sqlite3.Connection, message_id: int, now: int) -> None:
    doubtful = connection.execute(
        "SELECT number, repeats FROM segment WHERE message_id = ? AND state = 'uncertain'", (message_id,)
    ).fetchall()
    for row in doubtful:
        _move_segment(connection, message_id, row["number"], SegmentState.PENDING, repeats=row["repeats"] + 1)
    detail = "sent again with the same octets: it may have arrived twice"
    repeats = connection.execute("SELECT repeats FROM message WHERE id = ?", (message_id,)).fetchone()["repeats"]
    _move(connection, message_id, State.QUEUED, now, detail, doubt_until=None, due_at=now, repeats=repeats + 1)
