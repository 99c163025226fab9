"""Evidence: what reports and late answers prove, and what is done about doubt when nothing proves anything."""

import sqlite3
from collections.abc import Callable
from datetime import datetime

from omsmodem.message import OutgoingMessage, SegmentState, State
from omsmodem.store import reports, rows
from omsmodem.store.face import Face
from omsmodem.store.moves import move, move_segment, note, tail
from omsmodem.store.notices import note_outcome, note_silence
from omsmodem.store.reports import Report

NO_REPORT = "no delivery report came"


class Evidence(Face):
    """What is known of messages that were handed over."""

    def add_report(
        self,
        modem: str,
        reference: int,
        recipient: str,
        status: int,
        outcome: SegmentState | None,
        words: str = "",
    ) -> bool:
        """Record a status report (TP-MR, TP-RA, TP-ST and its meaning); `outcome` None means the centre still tries.

        A report that no submitted segment claims is kept for a while, and is evidence that a doubtful one for that
        recipient was sent. Returns whether any segment was meant.
        """
        with self._database.transaction() as connection:
            report = Report(modem, reference, tail(recipient), status, outcome, self._now_ms(), words)
            if reports.claimed(connection, report):
                return True
            reports.keep(connection, report)
            reports.settle(connection, modem, report.recipient_tail, report.at)
            return reports.claimed(connection, report) or reports.admit_repeat(connection, report)

    def add_late_reference(self, modem: str, reference: int) -> bool:
        """The modem named a reference for a segment that was given up as doubtful; False when that settles nothing.

        With more than one doubt on the modem it cannot be said which was meant; the report, which names the recipient, will.
        """
        query = (
            "SELECT message_id, number FROM message CROSS JOIN segment ON message.id = message_id"
            " WHERE message.state IN ('uncertain', 'queued')"
            " AND segment.modem = ? AND coalesce(segment.handed_at, questioned_at) > ?"
            " AND (segment.state = 'uncertain' OR (segment.state = 'pending' AND segment.repeats > 0))"
        )
        with self._database.reading() as connection:
            doubts = connection.execute(query, (modem, self._now_ms() - reports.KEPT_MS)).fetchall()
        if len(doubts) != 1:
            return False
        return self.add_late_answer(doubts[0]["message_id"], doubts[0]["number"], reference)

    def add_late_answer(self, message_id: int, number: int, reference: int) -> bool:
        """The modem named a reference for one doubtful segment; False when that changes nothing.

        Where the segment is already in flight again, or its copy was taken, it has arrived twice: that is written down.
        """
        with self._database.transaction() as connection:
            now = self._now_ms()
            row = connection.execute(
                "SELECT message.state AS state, segment.state AS segment, segment.repeats AS repeats FROM segment"
                " JOIN message ON message.id = message_id WHERE message_id = ? AND number = ?",
                (message_id, number),
            ).fetchone()
            doubtful = row["segment"] == SegmentState.UNCERTAIN or (
                row["segment"] == SegmentState.PENDING and row["repeats"]
            )
            if doubtful and row["state"] in (State.UNCERTAIN, State.QUEUED):
                reports.confirm(connection, message_id, number, reference, now, "the modem's answer came late")
                return True
            words = f"a late answer says that segment {number} had been sent before (reference {reference})"
            note(connection, message_id, now, State(row["state"]), words)
            return False

    def await_reports(self, modem: str, until: datetime) -> None:
        """Give doubts on `modem` time until `until`: it is only now that it could bring a report."""
        query = "UPDATE message SET doubt_until = ? WHERE state = 'uncertain' AND bound_to = ? AND doubt_until < ?"
        with self._database.reading() as connection:
            if connection.execute(f"SELECT 1 {_DOUBTS} LIMIT 1", (modem,)).fetchone() is None:
                return
        with self._database.transaction() as connection:
            connection.execute(query, (rows.to_ms(until), modem, rows.to_ms(until)))

    def settle_doubts(self, modem: str, decide: Callable[[OutgoingMessage], bool]) -> int:
        """Settle doubts on `modem` whose evidence window is over: resend where `decide` says so, else leave to a person.

        To be called while the modem is ready: only then could it have brought a report.
        """
        query = f"SELECT * {_DOUBTS} AND doubt_until <= ?"
        with self._database.reading() as connection:
            now = self._now_ms()
            if connection.execute(query + " LIMIT 1", (modem, now)).fetchone() is None:
                return 0
        with self._database.transaction() as connection:
            doubtful = connection.execute(query, (modem, now)).fetchall()
            for row in doubtful:
                if decide(rows.message(row)):
                    send_again(connection, row["id"], now, "nothing proves that it was sent")
                else:
                    connection.execute("UPDATE message SET doubt_until = NULL WHERE id = ?", (row["id"],))
                    note(connection, row["id"], now, State.UNCERTAIN, "nothing proves anything: a person decides")
                    note_outcome(connection, row["id"], State.UNCERTAIN, now)
            return len(doubtful)

    def orphan_doubts(self, modems: frozenset[str]) -> int:
        """Leave to a person the doubts on modems that are not among `modems`, the configured ones; returns how many."""
        query = "SELECT id, bound_to FROM message WHERE state = 'uncertain' AND doubt_until IS NOT NULL"
        with self._database.transaction() as connection:
            orphans = [row for row in connection.execute(query).fetchall() if row["bound_to"] not in modems]
            for row in orphans:
                connection.execute("UPDATE message SET doubt_until = NULL WHERE id = ?", (row["id"],))
                words = "its modem is not configured any more: a person decides"
                note(connection, row["id"], self._now_ms(), State.UNCERTAIN, words)
                note_outcome(connection, row["id"], State.UNCERTAIN, self._now_ms())
            return len(orphans)

    def lapse(self) -> int:
        """Stop waiting for reports that never came: the message stays submitted, and says so, to its sender too. Returns how many."""
        query = "SELECT id FROM message WHERE report_until <= ?"
        with self._database.reading() as connection:
            now = self._now_ms()
            if connection.execute(query + " LIMIT 1", (now,)).fetchone() is None:
                return 0
        with self._database.transaction() as connection:
            silent = connection.execute(query, (now,)).fetchall()
            for row in silent:
                connection.execute(
                    "UPDATE message SET report_until = NULL, last_error = ? WHERE id = ?", (NO_REPORT, row["id"])
                )
                note(connection, row["id"], now, State.SUBMITTED, NO_REPORT + ": the phone or the network sends none")
                note_silence(connection, row["id"], now)
            return len(silent)


_DOUBTS = "FROM message WHERE state = 'uncertain' AND bound_to = ? AND doubt_until IS NOT NULL"


def send_again(connection: sqlite3.Connection, message_id: int, now: int, why: str) -> None:
    """Put a doubtful message back into the queue, marked: the same octets go out once more."""
    doubtful = connection.execute(
        "SELECT number, repeats FROM segment WHERE message_id = ? AND state = 'uncertain'", (message_id,)
    ).fetchall()
    for row in doubtful:
        move_segment(connection, message_id, row["number"], SegmentState.PENDING, repeats=row["repeats"] + 1)
        connection.execute(
            "UPDATE segment SET questioned_at = handed_at, handed_at = NULL WHERE message_id = ? AND number = ?",
            (message_id, row["number"]),
        )
    detail = f"{why}: sent again with the same octets, it may arrive twice"
    repeats = connection.execute("SELECT repeats FROM message WHERE id = ?", (message_id,)).fetchone()["repeats"]
    columns = {"doubt_until": None, "due_at": now, "repeats": repeats + 1}
    move(connection, message_id, State.QUEUED, now, detail, origin=State.UNCERTAIN, **columns)
