"""The thread that sweeps spool directories. It looks at their times only; a directory that nobody touched costs nothing."""

import logging
import threading
from collections.abc import Sequence

from omsmodem.doors.spool import Spool

_log = logging.getLogger(__name__)

PERIOD_S = 2.0


class SpoolWatch:
    """Sweeps spools until it is told to stop."""

    def __init__(self, spools: Sequence[Spool], *, period_s: float = PERIOD_S) -> None:
        self._spools = spools
        self._period_s = period_s
        self._stamps: dict[Spool, int] = {}
        self._broken: set[Spool] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="spools", daemon=True)

    def start(self) -> None:
        """Start the thread, where there is anything to sweep."""
        if self._spools:
            self._thread.start()

    def stop(self) -> None:
        """End the thread after the file in hand."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def _run(self) -> None:
        while True:
            for spool in self._spools:
                self._look(spool)
            if self._stopping.wait(self._period_s):
                return

    def _look(self, spool: Spool) -> None:
        try:
            stamp = spool.directory.stat().st_mtime_ns
            if self._stamps.get(spool) != stamp:
                waits = [outcome.waits for outcome in spool.sweep()]
                # Our own moving touches the directory too, so the next look sweeps once more, and finds nothing.
                self._stamps[spool] = -1 if any(waits) else stamp
            self._broken.discard(spool)
        except Exception as error:  # noqa: BLE001 - a thread that dies silently is a fault nobody sees
            if spool not in self._broken:
                self._broken.add(spool)
                ours = None if isinstance(error, OSError) else error
                _log.error("spool %s cannot be swept: %s", spool.directory, error, exc_info=ours)
