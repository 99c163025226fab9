"""A service that breaks a law on purpose, so that it can be seen that the books notice. Chosen by OMSMODEM_BROKEN_LAW."""

import os
import threading
from collections.abc import Callable, Sequence
from typing import Any

from omsmodem import killpoints
from omsmodem.modem.gsm import Gsm
from omsmodem.store import Accepted, Accepting, Outbox, Wanted
from omsmodem.worker.receiver import Receiver

DELAY_S = 3.0


def _promise_before_commit() -> None:
    accept = Accepting.accept_all

    def promised(self: Accepting, wanted: Sequence[Wanted]) -> list[Callable[[], Accepted]]:
        threading.Timer(DELAY_S, accept, (self, wanted)).start()
        return [lambda: Accepted(1, (1,))] * len(wanted)

    Accepting.accept_all = promised


def _act_before_intent() -> None:
    intend, record = Outbox.mark_in_flight, Outbox.mark_submitted
    kept: list[tuple[Any, ...]] = []

    def later(_self: Outbox, *arguments: Any) -> None:
        kept.append(arguments)

    def both(self: Outbox, *arguments: Any) -> None:
        intend(self, *kept.pop(0))
        record(self, *arguments)

    Outbox.mark_in_flight = later
    Outbox.mark_submitted = both


def _delete_before_commit() -> None:
    def receive(self: Receiver, gsm: Gsm) -> None:
        for incoming in [*self._look(gsm), *gsm.incoming()]:
            gsm.acknowledge(incoming)
            killpoints.reach("incoming.read")
            self.keep(incoming)

    Receiver.receive = receive


_LAWS: dict[str, Callable[[], None]] = {
    "promise before commit": _promise_before_commit,
    "act before intent": _act_before_intent,
    "delete before commit": _delete_before_commit,
}


def break_as_asked() -> None:
    """Break the law that the environment names, if any."""
    law = os.environ.get("OMSMODEM_BROKEN_LAW")
    if law:
        _LAWS[law]()
