"""Backups can be trusted: made while others write, checked, kept in turn, private; and the way back repeats nothing."""

import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from omsmodem.message import State
from omsmodem.store import Store, open_store
from omsmodem.store.backup import backups, beside, check, check_at_start, made_at, make_backup, newest_backup
from omsmodem.store.errors import StoreDamaged, StoreError
from omsmodem.store.restoring import restore, start_afresh
from tests.store.test_search import accept

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "omsmodem.db"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def opened(database: Path, now: datetime = NOW) -> Store:
    return open_store(database, lambda: now)


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    made = opened(database)
    yield made
    made.close()


def damage(path: Path) -> None:
    octets = bytearray(path.read_bytes())
    octets[4096:8192] = b"\xff" * 4096  # the second and third page: not in the log, which holds what is new
    path.write_bytes(octets)


def test_a_backup_made_while_others_write_is_whole(store: Store, database: Path, directory: Path) -> None:
    """Every accepted message up to some moment is in it, and no half of one."""
    stop = threading.Event()
    accepted: list[int] = []

    def write() -> None:
        while not stop.is_set():
            accepted.extend(accept(store, "dana", "+447700900222", f"text {len(accepted)}"))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(accepted) < 5:
            pass
        before = len(accepted)
        made = make_backup(database, directory, NOW, keep=14)
    finally:
        stop.set()
        writer.join(30)
    copy = opened(made)
    ids = [message.id for message in copy.history.messages(limit=10_000)]
    assert sum(copy.history.ledger().values()) == len(ids)
    copy.close()
    assert before <= len(ids) <= len(accepted)
    assert ids == list(range(1, len(ids) + 1))


def test_a_backup_is_private_and_named_by_its_moment(store: Store, database: Path, directory: Path) -> None:
    """0600 in a directory that is nobody else's; with the accounts beside it."""
    accounts = database.with_name("accounts.json")
    accounts.write_text("{}")
    made = make_backup(database, directory, NOW, 14, (accounts, database.with_name("missing")))
    assert made.name == "omsmodem-20261123T023000Z.db"
    assert made_at(made) == NOW == newest_backup(directory)
    copy = beside(made, "accounts.json")
    assert copy.read_text() == "{}"
    assert {path.stat().st_mode & 0o777 for path in (made, copy)} == {0o600}
    assert directory.stat().st_mode & 0o077 == 0
    assert store.history.ledger()[State.QUEUED] == 0


def test_the_newest_are_kept(store: Store, database: Path, directory: Path) -> None:
    """Older ones go, with what lies beside them; other files in the directory stay."""
    accounts = database.with_name("accounts.json")
    accounts.write_text("{}")
    for day in range(5):
        make_backup(database, directory, NOW + timedelta(days=day), 3, (accounts,))
    (directory / "notes.txt").write_text("mine")
    make_backup(database, directory, NOW + timedelta(days=5), 3, (accounts,))
    assert [made_at(path) for path in backups(directory)] == [NOW + timedelta(days=day) for day in (5, 4, 3)]
    assert len(list(directory.iterdir())) == 7
    assert store.overview.first_message_at() is None


def test_a_copy_of_a_damaged_store_replaces_no_good_one(database: Path, directory: Path) -> None:
    """The backup fails, says so, and the older ones stay."""
    store = opened(database)
    for number in range(50):
        accept(store, "dana", "+447700900222", f"text {number}" * 10)
    good = make_backup(database, directory, NOW, keep=1)
    store.close()
    damage(database)
    with pytest.raises(StoreError):
        make_backup(database, directory, NOW + timedelta(days=1), keep=1)
    assert backups(directory) == [good]
    assert list(directory.glob("*.part")) == []


