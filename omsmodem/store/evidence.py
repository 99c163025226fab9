"""Evidence: what status reports prove, and what is done about doubt when nothing proves anything."""

import sqlite3
from collections.abc import Callable

from omsmodem.message import OutgoingMessage, SegmentState, State
from omsmodem.store import rows
from omsmodem.store.face import Face
from omsmodem.store.moves import HANDED_OVER, all_in, close_by_reports, move, move_segment, note, tail
from omsmodem.store.notices import note_outcome


class Evidence(Face):
    """What is known of messages that were handed over."""

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
                    note(connection, row["id"], now, State.UNCERTAIN, "held: a person decides")
                    note_outcome(connection, row["id"], State.UNCERTAIN, now)
            return len(doubtful)


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
    move_segment(connection, message_id, number, SegmentState.SUBMITTED, message_reference=reference, submitted_at=now)
    complete = all_in(connection, message_id, *HANDED_OVER)
    to = State.SUBMITTED if complete else State.QUEUED
    move(
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
    move_segment(connection, message_id, number, outcome, status=status, reported_at=now)
    close_by_reports(connection, message_id, now)


def _resend(connection: sqlite3.Connection, message_id: int, now: int) -> None:
    doubtful = connection.execute(
        "SELECT number, repeats FROM segment WHERE message_id = ? AND state = 'uncertain'", (message_id,)
    ).fetchall()
    for row in doubtful:
        move_segment(connection, message_id, row["number"], SegmentState.PENDING, repeats=row["repeats"] + 1)
    detail = "sent again with the same octets: it may have arrived twice"
    repeats = connection.execute("SELECT repeats FROM message WHERE id = ?", (message_id,)).fetchone()["repeats"]
    move(connection, message_id, State.QUEUED, now, detail, doubt_until=None, due_at=now, repeats=repeats + 1)
