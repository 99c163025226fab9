"""The mails that tell people what became of their messages. Each public method is one durable transaction.

A notice is written in the transaction of the move it tells of, so no outcome can be lost between the two. Outcomes of one
submission gather in one notice for a while: a text to a list of people gives one mail, not one for each of them.
"""

import sqlite3
from datetime import datetime, timedelta

from omsmodem.message import NEXT_NOTICE, MailNotice, NoticeKind, NoticeState, State
from omsmodem.store import rows
from omsmodem.store.database import Connection
from omsmodem.store.errors import IllegalMove
from omsmodem.store.notice_history import NoticeHistory, outcome_rows

#: Whoever sends the mails listens to this name (`Database.listeners`).
MAIL = "mail"
#: Outcomes that keep coming are told after this many gathering times at the latest.
PATIENCE = 10
#: A doubt is told this long after its evidence window, when policy has had its say.
AFTER_DOUBT = timedelta(seconds=5)

_BAD = frozenset({State.FAILED, State.UNDELIVERED, State.EXPIRED, State.UNCERTAIN})
#: What a submission's sender is told of, by what the sender asked for; SUBMITTED stands for a report that never came.
TOLD: dict[str, frozenset[State]] = {
    "off": frozenset(),
    "failures": _BAD,
    "all": _BAD | {State.DELIVERED, State.SUBMITTED},
}
#: States in which a message may still join its submission's notice. A doubt joins when its window is over.
_OPEN = (
    "state IN ('queued', 'submitting') OR (state = 'submitted' AND report_until IS NOT NULL)"
    " OR (state = 'uncertain' AND doubt_until IS NOT NULL)"
)
_FROM: dict[NoticeState, tuple[NoticeState, ...]] = {
    to: tuple(s for s in NoticeState if to in NEXT_NOTICE[s]) for to in NoticeState
}
_SETTLED = frozenset({State.DELIVERED, State.CANCELLED}) | _BAD


def note_outcome(connection: sqlite3.Connection, message_id: int, state: State, now: int) -> None:
    """Remember that somebody is to be told that `message_id` is now `state`; called where the state changes."""
    if state in _SETTLED:
        _note(connection, message_id, state, now)


def note_silence(connection: sqlite3.Connection, message_id: int, now: int) -> None:
    """Remember that somebody is to be told that no report of `message_id` came: it is SUBMITTED and stays so."""
    _note(connection, message_id, State.SUBMITTED, now)


def _note(connection: sqlite3.Connection, message_id: int, state: State, now: int) -> None:
    row = connection.execute(
        "SELECT m.submission_id, m.account, m.doubt_until, m.last_error, s.confirm, n.id AS notice_id FROM message m"
        " JOIN submission s ON s.id = m.submission_id"
        " LEFT JOIN notice n ON n.submission_id = m.submission_id AND n.state = 'gathering' WHERE m.id = ?",
        (message_id,),
    ).fetchone()
    told, notice_id = state in TOLD.get(row["confirm"], _BAD), row["notice_id"]
    if notice_id is None:
        if not told:
            return
        notice_id = insert(connection, NoticeKind.OUTCOME, row["account"], now, submission_id=row["submission_id"])
    if told:
        _join(connection, notice_id, message_id, state, row["last_error"] or "", now, row["doubt_until"])
    _refresh(connection, notice_id, row["submission_id"])
    announce(connection)


def announce(connection: sqlite3.Connection, name: str = MAIL) -> None:
    """Wake whoever listens to `name`, the sender of mails by default, once this transaction is on disk."""
    if isinstance(connection, Connection):
        connection.announced.add(name)


def insert(
    connection: sqlite3.Connection,
    kind: NoticeKind,
    account: str,
    now: int,
    state: NoticeState = NoticeState.GATHERING,
    **columns: object,
) -> int:
    """Write a notice for `account` and wake the sender; `columns` as in the schema."""
    moments = dict.fromkeys(("created_at", "due_at", "waiting_since"), now)
    values = {"kind": kind, "state": state, "account": account, **moments, **columns}
    cursor = connection.execute(
        f"INSERT INTO notice ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})",  # noqa: S608 - own names
        tuple(values.values()),
    )
    assert cursor.lastrowid is not None
    announce(connection)
    return cursor.lastrowid


