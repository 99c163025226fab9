"""Finding messages again: pages in order of acceptance, newest first, each one short read however long the history is.

Account, state and number are looked up in indexes. A text, or a few digits of a number, is looked for in a bounded stretch
of the history; the page then says where to go on.
"""

import sqlite3
from dataclasses import dataclass, field
from functools import partial

from omsmodem.message import OutgoingMessage, State
from omsmodem.store import rows
from omsmodem.store.database import Database
from omsmodem.store.moves import TAIL_DIGITS

#: What a number as typed and as stored have in common, also where `(0)` or a trunk prefix was typed.
COMMON_DIGITS = 9
#: Messages that one page looks through for a text before it says where to go on.
STRETCH = 20_000
PAGE = 50


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a message must be like; empty criteria fit every message."""

    account: str | None = None
    number: str = ""  # as typed; its digits are compared from the end
    text: str = ""  # anywhere in the text, whatever its case
    states: frozenset[State] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Page:
    """Messages that fit, newest first. `older` is where to go on, None at the end of the history."""

    messages: tuple[OutgoingMessage, ...]
    older: int | None = None


def digits(typed: str) -> str:
    """The digits of a number as typed, without a national zero in front: what its ends have in common."""
    return "".join(c for c in typed if c in "0123456789").lstrip("0")


class Search:
    """Looks through the messages."""

    def __init__(self, database: Database) -> None:
        self._database = database
        with database.reading() as connection:
            connection.create_function("has_text", 2, _has_text, deterministic=True)

    def messages(self, criteria: Criteria, *, before: int | None = None, limit: int = PAGE) -> Page:
        """One page of the messages that fit, with ids below `before` (None: from the newest)."""
        with self._database.reading() as connection:
            newest, oldest = connection.execute(
                "SELECT (SELECT max(id) FROM message), (SELECT min(id) FROM message)"
            ).fetchone()
            if newest is None:
                return Page(())
            start = newest + 1 if before is None else before
            floor = max(start - STRETCH, oldest) if _is_scan(criteria) else oldest
            found = _find(connection, criteria, start, floor, limit + 1)
        messages = tuple(rows.message(row) for row in found[:limit])
        if len(found) > limit:
            return Page(messages, messages[-1].id)
        return Page(messages, floor if floor > oldest else None)


def _is_scan(criteria: Criteria) -> bool:
    return bool(criteria.text) or 0 < len(digits(criteria.number)) < TAIL_DIGITS


def _find(connection: sqlite3.Connection, criteria: Criteria, start: int, floor: int, limit: int) -> list[sqlite3.Row]:
    """One indexed look-up for every state that fits, merged."""
    fit = partial(_fit, criteria)
    states: tuple[State | None, ...] = tuple(sorted(criteria.states))
    if not states:
        states = tuple(State) if criteria.account is not None else (None,)
    parts, values = [], []
    for state in states:
        where, bound = fit(state)
        parts.append(f"SELECT * FROM (SELECT * FROM message WHERE id < ? AND id >= ? {where} ORDER BY id DESC LIMIT ?)")  # noqa: S608 - `_fit`
        values += [start, floor, *bound, limit]
    query = " UNION ALL ".join(parts) + " ORDER BY id DESC LIMIT ?"
    return connection.execute(query, (*values, limit)).fetchall()


def _fit(criteria: Criteria, state: State | None) -> tuple[str, list[object]]:
    """The conditions of one look-up and their values."""
    where, bound = "", list[object]()
    if criteria.account is not None:
        where, bound = where + " AND account = ?", [*bound, criteria.account]
    if state is not None:
        where, bound = where + " AND state = ?", [*bound, state]
    number = digits(criteria.number)
    if len(number) >= TAIL_DIGITS:
        where, bound = where + " AND substr(recipient, -7) = ?", [*bound, number[-TAIL_DIGITS:]]
    if number:
        where, bound = where + " AND recipient LIKE ?", [*bound, f"%{number[-COMMON_DIGITS:]}%"]
    if criteria.text:
        where, bound = where + " AND has_text(text, ?)", [*bound, criteria.text.casefold()]
    return where, bound


def _has_text(text: str, wanted: str) -> bool:
    return wanted in text.casefold()
