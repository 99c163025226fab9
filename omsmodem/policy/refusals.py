"""What becomes of a message that was refused: one row for each reaction of `sms.causes`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from omsmodem.sms.causes import Cause, Reaction

#: Tries of one message that was refused for now; networks use temporary codes for lasting states.
MAX_ATTEMPTS = 10
#: The far end is out of order, not busy.
SLOW_START = timedelta(minutes=15)
#: The modem or its SIM is at something else for seconds.
BUSY_PAUSE = timedelta(seconds=5)


class Verdict(StrEnum):
    """What becomes of a message after a refusal."""

    RETRY = "retry"  # this message again, later
    FAIL = "fail"  # this message never
    WAIT = "wait"  # the modem is at fault: the message pays no attempt
    DOUBT = "doubt"  # it may have been sent
    SENT = "sent"  # it had been sent before
    WITHOUT_CLASS = "without class"  # this message again at once, in a plainer form
    WITHOUT_VALIDITY = "without validity"


class Suspicion(StrEnum):
    """What a refusal says of the modem rather than of the message."""

    NONE = "none"  # the network answered about this recipient, and the modem did its work
    FAINT = "faint"  # may be the modem or its network, if other recipients fare alike
    STRONG = "strong"  # most likely the SIM or its network
    BUSY = "busy"  # occupied; out of order if that does not end
    NETWORK = "network"  # it has no network: look at the registration
    SIM = "sim"  # look at the SIM again
    MODEM = "modem"  # out of step or broken: bring it up anew, reset it
    STORAGE = "storage"  # no room: free some


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict, the moment of the next try, whether this was an attempt, and what it says of the modem."""

    verdict: Verdict
    retry_at: datetime
    counted: bool = True
    suspicion: Suspicion = Suspicion.NONE


@dataclass(frozen=True, slots=True)
class _Row:
    verdict: Verdict
    suspicion: Suspicion = Suspicion.NONE
    counted: bool = True
    at_least: timedelta | None = None  # the pause, where the ladder's is shorter
    at_once: bool = False


_AGAIN = _Row(Verdict.RETRY, Suspicion.FAINT)
REACTIONS: dict[Reaction, _Row] = {
    Reaction.RETRY: _AGAIN,
    Reaction.IGNORE: _AGAIN,
    Reaction.SLOW: _Row(Verdict.RETRY, Suspicion.FAINT, at_least=SLOW_START),
    Reaction.STOP: _Row(Verdict.RETRY, Suspicion.STRONG, at_least=SLOW_START),
    Reaction.MODEM: _Row(Verdict.RETRY, Suspicion.MODEM),
    Reaction.FAIL: _Row(Verdict.FAIL),
    Reaction.BUG: _Row(Verdict.FAIL),
    Reaction.UNKNOWN: _Row(Verdict.DOUBT),
    Reaction.SENT: _Row(Verdict.SENT),
    Reaction.BUSY: _Row(Verdict.WAIT, Suspicion.BUSY, counted=False, at_least=BUSY_PAUSE),
    Reaction.SIM: _Row(Verdict.WAIT, Suspicion.SIM, counted=False),
    Reaction.REGISTRATION: _Row(Verdict.WAIT, Suspicion.NETWORK, counted=False),
    Reaction.PURGE: _Row(Verdict.RETRY, Suspicion.STORAGE, at_once=True),
    Reaction.WITHOUT_CLASS: _Row(Verdict.WITHOUT_CLASS),
    Reaction.WITHOUT_VALIDITY: _Row(Verdict.WITHOUT_VALIDITY),
}
#: The modem itself says that nothing can be sent: no message is to blame.
_STOPPED_BY_MODEM = _Row(Verdict.WAIT, Suspicion.NETWORK, counted=False)


def after_refusal(
    cause: Cause,
    attempts: int,
    now: datetime,
    ladder: Sequence[timedelta],
    jitter: float = 0.0,
    *,
    from_network: bool = True,
) -> Decision:
    """Decide after the network or (not `from_network`) the modem itself refused a segment.

    `attempts` counts the refusals before this one, `ladder` is the pause after each, `jitter` (0..1) spreads retries by
    up to a fifth so that messages refused together do not come back together.
    """
    worn_out = cause.tries is not None and attempts >= cause.tries
    reaction = cause.then if worn_out else cause.reaction
    row = _STOPPED_BY_MODEM if reaction is Reaction.STOP and not from_network else REACTIONS[reaction]
    suspicion = Suspicion.FAINT if row.suspicion is Suspicion.NONE and cause.for_all is not None else row.suspicion
    if row.verdict is Verdict.WAIT:
        return Decision(Verdict.WAIT, now + (row.at_least or timedelta(0)), counted=False, suspicion=suspicion)
    if row.verdict is not Verdict.RETRY:
        return Decision(row.verdict, now, suspicion=suspicion)
    if attempts + 1 >= MAX_ATTEMPTS:
        return Decision(Verdict.FAIL, now, suspicion=suspicion)
    pause = max(ladder[min(attempts, len(ladder) - 1)], row.at_least or timedelta(0))
    return Decision(Verdict.RETRY, now if row.at_once else now + pause * (1 + jitter / 5), row.counted, suspicion)