def _join(
    connection: sqlite3.Connection,
    notice_id: int,
    message_id: int,
    state: State,
    detail: str,
    now: int,
    doubt_until: int | None,
) -> None:
    connection.execute(
        "INSERT INTO outcome VALUES (?, ?, ?, ?, ?) ON CONFLICT (notice_id, message_id)"
        " DO UPDATE SET state = excluded.state, detail = excluded.detail, noted_at = excluded.noted_at",
        (notice_id, message_id, state, detail, now),
    )
    settled = now if doubt_until is None else doubt_until + AFTER_DOUBT // timedelta(milliseconds=1)
    connection.execute(
        "UPDATE notice SET quiet_from = ?, due_at = max(due_at, ?) WHERE id = ?", (now, settled, notice_id)
    )


def _refresh(connection: sqlite3.Connection, notice_id: int, submission_id: int) -> None:
    more = f"SELECT 1 FROM message WHERE submission_id = ? AND ({_OPEN})"  # noqa: S608 - a constant
    query = f"UPDATE notice SET complete = NOT EXISTS ({more}) WHERE id = ?"  # noqa: S608 - as above
    connection.execute(query, (submission_id, notice_id))


class Notices(NoticeHistory):
    """Hands out the mails that are due and records what became of each."""

    # -- gathering --------------------------------------------------------------------------------------------------

    def close_gathered(self, gather: timedelta) -> int:
        """Close the notices no further outcome will join, or that have waited long enough; returns how many.

        A notice waits `gather` after its last outcome. What turned out well meanwhile is no longer told.
        """
        with self._database.reading() as connection:
            ready = [row["id"] for row in _all_gathering(connection) if _ready_ms(row, gather) <= self._now_ms()]
        for notice_id in ready:
            self._close(notice_id)
        return len(ready)

    def _close(self, notice_id: int) -> None:
        with self._database.transaction() as connection:
            now = self._now_ms()
            for row in outcome_rows(connection, notice_id):
                _settle_outcome(connection, notice_id, row)
            left = connection.execute("SELECT count(*) FROM outcome WHERE notice_id = ?", (notice_id,)).fetchone()[0]
            to = NoticeState.WAITING if left else NoticeState.VOID
            _move(connection, notice_id, to, due_at=now, waiting_since=now)

    # -- sending ----------------------------------------------------------------------------------------------------

    def due(self, limit: int = 50) -> list[MailNotice]:
        """The mails to be sent now, oldest first."""
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT * FROM notice WHERE state = 'waiting' AND due_at <= ? ORDER BY due_at, id LIMIT ?",
                (self._now_ms(), limit),
            ).fetchall()
        return [rows.notice(row) for row in found]

    def next_closing(self, gather: timedelta) -> datetime | None:
        """When there is next something to close, or None."""
        with self._database.reading() as connection:
            moments = [_ready_ms(row, gather) for row in _all_gathering(connection)]
        return rows.from_ms(min(moments)) if moments else None

    def next_due(self) -> datetime | None:
        """When there is next something to send, or None."""
        with self._database.reading() as connection:
            waiting = connection.execute("SELECT min(due_at) FROM notice WHERE state = 'waiting'").fetchone()[0]
        return None if waiting is None else rows.from_ms(waiting)

    def begin(self, notice_id: int) -> None:
        """Write the intent to hand it over: from here on somebody may have it."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE notice SET attempts = attempts + 1 WHERE id = ? AND state = 'waiting'", (notice_id,)
            )

    def mark_sent(self, notice_id: int) -> None:
        """The mail server took it."""
        with self._database.transaction() as connection:
            now = self._now_ms()
            _move(connection, notice_id, NoticeState.SENT, sent_at=now, last_error="")

    def retry(self, notice_id: int, error: str, at: datetime) -> None:
        """The mail server did not take it for now: try again at `at`."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE notice SET due_at = ?, last_error = ? WHERE id = ? AND state = 'waiting'",
                (rows.to_ms(at), error, notice_id),
            )

    def keep(self, notice_id: int, error: str) -> None:
        """It cannot be sent; it stays for a person to see and try again."""
        with self._database.transaction() as connection:
            _move(connection, notice_id, NoticeState.KEPT, last_error=error)

    def void(self, notice_id: int, why: str) -> None:
        """Nobody wants to be told."""
        with self._database.transaction() as connection:
            _move(connection, notice_id, NoticeState.VOID, last_error=why)

    def give_up(self, after: timedelta) -> list[MailNotice]:
        """Keep what has waited in vain for `after`; returns those notices."""
        before = self._now_ms() - after // timedelta(milliseconds=1)
        query = "SELECT * FROM notice WHERE state = 'waiting' AND waiting_since <= ?"
        with self._database.reading() as connection:
            found = [rows.notice(row) for row in connection.execute(query, (before,)).fetchall()]
        for notice in found:
            self.keep(notice.id, notice.last_error or "the mail server could not be reached")
        return found

    def send_again(self, notice_id: int) -> bool:
        """A person wants a kept mail tried again; False when it is not kept."""
        with self._database.transaction() as connection:
            now = self._now_ms()
            changed = connection.execute(
                "UPDATE notice SET state = 'waiting', due_at = ?, waiting_since = ? WHERE id = ? AND state = 'kept'",
                (now, now, notice_id),
            ).rowcount
            announce(connection)
            return changed == 1

    def bound(self, most: int) -> int:
        """Keep the newest of more than `most` waiting mails from being sent; returns how many were kept."""
        count = "SELECT count(*) FROM notice WHERE state = 'waiting'"
        with self._database.reading() as connection:
            if connection.execute(count).fetchone()[0] <= most:
                return 0
        with self._database.transaction() as connection:
            surplus = max(int(connection.execute(count).fetchone()[0]) - most, 0)
            connection.execute(
                "UPDATE notice SET state = 'kept', last_error = 'too many mails are waiting' WHERE id IN"
                " (SELECT id FROM notice WHERE state = 'waiting' ORDER BY id DESC LIMIT ?)",
                (surplus,),
            )
            return surplus


