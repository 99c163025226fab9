"""What the store holds of a phone number beside its messages. To be called within a transaction or a read."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from omsmodem.store import rows


@dataclass(frozen=True, slots=True)
class Trace:
    """One thing that is kept of a number: words, or octets in hexadecimal."""

    kind: str
    at: datetime
    words: str


#: kind → table, when, words, which rows. `:end` is a pattern of how the number ends, `:within` one of where it stands in a
#: text, `:even` and `:odd` are its last digits as octets of a TPDU hold them.
_KEPT: Mapping[str, tuple[str, str, str, str]] = {
    "fragment": ("incoming_segment", "received_at", "hex(tpdu)", "incoming_id IS NULL AND originator LIKE :end"),
    "unreadable": ("undecodable", "received_at", "hex(tpdu)", "instr(tpdu, :even) OR instr(tpdu, :odd)"),
    "alarm": ("alarm", "since", "subject || char(10) || text", "{named}"),
    "alarm mail": ("notice", "created_at", "subject || char(10) || text", "kind = 'alarm' AND ({named})"),
    "account request": ("account_request", "asked_at", "name || ' ' || mail || ' ' || phone", "phone LIKE :end"),
    "opt-out": ("opt_out", "since", "account || ' ' || text", "number LIKE :end"),
}
_NAMED = "subject LIKE :within OR text LIKE :within OR instr(text, hex(:even)) OR instr(text, hex(:odd))"  # octets as we show them
#: A wish not to be texted stays a wish: only what was written goes.
_ERASED = {"opt_out": "UPDATE opt_out SET text = ''"}
#: What counts and says nothing, but by whom it is counted.
_COUNTERS = (
    "DELETE FROM auto_reply WHERE number LIKE :end",
    "DELETE FROM report WHERE recipient_tail = :tail",
    """DELETE FROM concatenation_reference WHERE recipient LIKE :end
    AND NOT EXISTS (SELECT 1 FROM message WHERE message.recipient = concatenation_reference.recipient)""",
)


def traces(connection: sqlite3.Connection, number: Mapping[str, object]) -> list[Trace]:
    """Everything that is kept of a number, as `patterns` describes it."""
    found = []
    for kind, (table, at, words, where) in _KEPT.items():
        query = f"SELECT {at} AS at, {words} AS words FROM {table} WHERE {_filled(where)} ORDER BY 1"  # noqa: S608 - the table above
        found += [Trace(kind, rows.from_ms(row["at"]), row["words"]) for row in connection.execute(query, number)]
    return found


def erase(connection: sqlite3.Connection, number: Mapping[str, object]) -> None:
    """Erase it, but that a number wants no texts."""
    for table, _at, _words, where in _KEPT.values():
        connection.execute(f"{_ERASED.get(table, f'DELETE FROM {table}')} WHERE {_filled(where)}", number)  # noqa: S608 - as above
    for statement in _COUNTERS:
        connection.execute(statement, number)


def _filled(where: str) -> str:
    return where.format(named=_NAMED)


def patterns(digits: str, tail: str, end: str) -> Mapping[str, object]:
    """How a number is looked for; octets only where there are enough digits to tell it from others."""
    return {
        "tail": tail,
        "end": end,
        "within": f"{end}%",
        "even": _semi_octets(digits[-6:]) if len(digits) >= 7 else None,
        "odd": _semi_octets(digits[-7:] + "F") if len(digits) >= 7 else None,
    }


def _semi_octets(digits: str) -> bytes:
    """Digits as TP-OA holds them (TS 23.040 §9.1.2.3)."""
    return bytes.fromhex("".join(digits[n + 1] + digits[n] for n in range(0, len(digits), 2)))
