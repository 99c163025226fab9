"""What a worker says of its modem, for people and for the other threads."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from omsmodem.modem.gsm import Identity
from omsmodem.modem.registration import Operator, Registration
from omsmodem.modem.storage import Fill
from omsmodem.modem.strength import Strength
from omsmodem.policy.recovery import Step
from omsmodem.store import Word

_log = logging.getLogger(__name__)

STOPPED = "stopped"


class ModemState(StrEnum):
    """What a modem is doing."""

    ABSENT = "absent"  # no port, or nothing answers on it
    STARTING = "starting"
    READY = "ready"  # the only state that takes messages
    BLOCKED = "blocked"  # it answers but cannot send


@dataclass(frozen=True, slots=True)
class ModemStatus:
    """A modem's state in words. What was never found out is None or empty."""

    name: str
    state: ModemState = ModemState.ABSENT
    detail: str = "not opened yet"  # why it is not ready or takes nothing; empty when all is well
    reason: str = ""  # what blocks it (modem.errors.BlockReason), or `sick`
    since: datetime | None = None  # when it came into this state
    word: Word = field(default_factory=Word)  # what a person said about it
    identity: Identity | None = None
    registration: Registration | None = None
    operator: Operator | None = None
    strength: Strength | None = None
    weak_since: datetime | None = None
    service_centre: str = ""
    fill: Fill | None = None
    balance: float | None = None
    refusals_in_a_row: int = 0
    seconds_per_segment: float | None = None  # measured, from AT+CMGS to its result
    steps: Mapping[Step, int] = field(default_factory=dict)  # how often each rung of the ladder was taken
    given_up: str = ""  # why it could not be won back although the whole ladder was climbed; empty while there is hope


class Standing:
    """How one modem stands: written by the worker's thread, read by any."""

    def __init__(self, name: str, clock: Callable[[], datetime]) -> None:
        self.status = ModemStatus(name)
        self._clock = clock

    def become(self, state: ModemState, detail: str = "", reason: str = "") -> None:
        """Come into a state, or stay in it for another reason."""
        before = self.status
        since = before.since if before.state is state else self._clock()
        self.status = replace(before, state=state, detail=detail, reason=str(reason), since=since)
        if (before.state, before.detail) != (state, detail):
            level = logging.INFO if state in _ROUTINE or detail == STOPPED else logging.WARNING
            _log.log(level, "modem=%s state=%s%s", before.name, state, detail and f" {detail}")

    def know(self, **facts: Any) -> None:
        """Something else was found out: fields of the status."""
        self.status = replace(self.status, **facts)

    def count(self, step: Step) -> None:
        """A rung of the ladder was taken."""
        self.know(steps={**self.status.steps, step: self.status.steps.get(step, 0) + 1})


_ROUTINE = {ModemState.READY, ModemState.STARTING}
