"""Requests that name themselves: one that comes again gets the answer of the first time, and nothing is done twice."""

from collections.abc import Callable
from datetime import timedelta

from omsmodem.store.errors import KeyReused
from omsmodem.store.face import Face

#: How long an answer is kept.
KEPT = timedelta(hours=48)


class Idempotency(Face):
    """Answers by account and key."""

    def once(self, account: str, key: str, request: bytes, work: Callable[[], tuple[int, bytes]]) -> bytes:
        """The answer to a request: `work`'s, kept in the transaction in which `work` changes the store, or the kept one.

        `work` returns the submission it made, and the answer; what it raises is not kept. `request` is a digest of all that was asked. Raises KeyReused.
        """
        with self._database.transaction() as connection:
            now = self._now_ms()
            connection.execute("DELETE FROM idempotency WHERE at < ?", (now - KEPT // timedelta(milliseconds=1),))
            row = connection.execute(
                "SELECT request, answer FROM idempotency WHERE account = ? AND key = ?", (account, key)
            ).fetchone()
            if row is not None and row["request"] != request:
                raise KeyReused(KeyReused.__doc__)
            if row is not None:
                return bytes(row["answer"])
            submission_id, answer = work()
            connection.execute(
                "INSERT INTO idempotency VALUES (?, ?, ?, ?, ?, ?)", (account, key, request, answer, submission_id, now)
            )
            return answer
