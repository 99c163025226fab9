"""What a worker says of its modem, for people and for the other threads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from omsmodem.modem.gsm import Identity
from omsmodem.modem.registration import Operator, Registration
from omsmodem.modem.storage import Fill
from omsmodem.modem.strength import Strength
from omsmodem.policy.recovery import Step
from omsmodem.store import Word


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
