"""A damaged queue on the real process: recognised at the start, never an empty one in its place, the newest backup offered."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.test_visible import omsmodem
from tests.faults.world import World


def zeros(database: Path) -> None:
    """A sector that a dying disk gives back empty."""
    with database.open("r+b") as file:
        file.seek(8192)
        file.write(bytes(4096))


def half(database: Path) -> None:
    """A file that was cut short."""
    with database.open("r+b") as file:
        file.truncate(database.stat().st_size // 2)


def foreign(database: Path) -> None:
    """Something else under its name."""
    database.write_bytes(b"this is no database, and long enough to be looked at" * 400)


@pytest.mark.parametrize(
    ("how", "damage"), [(signal.SIGKILL, zeros), (signal.SIGTERM, half), (signal.SIGTERM, foreign)]
)
def test_a_damaged_queue_is_set_aside_and_the_backup_comes_back(
    how: signal.Signals, damage: Callable[[Path], None], tmp_path: Path, template: Path
) -> None:
    """`serve` ends with a sentence, `doctor` says the same, `restore` sets the file aside and the message is there."""
    with World(tmp_path / "office", template, modems=0) as world:
        world.serve()
        assert world.submit("before the backup")
        assert omsmodem(world, "backup")
        world.end(how)
        database = world.home / "omsmodem.db"
        damage(database)
        damaged = database.read_bytes()
        command = [sys.executable, "-m", "omsmodem", "serve", "--config", str(world.home / "config.yaml")]
        refused = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert refused.returncode == 2, refused
        assert "the service does not start" in refused.stderr
        assert "damaged" in refused.stderr
        assert "`omsmodem restore` puts it back and sets this one aside" in refused.stderr
        assert database.read_bytes() == damaged, "nothing was changed"
        assert "The queue cannot be trusted" in omsmodem(world, "doctor")
        assert "The queue that was there is now" in omsmodem(world, "restore", "--yes")
        (aside,) = world.home.glob("omsmodem.db.set-aside-*[0-9Z]")
        assert aside.read_bytes() == damaged
        world.serve()
        assert world.states() == ["queued"], "held: it may have been sent since"
