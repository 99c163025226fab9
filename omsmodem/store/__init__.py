"""The durable store: every message, segment and event; all SQL lives in this room.

`open_store` gives the two faces: `Store.outbox` makes moves, `Store.history` answers questions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from omsmodem.store.database import Database
from omsmodem.store.history import History
from omsmodem.store.outbox import Accepted, Outbox, Taken

__all__ = ["Accepted", "History", "Outbox", "Store", "Taken", "open_store"]


@dataclass(frozen=True, slots=True)
class Store:
    """One open database and its two faces."""

    database: Database
    outbox: Outbox
    history: History

    def close(self) -> None:
        """Close the database; calls after this raise StoreClosed."""
        self.database.close()


def open_store(path: Path, clock: Callable[[], datetime]) -> Store:
    """Open (and on first use create) the store at `path`.

    `clock` gives the present as an aware UTC datetime. Raises StoreError when the file cannot be used.
    """
    database = Database(path)
    return Store(database, Outbox(database, clock), History(database))
