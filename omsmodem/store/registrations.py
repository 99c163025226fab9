"""People who asked for an account. Their data is here only until the operator decides, and a month at most."""

import sqlite3
from datetime import timedelta

from omsmodem.message import AccountRequest
from omsmodem.store import rows
from omsmodem.store.face import Face

MOST_OPEN = 50
KEPT = timedelta(days=30)


class Registrations(Face):
    """Open requests; each public method is one transaction or one short read."""

    def ask(self, request: AccountRequest) -> bool:
        """Keep a request; False when there are too many. Asking again with the same mail address replaces the earlier one."""
        now = self._now_ms()
        with self._database.transaction() as connection:
            _forget_old(connection, now)
            connection.execute("DELETE FROM account_request WHERE mail = ? COLLATE NOCASE", (request.mail,))
            if connection.execute("SELECT count(*) FROM account_request").fetchone()[0] >= MOST_OPEN:
                return False
            connection.execute(
                "INSERT INTO account_request (name, mail, phone, source, asked_at) VALUES (?, ?, ?, ?, ?)",
                (request.name, request.mail, request.phone, request.source, now),
            )
        return True

    def open(self) -> list[AccountRequest]:
        """Every open request, oldest first."""
        since = self._now_ms() - KEPT // timedelta(milliseconds=1)
        with self._database.reading() as connection:
            found = connection.execute("SELECT * FROM account_request WHERE asked_at >= ? ORDER BY id", (since,))
            return [_request(row) for row in found.fetchall()]

    def take(self, request_id: int) -> AccountRequest | None:
        """Remove a request that is decided, and return it; None when there is none."""
        with self._database.transaction() as connection:
            row = connection.execute("SELECT * FROM account_request WHERE id = ?", (request_id,)).fetchone()
            connection.execute("DELETE FROM account_request WHERE id = ?", (request_id,))
        return None if row is None else _request(row)


def _forget_old(connection: sqlite3.Connection, now: int) -> None:
    connection.execute("DELETE FROM account_request WHERE asked_at < ?", (now - KEPT // timedelta(milliseconds=1),))


def _request(row: sqlite3.Row) -> AccountRequest:
    return AccountRequest(
        row["name"], row["mail"], row["phone"], row["source"], rows.from_ms(row["asked_at"]), row["id"]
    )
