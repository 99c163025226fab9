"""The way back from a backup. What may have been sent since it was made is never sent again by itself."""

import shutil
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from omsmodem.message import SegmentState, State
from omsmodem.store import audit, rows
from omsmodem.store.backup import check, copy_file, made_at, stamp, sync_directory
from omsmodem.store.database import Database, turn_of
from omsmodem.store.errors import StoreError
from omsmodem.store.moves import doubt, move, note

#: Who holds the messages that may have been sent since the backup.
RESTORE = "restore"
_LOGS = ("", "-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: messages held, messages in doubt, and where the store that was there before is now."""

    held: int
    doubtful: int
    set_aside: Path | None


def restore(database: Path, backup: Path, now: datetime, by: str) -> Restored:
    """Put a backup in the place of the store, which nobody may be using. Raises StoreError, and then nothing has changed.

    The store that was there is set aside, damaged or not. What was in flight is in doubt and waits for a person; what
    was queued may have been sent since and is held until a person releases it. What is scheduled for later stays.
    """
    check(backup)
    new = database.with_name(f"{database.name}.restoring")
    try:
        _remove(new)
        copy_file(backup, new)
        held, doubtful = _mark(new, backup, now, by)
        aside = _set_aside(database, now)
        new.replace(database)
        _remove(new)
        sync_directory(database.parent)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"the backup could not be restored: {error}") from error
    return Restored(held, doubtful, aside)


def start_afresh(database: Path, now: datetime) -> Path | None:
    """Set the store aside, so that the next start makes an empty one; returns where it is now. Raises StoreError."""
    try:
        return _set_aside(database, now)
    except OSError as error:
        raise StoreError(f"the store could not be set aside: {error}") from error


def _mark(path: Path, backup: Path, now: datetime, by: str) -> tuple[int, int]:
    database = Database(path)
    try:
        with database.transaction() as connection:
            now_ms = rows.to_ms(now)
            doubtful = _doubt_flying(connection, now_ms)
            held = _hold_waiting(connection, now_ms)
            made = made_at(backup)
            audit.record(connection, now_ms, by, "restore", backup.name, f"made {made}" if made else "")
        return held, doubtful
    finally:
        database.close()


def _doubt_flying(connection: sqlite3.Connection, now_ms: int) -> int:
    flying = connection.execute(
        "SELECT message_id, number FROM segment WHERE state = ?", (SegmentState.IN_FLIGHT,)
    ).fetchall()
    for row in flying:
        why = "it was being handed over when the backup was made"
        doubt(connection, row["message_id"], row["number"], why, now_ms, None)
    connection.execute("UPDATE message SET doubt_until = NULL WHERE state = 'uncertain'")
    return len(flying)


def _hold_waiting(connection: sqlite3.Connection, now_ms: int) -> int:
    taken = connection.execute("SELECT id FROM message WHERE state = ?", (State.SUBMITTING,)).fetchall()
    for row in taken:
        move(connection, row["id"], State.QUEUED, now_ms, "it was taken when the backup was made")
    query = "SELECT id FROM message WHERE state = 'queued' AND held_by IS NULL AND not_before <= ?"
    waiting = connection.execute(query, (now_ms,)).fetchall()
    for row in waiting:
        connection.execute("UPDATE message SET held_by = ?, held_at = ? WHERE id = ?", (RESTORE, now_ms, row["id"]))
        note(connection, row["id"], now_ms, State.QUEUED, "held: it may have been sent since the backup was made")
    return len(waiting)


def _set_aside(database: Path, now: datetime) -> Path | None:
    if not database.exists():
        return None
    aside = database.with_name(f"{database.name}.set-aside-{stamp(now)}")
    for log in _LOGS:
        path = database.with_name(database.name + log)
        if path.exists():
            shutil.move(path, aside.with_name(aside.name + log))
    return aside


def _remove(path: Path) -> None:
    for log in _LOGS:
        path.with_name(path.name + log).unlink(missing_ok=True)
    turn_of(path).unlink(missing_ok=True)
