"""Sending over one modem: take, write the intent, hand over, record what came of it."""

import contextlib
import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from omsmodem import killpoints
from omsmodem.message import OutgoingMessage, Segment, SegmentState
from omsmodem.modem.errors import Blocked, BlockReason, InDoubt, NotSent, PortLost, Refused, Unanswered, Unresponsive
from omsmodem.modem.gsm import Gsm
from omsmodem.policy.refusals import Decision, Suspicion, Verdict, after_refusal
from omsmodem.policy.sickness import BUSY_LIMIT, Health
from omsmodem.sms import causes, segment
from omsmodem.sms.causes import Cause, Reaction
from omsmodem.sms.errors import SmsError
from omsmodem.store import Charge, Outbox, Taken
from omsmodem.store.errors import IllegalMove
from omsmodem.worker.budget import Budget
from omsmodem.worker.latecomers import Latecomers
from omsmodem.worker.plainer import without_class, without_validity

_log = logging.getLogger(__name__)

#: Codes below this come from the network (TS 24.011 §8.2.5.4, TS 23.040 §9.2.3.22), the others from the modem itself.
_FIRST_CODE_OF_MODEM = 256
#: Of the modem's own codes, those that name no reason for which it would not have sent.
_PROVE_NOTHING = {Reaction.RETRY, Reaction.SLOW, Reaction.MODEM, Reaction.IGNORE}
#: Of each new measurement, in the running mean of the time a segment takes.
_SMOOTHING = 0.2


@dataclass(frozen=True, slots=True)
class Sending:
    """How messages are sent."""

    evidence_window: timedelta = timedelta(seconds=120)
    retry_ladder: Sequence[timedelta] = field(default_factory=lambda: (timedelta(seconds=30), timedelta(minutes=5)))
    resend: Callable[[str], bool] = lambda _account: True  # policy of an account when a message stays in doubt


class Sick(Blocked):
    """The last messages were refused to different recipients: the modem or its SIM is at fault, not they."""


@dataclass(frozen=True, slots=True)
class Flight:
    """One segment whose intent is on disk, of a message that is in hand."""

    taken: Taken
    segment: Segment
    charge: Charge

    @property
    def message(self) -> OutgoingMessage:
        """The message it belongs to."""
        return self.taken.message


