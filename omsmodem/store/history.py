"""Questions to the store. Every answer is one short read."""

from dataclasses import dataclass
from datetime import datetime

from omsmodem.message import Event, Origin, OutgoingMessage, Segment, State
from omsmodem.store import rows
from omsmodem.store.database import Database

PAGE = 500
#: Texts to one number among which the mail that a thread goes on with is looked for.
_LATELY = 100


@dataclass(frozen=True, slots=True)
class Submitted:
    """How a submission came in."""

    door: str
    client: str
    source: str  # the address it came from
    source_type: str


class History:
    """What was accepted and what became of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ledger(self) -> dict[State, int]:
        """A count for every state; their sum is all that was ever accepted (law 4)."""
        with self._database.reading() as connection:
            counts = dict(connection.execute("SELECT state, count FROM ledger").fetchall())
        return {state: counts.get(state.value, 0) for state in State}

    def messages(self, *, after: int = 0, limit: int = PAGE) -> list[OutgoingMessage]:
        """One page of messages with ids above `after`, in order of acceptance."""
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT * FROM message WHERE id > ? ORDER BY id LIMIT ?", (after, limit)
            ).fetchall()
        return [rows.message(row) for row in found]

    def message(self, message_id: int) -> OutgoingMessage | None:
        """One message, or None."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT * FROM message WHERE id = ?", (message_id,)).fetchone()
        return None if row is None else rows.message(row)

    def segments(self, message_id: int) -> tuple[Segment, ...]:
        """The segments of a message, empty before the first take."""
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT * FROM segment WHERE message_id = ? ORDER BY number", (message_id,)
            ).fetchall()
        return tuple(rows.segment(row) for row in found)

    def events(self, message_id: int) -> list[Event]:
        """The life of a message, oldest event first."""
        with self._database.reading() as connection:
            found = connection.execute("SELECT * FROM event WHERE message_id = ? ORDER BY id", (message_id,)).fetchall()
        return [rows.event(row) for row in found]

    def submission(self, submission_id: int) -> Submitted:
        """How a submission came in."""
        query = "SELECT door, client, source, source_type FROM submission WHERE id = ?"
        with self._database.reading() as connection:
            row = connection.execute(query, (submission_id,)).fetchone()
        return Submitted(*row) if row is not None else Submitted("", "", "", "")

    def origin(self, submission_id: int) -> Origin | None:
        """The mail that a submission began as, or None."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT * FROM origin WHERE submission_id = ?", (submission_id,)).fetchone()
        return None if row is None else rows.origin(row)

    def thread(self, number: str, account: str) -> Origin | None:
        """The mail by which an account lately wrote to a number, or None."""
        query = (
            "SELECT o.* FROM (SELECT id, submission_id, not_before FROM message WHERE recipient = ? AND account = ?"
            " AND modem IS NOT NULL ORDER BY not_before DESC, id DESC LIMIT ?) m"
            " JOIN origin o ON o.submission_id = m.submission_id ORDER BY m.not_before DESC, m.id DESC LIMIT 1"
        )
        with self._database.reading() as connection:
            row = connection.execute(query, (number, account, _LATELY)).fetchone()
        return None if row is None else rows.origin(row)

    def recipients(self, submission_id: int) -> int:
        """To how many numbers a submission goes."""
        query = "SELECT count(DISTINCT recipient) FROM message WHERE submission_id = ?"
        with self._database.reading() as connection:
            return int(connection.execute(query, (submission_id,)).fetchone()[0])

    def written_to(self, number: str, account: str, before: datetime, limit: int) -> list[OutgoingMessage]:
        """What an account wrote to a number before a moment and was handed to a modem, the newest first."""
        query = (
            "SELECT * FROM message WHERE recipient = ? AND account = ? AND modem IS NOT NULL AND not_before <= ?"
            " ORDER BY not_before DESC, id DESC LIMIT ?"
        )
        with self._database.reading() as connection:
            found = connection.execute(query, (number, account, rows.to_ms(before), limit)).fetchall()
        return [rows.message(row) for row in found]
