"""What other threads want done on a modem: kept until its own thread is between two segments."""

import queue
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from omsmodem.modem.errors import PortLost, PortUnavailable, Unresponsive
from omsmodem.modem.gsm import Gsm
from omsmodem.modem.session import Session

T = TypeVar("T")


class Errands:
    """Errands of one modem. `ask` may be called by any thread, the rest by the one that owns the modem."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[tuple[Callable[[Gsm, Session], Any], Future[Any]]] = queue.SimpleQueue()

    def ask(self, what: Callable[[Gsm, Session], T]) -> "Future[T]":
        """Have something done."""
        future: Future[T] = Future()
        self._queue.put((what, future))
        return future

    @property
    def waiting(self) -> bool:
        """Whether there is something to do."""
        return not self._queue.empty()

    def run(self, gsm: Gsm, session: Session) -> None:
        """Do what waits; whoever asked is told of any fault. Raises PortLost, Unresponsive."""
        while self.waiting:
            what, future = self._queue.get()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(what(gsm, session))
            except BaseException as error:
                future.set_exception(error)
                if isinstance(error, PortLost | Unresponsive) or not isinstance(error, Exception):
                    raise

    def refuse(self, why: str) -> None:
        """There is no modem to do it on."""
        while self.waiting:
            _, future = self._queue.get()
            if future.set_running_or_notify_cancel():
                future.set_exception(PortUnavailable(why))