class Sender:
    """Sends over modem `name`. `choose` says whether a message that no modem began fits this one best; None: every one."""

    def __init__(
        self,
        name: str,
        outbox: Outbox,
        sending: Sending,
        budget: Budget,
        *,
        choose: Callable[[OutgoingMessage], bool] | None,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.health = Health()
        self.seconds_per_segment: float | None = None
        self.latecomers = Latecomers(monotonic, outbox.last_reference(name))
        self.submitted = 0  # segments that the network took
        self.begun_only = False
        self.waiting = ""  # what stays in the queue for want of room in the budget
        self._name = name
        self._outbox = outbox
        self._sending = sending
        self._budget = budget
        self._choose = choose
        self._clock = clock
        self._monotonic = monotonic
        self._jitter = jitter
        self._unrecorded: tuple[int, int, int | None] | None = None  # what the modem said and the store could not take

    # -- before the air ---------------------------------------------------------------------------------------------

    def take(self) -> Flight | None:
        """The first segment of the next message, its intent on disk (law 2); None when nothing is to be sent now."""
        with self._outbox.at_once():
            return self._take()

    def _take(self) -> Flight | None:
        self.waiting = ""
        while True:
            taken = self._outbox.take(self._name, self._cut, fits=self._fits, begun_only=self.begun_only)
            if taken is None:
                return None
            pending = taken.next_pending()
            if pending is not None:
                return self._intend(taken, pending)
            self._outbox.fail(taken.message.id, "the text cannot be encoded as SMS")

    def _fits(self, message: OutgoingMessage) -> bool:
        mine = message.bound_to is not None or self._choose is None or self._choose(message)
        if mine and not self._budget.has_room_for(message):
            needs = f"message {message.id} needs {message.segments} segments"
            self.waiting = self.waiting or f"{needs}, more than its limits leave; it waits"
            return False
        return mine

    def _intend(self, taken: Taken, pending: Segment) -> Flight:
        charge = self._budget.charge()
        self._outbox.mark_in_flight(taken.message.id, pending.number, self._name, charge)
        return Flight(taken, pending, charge)

    def _cut(self, message: OutgoingMessage, reference: int) -> tuple[bytes, ...]:
        validity = message.expires_at - self._clock()
        try:
            return segment.cut(message.text, message.recipient, reference, validity=validity, status_report=True)
        except SmsError as error:  # the gate counts every text, so this is a text of an older version
            _log.error("message=%d cannot be encoded: %s", message.id, error)
            return ()

    # -- on the air -------------------------------------------------------------------------------------------------

    def send(self, gsm: Gsm, flight: Flight, *, go_on: Callable[[], bool]) -> Flight | None:
        """Hand over one segment and record what came of it; returns the next one, its intent on disk.

        `go_on` says whether there may be a next one at all. Raises Blocked when the modem is at fault, PortLost,
        Unresponsive; the message is then safe in the queue.
        """
        killpoints.reach("submit.intended")
        started = self._monotonic()
        try:
            reference = gsm.submit(flight.segment.tpdu, more=flight.segment.number < flight.segment.total)
        except InDoubt as error:
            if isinstance(error, Unanswered):
                self.latecomers.gave_up()
            self._doubt(gsm, flight, str(error))
            return None
        except (NotSent, Refused) as error:
            self._refused(gsm, flight, error)
            return None
        except PortLost as error:
            self._outbox.mark_not_sent(
                flight.message.id, flight.segment.number, str(error), self._clock(), counted=False, charge=flight.charge
            )
            raise
        killpoints.reach("submit.answered")
        if self.latecomers.came(reference):
            self._doubt(gsm, flight, f"the answer (reference {reference}) may be that of an earlier segment")
            return None
        self._measure(self._monotonic() - started)
        return self._submitted(flight, reference, go_on)

    def _submitted(self, flight: Flight, reference: int | None, go_on: Callable[[], bool]) -> Flight | None:
        """Record that the network took a segment, and in the same commit the intent to send the next one."""
        message, number = flight.message, flight.segment.number
        self.health = self.health.after_success()
        self.submitted += 1
        self._unrecorded = (message.id, number, reference)
        try:
            with self._outbox.at_once():
                self._outbox.mark_submitted(message.id, number, reference)
                following = self._following(flight, go_on)
        except Exception:
            self.record_what_is_known()  # it stands, whatever comes next
            raise
        self._unrecorded = None
        total = flight.segment.total
        _log.info("message=%d segment=%d/%d submitted reference=%s", message.id, number, total, reference)
        killpoints.reach("submit.recorded")
        return following

    def record_what_is_known(self) -> None:
        """Record a segment that the network took while the store could not be written. Raises StoreError."""
        if self._unrecorded is not None:
            with contextlib.suppress(IllegalMove):
                self._outbox.mark_submitted(*self._unrecorded)
            self._unrecorded = None

    def _following(self, flight: Flight, go_on: Callable[[], bool]) -> Flight | None:
        taken = flight.taken.without(flight.segment.number)
        pending = taken.next_pending()
        on = go_on()
        if pending is None:
            return self._take() if on else None
        rest = self._budget.rest()
        if on and rest is None:
            return self._intend(taken, pending)
        why = rest.words if rest is not None else "the modem stops for the moment"
        self._outbox.release(taken.message.id, why, retry_at=rest.until if rest is not None else None)
        return None

    def _measure(self, seconds: float) -> None:
        before = self.seconds_per_segment
        self.seconds_per_segment = seconds if before is None else before + _SMOOTHING * (seconds - before)

    # -- when it was not taken ----------------------------------------------------------------------------------------

    def _doubt(self, gsm: Gsm, flight: Flight, why: str) -> None:
        settle_at = self._clock() + self._sending.evidence_window
        self._outbox.mark_uncertain(flight.message.id, flight.segment.number, why, settle_at)
        _log.warning("message=%d segment=%d in doubt: %s", flight.message.id, flight.segment.number, why)
        killpoints.reach("doubt.recorded")
        gsm.settle()

    def _refused(self, gsm: Gsm, flight: Flight, error: NotSent | Refused) -> None:
        cause, number = _cause(error), flight.segment.number
        words = f"{error} ({cause.meaning})" if cause.meaning else str(error)
        decision = self._decide(flight.message, cause, error)
        # The octets, which hold the text, are in the store and not for the log.
        level = logging.ERROR if cause.reaction is Reaction.BUG else logging.WARNING
        _log.log(level, "message=%d segment=%d %s: %s", flight.message.id, number, words, decision.verdict)
        self._record(flight, decision, words, certain=_is_certain(error, cause))
        killpoints.reach("refusal.recorded")
        self._suspect(gsm, flight.message.recipient, decision.suspicion, f"{words}. {cause.advice}".rstrip(" ."))

    def _decide(self, message: OutgoingMessage, cause: Cause, error: NotSent | Refused) -> Decision:
        now, ladder = self._clock(), self._sending.retry_ladder
        if isinstance(error, NotSent) and error.kind is None:
            # No prompt, no reason: others go first, should this message be what the modem stumbles over.
            return Decision(Verdict.WAIT, now + ladder[0], counted=False, suspicion=Suspicion.MODEM)
        from_network = _answered_by_network(error)
        return after_refusal(cause, message.attempts, now, ladder, self._jitter(), from_network=from_network)

    def _record(self, flight: Flight, decision: Decision, words: str, *, certain: bool) -> None:
        message, number, charge = flight.message, flight.segment.number, flight.charge
        match decision.verdict:
            case Verdict.FAIL:
                self._outbox.mark_failed(message.id, number, words, charge=charge)
            case Verdict.DOUBT:
                settle_at = self._clock() + self._sending.evidence_window
                self._outbox.mark_uncertain(message.id, number, words, settle_at)
            case Verdict.SENT:
                self._outbox.mark_submitted(message.id, number, None)
                self._release_rest(flight)
            case Verdict.WITHOUT_CLASS:
                self._plainer(flight, words, without_class)
            case Verdict.WITHOUT_VALIDITY:
                self._plainer(flight, words, without_validity)
            case Verdict.RETRY | Verdict.WAIT:
                at, counted = decision.retry_at, decision.counted
                self._outbox.mark_not_sent(
                    message.id, number, words, at, counted=counted, certain=certain, charge=charge
                )

    def _release_rest(self, flight: Flight) -> None:
        if flight.taken.without(flight.segment.number).next_pending() is not None:
            self._outbox.release(flight.message.id, "a segment had been sent before; the others follow")

    def _plainer(self, flight: Flight, words: str, form: Callable[[bytes], bytes]) -> None:
        """The service centre does not know what the TPDU asks for: the same text without it, at once, and only once."""
        message, charge = flight.message, flight.charge
        pending = [one for one in flight.taken.segments if one.state is SegmentState.PENDING]
        simpler = {one.number: form(one.tpdu) for one in pending}
        if flight.segment.repeats or simpler == {one.number: one.tpdu for one in pending}:
            self._outbox.mark_failed(message.id, flight.segment.number, words, charge=charge)
            return
        with self._outbox.at_once():
            number, now = flight.segment.number, self._clock()
            self._outbox.mark_not_sent(message.id, number, words, now, counted=True, charge=charge)
            self._outbox.rewrite(message.id, simpler)

    # -- what it says of the modem ------------------------------------------------------------------------------------

    def _suspect(self, gsm: Gsm, recipient: str, suspicion: Suspicion, words: str) -> None:
        """Look at the modem where a refusal gives reason to. Raises Blocked, Unresponsive, PortLost."""
        self.health = self.health.after_refusal(recipient, suspicion)
        match suspicion:
            case Suspicion.BUSY if self.health.busy >= BUSY_LIMIT:
                raise Unresponsive(f"the modem does not stop being busy: {words}")
            case Suspicion.MODEM:
                raise Unresponsive(f"the modem is out of order: {words}")
            case Suspicion.SIM:
                raise Blocked(f"the SIM cannot be used: {words}", BlockReason.SIM_FAILURE)
            case Suspicion.STORAGE:
                if not gsm.free_storage():
                    raise Blocked(f"the modem's storage is full: {words}", BlockReason.STORAGE_FULL)
            case Suspicion.NETWORK:
                network = gsm.registration()
                raise network.refusal(roaming_allowed=True) or Blocked(f"the modem cannot send: {words}")
            case Suspicion.STRONG:
                gsm.registration()  # the worker looks at it before the next message
        if self.health.sick:
            refusals, again = self.health.refusals, bool(self.health.trips)
            self.health = self.health.after_block()
            what = "refused again" if again else f"{refusals} different recipients were refused in a row, the last with"
            raise Sick(f"{what}: {words}")


def _cause(error: NotSent | Refused) -> Cause:
    prompted = isinstance(error, Refused)
    return (causes.cme if error.kind == "cme" else causes.cms)(error.code, prompted=prompted)


def _is_certain(error: NotSent | Refused, cause: Cause) -> bool:
    """Whether a refusal proves that nothing was sent. A modem may say 300 or 500 of a segment that went out."""
    return isinstance(error, NotSent) or _answered_by_network(error) or cause.reaction not in _PROVE_NOTHING


def _answered_by_network(error: NotSent | Refused) -> bool:
    """Whether the code is one that only the network gives: the segment was not accepted. Others a modem may make up."""
    return error.kind == "cms" and error.code is not None and error.code < _FIRST_CODE_OF_MODEM
