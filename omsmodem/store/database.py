"""One SQLite file: its schema, its durability and its transactions.

`synchronous=FULL` with a rollback journal: a commit is on disk when it returns (law 1), and Debian 12's SQLite
lies in the range of the WAL-reset corruption.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from omsmodem.store.errors import StoreBusy, StoreClosed, StoreDamaged, StoreError, StoreFull

SCHEMA_VERSION = 1
BUSY_TIMEOUT_S = 10.0

SCHEMA = """
CREATE TABLE submission (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    door TEXT NOT NULL,
    client TEXT NOT NULL,
    source_type TEXT NOT NULL,
    source TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    accepted_at INTEGER NOT NULL
);
CREATE INDEX submission_fingerprint ON submission (fingerprint, accepted_at);

CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    submission_id INTEGER NOT NULL REFERENCES submission (id),
    account TEXT NOT NULL,
    recipient TEXT NOT NULL,
    text TEXT NOT NULL,
    state TEXT NOT NULL,
    accepted_at INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    retry_at INTEGER,
    modem TEXT,
    last_error TEXT,
    updated_at INTEGER NOT NULL,
    repeats INTEGER NOT NULL DEFAULT 0,
    doubt_until INTEGER
);
CREATE INDEX message_due ON message (state, due_at, id);
CREATE INDEX message_expiry ON message (expires_at) WHERE state = 'queued';
CREATE INDEX message_doubt ON message (doubt_until) WHERE state = 'uncertain';
CREATE INDEX message_submission ON message (submission_id);

CREATE TABLE segment (
    message_id INTEGER NOT NULL REFERENCES message (id),
    number INTEGER NOT NULL,
    total INTEGER NOT NULL,
    tpdu BLOB NOT NULL,
    state TEXT NOT NULL,
    modem TEXT,
    recipient_tail TEXT NOT NULL,
    message_reference INTEGER,
    submitted_at INTEGER,
    status INTEGER,
    reported_at INTEGER,
    repeats INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (message_id, number)
) WITHOUT ROWID;
CREATE INDEX segment_report ON segment (modem, message_reference, recipient_tail) WHERE state = 'submitted';
CREATE INDEX segment_open ON segment (state) WHERE state IN ('in_flight', 'uncertain');

CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    message_id INTEGER NOT NULL REFERENCES message (id),
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX event_message ON event (message_id, id);

CREATE TABLE concatenation_reference (recipient TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE ledger (state TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
CREATE TRIGGER ledger_accept AFTER INSERT ON message BEGIN
    INSERT INTO ledger VALUES (NEW.state, 1) ON CONFLICT (state) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER ledger_move AFTER UPDATE OF state ON message WHEN OLD.state <> NEW.state BEGIN
    UPDATE ledger SET count = count - 1 WHERE state = OLD.state;
    INSERT INTO ledger VALUES (NEW.state, 1) ON CONFLICT (state) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER ledger_erase AFTER DELETE ON message BEGIN
    UPDATE ledger SET count = count - 1 WHERE state = OLD.state;
END;
"""


class Database:
    """One connection to the store's file, shared by threads behind a lock.

    Other processes may hold connections of their own: SQLite's file lock orders the writers.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        with _translated():
            self._connection: sqlite3.Connection | None = _connect(path)
            self._prepare(self._connection)

    def _prepare(self, connection: sqlite3.Connection) -> None:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            connection.executescript(f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
        elif version != SCHEMA_VERSION:
            raise StoreError(
                f"{self.path} has schema {version}; this omsmodem knows {SCHEMA_VERSION}: upgrade omsmodem"
            )

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One durable transaction: on disk when the block ends, undone when it raises."""
        with self._lock, _translated():
            connection = self._live()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One short read; fetch all of it inside the block so that no reader holds up a commit."""
        with self._lock, _translated():
            yield self._live()

    def close(self) -> None:
        """Close the connection, after the transaction in hand if there is one."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _live(self) -> sqlite3.Connection:
        if self._connection is None:
            raise StoreClosed(StoreClosed.__doc__)
        return self._connection


def _connect(path: Path) -> sqlite3.Connection:
    path.touch(mode=0o600, exist_ok=True)
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    for pragma in ("journal_mode = TRUNCATE", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what SQLite and the file system raise into this room's errors."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translate(error) from error
    except OSError as error:
        raise StoreError(f"the message store cannot be opened: {error}") from error


def _translate(error: sqlite3.Error) -> StoreError:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreBusy(StoreBusy.__doc__)
    if name.startswith("SQLITE_FULL"):
        return StoreFull(StoreFull.__doc__)
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return StoreDamaged(f"{StoreDamaged.__doc__} ({error})")
    return StoreError(f"the message store failed: {error} ({name})")
