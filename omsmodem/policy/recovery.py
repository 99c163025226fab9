"""How a modem that does not answer, or is not there, is won back: gentle steps first, forceful ones seldom."""

from dataclasses import dataclass, replace
from enum import StrEnum

#: +CFUN=1,1 re-enumerates a stick and may not be had more often; the hook may cut its power.
RESET_EVERY_S = 600.0
HOOK_EVERY_S = 1800.0
#: A stick that is missing so long is worth its power cycle, and so long an alarm.
MISSING_HOOK_S = 60.0
MISSING_ALARM_S = 120.0
_MISSING_PAUSES_S = (1.0, 2.0, 5.0)
_DEAF_PAUSES_S = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0)
#: Failures in a row from which on each rung is allowed.
_RESET_FROM, _HOOK_FROM, _ALARM_FROM = 3, 5, 6


class Step(StrEnum):
    """A rung of the ladder."""

    REOPEN = "reopen"
    RESYNC = "resync"
    RESET = "reset"
    HOOK = "hook"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Ladder:
    """Where on the ladder a modem is. Moments are monotonic seconds."""

    hooked: bool = False  # an operator's hook is configured
    failures: int = 0  # in a row, with the port there
    misses: int = 0  # in a row, without it
    missing_since: float | None = None
    reset_at: float | None = None
    hook_at: float | None = None
    alarmed: bool = False

    def deaf(self, now: float) -> tuple["Ladder", Step]:
        """The port is there and the modem does not answer, or cannot be brought into step."""
        ladder = replace(self, failures=self.failures + 1, misses=0, missing_since=None)
        if ladder.failures >= _ALARM_FROM and not ladder.alarmed:
            return replace(ladder, alarmed=True), Step.ALARM
        if ladder.failures >= _HOOK_FROM and ladder.may_hook(now):
            return replace(ladder, hook_at=now), Step.HOOK
        if ladder.failures >= _RESET_FROM and ladder.may_reset(now):
            return replace(ladder, reset_at=now), Step.RESET
        return ladder, Step.REOPEN if ladder.failures == 1 else Step.RESYNC

    def missing(self, now: float) -> tuple["Ladder", Step]:
        """There is no port."""
        since = now if self.missing_since is None else self.missing_since
        ladder = replace(self, misses=self.misses + 1, missing_since=since)
        if now - since >= MISSING_ALARM_S and not ladder.alarmed:
            return replace(ladder, alarmed=True), Step.ALARM
        if now - since >= MISSING_HOOK_S and ladder.may_hook(now):
            return replace(ladder, hook_at=now), Step.HOOK
        return ladder, Step.REOPEN

    def well(self) -> "Ladder":
        """The modem does its work: back to the ground. What was done lately is not forgotten."""
        return replace(self, failures=0, misses=0, missing_since=None, alarmed=False)

    def found(self) -> "Ladder":
        """The stick is there and could be brought up; whether it works is still to be seen."""
        return replace(self, misses=0, missing_since=None)

    def after_reset(self, now: float) -> "Ladder":
        """The modem was reset for another reason than deafness."""
        return replace(self, reset_at=now)

    def may_reset(self, now: float) -> bool:
        """Whether a reset is due again."""
        return self.reset_at is None or now - self.reset_at >= RESET_EVERY_S

    def may_hook(self, now: float) -> bool:
        """Whether the hook is there and due again."""
        return self.hooked and (self.hook_at is None or now - self.hook_at >= HOOK_EVERY_S)

    @property
    def pause_s(self) -> float:
        """Seconds until the port is tried again: a missing stick never longer than its owner would wait."""
        if self.missing_since is not None:
            return _MISSING_PAUSES_S[min(max(self.misses - 1, 0), len(_MISSING_PAUSES_S) - 1)]
        return _DEAF_PAUSES_S[min(max(self.failures - 1, 0), len(_DEAF_PAUSES_S) - 1)]
