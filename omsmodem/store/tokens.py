"""Tokens of accounts: what a script shows in place of a password. Only a digest of the secret is kept."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from omsmodem.store import rows
from omsmodem.store.face import Face


@dataclass(frozen=True, slots=True)
class Token:
    """One token: whose it is and what it may do."""

    id: int
    account: str
    label: str  # what it is for, in its owner's words
    scopes: frozenset[str]
    digest: bytes  # SHA-256 of its secret
    created_at: datetime


class Tokens(Face):
    """The tokens of every account; each public method is one transaction or one short read."""

    def add(self, account: str, label: str, scopes: frozenset[str], digest: bytes) -> int:
        """Keep a token and return its number."""
        with self._database.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO token (account, label, scopes, digest, created_at) VALUES (?, ?, ?, ?, ?)",
                (account, label, " ".join(sorted(scopes)), digest, self._now_ms()),
            )
            assert cursor.lastrowid is not None
            return cursor.lastrowid

    def get(self, token_id: int) -> Token | None:
        """One token, or None."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT * FROM token WHERE id = ?", (token_id,)).fetchone()
        return None if row is None else _token(row)

    def all(self) -> list[Token]:
        """Every token, oldest first."""
        with self._database.reading() as connection:
            return [_token(row) for row in connection.execute("SELECT * FROM token ORDER BY id").fetchall()]

    def remove(self, token_id: int) -> Token | None:
        """Remove a token, which from now on opens nothing, and return it; None when there is none."""
        with self._database.transaction() as connection:
            row = connection.execute("SELECT * FROM token WHERE id = ?", (token_id,)).fetchone()
            connection.execute("DELETE FROM token WHERE id = ?", (token_id,))
        return None if row is None else _token(row)

    def remove_all(self, account: str) -> int:
        """Remove every token of an account, whatever the case of its name; returns how many."""
        with self._database.transaction() as connection:
            found = connection.execute("SELECT id, account FROM token").fetchall()
            ids = [(row["id"],) for row in found if row["account"].casefold() == account.casefold()]
            connection.executemany("DELETE FROM token WHERE id = ?", ids)
        return len(ids)


def _token(row: sqlite3.Row) -> Token:
    scopes = frozenset(row["scopes"].split())
    return Token(row["id"], row["account"], row["label"], scopes, row["digest"], rows.from_ms(row["created_at"]))
