"""One thread that owns one modem and carries between it and the store.

connect → bring up → carry → (port lost, modem blocked) → back off. The thread waits in one place, on its inbox: octets from
the port, the end of the port and nudges from the gate all arrive there, so nothing polls.
"""

import logging
import queue
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from omsmodem import policy
from omsmodem.message import OutgoingMessage, Segment, SegmentState
from omsmodem.modem.errors import Blocked, InDoubt, ModemError, NotSent, PortLost, Refused
from omsmodem.modem.gsm import Gsm, Identity, Setup
from omsmodem.modem.session import NUDGE, Inbox, Port, Session
from omsmodem.policy import Verdict
from omsmodem.sms import causes, segment
from omsmodem.sms.errors import SmsError
from omsmodem.store import Store, Taken
from omsmodem.worker.receiver import Receiver, Reception

_log = logging.getLogger(__name__)

#: An idle modem is asked for a sign of life this often.
IDLE_CHECK_S = 60.0


class ModemState(StrEnum):
    """What a modem is doing."""

    ABSENT = "absent"
    STARTING = "starting"
    READY = "ready"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class ModemStatus:
    """A modem's state in words, for people."""

    name: str
    state: ModemState
    detail: str = ""
    identity: Identity | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """How messages are sent."""

    validity: timedelta = timedelta(hours=48)
    evidence_window: timedelta = timedelta(seconds=120)
    retry_ladder: Sequence[timedelta] = field(default_factory=lambda: (timedelta(seconds=30), timedelta(minutes=5)))
    resend: Callable[[str], bool] = lambda _account: True  # policy of an account when a message stays in doubt


