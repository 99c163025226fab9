"""A damaged queue on the real process: recognised at the start, never an empty one in its place, the newest backup offered."""

import signal
import subprocess
import sys
from pathlib import Path

from tests.faults.test_visible import omsmodem
from tests.faults.world import World


def zeros(database: Path) -> None:
    """A stretch that a dying disk gives back empty, but for the pages that the log has newer."""
    with database.open("r+b") as file:
        file.seek(8192)
        file.write(bytes(database.stat().st_size - 8192))


def test_a_damaged_queue_is_set_aside_and_the_backup_comes_back(tmp_path: Path, template: Path) -> None:
    """`serve` ends with a sentence, `doctor` says the same, `restore` sets the file aside and the message is there."""
    with World(tmp_path / "office", template) as world:
        world.fault(do="network", state="searching")
        world.serve()
        world.end(signal.SIGTERM)  # the log is copied into the file
        world.serve()
        assert world.submit("before the backup")
        assert omsmodem(world, "backup")
        world.end(signal.SIGKILL)
        database = world.home / "omsmodem.db"
        zeros(database)
        damaged = database.read_bytes()
        command = [sys.executable, "-m", "omsmodem", "serve", "--config", str(world.home / "config.yaml")]
        refused = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
        assert refused.returncode == 2, refused
        assert "the service does not start" in refused.stderr
        assert "damaged" in refused.stderr
        assert "`omsmodem restore` puts it back and sets this one aside" in refused.stderr
        assert database.read_bytes() == damaged, "nothing was changed"
        assert "The queue cannot be trusted" in omsmodem(world, "doctor")
        assert "The queue that was there is now" in omsmodem(world, "restore", "--yes")
        (aside,) = world.home.glob("omsmodem.db.set-aside-*[0-9Z]")
        assert aside.stat().st_size == len(damaged)
        world.serve()
        assert world.states() == ["queued"], "held: it may have been sent since"
