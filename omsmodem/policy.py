"""Pure decisions: when to try a message again, and what to do with doubt. No I/O, no clock of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from omsmodem.sms.causes import Reaction

#: Tries of one message that the network refused for now; networks use temporary codes for lasting states.
MAX_ATTEMPTS = 10
#: `slow` reactions start here: the far end is out of order, not busy.
SLOW_START = timedelta(minutes=15)
#: A modem or SIM at fault is probed again after this; the message pays no attempt for it.
MODEM_PAUSE = timedelta(seconds=15)


class Verdict(StrEnum):
    """What becomes of a message after a refusal."""

    RETRY = "retry"  # this message again, later
    FAIL = "fail"  # this message never
    WAIT = "wait"  # the modem is at fault: pause it, the message waits without an attempt
    DOUBT = "doubt"  # it may have been sent


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict and, for RETRY and WAIT, the moment to try again."""

    verdict: Verdict
    retry_at: datetime


_DOUBTFUL = {Reaction.UNKNOWN, Reaction.SENT}
_ABOUT_THE_MODEM = {
    *(Reaction.STOP, Reaction.SIM, Reaction.MODEM),
    *(Reaction.BUSY, Reaction.REGISTRATION, Reaction.PURGE),
}
_FOR_GOOD = {Reaction.FAIL, Reaction.BUG, Reaction.WITHOUT_CLASS, Reaction.WITHOUT_VALIDITY}


def after_refusal(
    reaction: Reaction, attempts: int, now: datetime, ladder: Sequence[timedelta], jitter: float = 0.0
) -> Decision:
    """Decide after the network or the modem refused a segment.

    `attempts` counts the refusals before this one, `ladder` is the pause after each, `jitter` (0..1) spreads retries by
    up to a fifth so that messages refused together do not come back together.
    """
    if reaction in _DOUBTFUL:
        return Decision(Verdict.DOUBT, now)
    if reaction in _ABOUT_THE_MODEM:
        return Decision(Verdict.WAIT, now + MODEM_PAUSE)
    if reaction in _FOR_GOOD or attempts + 1 >= MAX_ATTEMPTS:
        return Decision(Verdict.FAIL, now)
    pause = ladder[min(attempts, len(ladder) - 1)]
    if reaction is Reaction.SLOW:
        pause = max(pause, SLOW_START)
    return Decision(Verdict.RETRY, now + pause * (1 + jitter / 5))


def reopen_pause_s(failures: int) -> float:
    """Seconds to wait before the port is opened again after `failures` vain attempts in a row."""
    ladder = (1.0, 2.0, 5.0, 5.0, 5.0, 15.0, 30.0)
    return ladder[min(failures, len(ladder) - 1)]
