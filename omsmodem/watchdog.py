"""Feeds the service manager's watchdog, and only while every part of the service lives.

A timer of its own would feed it for a service that hangs. Here each feeding asks: does HTTPS answer a request, do the modems'
threads run, does a write reach the disk? A part that does not answer at all holds up the asking, and that too starves it.
"""

import logging
import threading
from collections.abc import Callable, Mapping

_log = logging.getLogger(__name__)


class Watchdog:
    """Asks `probes` (name → whether it lives) three times within `limit_s`, and feeds when all say yes.

    Without a limit nobody waits for a sign of life, and nothing is asked.
    """

    def __init__(
        self, limit_s: float | None, probes: Mapping[str, Callable[[], bool]], feed: Callable[[], object]
    ) -> None:
        self._period_s = limit_s / 3 if limit_s is not None else None
        self._probes = probes
        self._feed = feed
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
        self._starved = False

    def start(self) -> None:
        """Begin, if somebody waits."""
        if self._period_s is not None:
            self._thread.start()

    def stop(self) -> None:
        """End; a probe that hangs is not waited for."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(1.0)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.look()
            self._stopping.wait(self._period_s)

    def look(self) -> bool:
        """Ask everybody once, and feed if all live; whether they did."""
        dead = [name for name, probe in self._probes.items() if not _lives(name, probe)]
        if dead and not self._stopping.is_set():
            _log.error("not alive: %s; the service manager will restart the service if that lasts", ", ".join(dead))
        elif self._starved:
            _log.info("alive again")
        self._starved = bool(dead)
        if not dead:
            self._feed()
        return not dead


def _lives(name: str, probe: Callable[[], bool]) -> bool:
    try:
        return probe()
    except Exception:  # noqa: BLE001 - whatever a part raises, it does not live
        _log.exception("the probe of %s failed", name)
        return False