class Worker:
    """Carries messages over one modem until it is told to stop."""

    def __init__(
        self,
        name: str,
        open_port: Callable[[], Port],
        store: Store,
        sending: Sending,
        *,
        setup: Setup | None = None,
        reception: Reception | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.status = ModemStatus(name, ModemState.ABSENT, "not opened yet")
        self._open_port = open_port
        self._outbox = store.outbox
        self._evidence = store.evidence
        self._receiver = Receiver(name, store, reception, monotonic=monotonic)
        self._sending = sending
        self._setup = setup
        self._clock = clock
        self._monotonic = monotonic
        self._stopping = threading.Event()
        self._inbox: Inbox = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"modem-{name}", daemon=True)

    def start(self) -> None:
        """Start the thread; the modem may be missing."""
        self._thread.start()

    def nudge(self) -> None:
        """Wake the worker: there is something to do. Any thread may call this."""
        self._inbox.put(NUDGE)

    def stop(self, timeout_s: float = 200.0) -> None:
        """Finish the segment in hand and end the thread."""
        self._stopping.set()
        self.nudge()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    # -- the life of a connection -----------------------------------------------------------------------------------

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                self._connect_and_carry()
                failures = 0
            except ModemError as error:
                failures = 0 if self.status.state is ModemState.READY else failures + 1
                self._report_trouble(error)
            except Exception:  # noqa: BLE001 - a worker that dies silently is the one fault an office cannot see
                failures += 1
                _log.exception("modem=%s unexpected fault; reconnecting", self.name)
                self._set_status(ModemState.BLOCKED, "unexpected fault, see the log")
            if not self._stopping.is_set():
                self._pause(policy.reopen_pause_s(failures))

    def _connect_and_carry(self) -> None:
        self._inbox = queue.SimpleQueue()
        session = Session(self._open_port(), self._inbox, monotonic=self._monotonic)
        try:
            self._set_status(ModemState.STARTING, "setting up the modem")
            gsm = Gsm(session)
            identity = gsm.bring_up(self._setup)
            self._set_status(ModemState.READY, "", identity)
            self._carry(gsm, session)
        finally:
            session.close()

    def _report_trouble(self, error: ModemError) -> None:
        state = ModemState.BLOCKED if isinstance(error, Blocked) else ModemState.ABSENT
        self._set_status(state, str(error))

    def _set_status(self, state: ModemState, detail: str, identity: Identity | None = None) -> None:
        before = self.status
        self.status = ModemStatus(self.name, state, detail, identity)
        if (before.state, before.detail) != (state, detail):
            level = logging.INFO if state in {ModemState.READY, ModemState.STARTING} else logging.WARNING
            _log.log(level, "modem=%s state=%s %s", self.name, state, detail)

    def _pause(self, seconds: float) -> None:
        """Wait before the next attempt, keeping time-outs of the queue; a stop ends it early."""
        self._tend_queue()
        self._stopping.wait(seconds)

    # -- carrying ---------------------------------------------------------------------------------------------------

    def _carry(self, gsm: Gsm, session: Session) -> None:
        while not self._stopping.is_set():
            self._receiver.receive(gsm)
            self._tend_queue()
            taken = self._outbox.take(self.name, self._cut)
            if taken is not None:
                self._send(gsm, taken)
            elif not session.wait(self._idle_s()):
                gsm.check_alive()

    def _tend_queue(self) -> None:
        self._outbox.expire()
        self._evidence.settle_doubts(self.name, lambda message: self._sending.resend(message.account))

    def _idle_s(self) -> float:
        moment = self._outbox.next_moment(self._clock())
        if moment is None:
            return IDLE_CHECK_S
        return min(max((moment - self._clock()).total_seconds(), 0.0), IDLE_CHECK_S)

    def _cut(self, message: OutgoingMessage, reference: int) -> tuple[bytes, ...]:
        validity = message.expires_at - max(message.not_before, message.accepted_at)
        try:
            return segment.cut(message.text, message.recipient, reference, validity=validity, status_report=True)
        except SmsError as error:  # the gate counts every text, so this is a text of an older version
            _log.error("message=%d cannot be encoded: %s", message.id, error)
            return ()

    def _send(self, gsm: Gsm, taken: Taken) -> None:
        message = taken.message
        if not taken.segments:
            self._outbox.fail(message.id, "the text cannot be encoded as SMS")
            return
        for part in taken.segments:
            if part.state is not SegmentState.PENDING:
                continue
            if self._stopping.is_set():
                self._outbox.release(message.id, "the service is stopping")
                return
            if not self._submit(gsm, message, part):
                return
            self._receiver.receive(gsm)

    def _submit(self, gsm: Gsm, message: OutgoingMessage, part: Segment) -> bool:
        """Send one segment and record the outcome; False when the message is out of our hands."""
        self._outbox.mark_in_flight(message.id, part.number, self.name)
        try:
            reference = gsm.submit(part.tpdu)
        except InDoubt as error:
            settle_at = self._clock() + self._sending.evidence_window
            self._outbox.mark_uncertain(message.id, part.number, str(error), settle_at)
            _log.warning("message=%d segment=%d in doubt: %s", message.id, part.number, error)
            gsm.settle()
            return False
        except (NotSent, Refused) as error:
            self._refused(message, part, error)
            return False
        except PortLost as error:
            self._not_sent(message, part, str(error), self._clock(), counted=False)
            raise
        self._outbox.mark_submitted(message.id, part.number, reference)
        _log.info("message=%d segment=%d/%d submitted reference=%d", message.id, part.number, part.total, reference)
        return True

    def _refused(self, message: OutgoingMessage, part: Segment, error: NotSent | Refused) -> None:
        cause = causes.cme(error.code) if error.kind == "cme" else causes.cms(error.code)
        words = f"{error} ({cause.meaning})" if cause.meaning else str(error)
        jitter = random.random()  # noqa: S311 - spreads retries, guards nothing
        decision = policy.after_refusal(
            cause.reaction, message.attempts, self._clock(), self._sending.retry_ladder, jitter
        )
        _log.warning("message=%d segment=%d %s: %s", message.id, part.number, words, decision.verdict)
        match decision.verdict:
            case Verdict.FAIL:
                self._outbox.mark_failed(message.id, part.number, words)
            case Verdict.DOUBT:
                settle_at = self._clock() + self._sending.evidence_window
                self._outbox.mark_uncertain(message.id, part.number, words, settle_at)
            case Verdict.RETRY:
                self._not_sent(message, part, words, decision.retry_at, counted=True)
            case Verdict.WAIT:
                self._not_sent(message, part, words, decision.retry_at, counted=True)
                raise Blocked(words)

    def _not_sent(self, message: OutgoingMessage, part: Segment, why: str, at: datetime, *, counted: bool) -> None:
        self._outbox.mark_not_sent(message.id, part.number, why, at, counted=counted)
