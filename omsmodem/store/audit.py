"""Who did what: acts of people, written in the transaction that carries them out."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from omsmodem.store import rows
from omsmodem.store.face import Face

PAGE = 500


@dataclass(frozen=True, slots=True)
class Act:
    """One act of a person: `subject` is what it was done to, e.g. `message 7` or `modem front`."""

    at: datetime
    by: str
    action: str
    subject: str
    detail: str = ""


def record(connection: sqlite3.Connection, now: int, by: str, action: str, subject: str, detail: str = "") -> None:
    """Write one act; to be called within the transaction that carries it out."""
    connection.execute(
        "INSERT INTO audit (at, by, action, subject, detail) VALUES (?, ?, ?, ?, ?)", (now, by, action, subject, detail)
    )


class Audit(Face):
    """Acts that are not moves of messages, and the list of all."""

    def note(self, by: str, action: str, subject: str, detail: str = "") -> None:
        """Write down an act whose doing is not in the store."""
        with self._database.transaction() as connection:
            record(connection, self._now_ms(), by, action, subject, detail)

    def newest(self, *, before: datetime | None = None, limit: int = PAGE) -> list[Act]:
        """Acts, newest first, of before `before`."""
        until = self._now_ms() + 1 if before is None else rows.to_ms(before)
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT * FROM audit WHERE at < ? ORDER BY id DESC LIMIT ?", (until, limit)
            ).fetchall()
        return [Act(rows.from_ms(r["at"]), r["by"], r["action"], r["subject"], r["detail"]) for r in found]
