"""Incoming messages, made of their segments: routed, with a notice, and obeyed. To be called within a transaction."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from omsmodem.message import (
    Answer,
    Arrival,
    Content,
    Correspondent,
    IncomingKind,
    IncomingMessage,
    NoticeKind,
    NoticeState,
    Route,
)
from omsmodem.store import rows
from omsmodem.store.notices import announce, insert
from omsmodem.store.optouts import opt_in, opt_out
from omsmodem.store.segment_sets import OF_SET, SET, attach, by_number, far_apart

#: A message that is whole makes partial copies of itself recognisable for this long.
COPY_WINDOW = timedelta(hours=48)
#: Whoever passes incoming messages on listens to this name (`Database.listeners`).
INCOMING = "incoming"


@dataclass(frozen=True, slots=True)
class Sorting:
    """What the store asks of others, within its transaction, when a message is whole.

    `assemble(tpdus by number, total)` says what the segments say; `route(arrival, correspondents)` whose the message is,
    where the correspondents are the accounts that wrote to its originator within `window`, the newest first.
    """

    assemble: Callable[[Mapping[int, bytes], int], Content]
    route: Callable[[Arrival, Sequence[Correspondent]], Route]
    window: timedelta = timedelta(days=14)
    most_mailed_per_hour: int = 60  # of one originator


class Taken(StrEnum):
    """What became of a segment."""

    REPEATED = "repeated"  # it had come before
    HELD = "held"  # others of its message are still to come
    WHOLE = "whole"  # it made a message whole


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a segment, the message it made whole, and the answer to send back by itself."""

    taken: Taken
    message: IncomingMessage | None = None
    answer: Answer | None = None
    flooded: bool = False  # its originator sends too much: it is kept, not mailed


def _assemble(sorting: Sorting, held: Mapping[int, sqlite3.Row], total: int) -> tuple[Content, str]:
    content = sorting.assemble({number: row["tpdu"] for number, row in held.items()}, total)
    return content, ",".join(str(number) for number in range(1, total + 1) if number not in held)


def deliver(connection: sqlite3.Connection, held: Sequence[sqlite3.Row], sorting: Sorting, now: int) -> Added:
    """Make a message of segments: route it, leave its notice, do what it asks for."""
    numbered = by_number(held)
    first = next(iter(numbered.values()))
    content, missing = _assemble(sorting, numbered, first["total"])
    kind, originator, answerable = IncomingKind(first["kind"]), first["originator"], bool(first["answerable"])
    arrival = Arrival(kind, first["modem"], originator, answerable, content.text)
    route = sorting.route(arrival, _correspondents(connection, originator, now, sorting.window))
    columns = {
        **{name: first[name] for name in ("kind", "modem", "sim", "originator", "answerable", "total", "replaces")},
        **{name: first[name] for name in ("sent_at", "zone_minutes", "detail")},
        "text": content.text,
        "octets": content.octets,
        "missing": missing,
        "received_at": now,
        "account": route.account,
        "rule": route.rule,
    }
    flooded = route.mailed and _is_flood(connection, originator, now, sorting.most_mailed_per_hour)
    incoming_id = _replace(connection, columns) if first["replaces"] is not None else None
    if incoming_id is None:
        incoming_id = _insert_incoming(connection, columns)
        if route.mailed:
            _tell(connection, route.account, now, incoming_id, flooded=flooded)
    attach(connection, held, incoming_id)
    announce(connection, INCOMING)
    _obey(connection, route, originator, content.text, now)
    answer = route.answer if route.answer and _may_answer(connection, originator, route.answer) else None
    return Added(Taken.WHOLE, _message(connection, incoming_id), answer, flooded)


def _tell(connection: sqlite3.Connection, account: str, now: int, incoming_id: int, *, flooded: bool) -> None:
    state = NoticeState.KEPT if flooded else NoticeState.WAITING
    why = "its sender sends too many messages an hour" if flooded else ""
    insert(connection, NoticeKind.REPLY, account, now, state, incoming_id=incoming_id, last_error=why)


