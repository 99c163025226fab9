"""Status reports and the segments they are about (TS 23.040 §9.2.2.3). To be called within a transaction.

A report names TP-MR, which the modem gave and which wraps after 256 segments, and TP-RA, which may come in national form: a
segment is matched by modem, TP-MR and the last digits, the newest one that waits for a report first.
"""

import sqlite3
from dataclasses import dataclass

from omsmodem.message import SegmentState, State
from omsmodem.store.moves import REPORT_WINDOW_MS, close_by_reports, hand_over, move, move_segment, note

#: A report that came before its segment's result, or one of several for as many doubts, is kept this long.
KEPT_MS = 15 * 60_000
#: TP-MR wraps: of so many segments to one number under one reference, a report is about one of the newest.
_NAMESAKES = 16


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says, and when it came (milliseconds since 1970). `outcome` None: the centre still tries."""

    modem: str
    reference: int
    recipient_tail: str
    status: int
    outcome: SegmentState | None
    at: int
    words: str = ""  # what TP-ST means


def claimed(connection: sqlite3.Connection, report: Report) -> bool:
    """Give a report to the segment it is about; False when no segment waits for it or has had it."""
    row = _waiting(connection, report)
    if row is not None:
        record(connection, row["message_id"], row["number"], report)
        return True
    return _had(connection, report)


def _waiting(connection: sqlite3.Connection, report: Report) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute(
        "SELECT message_id, number FROM"
        " (SELECT message_id, number, submitted_at FROM segment WHERE modem = ? AND message_reference = ?"
        " AND recipient_tail = ? AND state = 'submitted' ORDER BY submitted_at DESC LIMIT ?)"
        " JOIN message ON message.id = message_id"
        " WHERE report_until > ? OR (message.state <> 'submitted' AND submitted_at > ?)"
        " ORDER BY submitted_at DESC LIMIT 1",
        (report.modem, report.reference, report.recipient_tail, _NAMESAKES, report.at, report.at - REPORT_WINDOW_MS),
    ).fetchone()
    return row


def _had(connection: sqlite3.Connection, report: Report) -> bool:
    """Whether a segment has had this report: networks repeat them."""
    query = (
        "SELECT 1 FROM segment WHERE modem = ? AND message_reference = ? AND recipient_tail = ?"
        " AND state IN ('delivered', 'undelivered') AND submitted_at > ? LIMIT 1"
    )
    key = (report.modem, report.reference, report.recipient_tail, report.at - REPORT_WINDOW_MS)
    return connection.execute(query, key).fetchone() is not None


def record(connection: sqlite3.Connection, message_id: int, number: int, report: Report) -> None:
    """Write a report to its segment, and what follows to the message. One that the centre still tries ends nothing."""
    if report.outcome is None:
        connection.execute(
            "UPDATE segment SET status = ?, reported_at = ? WHERE message_id = ? AND number = ?",
            (report.status, report.at, message_id, number),
        )
        return
    move_segment(connection, message_id, number, report.outcome, status=report.status, reported_at=report.at)
    close_by_reports(connection, message_id, report.at, report.words)


def keep(connection: sqlite3.Connection, report: Report) -> None:
    """Keep an unclaimed report for a while."""
    connection.execute("DELETE FROM report WHERE received_at < ?", (report.at - KEPT_MS,))
    connection.execute(
        "INSERT INTO report (modem, message_reference, recipient_tail, status, outcome, received_at, words)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (report.modem, report.reference, report.recipient_tail, report.status, report.outcome, report.at, report.words),
    )


def claim_early(connection: sqlite3.Connection, message_id: int, number: int) -> None:
    """Give a segment that has just got its reference the reports that came before."""
    found = connection.execute(
        "SELECT report.* FROM segment JOIN report USING (modem, recipient_tail, message_reference)"
        " WHERE message_id = ? AND number = ? AND received_at >= coalesce(handed_at, 0) ORDER BY report.id",
        (message_id, number),
    ).fetchall()
    for report in map(_report, found):
        _forget(connection, report)
        record(connection, message_id, number, report)
        if report.outcome is not None:
            return


def settle_segment(connection: sqlite3.Connection, message_id: int, number: int, now: int) -> None:
    """Settle a doubt that has just arisen by a report that came before it."""
    row = connection.execute(
        "SELECT modem, recipient_tail FROM segment WHERE message_id = ? AND number = ?", (message_id, number)
    ).fetchone()
    settle(connection, row["modem"], row["recipient_tail"], now)


def settle(connection: sqlite3.Connection, modem: str, recipient_tail: str, now: int) -> None:
    """Settle doubt by the reports that nobody else claims.

    One report proves one doubtful segment. With more that may have been sent than reports it cannot be said which was, so
    nothing is; copies that went out after a refusal that proves nothing count, too, as each may bring a report of its own.
    """
    doubtful = _doubtful(connection, modem, recipient_tail, now)
    if not doubtful:
        return
    reports = {r.reference: r for r in reversed(_kept(connection, modem, recipient_tail, doubtful[0]["since"]))}
    newest = sorted(reports.values(), key=lambda report: report.at)
    if len(newest) < len(doubtful) + _copies(connection, modem, recipient_tail, now):
        return
    pairs = list(zip(doubtful, newest, strict=False))
    if all(report.at >= row["since"] for row, report in pairs):
        for row, report in pairs:
            confirm(connection, row["message_id"], row["number"], report.reference, now, "a status report proves it")


def _doubtful(connection: sqlite3.Connection, modem: str, recipient_tail: str, now: int) -> list[sqlite3.Row]:
    """Segments that may have been sent, oldest first.

    Also those that wait to be sent again, after doubt or after a refusal that a modem makes up for a network it did not
    understand: such a segment may well be on its way.
    """
    of = "FROM segment JOIN message ON message.id = message_id WHERE segment.modem = :modem AND recipient_tail = :tail"
    opened = "message.state IN ('uncertain', 'queued')"
    return connection.execute(
        f"SELECT message_id, number, handed_at AS since {of} AND segment.state = 'uncertain' AND {opened}"
        f" UNION ALL SELECT message_id, number, questioned_at {of} AND segment.state = 'pending' AND {opened}"
        " AND questioned_at > :after ORDER BY since, message_id",
        {"modem": modem, "tail": recipient_tail, "after": now - REPORT_WINDOW_MS},
    ).fetchall()


def _copies(connection: sqlite3.Connection, modem: str, recipient_tail: str, now: int) -> int:
    """Segments that went out again after they may have been sent: the earlier copy's report may still come."""
    query = (
        "SELECT count(*) FROM segment WHERE modem = ? AND recipient_tail = ? AND questioned_at > ?"
        " AND state IN ('in_flight', 'submitted', 'delivered', 'undelivered')"
    )
    return int(connection.execute(query, (modem, recipient_tail, now - REPORT_WINDOW_MS)).fetchone()[0])