def test_a_directory_that_cannot_be_written_is_said_in_words(store: Store, database: Path, tmp_path: Path) -> None:
    """No traceback at half past two in the night."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="the backup failed"):
        make_backup(database, tmp_path / "file" / "backup", NOW, 14)
    assert store.overview.first_message_at() is None


def test_a_store_that_was_not_closed_is_checked_at_the_next_start(database: Path, tmp_path: Path) -> None:
    """What a power cut did to a page is found before the first message is promised."""
    store = opened(database)
    for number in range(50):
        accept(store, "dana", "+447700900222", f"text {number}" * 10)
    with store.database.reading() as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    accept(store, "dana", "+447700900222", "in the log")
    good, bad = tmp_path / "good.db", tmp_path / "bad.db"  # as a kill leaves them: the file and its log
    for left in (good, bad):
        for suffix in ("", "-wal"):
            left.with_name(left.name + suffix).write_bytes(database.with_name(database.name + suffix).read_bytes())
    store.close()
    check_at_start(good)
    damage(bad)
    with pytest.raises(StoreDamaged):
        check_at_start(bad)
    check_at_start(tmp_path / "missing.db")


def test_a_store_that_was_closed_is_checked_too(database: Path) -> None:
    """A file that was cut short while nobody used it is found before anything is promised."""
    store = opened(database)
    for number in range(50):
        accept(store, "dana", "+447700900222", f"text {number}" * 10)
    store.close()
    check_at_start(database)
    with database.open("r+b") as file:
        file.truncate(database.stat().st_size // 2)
    with pytest.raises(StoreDamaged):
        check_at_start(database)


# -- the way back -----------------------------------------------------------------------------------------------------


def test_what_was_in_flight_is_in_doubt_and_what_was_queued_is_held(database: Path, directory: Path) -> None:
    """Both may have been sent since the backup was made: nothing of it goes out by itself."""
    store = opened(database)
    (flying,) = accept(store, "dana", "+447700900222", "flying")
    store.outbox.take("front", lambda _message, _reference: (b"tpdu",))
    store.outbox.mark_in_flight(flying, 1, "front")
    (taken,) = accept(store, "dana", "+447700900223", "taken")
    store.outbox.take("front", lambda _message, _reference: (b"tpdu",))
    (queued,) = accept(store, "dana", "+447700900224", "queued")
    (sent,) = accept(store, "dana", "+447700900225", "sent")
    backup = make_backup(database, directory, NOW, 14)
    store.close()

    later = NOW + timedelta(hours=7)
    restored = restore(database, backup, later, "dana")
    assert (restored.held, restored.doubtful) == (3, 1)
    store = opened(database, later)
    states = {message.id: (message.state, message.held_by) for message in store.history.messages()}
    assert states[flying] == (State.UNCERTAIN, None)
    assert states[taken] == states[queued] == states[sent] == (State.QUEUED, "restore")
    message = store.history.message(flying)
    assert message is not None
    assert message.doubt_until is None
    assert store.outbox.take("front", lambda _message, _reference: (b"tpdu",)) is None
    assert [act.action for act in store.audit.newest()] == ["restore"]
    store.desk.release(queued, "dana")
    assert store.outbox.take("front", lambda _message, _reference: (b"tpdu",)) is not None
    store.close()


def test_the_store_that_was_there_is_set_aside(database: Path, directory: Path) -> None:
    """Damaged or not, with its log; never deleted."""
    store = opened(database)
    accept(store, "dana", "+447700900222", "text")
    backup = make_backup(database, directory, NOW, 14)
    store.close()
    database.write_bytes(b"rubbish")
    restored = restore(database, backup, NOW, "dana")
    assert restored.set_aside is not None
    assert restored.set_aside.read_bytes() == b"rubbish"
    check(database)


def test_a_backup_that_is_damaged_changes_nothing(database: Path, directory: Path) -> None:
    """It is checked first."""
    store = opened(database)
    accept(store, "dana", "+447700900222", "text")
    backup = make_backup(database, directory, NOW, 14)
    store.close()
    before = database.read_bytes()
    backup.write_bytes(b"rubbish" * 1000)
    with pytest.raises(StoreDamaged):
        restore(database, backup, NOW, "dana")
    assert database.read_bytes() == before


def test_a_file_that_is_no_store_is_refused(database: Path, tmp_path: Path) -> None:
    """Any other SQLite file would do as an empty queue; it does not."""
    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    with pytest.raises(StoreError, match="is no store"):
        restore(database, other, NOW, "dana")


def test_starting_afresh_keeps_the_old_store(database: Path) -> None:
    """An empty queue is somebody's wish, and the old one can still be read."""
    store = opened(database)
    accept(store, "dana", "+447700900222", "text")
    store.close()
    aside = start_afresh(database, NOW)
    assert aside is not None
    assert not database.exists()
    kept = opened(aside)
    assert kept.history.ledger()[State.QUEUED] == 1
    kept.close()
    assert start_afresh(database, NOW) is None


def test_a_copy_that_fails_leaves_nothing_behind(database: Path, directory: Path) -> None:
    """A disk that is full, or a store that cannot be read, is not given one more half copy every night."""
    database.write_bytes(b"this is no database, and long enough to be looked at" * 100)
    with pytest.raises(StoreError):
        make_backup(database, directory, NOW, 3)
    assert list(directory.iterdir()) == []
