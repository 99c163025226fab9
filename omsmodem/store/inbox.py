"""Receiving: what came from the air is on disk before the modem may forget it (law 3), once, put together and routed.

Each public method is one durable transaction. Segments wait here for each other, across restarts; what makes a message
whole also finds its reader and leaves a notice, in the same transaction.
"""

import sqlite3
from datetime import datetime, timedelta

from omsmodem.message import IncomingMessage, IncomingSegment, SegmentKey
from omsmodem.store import rows
from omsmodem.store.delivery import Added, Sorting, Taken, complete, deliver, deliver_partial, incomplete
from omsmodem.store.face import Face
from omsmodem.store.segment_sets import SETS, insert_segment, known, of_another_message, open_set, rows_of, stale_sets


class Inbox(Face):
    """What a receiver does with the store."""

    def add(self, segment: IncomingSegment, sorting: Sorting) -> Added:
        """Keep a segment; when that makes its message whole, deliver the message."""
        with self._database.transaction() as connection:
            now = self._now_ms()
            if known(connection, segment, now):
                return Added(Taken.REPEATED)
            if segment.key is None:
                segment_id = insert_segment(connection, segment, now)
                return deliver(connection, rows_of(connection, [segment_id]), sorting, now)
            return _add_to_set(connection, segment, segment.key, sorting, now)

    def give_up_incomplete(self, limit: timedelta, sorting: Sorting) -> list[Added]:
        """Deliver with their gaps the messages whose last segment came `limit` ago."""
        before = self._now_ms() - limit // timedelta(milliseconds=1)
        with self._database.reading() as connection:
            if not stale_sets(connection, before):
                return []
        with self._database.transaction() as connection:
            sets = [open_set(connection, row) for row in stale_sets(connection, before)]
            found = [deliver_partial(connection, held, sorting, self._now_ms()) for held in sets]
        return [added for added in found if added is not None]

    def next_moment(self, limit: timedelta) -> datetime | None:
        """When there is next something to give up, or None."""
        with self._database.reading() as connection:
            oldest = connection.execute(f"SELECT min(newest) FROM ({SETS})").fetchone()[0]  # noqa: S608 - a constant
        return None if oldest is None else rows.from_ms(oldest) + limit

    def keep_undecodable(self, tpdu: bytes, modem: str, why: str) -> bool:
        """Keep octets that cannot be read; False when they had come before."""
        with self._database.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO undecodable (tpdu, modem, why, received_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (tpdu, modem, why, self._now_ms()),
            )
            return cursor.rowcount == 1

    # -- questions --------------------------------------------------------------------------------------------------

    def message(self, incoming_id: int) -> IncomingMessage | None:
        """One message, or None."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT * FROM incoming WHERE id = ?", (incoming_id,)).fetchone()
        return None if row is None else rows.incoming(row)

    def messages(
        self, *, originator: str | None = None, account: str | None = None, before: int | None = None, limit: int = 500
    ) -> list[IncomingMessage]:
        """One page of messages with ids below `before`, the newest first."""
        wanted = {"originator = ?": originator, "account = ?": account, "id < ?": before}
        conditions = {condition: value for condition, value in wanted.items() if value is not None}
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        with self._database.reading() as connection:
            found = connection.execute(
                f"SELECT * FROM incoming{where} ORDER BY id DESC LIMIT ?",  # noqa: S608 - the conditions above
                (*conditions.values(), limit),
            ).fetchall()
        return [rows.incoming(row) for row in found]

    def changes(
        self, after: int = 0, account: str | None = None, limit: int = 100
    ) -> list[tuple[int, IncomingMessage]]:
        """Messages that came, or changed, since position `after`, each with its own position, in order.

        A message that is completed later, or replaced by its sender, is there once, at its newest position.
        """
        whose = "" if account is None else " AND i.account = ?"
        values = (after, *(() if account is None else (account,)), limit)
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT i.*, c.id AS position FROM incoming_change c JOIN incoming i ON i.id = c.incoming_id"  # noqa: S608 - the line above
                f" WHERE c.id > ?{whose} ORDER BY c.id LIMIT ?",
                values,
            ).fetchall()
        return [(row["position"], rows.incoming(row)) for row in found]

    def undecodable(self) -> list[tuple[datetime, str, str, bytes]]:
        """Octets that could not be read: when, over which modem, why, and the octets; the newest first."""
        with self._database.reading() as connection:
            found = connection.execute("SELECT * FROM undecodable ORDER BY id DESC LIMIT 500").fetchall()
        return [(rows.from_ms(row["received_at"]), row["modem"], row["why"], row["tpdu"]) for row in found]


def _add_to_set(
    connection: sqlite3.Connection, segment: IncomingSegment, key: SegmentKey, sorting: Sorting, now: int
) -> Added:
    (row,) = rows_of(connection, [insert_segment(connection, segment, now)])
    held = [other for other in open_set(connection, row) if other["id"] != row["id"]]
    if any(of_another_message(row, other) for other in held):
        deliver_partial(connection, held, sorting, now)
        held = []
    given_up = incomplete(connection, row) if not held else None
    if given_up is not None:
        return complete(connection, given_up, row, sorting, now)
    held.append(row)
    if len({other["number"] for other in held}) == key.total:
        return deliver(connection, held, sorting, now)
    return Added(Taken.HELD)
