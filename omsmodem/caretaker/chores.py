"""What is done once a day at its hour, or as soon as possible after it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from omsmodem.store.errors import StoreError

_log = logging.getLogger(__name__)

#: A chore that failed is tried again after this.
AGAIN = timedelta(hours=1)


@dataclass(slots=True)
class Daily:
    """One chore. `last` tells when it was last done, by itself or by a person; `failed` is told why it could not be."""

    name: str
    at: time
    zone: tzinfo
    last: Callable[[], datetime | None]
    do: Callable[[], None]
    failed: Callable[[str, str], None]
    _failed_at: datetime | None = None

    def look(self, now: datetime) -> None:
        """Do it if it is due."""
        if not self._due(now):
            return
        try:
            self.do()
            self._failed_at = None
        except StoreError as error:
            self._failed_at = now
            _log.error("%s failed: %s", self.name, error)
            self.failed(f"The daily {self.name} failed", str(error))

    def _due(self, now: datetime) -> bool:
        last = self.last()
        if last is not None and last >= self._hour_before(now):
            return False
        return self._failed_at is None or now - self._failed_at >= AGAIN

    def _hour_before(self, now: datetime) -> datetime:
        """The last moment at which it was to be done."""
        day = now.astimezone(self.zone).date()
        today, yesterday = (
            datetime.combine(d, self.at, self.zone).astimezone(UTC) for d in (day, day - timedelta(days=1))
        )
        return today if today <= now else yesterday
