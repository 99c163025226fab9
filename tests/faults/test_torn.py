"""Power cuts in the middle of a commit, on a disk that keeps only what was synchronised."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from omsmodem.store import open_store
from tests.faults.torn import cuts, record

#: A service that opens a new store and accepts messages, promising each once it is accepted.
SERVICE = """
import os, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from omsmodem.message import Door, Submission
from omsmodem.store import Wanted, open_store
store = open_store(Path(sys.argv[1]) / "omsmodem.db", lambda: datetime.now(UTC))

for number in range(12):
    submission = Submission("dana", Door.OMS, ("+447700900222",), (f"text {number}",))
    store.accepting.accept(Wanted(submission, submission.recipients, validity=timedelta(hours=48),
                           fingerprint=b"%d" % number, duplicate_window=timedelta(0)))
    os.write(1, b"promised\\n")
    if number == 6:
        with store.database.reading() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
os._exit(0)
"""


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_no_power_cut_loses_a_promise(tmp_path: Path) -> None:
    """Wherever the power goes, the store opens, is sound, and holds every message that was promised."""
    office = tmp_path / "office"
    office.mkdir()
    events = record(SERVICE, office, tmp_path / "trace")
    assert sum(event.kind == "promise" for event in events) >= 12
    tried = 0
    for number, (promises, what, disk) in enumerate(cuts(events)):
        if not promises:
            continue  # before the first promise there is nothing to keep
        directory = tmp_path / f"cut{number}"
        disk.write_to(directory)
        store = open_store(directory / "omsmodem.db", lambda: datetime.now(UTC))
        kept = len(store.history.messages())
        with store.database.reading() as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok", f"cut {number}, {what}"
        store.close()
        assert kept >= promises, f"cut {number}, {what}: {promises} promised, {kept} kept"
        shutil.rmtree(directory)
        tried += 1
    assert tried > 30
