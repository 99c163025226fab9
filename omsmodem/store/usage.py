"""Segments handed over with a SIM, counted by period. To be called within the transaction that hands over."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from omsmodem.store import rows

_KEPT_AS = {"month": "day"}


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time in which segments are counted (aware moments)."""

    name: str  # minute and day, of which rows are kept; month, which is added up from days
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Charge:
    """Where one handed-over segment is counted."""

    sim: str  # ICCID, or the modem's name where it does not tell
    periods: tuple[Period, ...] = ()


def count(connection: sqlite3.Connection, charge: Charge | None, by: int = 1) -> None:
    """Count a segment, or with `by` -1 take it back because nothing was sent."""
    if charge is None:
        return
    for period in charge.periods:
        if period.name == "minute":
            query = "DELETE FROM usage WHERE sim = ? AND period = 'minute' AND since < ?"
            connection.execute(query, (charge.sim, rows.to_ms(period.since)))
        connection.execute(
            "INSERT INTO usage (sim, period, since, segments) VALUES (?1, ?2, ?3, max(?4, 0))"
            " ON CONFLICT (sim, period, since) DO UPDATE SET segments = max(segments + ?4, 0)",
            (charge.sim, period.name, rows.to_ms(period.since), by),
        )


def counted(connection: sqlite3.Connection, sim: str, period: Period) -> int:
    """Segments handed over with `sim` in a period."""
    row = connection.execute(
        "SELECT sum(segments) FROM usage WHERE sim = ? AND period = ? AND since >= ? AND since < ?",
        (sim, _KEPT_AS.get(period.name, period.name), rows.to_ms(period.since), rows.to_ms(period.until)),
    ).fetchone()
    return row[0] or 0
