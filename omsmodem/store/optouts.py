"""Numbers that asked not to be texted, by one account or by anybody."""

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from omsmodem.message import State
from omsmodem.store import rows
from omsmodem.store.face import Face
from omsmodem.store.moves import move

WHY = "the recipient asked not to get texts from here"


@dataclass(frozen=True, slots=True)
class OptOut:
    """One number's wish. No account: it wants no text from anybody here."""

    number: str
    account: str
    since: datetime
    text: str  # what it wrote


class OptOuts(Face):
    """What an operator asks of these wishes."""

    def all(self) -> list[OptOut]:
        """Every number that asked, by number."""
        with self._database.reading() as connection:
            found = connection.execute("SELECT * FROM opt_out ORDER BY number, account").fetchall()
        return [OptOut(row["number"], row["account"], rows.from_ms(row["since"]), row["text"]) for row in found]

    def add(self, number: str, account: str) -> None:
        """Write down a wish that came another way, say by telephone."""
        with self._database.transaction() as connection:
            opt_out(connection, number, account, "", self._now_ms())

    def lift(self, number: str, account: str | None = None) -> int:
        """Allow texts to a number again, of one account or of all; returns how many wishes were lifted."""
        with self._database.transaction() as connection:
            if account is not None:
                return opt_in(connection, number, account)
            return connection.execute("DELETE FROM opt_out WHERE number = ?", (number,)).rowcount


def opt_out(connection: sqlite3.Connection, number: str, account: str, text: str, now: int) -> None:
    """A number wants no more texts: what is still queued for it and has not begun to leave fails."""
    connection.execute(
        "INSERT INTO opt_out VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", (number, account, now, text[:200])
    )
    queued = connection.execute(
        "SELECT id FROM message WHERE state = 'queued' AND recipient = ? AND (account = ? OR ? = '') AND NOT EXISTS"
        " (SELECT 1 FROM segment WHERE message_id = message.id AND segment.state <> 'pending')",
        (number, account, account),
    ).fetchall()
    for row in queued:
        move(connection, row["id"], State.FAILED, now, WHY, last_error=WHY)


def opt_in(connection: sqlite3.Connection, number: str, account: str) -> int:
    """A number wants texts again; returns how many wishes that lifts."""
    query = "DELETE FROM opt_out WHERE number = ? AND account IN (?, '')"
    return connection.execute(query, (number, account)).rowcount


def opted_out(connection: sqlite3.Connection, account: str, numbers: Collection[str]) -> set[str]:
    """Those of `numbers` that want no text from `account`."""
    marks = ", ".join("?" * len(numbers))
    query = f"SELECT number FROM opt_out WHERE account IN (?, '') AND number IN ({marks})"  # noqa: S608 - marks
    return {row["number"] for row in connection.execute(query, (account, *numbers))}