def _is_flood(connection: sqlite3.Connection, originator: str, now: int, most: int) -> bool:
    """Whether so many messages of one sender came within the last hour."""
    query = "SELECT count(*) FROM incoming WHERE originator = ? AND received_at > ?"
    row = connection.execute(query, (originator, now - timedelta(hours=1) // timedelta(milliseconds=1))).fetchone()
    return bool(row[0] >= most)


def _insert_incoming(connection: sqlite3.Connection, columns: Mapping[str, object]) -> int:
    cursor = connection.execute(
        f"INSERT INTO incoming ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",  # noqa: S608 - names are our own
        tuple(columns.values()),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _message(connection: sqlite3.Connection, incoming_id: int) -> IncomingMessage:
    return rows.incoming(connection.execute("SELECT * FROM incoming WHERE id = ?", (incoming_id,)).fetchone())


#: Of each account, so many of its newest messages to a number tell over which modems it writes there.
_LATEST = 10
_TO = "FROM message WHERE recipient = :number AND modem IS NOT NULL"
_WRITERS = f"""
WITH RECURSIVE writer (account) AS (
    SELECT min(account) {_TO}
    UNION ALL SELECT (SELECT min(account) {_TO} AND account > writer.account) FROM writer WHERE account IS NOT NULL
)
SELECT m.account, m.modem, max(m.not_before) AS wrote_at
FROM writer CROSS JOIN message m JOIN submission s ON s.id = m.submission_id
WHERE m.id IN (
    SELECT id {_TO} AND account = writer.account AND not_before >= :since ORDER BY not_before DESC LIMIT :few
) AND s.door <> 'auto_reply'
GROUP BY m.account, m.modem ORDER BY wrote_at DESC, max(m.id) DESC"""  # noqa: S608 - a constant


def _correspondents(
    connection: sqlite3.Connection, number: str, now: int, window: timedelta
) -> tuple[Correspondent, ...]:
    """Who wrote to a number, the newest first: messages that were handed to a modem, automatic answers aside."""
    key = {"number": number, "since": now - window // timedelta(milliseconds=1), "few": _LATEST}
    found = connection.execute(_WRITERS, key).fetchall()
    return tuple(Correspondent(row["account"], row["modem"], rows.from_ms(row["wrote_at"])) for row in found)


def _obey(connection: sqlite3.Connection, route: Route, number: str, text: str, now: int) -> None:
    if route.opt_out is True:
        opt_out(connection, number, route.account, text, now)
    elif route.opt_out is False:
        opt_in(connection, number, route.account)


def _may_answer(connection: sqlite3.Connection, number: str, answer: Answer) -> bool:
    """Whether the day's answers to a number leave one more; it is counted before it is sent."""
    row = connection.execute(
        "INSERT INTO auto_reply VALUES (?, ?, 1) ON CONFLICT (number, day) DO UPDATE SET count = count + 1"
        " RETURNING count",
        (number, answer.day),
    ).fetchone()
    return bool(row["count"] <= answer.most)


def deliver_partial(
    connection: sqlite3.Connection, held: Sequence[sqlite3.Row], sorting: Sorting, now: int
) -> Added | None:
    """Deliver a message with its gaps, unless it is a partial copy of one that was delivered whole."""
    whole = _copied(connection, held, now)
    if whole is not None:
        attach(connection, held, whole)
        return None
    return deliver(connection, held, sorting, now)


def _copied(connection: sqlite3.Connection, held: Sequence[sqlite3.Row], now: int) -> int | None:
    first = held[0]
    since = now - COPY_WINDOW // timedelta(milliseconds=1)
    query = (
        f"SELECT * FROM incoming_segment WHERE {OF_SET} AND incoming_id IS NOT NULL AND received_at >= ?"  # noqa: S608 - names are our own
        " ORDER BY id DESC"
    )
    earlier = connection.execute(query, (*(first[column] for column in SET), since)).fetchall()
    for incoming_id in dict.fromkeys(row["incoming_id"] for row in earlier):
        contents = {(row["number"], row["content"]) for row in earlier if row["incoming_id"] == incoming_id}
        if {(row["number"], row["content"]) for row in held} <= contents:
            return int(incoming_id)
    return None


def incomplete(connection: sqlite3.Connection, row: sqlite3.Row) -> sqlite3.Row | None:
    """A segment of the message that was delivered without this one, or None."""
    query = (
        f"SELECT s.*, i.missing AS missing FROM incoming_segment s JOIN incoming i ON i.id = s.incoming_id"  # noqa: S608 - names are our own
        f" WHERE {' AND '.join(f's.{column} = ?' for column in SET)} ORDER BY s.id DESC LIMIT 1"
    )
    found: sqlite3.Row | None = connection.execute(query, tuple(row[column] for column in SET)).fetchone()
    if found is None or str(row["number"]) not in found["missing"].split(",") or far_apart(row, found):
        return None
    fresh = row["received_at"] - found["received_at"] <= COPY_WINDOW // timedelta(milliseconds=1)
    return found if fresh else None


def complete(
    connection: sqlite3.Connection, incomplete: sqlite3.Row, row: sqlite3.Row, sorting: Sorting, now: int
) -> Added:
    """A segment came after its message had been given up: the message is told again, with less missing."""
    incoming_id = incomplete["incoming_id"]
    attach(connection, [row], incoming_id)
    query = "SELECT * FROM incoming_segment WHERE incoming_id = ? ORDER BY id"
    held = by_number(connection.execute(query, (incoming_id,)).fetchall())
    content, missing = _assemble(sorting, held, row["total"])
    connection.execute(
        "UPDATE incoming SET text = ?, octets = ?, missing = ? WHERE id = ?",
        (content.text, content.octets, missing, incoming_id),
    )
    announce(connection, INCOMING)
    message = _message(connection, incoming_id)
    if not missing and not _unread(connection, incoming_id):
        insert(connection, NoticeKind.REPLY, message.account, now, NoticeState.WAITING, incoming_id=incoming_id)
    return Added(Taken.WHOLE if not missing else Taken.HELD, message)


def _unread(connection: sqlite3.Connection, incoming_id: int) -> bool:
    """Whether a message's mail has never been handed over, so that it will still say what the message says then."""
    query = "SELECT 1 FROM notice WHERE incoming_id = ? AND state = 'waiting' AND attempts = 0"
    return connection.execute(query, (incoming_id,)).fetchone() is not None


def _replace(connection: sqlite3.Connection, columns: Mapping[str, object]) -> int | None:
    """Put a replace type in the place of an older one that nobody has read yet (TS 23.040 §9.2.3.9); its id, or None."""
    row = connection.execute(
        "SELECT id FROM incoming WHERE sim = ? AND originator = ? AND replaces = ? ORDER BY id DESC LIMIT 1",
        (columns["sim"], columns["originator"], columns["replaces"]),
    ).fetchone()
    if row is None or not _unread(connection, row["id"]):
        return None
    sets = ", ".join(f"{name} = ?" for name in columns)
    connection.execute(f"UPDATE incoming SET {sets} WHERE id = ?", (*columns.values(), row["id"]))  # noqa: S608 - names are our own
    which = (columns["account"], row["id"])
    connection.execute("UPDATE notice SET account = ? WHERE incoming_id = ? AND state = 'waiting'", which)
    announce(connection)
    return int(row["id"])
