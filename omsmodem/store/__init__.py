"""The durable store: every message, segment and event; all SQL lives in this room.

Each story has a face: `accepting` (the gate), `outbox` (sending), `evidence` (reports and doubt), `notices` (the
mails that tell of it), `history` (questions).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from omsmodem.store.accepting import Accepted, Accepting
from omsmodem.store.database import Database
from omsmodem.store.evidence import Evidence
from omsmodem.store.history import History
from omsmodem.store.notices import Notices
from omsmodem.store.outbox import Outbox, Taken

__all__ = ["Accepted", "Accepting", "Evidence", "History", "Notices", "Outbox", "Store", "Taken", "open_store"]


@dataclass(frozen=True, slots=True)
class Store:
    """One open database and its faces."""

    database: Database
    accepting: Accepting
    outbox: Outbox
    evidence: Evidence
    notices: Notices
    history: History

    def close(self) -> None:
        """Close the database; calls after this raise StoreClosed."""
        self.database.close()


def open_store(path: Path, clock: Callable[[], datetime]) -> Store:
    """Open (and on first use create) the store at `path`.

    `clock` gives the present as an aware UTC datetime. Raises StoreError when the file cannot be used.
    """
    database = Database(path)
    return Store(
        database,
        Accepting(database, clock),
        Outbox(database, clock),
        Evidence(database, clock),
        Notices(database, clock),
        History(database),
    )