def _all_gathering(connection: sqlite3.Connection) -> list[sqlite3.Row]:
    return connection.execute("SELECT * FROM notice WHERE state = 'gathering'").fetchall()


def _ready_ms(row: sqlite3.Row, gather: timedelta) -> int:
    """When a gathering notice is to be closed."""
    if row["complete"]:
        return int(row["due_at"])
    gather_ms = gather // timedelta(milliseconds=1)
    quiet = min(row["quiet_from"] + gather_ms, row["created_at"] + PATIENCE * gather_ms)
    return int(max(row["due_at"], quiet))


def _settle_outcome(connection: sqlite3.Connection, notice_id: int, row: sqlite3.Row) -> None:
    """A doubt that was resolved is told only when it led to a repeat."""
    if row["told"] != State.UNCERTAIN or row["state"] in (State.UNCERTAIN, State.FAILED):
        return
    which = (notice_id, row["id"])
    if row["repeats"]:
        query = "UPDATE outcome SET state = ? WHERE notice_id = ? AND message_id = ?"
        connection.execute(query, (State.QUEUED, *which))
    else:
        connection.execute("DELETE FROM outcome WHERE notice_id = ? AND message_id = ?", which)


def _move(connection: sqlite3.Connection, notice_id: int, to: NoticeState, **columns: object) -> None:
    values = {"state": to, **columns}
    sets = ", ".join(f"{name} = ?" for name in values)
    marks = ", ".join("?" * len(_FROM[to]))
    changed = connection.execute(
        f"UPDATE notice SET {sets} WHERE id = ? AND state IN ({marks})",  # noqa: S608 - names are this file's own
        (*values.values(), notice_id, *_FROM[to]),
    ).rowcount
    if changed != 1:
        raise IllegalMove(f"notice {notice_id} may not become {to} from where it is")
