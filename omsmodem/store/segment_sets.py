"""The segments of incoming messages: which belong together, and which came before. To be called within a transaction."""

import sqlite3
from collections.abc import Sequence
from datetime import timedelta

from omsmodem.message import IncomingSegment, SegmentKey
from omsmodem.store import rows

#: A TPDU without a readable time is the same one only this long: the same short answer may come again another day.
TIMELESS_WINDOW = timedelta(hours=24)
#: The service centre stamps the segments of one message within minutes; further apart they are of different messages.
SAME_MESSAGE = timedelta(hours=1)

SET = ("sim", "originator", "reference", "wide", "total")
SETS = (
    f"SELECT {', '.join(SET)}, max(received_at) AS newest FROM incoming_segment WHERE incoming_id IS NULL"  # noqa: S608 - a constant
    f" GROUP BY {', '.join(SET)}"
)
OF_SET = " AND ".join(f"{column} = ?" for column in SET)


def known(connection: sqlite3.Connection, segment: IncomingSegment, now: int) -> bool:
    """Whether this TPDU came before."""
    since = 0 if segment.sent_at is not None else now - TIMELESS_WINDOW // timedelta(milliseconds=1)
    query = "SELECT 1 FROM incoming_segment WHERE identity = ? AND received_at >= ? LIMIT 1"
    return connection.execute(query, (segment.identity, since)).fetchone() is not None


def insert_segment(connection: sqlite3.Connection, segment: IncomingSegment, now: int) -> int:
    """Write a segment; returns its id."""
    key = segment.key or SegmentKey(0, False, 1, 1)
    values = {
        "identity": segment.identity,
        "content": segment.content,
        "tpdu": segment.tpdu,
        "modem": segment.modem,
        "sim": segment.sim,
        "originator": segment.originator,
        "answerable": segment.answerable,
        "kind": segment.kind,
        "sent_at": rows.to_ms(segment.sent_at) if segment.sent_at is not None else None,
        "zone_minutes": rows.zone_minutes(segment.sent_at),
        "reference": key.reference if segment.key is not None else None,
        "wide": key.wide,
        "total": key.total,
        "number": key.number,
        "replaces": segment.replaces,
        "detail": segment.detail,
        "received_at": now,
    }
    cursor = connection.execute(
        f"INSERT INTO incoming_segment ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})",  # noqa: S608 - own names
        tuple(values.values()),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def rows_of(connection: sqlite3.Connection, ids: Sequence[int]) -> list[sqlite3.Row]:
    """The segments of these ids, in order."""
    marks = ", ".join("?" * len(ids))
    query = f"SELECT * FROM incoming_segment WHERE id IN ({marks}) ORDER BY id"  # noqa: S608 - marks
    return connection.execute(query, tuple(ids)).fetchall()


def open_set(connection: sqlite3.Connection, key: sqlite3.Row) -> list[sqlite3.Row]:
    """The segments of one message that waits for more, in order of arrival; `key` has the columns of SET."""
    query = f"SELECT * FROM incoming_segment WHERE {OF_SET} AND incoming_id IS NULL ORDER BY id"  # noqa: S608 - a constant
    return connection.execute(query, tuple(key[column] for column in SET)).fetchall()


def stale_sets(connection: sqlite3.Connection, before: int) -> list[sqlite3.Row]:
    """The messages whose last segment came before a moment, the longest waiting first."""
    query = f"SELECT * FROM ({SETS}) WHERE newest <= ? ORDER BY newest"  # noqa: S608 - a constant
    return connection.execute(query, (before,)).fetchall()


def of_another_message(row: sqlite3.Row, other: sqlite3.Row) -> bool:
    """Whether two segments with the same reference cannot be of one message: references come round again."""
    if row["number"] == other["number"] and row["content"] != other["content"]:
        return True
    return far_apart(row, other)


def far_apart(row: sqlite3.Row, other: sqlite3.Row) -> bool:
    """Whether the service centre took two segments at times too different for one message."""
    if row["sent_at"] is None or other["sent_at"] is None:
        return False
    return bool(abs(row["sent_at"] - other["sent_at"]) > SAME_MESSAGE // timedelta(milliseconds=1))


def by_number(held: Sequence[sqlite3.Row]) -> dict[int, sqlite3.Row]:
    """The first of each number, in order."""
    found: dict[int, sqlite3.Row] = {}
    for row in held:
        found.setdefault(row["number"], row)
    return dict(sorted(found.items()))


def attach(connection: sqlite3.Connection, held: Sequence[sqlite3.Row], incoming_id: int) -> None:
    """These segments make up, or repeat, that message."""
    connection.executemany(
        "UPDATE incoming_segment SET incoming_id = ? WHERE id = ?", [(incoming_id, row["id"]) for row in held]
    )
