"""What the operator is told by mail: when something begins to be wrong, each day while it is, and when it ends.

Whoever finds the fault may say so as often as it likes: an alarm is known by its key.
"""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from omsmodem.message import NoticeKind, NoticeState
from omsmodem.store import rows
from omsmodem.store.face import Face
from omsmodem.store.notices import insert

#: The operator is reminded of a lasting alarm, and told of a report that came again, after this.
AGAIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that is wrong now."""

    key: str
    subject: str
    text: str
    since: datetime


class Alarms(Face):
    """Starts, ends and repeats alarms."""

    def alarm(self, key: str, subject: str, text: str) -> bool:
        """Something is wrong; the operator gets one mail when it begins. Whether it just began."""
        if self._is_on(key, subject, text):
            return False
        with self._database.transaction() as connection:
            now = self._now_ms()
            known = connection.execute("SELECT since FROM alarm WHERE key = ? AND lasting", (key,)).fetchone()
            connection.execute(
                "INSERT INTO alarm VALUES (?, ?, ?, ?, ?, 1, 1) ON CONFLICT (key) DO UPDATE SET subject = excluded.subject,"
                " text = excluded.text",
                (key, subject, text, now, now),
            )
            if known is None:
                _mail(connection, subject, text, now)
            return known is None

    def all_clear(self, key: str) -> bool:
        """It is no longer wrong; the operator gets one mail if there was an alarm. Whether there was."""
        with self._database.reading() as connection:
            if connection.execute("SELECT 1 FROM alarm WHERE key = ? AND lasting", (key,)).fetchone() is None:
                return False
        with self._database.transaction() as connection:
            row = connection.execute("DELETE FROM alarm WHERE key = ? AND lasting RETURNING *", (key,)).fetchone()
            if row is None:
                return False
            ended = f"This is over; it lasted since {rows.from_ms(row['since']):%Y-%m-%d %H:%M} UTC."
            _mail(connection, f"Over: {row['subject']}", ended, self._now_ms())
            return True

    def report(self, key: str, subject: str, text: str) -> None:
        """Something happened that has no end; the operator gets one mail a day for each key, the newest one."""
        with self._database.transaction() as connection:
            now = self._now_ms()
            row = connection.execute("SELECT * FROM alarm WHERE key = ?", (key,)).fetchone()
            if row is not None and now - row["told_at"] < AGAIN // timedelta(milliseconds=1):
                connection.execute("UPDATE alarm SET times = times + 1 WHERE key = ?", (key,))
                return
            again = f"\n\nThis happened {row['times']} times since the last mail." if row and row["times"] > 1 else ""
            connection.execute(
                "INSERT OR REPLACE INTO alarm VALUES (?, ?, ?, ?, ?, 0, 1)", (key, subject, text, now, now)
            )
            _mail(connection, subject, text + again, now)

    def remind(self) -> int:
        """Tell the operator again of what has been wrong for another day; returns how many alarms."""
        before = self._now_ms() - AGAIN // timedelta(milliseconds=1)
        query = "SELECT * FROM alarm WHERE lasting AND told_at <= ?"
        with self._database.reading() as connection:
            if connection.execute(query, (before,)).fetchone() is None:
                return 0
        with self._database.transaction() as connection:
            now = self._now_ms()
            found = connection.execute(query, (before,)).fetchall()
            for row in found:
                since = f"Since {rows.from_ms(row['since']):%Y-%m-%d %H:%M} UTC."
                _mail(connection, f"Still: {row['subject']}", f"{row['text']}\n\n{since}", now)
                connection.execute("UPDATE alarm SET told_at = ? WHERE key = ?", (now, row["key"]))
            return len(found)

    def next_moment(self) -> datetime | None:
        """When the operator is next to be reminded, or None."""
        with self._database.reading() as connection:
            told = connection.execute("SELECT min(told_at) FROM alarm WHERE lasting").fetchone()[0]
        return None if told is None else rows.from_ms(told) + AGAIN

    def active(self) -> list[Alarm]:
        """What is wrong now, the oldest first."""
        with self._database.reading() as connection:
            found = connection.execute("SELECT * FROM alarm WHERE lasting ORDER BY since").fetchall()
        return [Alarm(row["key"], row["subject"], row["text"], rows.from_ms(row["since"])) for row in found]

    def _is_on(self, key: str, subject: str, text: str) -> bool:
        query = "SELECT 1 FROM alarm WHERE key = ? AND lasting AND subject = ? AND text = ?"
        with self._database.reading() as connection:
            return connection.execute(query, (key, subject, text)).fetchone() is not None


def _mail(connection: sqlite3.Connection, subject: str, text: str, now: int) -> None:
    insert(connection, NoticeKind.ALARM, "", now, NoticeState.WAITING, subject=subject, text=text)
