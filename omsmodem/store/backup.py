"""Copies of the store that can be trusted: made in one step while the service runs, checked, kept in turn.

The copy is one step, so one short read transaction: in steps it would start afresh whenever the worker writes, and never end.
"""

import contextlib
import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from omsmodem.store.database import BUSY_TIMEOUT_S, schema_steps, turn_of
from omsmodem.store.errors import StoreDamaged, StoreError
from omsmodem.store.turn import Turn

_NAME = re.compile(r"omsmodem-(\d{8}T\d{6}Z)\.db")
_STAMP = "%Y%m%dT%H%M%SZ"
#: Checking a store that the machine's end surprised takes about a second for so many octets.
_QUICK_OCTETS = 32_000_000


def stamp(now: datetime) -> str:
    """A moment as names of files have it."""
    return now.astimezone(UTC).strftime(_STAMP)


def backups(directory: Path) -> list[Path]:
    """The backups in a directory, newest first; what has another name is none."""
    try:
        return sorted((path for path in directory.iterdir() if _NAME.fullmatch(path.name)), reverse=True)
    except OSError:
        return []


def newest_backup(directory: Path) -> datetime | None:
    """When the newest backup in a directory was made."""
    found = backups(directory)
    return made_at(found[0]) if found else None


def made_at(backup: Path) -> datetime | None:
    """When a backup was made, from its name; None where it has another name."""
    match = _NAME.fullmatch(backup.name)
    return datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC) if match is not None else None


def beside(backup: Path, name: str) -> Path:
    """Where a backup keeps the copy of another file."""
    return backup.with_name(f"{backup.stem}.{name}")


def make_backup(database: Path, directory: Path, now: datetime, keep: int, others: Sequence[Path] = ()) -> Path:
    """Copy the store and `others` as they are now into `directory`, check the copy, keep the newest `keep`. Raises StoreError.

    A copy that cannot be trusted is deleted, and then no older one is.
    """
    target = directory / f"omsmodem-{stamp(now)}.db"
    part = target.with_suffix(".part")
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        part.unlink(missing_ok=True)
        copy_store(database, part)
        check(part)
        part.replace(target)
        for path in others:
            if path.exists():
                copy_file(path, beside(target, path.name))
        sync_directory(directory)
        for old in backups(directory)[keep:]:
            for path in (old, *directory.glob(f"{old.stem}.*")):
                path.unlink(missing_ok=True)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"the backup failed: {error}") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return target


def copy_store(database: Path, target: Path) -> None:
    """Copy a store that may be in use to a new file, on disk when this returns. Raises sqlite3.Error, OSError."""
    _create_private(target)
    source = sqlite3.connect(f"file:{database}?mode=rw", uri=True, timeout=BUSY_TIMEOUT_S)
    copy = sqlite3.connect(target)
    try:
        copy.execute("PRAGMA synchronous = OFF")  # put on disk once, below
        source.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
    finally:
        copy.close()
        turn = Turn(turn_of(database), BUSY_TIMEOUT_S)
        with turn.taken():
            source.close()  # the last one to close copies the log into the file
        turn.close()
    _sync(target)


def copy_file(source: Path, target: Path) -> None:
    """Copy a file for the service alone to read, on disk when this returns. Raises OSError."""
    target.unlink(missing_ok=True)
    _create_private(target)
    shutil.copyfile(source, target)
    _sync(target)


def _create_private(path: Path) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))  # a backup holds what people wrote


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_directory(directory: Path) -> None:
    """Put a directory's names on disk."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check_in_use(database: Path) -> None:
    """Read every page of a store that may be in use, through a copy, so that nobody waits for it. Raises StoreError."""
    _require_access(database)
    with tempfile.TemporaryDirectory(dir=database.parent, prefix=".check-") as directory:
        copy = Path(directory) / "copy.db"
        try:
            copy_store(database, copy)
        except sqlite3.DatabaseError as error:
            raise _judged(database, error) from error
        except OSError as error:
            raise StoreError(f"{database} cannot be copied: {error.strerror}") from error
        check(copy, database)


def check_at_start(database: Path) -> None:
    """Read every page of a store that nobody uses yet, unless that takes long. Raises StoreDamaged, StoreError.

    What its last user did not close is checked with its log. An empty file is a store that nobody has begun.
    """
    _require_access(database)
    if not database.exists() or not 0 < database.stat().st_size <= _QUICK_OCTETS:
        return
    log = database.with_name(database.name + "-wal")
    if log.exists() and log.stat().st_size:
        _check_with_log(database, log)
    else:
        check(database)


#: SQLite's names for what is wrong with the store itself; a full disk under its copy or its log is not.
_DAMAGE = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_IOERR_READ", "SQLITE_IOERR_SHORT_READ")


def _judged(database: Path, error: sqlite3.Error) -> StoreError:
    """What an error of the copying says of the store that was copied."""
    if getattr(error, "sqlite_errorname", "").startswith(_DAMAGE):
        return StoreDamaged(f"{database} is damaged: {error}")
    return StoreError(f"{database} cannot be copied to be looked at: {error}")


def _require_access(database: Path) -> None:
    """A file of somebody else's is not a damaged one. Raises StoreError."""
    if database.exists() and not os.access(database, os.R_OK | os.W_OK):
        raise StoreError(f"{database} may not be read and written by this user: whose is it?")


def _check_with_log(database: Path, log: Path) -> None:
    """Check a copy that the log is copied into: whatever is found, the store and its log stay as they are."""
    with tempfile.TemporaryDirectory(dir=database.parent, prefix=".check-") as directory:
        copy = Path(directory) / database.name
        shutil.copyfile(database, copy)
        shutil.copyfile(log, copy.with_name(log.name))
        try:
            connection = sqlite3.connect(copy)
            try:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise _judged(database, error) from error
        check(copy, database)


def check(path: Path, name: Path | None = None) -> None:
    """Read every page of a store that nobody uses; `name` is what it is a copy of. Raises StoreDamaged."""
    name = name or path
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
        try:
            answer = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
            version = connection.execute("PRAGMA user_version").fetchone()[0]
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise StoreDamaged(f"{name} is damaged: {error}") from error
    if answer != ["ok"]:
        raise StoreDamaged(f"{name} is damaged: {'; '.join(answer)}")
    if not 0 < version <= len(schema_steps()):
        raise StoreError(f"{name} is no store of this omsmodem (schema {version})")
