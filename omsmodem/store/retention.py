"""How long what people wrote is kept, and how it is erased: overwritten in the file (`secure_delete`) and in its log.

A text may go once its message is settled; the record goes later. The ledger counts the records that are kept.
"""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from omsmodem.message import IncomingMessage, OutgoingMessage, State
from omsmodem.store import audit, quotas, rows, traces
from omsmodem.store.face import Face
from omsmodem.store.moves import TAIL_DIGITS
from omsmodem.store.search import COMMON_DIGITS, digits
from omsmodem.store.traces import Trace

#: States in which nobody needs the text any more.
SETTLED = (State.SUBMITTED, State.DELIVERED, State.UNDELIVERED, State.FAILED, State.EXPIRED, State.CANCELLED)
_SETTLED = json.dumps(SETTLED)
#: Rows that one look or one transaction takes, so that no sender waits for long.
_BATCH = 1_000
_FAR = 1 << 62

_SENT_TO = "SELECT * FROM message WHERE substr(recipient, -7) = ? AND recipient LIKE ? ORDER BY id"
_CAME_FROM = "SELECT * FROM incoming WHERE originator LIKE ? ORDER BY id"

_OLD_MESSAGES = (
    "SELECT id FROM (SELECT id, accepted_at FROM message WHERE id > ? ORDER BY id LIMIT ?) WHERE accepted_at < ?"
)
_OLD_INCOMING = (
    "SELECT id FROM (SELECT id, received_at FROM incoming WHERE id > ? ORDER BY id LIMIT ?) WHERE received_at < ?"
)
_DUE = (
    "SELECT id, submission_id FROM message WHERE id IN (SELECT value FROM json_each(?))"
    " AND state IN (SELECT value FROM json_each(?)) AND updated_at < ?"
)


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased: texts of messages, whole records, lines of the audit."""

    texts: int = 0
    records: int = 0
    acts: int = 0


_Erase = Callable[[sqlite3.Connection, list[int], int], int]


class Retention(Face):
    """Erases what is old, and what a person asks to have erased."""

    def purge(self, *, texts: timedelta, records: timedelta, acts: timedelta) -> Erased:
        """Erase what is older than the given times; zero keeps it for ever. Raises StoreBusy while others read the log."""
        now = self._clock()
        erased = Erased(
            self._erase_before(now - texts, _erase_texts, _erase_incoming_texts) if texts else 0,
            self._erase_before(now - records, _delete_records, _delete_incoming) if records else 0,
            self._delete_acts(now - acts) if acts else 0,
        )
        if records:
            self._forget_references()
        if texts:
            self._erase_beside(now - texts)
        with self._database.transaction() as connection:
            quotas.forget(connection, now)
        self._database.forget_erased()
        return erased

    def _erase_before(self, moment: datetime, outgoing: _Erase, incoming: _Erase) -> int:
        before = rows.to_ms(moment)
        return self._batches(_OLD_MESSAGES, outgoing, before) + self._batches(_OLD_INCOMING, incoming, before)

    def _batches(self, query: str, erase: _Erase, before: int) -> int:
        """Go through a book from its first line until `before`; ids are in the order of time."""
        after, erased = 0, 0
        while True:
            with self._database.reading() as connection:
                ids = [row["id"] for row in connection.execute(query, (after, _BATCH, before)).fetchall()]
            if not ids:
                return erased
            after = ids[-1]
            with self._database.transaction() as connection:
                erased += erase(connection, ids, before)

    def _delete_acts(self, moment: datetime) -> int:
        with self._database.transaction() as connection:
            return connection.execute("DELETE FROM audit WHERE at < ?", (rows.to_ms(moment),)).rowcount

    def _forget_references(self) -> None:
        """Numbers that no message is left of."""
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM concatenation_reference WHERE NOT EXISTS (SELECT 1 FROM message"
                " WHERE substr(message.recipient, -7) = substr(concatenation_reference.recipient, -7)"
                " AND message.recipient = concatenation_reference.recipient)"
            )

    def _erase_beside(self, moment: datetime) -> None:
        """What else holds texts, or counts days that are over."""
        before = rows.to_ms(moment)
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM idempotency WHERE at < ?", (before,))
            connection.execute("DELETE FROM undecodable WHERE received_at < ?", (before,))
            connection.execute("UPDATE opt_out SET text = '' WHERE since < ? AND text <> ''", (before,))
            connection.execute("DELETE FROM auto_reply WHERE day < ?", (moment.date().isoformat(),))
            connection.execute("DELETE FROM alarm WHERE NOT lasting AND told_at < ?", (before,))
            connection.execute(
                "DELETE FROM notice WHERE kind = 'alarm' AND created_at < ? AND state <> 'waiting'", (before,)
            )

    # -- one person's messages ----------------------------------------------------------------------------------------

    def export(self, number: str) -> tuple[list[OutgoingMessage], list[IncomingMessage]]:
        """Every message to a number and from it, oldest first. Raises ValueError without digits."""
        tail, end = _ends(number)
        with self._database.reading() as connection:
            sent = [rows.message(row) for row in connection.execute(_SENT_TO, (tail, end)).fetchall()]
            came = [rows.incoming(row) for row in connection.execute(_CAME_FROM, (end,)).fetchall()]
        return sent, came

    def traces(self, number: str) -> list[Trace]:
        """What else is kept of a number: fragments, wishes, alarms that name it. Raises ValueError without digits."""
        with self._database.reading() as connection:
            return traces.traces(connection, traces.patterns(digits(number), *_ends(number)))

    def erase(self, number: str, by: str) -> tuple[int, int]:
        """Delete every record of a number; returns how many messages went, and how many stay because they are not settled.

        That it asked not to be texted stays on record, without what it wrote.
        """
        sent, came = self.export(number)
        erased = self._each([message.id for message in sent], _delete_records)
        erased += self._each([message.id for message in came], _delete_incoming)
        with self._database.transaction() as connection:
            traces.erase(connection, traces.patterns(digits(number), *_ends(number)))
            audit.record(connection, self._now_ms(), by, "erase", "a number", f"{erased} messages")
        self._database.forget_erased()
        return erased, len(sent) + len(came) - erased

    def _each(self, ids: list[int], delete: _Erase) -> int:
        erased = 0
        for start in range(0, len(ids), _BATCH):
            with self._database.transaction() as connection:
                erased += delete(connection, ids[start : start + _BATCH], _FAR)
        return erased


def _ends(number: str) -> tuple[str, str]:
    """How a number ends: its indexed digits, and a pattern of as many as any two ways of writing it share."""
    known = digits(number)
    if not known:
        raise ValueError("a number has digits")
    return known[-TAIL_DIGITS:], f"%{known[-COMMON_DIGITS:]}"


def _due(connection: sqlite3.Connection, ids: list[int], before: int) -> tuple[str, str]:
    """Those of some messages that were settled before `before`, and their submissions, as JSON."""
    found = connection.execute(_DUE, (json.dumps(ids), _SETTLED, before)).fetchall()
    return json.dumps([row["id"] for row in found]), json.dumps(sorted({row["submission_id"] for row in found}))


def _erase_texts(connection: sqlite3.Connection, ids: list[int], before: int) -> int:
    """Texts, the TPDUs they were sent in, and the digest by which a text could be guessed."""
    messages, submissions = _due(connection, ids, before)
    cursor = connection.execute(
        "UPDATE message SET text = '' WHERE id IN (SELECT value FROM json_each(?)) AND text <> ''", (messages,)
    )
    if cursor.rowcount:
        connection.execute(
            "UPDATE segment SET tpdu = x'' WHERE message_id IN (SELECT value FROM json_each(?))", (messages,)
        )
        connection.execute(
            "UPDATE submission SET fingerprint = x'' WHERE id IN (SELECT value FROM json_each(?))", (submissions,)
        )
    return cursor.rowcount


def _delete_records(connection: sqlite3.Connection, ids: list[int], before: int) -> int:
    """Messages that were settled before `before`, with all that belongs to them."""
    messages, submissions = _due(connection, ids, before)
    connection.execute("DELETE FROM event WHERE message_id IN (SELECT value FROM json_each(?))", (messages,))
    connection.execute("DELETE FROM segment WHERE message_id IN (SELECT value FROM json_each(?))", (messages,))
    cursor = connection.execute("DELETE FROM message WHERE id IN (SELECT value FROM json_each(?))", (messages,))
    connection.execute(
        "DELETE FROM submission WHERE id IN (SELECT value FROM json_each(?))"
        " AND NOT EXISTS (SELECT 1 FROM message WHERE submission_id = submission.id)",
        (submissions,),
    )
    return cursor.rowcount


def _erase_incoming_texts(connection: sqlite3.Connection, ids: list[int], _before: int) -> int:
    given = json.dumps(ids)
    cursor = connection.execute(
        "UPDATE incoming SET text = '', octets = x'' WHERE id IN (SELECT value FROM json_each(?))"
        " AND (text <> '' OR octets <> x'')",
        (given,),
    )
    if cursor.rowcount:
        connection.execute(
            "UPDATE incoming_segment SET tpdu = x'', content = x'' WHERE incoming_id IN (SELECT value FROM json_each(?))",
            (given,),
        )
    return cursor.rowcount


def _delete_incoming(connection: sqlite3.Connection, ids: list[int], _before: int) -> int:
    given = json.dumps(ids)
    connection.execute("DELETE FROM notice WHERE incoming_id IN (SELECT value FROM json_each(?))", (given,))
    return connection.execute("DELETE FROM incoming WHERE id IN (SELECT value FROM json_each(?))", (given,)).rowcount
