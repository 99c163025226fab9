"""The thread that looks around once a minute."""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from omsmodem.caretaker.alarming import Alarming
from omsmodem.caretaker.chores import Daily
from omsmodem.facts import Condition
from omsmodem.store.errors import StoreError

_log = logging.getLogger(__name__)

PERIOD_S = 60.0
#: A chore in hand, e.g. the check of a large backup, is not waited for longer; it begins anew after the next start.
_PATIENCE_S = 5.0


class Caretaker:
    """Looks around until it is told to stop."""

    def __init__(
        self,
        condition: Callable[[], Condition],
        alarming: Alarming,
        chores: Sequence[Daily],
        clock: Callable[[], datetime],
        *,
        period_s: float = PERIOD_S,
    ) -> None:
        self._condition = condition
        self._alarming = alarming
        self._chores = chores
        self._clock = clock
        self._period_s = period_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="caretaker", daemon=True)

    def start(self) -> None:
        """Start the thread; it looks around for the first time after one period."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(_PATIENCE_S)

    def look_around(self) -> None:
        """One round."""
        try:
            self._alarming.look(self._condition())
            for chore in self._chores:
                chore.look(self._clock())
        except StoreError as error:
            _log.error("the round was not finished: %s", error)
        except Exception:  # noqa: BLE001 - who watches over the service must not end silently
            _log.exception("the round was not finished")

    def _run(self) -> None:
        while not self._stopping.wait(self._period_s):
            self.look_around()
