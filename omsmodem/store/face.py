"""What the faces of the store share: the database and a clock."""

from collections.abc import Callable
from datetime import datetime

from omsmodem.store import rows
from omsmodem.store.database import Database


class Face:
    """One story's methods. Each public method is one durable transaction, or one short read."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def _now_ms(self) -> int:
        return rows.to_ms(self._clock())
