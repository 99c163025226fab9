"""Winning a modem back: takes the steps that the ladder names, and says of each that it was taken."""

import logging
from collections.abc import Callable

from omsmodem.modem.gsm import Gsm
from omsmodem.policy import patience
from omsmodem.policy.patience import Push
from omsmodem.policy.recovery import Ladder, Step
from omsmodem.worker.care import Hook
from omsmodem.worker.status import Standing

_log = logging.getLogger(__name__)

_GENTLE = {Step.REOPEN, Step.RESYNC}


class Rescue:
    """The ladder of one modem. `restarted` is told after a reset: whatever was still to come from the modem will not come."""

    def __init__(
        self,
        standing: Standing,
        hook: Hook | None,
        *,
        monotonic: Callable[[], float],
        restarted: Callable[[], None],
    ) -> None:
        self._standing = standing
        self._hook = hook
        self._monotonic = monotonic
        self._restarted = restarted
        self._ladder = Ladder(hooked=hook is not None)
        self._pushed = 0  # since it was last unblocked
        # The last step and why: a missing stick is looked for every five seconds, and logged once.
        self._said = ("", "")

    @property
    def pause_s(self) -> float:
        """Seconds until the port is tried again."""
        return self._ladder.pause_s

    def missing(self, why: str) -> None:
        """There is no port."""
        self._climb(*self._ladder.missing(self._monotonic()), why)

    def deaf(self, why: str, gsm: Gsm | None = None) -> None:
        """The port is there and the modem is of no use; `gsm` where something may still be asked of it."""
        self._climb(*self._ladder.deaf(self._monotonic()), why, gsm)

    def found(self) -> None:
        """It could be brought up; whether it works is still to be seen."""
        self._ladder = self._ladder.found()
        self._pushed = 0
        self._said = ("", "")

    def well(self) -> None:
        """It does its work."""
        self._ladder = self._ladder.well()
        if self._standing.status.given_up:
            self._standing.know(given_up="")

    def push(self, gsm: Gsm, reason: str, looks: int, blocked_s: float) -> None:
        """Do what may help a modem that has been blocked for so long. Raises Unresponsive, PortLost."""
        push = patience.push(reason, looks, blocked_s, self._pushed)
        if push is Push.NONE:
            return
        self._pushed += 1
        _log.warning("modem=%s blocked for %d s: %s", self._name, blocked_s, push)
        now = self._monotonic()
        if push is Push.REGISTER:
            gsm.register_again()
        elif self._ladder.may_reset(now):
            self._ladder = self._ladder.after_reset(now)
            self._standing.count(Step.RESET)
            self._reset(gsm)

    def _climb(self, ladder: Ladder, step: Step, why: str, gsm: Gsm | None = None) -> None:
        self._ladder = ladder
        self._standing.count(step)
        if step not in _GENTLE:
            _log.warning("modem=%s %s: %s", self._name, step, why)
        elif (step, why) != self._said:
            _log.info("modem=%s %s: %s", self._name, step, why)
        self._said = (step, why)
        if step is Step.RESET and gsm is not None:
            self._reset(gsm)
        elif step is Step.HOOK and self._hook is not None:
            _log.warning("modem=%s the recovery hook %s", self._name, self._hook(why))
        elif step is Step.ALARM:
            self._standing.know(given_up=why)

    def _reset(self, gsm: Gsm) -> None:
        gsm.reset()
        self._restarted()

    @property
    def _name(self) -> str:
        return self._standing.status.name
