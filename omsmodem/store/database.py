"""One SQLite file: its schema, its durability and its transactions.

A write-ahead log with `synchronous=FULL`: a commit is one synchronisation and on disk when it returns (law 1). Writing and
checkpointing are one process's turn at a time (`store.turn`), which keeps SQLite releases with the WAL-reset fault safe.
"""

import itertools
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any, Generic, TypeVar

from omsmodem.store.errors import StoreBusy, StoreClosed, StoreDamaged, StoreError, StoreFull
from omsmodem.store.turn import Turn

BUSY_TIMEOUT_S = 10.0
#: A commit writes whole pages, most of them for a few octets of an index, and an SD card wears by what is written.
PAGE_OCTETS = 1024
#: The log is copied into the file at four megabytes, whatever the page.
CHECKPOINT_PAGES = 4_194_304 // PAGE_OCTETS
CACHE_KIB = 1000
T = TypeVar("T")


def schema_steps() -> list[str]:
    """The SQL of every schema step, in order; `PRAGMA user_version` counts those a file has."""
    files = sorted(resources.files("omsmodem.store").joinpath("schema").iterdir(), key=lambda file: file.name)
    return [file.read_text("utf-8") for file in files if file.name.endswith(".sql")]


def turn_of(path: Path) -> Path:
    """The file by which processes take turns at the store at `path`."""
    return path.with_name(path.name + ".turn")


def _statements(script: str) -> Iterator[str]:
    """The single statements of a script; those of a trigger stay together."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


class Connection(sqlite3.Connection):
    """SQLite's own, and the names of those who want to know once its transaction is on disk."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.announced: set[str] = set()


class Database:
    """One connection to the store's file, shared by threads behind a lock.

    Other processes may hold connections of their own: SQLite's file lock orders the writers. `listeners` are called by
    name, from the writing thread, after a transaction that announced the name is on disk.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.listeners: dict[str, Callable[[], None]] = {}
        self._lock = threading.RLock()
        self._gathering = threading.Lock()
        self._gathered: list[_Work[Any]] = []
        self._writer: int | None = None  # the thread in a transaction
        with _translated():
            self._turn = Turn(turn_of(path), BUSY_TIMEOUT_S)
            with self._turn.taken():
                self._connection: Connection | None = _connect(path)
                self._prepare(self._connection)

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Bring the file's schema up to this release: each numbered file of `schema/` is applied once, in order."""
        steps = schema_steps()
        if connection.execute("PRAGMA user_version").fetchone()[0] == len(steps):
            return
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > len(steps):
            raise StoreError(f"{self.path} has schema {version}; this omsmodem knows {len(steps)}: upgrade omsmodem")
        connection.execute("BEGIN IMMEDIATE")
        for statement in itertools.chain.from_iterable(map(_statements, steps[version:])):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(steps)}")
        connection.execute("COMMIT")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One durable transaction: on disk when the block ends, undone when it raises.

        A transaction within a transaction of the same thread is a part of it: on disk, or undone, with the outer one.
        """
        with self._lock, _translated():
            connection = self._live()
            if connection.in_transaction:
                yield connection
                return
            connection.announced.clear()
            with self._turn.taken(), self._writing(), _durable(connection):
                yield connection
            heard = [self.listeners[name] for name in connection.announced if name in self.listeners]
        for listener in heard:
            listener()

    def together(self, *works: Callable[[sqlite3.Connection], T]) -> list[Callable[[], T]]:
        """Run `works` in a durable transaction that they share with whoever else waits for one: a commit costs several
        synchronisations of the disk, and a calendar summary of a whole office arrives in one minute.

        Each is undone by itself when it raises; all fail when the commit does. The outcomes are calls that return what
        the work returned, or raise what it raised.
        """
        mine = [_Work(work) for work in works]
        if self._writer == threading.get_ident():  # within a transaction: a part of it, and of no other
            self._run(mine)
        else:
            with self._gathering:
                self._gathered += mine
            with self._lock:
                if not all(work.done for work in mine):
                    self._run_gathered()
        return [work.outcome for work in mine]

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._writer = threading.get_ident()
        try:
            yield
        finally:
            self._writer = None

    def _run_gathered(self) -> None:
        with self._gathering:
            batch, self._gathered = self._gathered, []
        self._run(batch)

    def _run(self, batch: Sequence["_Work[Any]"]) -> None:
        try:
            with self.transaction() as connection:
                for work in batch:
                    work.run(connection)
        except BaseException as error:
            for work in batch:
                work.error = work.error or error
            if not isinstance(error, StoreError):
                raise
        finally:
            for work in batch:
                work.done = True

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One short read; fetch all of it inside the block so that no reader holds up a commit."""
        with self._lock, _translated():
            yield self._live()

    def forget_erased(self) -> None:
        """Leave nothing of what was erased in the journal. Raises StoreBusy while another process reads."""
        with self._lock, _translated(), self._turn.taken():
            busy, _, _ = self._live().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise StoreBusy(StoreBusy.__doc__)

    def close(self) -> None:
        """Close the connection, after the transaction in hand if there is one."""
        with self._lock:
            if self._connection is None:
                return
            connection, self._connection = self._connection, None
            with _translated(), self._turn.taken():
                connection.close()  # the last one to close copies the log into the file
            self._turn.close()

    def _live(self) -> Connection:
        if self._connection is None:
            raise StoreClosed(StoreClosed.__doc__)
        return self._connection


class _Work(Generic[T]):
    """One caller's share of a transaction."""

    def __init__(self, work: Callable[[sqlite3.Connection], T]) -> None:
        self._work = work
        self._result: list[T] = []
        self.error: BaseException | None = None
        self.done = False

    def run(self, connection: sqlite3.Connection) -> None:
        connection.execute("SAVEPOINT work")
        try:
            self._result.append(self._work(connection))
        except Exception as error:  # noqa: BLE001 - it is the caller's, who gets it in its own thread
            connection.execute("ROLLBACK TO work")
            self.error = error
        connection.execute("RELEASE work")

    def outcome(self) -> T:
        """What the work returned, or raised."""
        if self.error is None:
            return self._result[0]
        raise _translate(self.error) if isinstance(self.error, sqlite3.Error) else self.error


def _connect(path: Path) -> Connection:
    path.touch(mode=0o600, exist_ok=True)
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False, factory=Connection
    )
    connection.row_factory = sqlite3.Row
    connection.execute(f"PRAGMA page_size = {PAGE_OCTETS}")  # of a new file
    if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
        connection.execute("PRAGMA journal_mode = TRUNCATE")  # a file system that cannot share memory
    for pragma in (
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
        f"cache_size = -{CACHE_KIB}",
        f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return connection


@contextmanager
def _durable(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


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
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return StoreError(f"the message store may not be written by you, or its disk is read-only: {error} ({name})")
    return StoreError(f"the message store failed: {error} ({name})")
