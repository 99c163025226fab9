"""backup and restore as a person runs them."""

from collections.abc import Callable
from pathlib import Path

from omsmodem.app import Application
from omsmodem.message import State
from tests.cli.conftest import Home


def send(home: Home, text: str) -> int:
    return int(home.run("send", "--account", "dana", "--to", "07700 900222", text).stdout.split()[0])


def test_a_backup_is_made_while_the_service_runs(home: Home, serving: Callable[[], Application]) -> None:
    """Its path is printed, and the list has it."""
    serving()
    made = Path(home.run("backup").stdout.strip())
    assert made.parent == home.directory / "backup"
    assert made.exists()
    assert str(made) in home.run("backup", "--list").stdout


def test_restore_refuses_while_the_service_runs(home: Home, serving: Callable[[], Application]) -> None:
    """And says how to stop it."""
    serving()
    home.run("backup")
    result = home.run("restore", "--yes")
    assert result.exit_code == 1
    assert "systemctl stop omsmodem" in result.stderr


def test_the_newest_backup_comes_back_with_its_queue_held(home: Home) -> None:
    """With the accounts of that day where that is wanted."""
    message_id = send(home, "before the backup")
    home.run("backup")
    send(home, "after the backup")
    home.run("user", "add", "fish")
    result = home.run("restore", "--with-accounts", stdin="y\n")
    assert result.exit_code == 0
    assert "1 message is held" in result.stdout
    assert "The queue that was there is now" in result.stdout
    store = home.store()
    (message,) = store.history.messages()
    store.close()
    assert (message.id, message.held_by) == (message_id, "restore")
    assert "fish" not in home.run("user", "list").stdout


def test_without_a_backup_nothing_happens(home: Home) -> None:
    """The way to an empty queue is named, and not gone."""
    send(home, "text")
    result = home.run("restore", "--yes")
    assert result.exit_code == 1
    assert "--empty" in result.stderr
    assert home.store().history.ledger()[State.QUEUED] == 1


def test_a_damaged_queue_stops_the_start_and_offers_the_backup(home: Home) -> None:
    """Never a silent empty queue: the file stays, the newest backup is named, restoring it works."""
    send(home, "text")
    home.run("backup")
    database = home.directory / "omsmodem.db"
    database.write_bytes(b"this is no database, and long enough to be looked at" * 100)
    result = home.run("serve")
    assert result.exit_code == 2
    assert "damaged" in result.stderr
    assert "The newest backup is" in result.stderr
    assert "`omsmodem restore` puts it back" in result.stderr
    assert database.read_bytes().startswith(b"this is no database")
    assert home.run("restore", "--yes").exit_code == 0
    assert home.store().history.ledger()[State.QUEUED] == 1


def test_an_empty_queue_is_a_persons_wish(home: Home) -> None:
    """Asked for, it sets the old one aside."""
    send(home, "text")
    assert home.run("restore", "--empty", "--yes").exit_code == 0
    assert home.store().history.ledger()[State.QUEUED] == 0
    assert len(list(home.directory.glob("omsmodem.db.set-aside-*"))) >= 1
