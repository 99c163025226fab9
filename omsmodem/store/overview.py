"""How the queue stands and what went through it: what a status screen asks, each answer one short read."""

from datetime import datetime

from omsmodem.facts import DayFacts, ErrorFacts, QueueFacts
from omsmodem.message import MailNotice, Quota, State
from omsmodem.store import rows
from omsmodem.store.database import Database
from omsmodem.store.quotas import QUARTER_MS, spent, spent_by_account

#: Events that a look at the latest outcomes goes back.
_STRETCH = 5_000

_RECENT_ERRORS = """
SELECT event.message_id, event.at, coalesce(message.last_error, event.detail) AS detail, message.recipient, message.state,
    max(event.id)
FROM event JOIN message ON message.id = event.message_id
WHERE event.id > (SELECT coalesce(max(id), 0) FROM event) - ?
  AND (event.state IN ('failed', 'undelivered', 'expired', 'uncertain') OR event.detail = message.last_error
    OR (message.repeats > 0 AND instr(event.detail, 'may arrive twice')))
GROUP BY +event.message_id ORDER BY max(event.id) DESC LIMIT ?"""

_LAST_OUTCOMES = """
SELECT state FROM event WHERE id > (SELECT coalesce(max(id), 0) FROM event) - ?
  AND state IN ('submitted', 'undelivered', 'failed', 'expired') ORDER BY id DESC LIMIT ?"""


class Overview:
    """Counts, waits and the latest troubles."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def queue(self, now: datetime, *, outcomes: int = 20) -> QueueFacts:
        """What waits at `now`, and how the last `outcomes` messages ended."""
        now_ms = rows.to_ms(now)
        with self._database.reading() as connection:
            waiting, oldest, segments = connection.execute(
                "SELECT count(*), min(due_at), coalesce(sum(segments), 0) FROM message"
                " WHERE state = 'queued' AND due_at <= ? AND held_by IS NULL",
                (now_ms,),
            ).fetchone()
            held = connection.execute(
                "SELECT count(*) FROM message WHERE state = 'queued' AND held_by IS NOT NULL"
            ).fetchone()[0]
            later, scheduled = connection.execute(
                "SELECT count(*), coalesce(sum(not_before > ?), 0) FROM message"
                " WHERE state = 'queued' AND due_at > ? AND held_by IS NULL",
                (now_ms, now_ms),
            ).fetchone()
            to_decide = connection.execute(
                "SELECT count(*) FROM message WHERE state = 'uncertain' AND doubt_until IS NULL"
            ).fetchone()[0]
            counts = dict(connection.execute("SELECT state, count FROM ledger").fetchall())
            last = connection.execute(_LAST_OUTCOMES, (_STRETCH, outcomes)).fetchall()
        return QueueFacts(
            waiting=waiting,
            segments=segments,
            oldest_since=rows.from_ms(oldest) if oldest is not None else None,
            scheduled=scheduled,
            retrying=later - scheduled,
            held=held,
            sending=counts.get(State.SUBMITTING, 0),
            uncertain=counts.get(State.UNCERTAIN, 0),
            to_decide=to_decide,
            last_outcomes=tuple(State(row["state"]) for row in last),
        )

    def counts(self, since: datetime) -> DayFacts:
        """What happened since `since`, to a quarter of an hour."""
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT what, sum(count) FROM tally WHERE quarter >= ? GROUP BY what", (_quarter(since),)
            )
            count = dict(found.fetchall())
        return DayFacts(
            accepted=count.get("accepted", 0),
            segments=count.get("segments", 0),
            delivered=count.get(State.DELIVERED, 0),
            failed=sum(count.get(state, 0) for state in (State.FAILED, State.UNDELIVERED, State.EXPIRED)),
            received=count.get("received", 0),
            refused=count.get("refused", 0),
        )

    def first_message_at(self) -> datetime | None:
        """When the oldest message that is kept was accepted."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT accepted_at FROM message WHERE id = (SELECT min(id) FROM message)"
            ).fetchone()
        return rows.from_ms(row["accepted_at"]) if row is not None else None

    def spent(self, quota: Quota) -> int:
        """Segments that count against `quota` since its start."""
        with self._database.reading() as connection:
            return spent(connection, quota)

    def spent_by_account(self, since: datetime) -> dict[str, int]:
        """Segments that count against each account's limits since `since`."""
        with self._database.reading() as connection:
            return spent_by_account(connection, since)

    def alarm_mails(self, limit: int = 20) -> list[MailNotice]:
        """The alarms that were told lately, newest first."""
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT * FROM notice WHERE kind = 'alarm' AND id > (SELECT coalesce(max(id), 0) FROM notice) - ?"
                " ORDER BY id DESC LIMIT ?",
                (_STRETCH, limit),
            ).fetchall()
        return [rows.notice(row) for row in found]

    def count(self, what: str, count: int, now: datetime) -> None:
        """Count what no table keeps."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO tally VALUES (?, ?, ?) ON CONFLICT (quarter, what) DO UPDATE SET count = count + excluded.count",
                (_quarter(now), what, count),
            )

    def series(self, what: str, since: datetime, until: datetime) -> list[int]:
        """How often `what` happened in each quarter of an hour from `since` to `until`."""
        first, last = _quarter(since), _quarter(until)
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT quarter, count FROM tally WHERE what = ? AND quarter BETWEEN ? AND ?", (what, first, last)
            )
            count = dict(found.fetchall())
        return [count.get(quarter, 0) for quarter in range(first, last + 1)]

    def errors(self, limit: int = 5) -> tuple[ErrorFacts, ...]:
        """The messages that went wrong lately, newest first, and what became of them."""
        with self._database.reading() as connection:
            found = connection.execute(_RECENT_ERRORS, (_STRETCH, limit)).fetchall()
        return tuple(
            ErrorFacts(row["message_id"], rows.from_ms(row["at"]), row["recipient"], row["detail"], State(row["state"]))
            for row in found
        )


def _quarter(moment: datetime) -> int:
    return rows.to_ms(moment) // QUARTER_MS
