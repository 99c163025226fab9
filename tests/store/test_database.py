"""One SQLite file under several threads and several processes."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from omsmodem.store.database import Database, schema_steps
from omsmodem.store.errors import StoreClosed, StoreError


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "omsmodem.db")
    yield made
    made.close()


def remember(database: Database, account: str) -> str:
    def write(connection: sqlite3.Connection) -> str:
        connection.execute("INSERT INTO announced VALUES (?, ?)", (account, b""))
        return account

    return database.together(write)[0]()


def remembered(database: Database) -> set[str]:
    with database.reading() as connection:
        return {row["account"] for row in connection.execute("SELECT account FROM announced").fetchall()}


def test_work_done_together_is_all_on_disk(database: Database) -> None:
    """Fifty threads share commits; each gets its own result, and all of it is there."""
    names = {f"account {number}" for number in range(50)}
    results: list[str] = []
    threads = [threading.Thread(target=lambda name=name: results.append(remember(database, name))) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(results) == names == remembered(database)


def test_work_that_fails_harms_no_other(database: Database) -> None:
    """Of works that meet in one transaction the bad one is undone and told, the good ones are committed."""
    remember(database, "twice")
    errors: list[Exception] = []

    def again() -> None:
        try:
            remember(database, "twice")
        except StoreError as error:
            errors.append(error)

    with database.transaction():  # all of them gather behind this one
        threads = [threading.Thread(target=again)]
        threads += [threading.Thread(target=remember, args=(database, f"good {number}")) for number in range(5)]
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join()
    assert len(errors) == 1
    assert remembered(database) == {"twice", *(f"good {number}" for number in range(5))}


def test_works_of_one_caller_share_a_commit_and_fail_for_themselves(database: Database) -> None:
    """Also within a transaction of the caller's own, of which they are then a part."""

    def writing(account: str) -> Callable[[sqlite3.Connection], str]:
        def write(connection: sqlite3.Connection) -> str:
            connection.execute("INSERT INTO announced VALUES (?, ?)", (f"{account} begun", b""))
            connection.execute("INSERT INTO announced VALUES (?, ?)", (account, b""))
            return account

        return write

    remember(database, "twice")
    first, bad, last = database.together(writing("first"), writing("twice"), writing("last"))
    assert (first(), last()) == ("first", "last")
    with pytest.raises(StoreError):
        bad()
    with database.transaction():
        inner, bad = database.together(writing("inner"), writing("twice"))
        assert inner() == "inner"
        with pytest.raises(StoreError):
            bad()
    whole = {"first", "last", "inner"}
    assert remembered(database) == {"twice"} | whole | {f"{account} begun" for account in whole}
    assert database.together() == []


def test_a_closed_store_says_so(database: Database) -> None:
    """After the close nothing is written and nothing is claimed."""
    database.close()
    with pytest.raises(StoreClosed):
        remember(database, "late")


def test_processes_that_open_a_new_store_at_once_all_get_it(tmp_path: Path) -> None:
    """The command line and the service may be the first at the same moment."""
    code = (
        "import sys, pathlib; from omsmodem.store.database import Database; Database(pathlib.Path(sys.argv[1])).close()"
    )
    path = tmp_path / "new.db"
    processes = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(4)]
    assert [process.wait(30) for process in processes] == [0, 0, 0, 0]


def test_a_store_of_an_earlier_release_is_brought_up_to_date(tmp_path: Path) -> None:
    """Steps it lacks are applied, those it has are not."""
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as old:
        old.executescript(schema_steps()[0] + "PRAGMA user_version = 1;")
    old.close()
    database = Database(path)
    assert remember(database, "dana") == "dana"
    database.close()


def test_a_store_of_a_later_release_is_left_alone(tmp_path: Path) -> None:
    """Going back is refused in words before anything is touched."""
    path = tmp_path / "newer.db"
    with sqlite3.connect(path) as newer:
        newer.execute("PRAGMA user_version = 9999")
    newer.close()
    with pytest.raises(StoreError, match="upgrade omsmodem"):
        Database(path)