def confirm(
    connection: sqlite3.Connection, message_id: int, number: int, reference: int | None, now: int, why: str
) -> None:
    """Evidence: a doubtful segment did go out. The rest of its message is then sent as usual."""
    move_segment(connection, message_id, number, SegmentState.SUBMITTED, message_reference=reference, submitted_at=now)
    words = f"segment {number} was sent: {why}"
    if not hand_over(connection, message_id, now, words):
        state = State(connection.execute("SELECT state FROM message WHERE id = ?", (message_id,)).fetchone()["state"])
        if state is State.UNCERTAIN:
            move(connection, message_id, State.QUEUED, now, words, doubt_until=None, due_at=now, last_error=None)
        else:
            note(connection, message_id, now, state, words)
    if reference is not None:
        claim_early(connection, message_id, number)


def admit_repeat(connection: sqlite3.Connection, report: Report) -> bool:
    """A report that nobody claims, for a segment sent again after a refusal that may have been the modem's invention: the
    refused copy was on its way after all. That is written down. Returns whether there is such a segment.
    """
    row = connection.execute(
        "SELECT message_id, number, message.state AS state FROM segment JOIN message ON message.id = message_id"
        " WHERE segment.modem = ? AND recipient_tail = ? AND questioned_at > ?"
        " AND segment.state IN ('in_flight', 'submitted', 'delivered', 'undelivered')"
        " ORDER BY questioned_at DESC LIMIT 1",
        (report.modem, report.recipient_tail, report.at - REPORT_WINDOW_MS),
    ).fetchone()
    if row is None:
        return False
    query = "UPDATE segment SET questioned_at = NULL WHERE message_id = ? AND number = ?"
    connection.execute(query, (row["message_id"], row["number"]))
    _forget(connection, report)
    words = f"a report shows that segment {row['number']} had been sent although it was refused: it arrives twice"
    note(connection, row["message_id"], report.at, State(row["state"]), words)
    return True


def _kept(connection: sqlite3.Connection, modem: str, recipient_tail: str, since: int) -> list[Report]:
    found = connection.execute(
        "SELECT * FROM report WHERE modem = ? AND recipient_tail = ? AND received_at >= ? ORDER BY id",
        (modem, recipient_tail, since),
    ).fetchall()
    return [_report(row) for row in found]


def _report(row: sqlite3.Row) -> Report:
    return Report(
        row["modem"],
        row["message_reference"],
        row["recipient_tail"],
        row["status"],
        SegmentState(row["outcome"]) if row["outcome"] else None,
        row["received_at"],
        row["words"],
    )


def _forget(connection: sqlite3.Connection, report: Report) -> None:
    connection.execute(
        "DELETE FROM report WHERE modem = ? AND message_reference = ? AND recipient_tail = ? AND received_at = ?",
        (report.modem, report.reference, report.recipient_tail, report.at),
    )
