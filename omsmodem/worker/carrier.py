"""One thread that owns one modem and carries between it and the store.

connect → bring up → carry → (blocked: sit it out · port lost, deaf: climb the ladder) → back off. The thread waits in one
place, on its inbox: octets from the port, the end of the port and nudges from the gate all arrive there, so nothing polls.
"""

import contextlib
import logging
import queue
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from omsmodem.modem import sim
from omsmodem.modem.errors import Blocked, BlockReason, ModemError, PortLost, PortUnavailable, Restarted, Unresponsive
from omsmodem.modem.gsm import Gsm, Setup
from omsmodem.modem.session import NUDGE, Inbox, Port, Session, Trace
from omsmodem.policy import patience
from omsmodem.policy.choice import Claim
from omsmodem.policy.patience import Push
from omsmodem.policy.recovery import Ladder, Step
from omsmodem.store import Control, Store
from omsmodem.store.errors import StoreError
from omsmodem.worker.budget import Budget, Caps
from omsmodem.worker.receiver import Receiver, Reception
from omsmodem.worker.sender import Flight, Sender, Sending, Sick
from omsmodem.worker.status import ModemState, ModemStatus
from omsmodem.worker.switchboard import Switchboard
from omsmodem.worker.watch import Watch, Watching

_log = logging.getLogger(__name__)

T = TypeVar("T")

#: Messages expire, doubts are settled and reports given up no more often than this.
_TEND_EVERY_S = 1.0
#: A store that cannot be written is tried again after this.
_STORE_PAUSE_S = 5.0
#: No wait is shorter, unless something comes: what is due this instant may be due for another worker.
_SHORTEST_WAIT_S = 0.01
#: No wait is longer: whatever was missed is found then.
_LONGEST_WAIT_S = 60.0
#: A segment may take the network three minutes, a modem's restart and search a few more.
_STUCK_S = 900.0
_ROUTINE = {ModemState.READY, ModemState.STARTING}
_NETWORK = {BlockReason.NOT_REGISTERED, BlockReason.DENIED, BlockReason.EMERGENCY_ONLY, BlockReason.ROAMING}

Hook = Callable[[str], str]
"""Runs the operator's program for a reason; returns in words what became of it."""
Alarm = Callable[[str, str], None]
"""Tells somebody: the modem's name, and what is wrong in words."""


def _no_alarm(_modem: str, _words: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Care:
    """How one modem is treated."""

    setup: Setup = field(default_factory=Setup)
    caps: Caps = field(default_factory=Caps)
    watching: Watching = field(default_factory=Watching)
    hook: Hook | None = None
    alarm: Alarm = _no_alarm


@dataclass(frozen=True, slots=True)
class Clocks:
    """Time and chance, from outside."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random
    inbox: Callable[[], Inbox] = queue.SimpleQueue


class Worker:
    """Carries messages over one modem until it is told to stop."""

    def __init__(
        self,
        name: str,
        open_port: Callable[[], Port],
        store: Store,
        sending: Sending | None = None,
        *,
        care: Care | None = None,
        reception: Reception | None = None,
        switchboard: Switchboard | None = None,
        clocks: Clocks | None = None,
        trace: Trace | None = None,
    ) -> None:
        self.name = name
        self.status = ModemStatus(name)
        self._care = care or Care()
        self._clocks = clocks or Clocks()
        self._open_port = open_port
        self._store = store
        self._sending = sending or Sending()
        self._trace = trace
        self._switchboard = switchboard or Switchboard({name: Claim()}, monotonic=self._clocks.monotonic)
        self._switchboard.listen(name, self.nudge)
        self._receiver = Receiver(name, store, reception, monotonic=self._clocks.monotonic)
        self._budget = Budget(store.modems, self._care.caps, self._clocks.now, name)
        self._sender = self._make_sender()
        self._watch = Watch(name, store.modems, self._care.watching, self._clocks.now, self._clocks.monotonic)
        self._ladder = Ladder(hooked=self._care.hook is not None)
        self._looks = 0  # vain looks at a blocked modem, in a row
        self._blocked_since: float | None = None
        self._pushed = 0
        self._centre_kept = False
        self._tended_at = 0.0
        self._errands: queue.SimpleQueue[tuple[Callable[[Gsm, Session], Any], Future[Any]]] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._came_round = self._clocks.monotonic()
        self._inbox = self._clocks.inbox()
        self._thread = threading.Thread(target=self.run, name=f"modem-{name}", daemon=True)

    def _make_sender(self) -> Sender:
        board, name = self._switchboard, self.name
        return Sender(
            name,
            self._store.outbox,
            self._sending,
            self._budget,
            choose=(lambda m: board.may_take(name, m.recipient, m.account)) if board.selective else None,
            clock=self._clocks.now,
            monotonic=self._clocks.monotonic,
            jitter=self._clocks.jitter,
        )

    # -- for other threads ------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the thread; the modem may be missing."""
        self._thread.start()

    def nudge(self) -> None:
        """Wake the worker: there is something to do."""
        self._inbox.put(NUDGE)

    def tell_to_stop(self) -> None:
        """Let the segment in hand be the last."""
        self._stopping.set()
        self.nudge()

    def stop(self, timeout_s: float = 200.0) -> None:
        """Finish the segment in hand and end the thread."""
        self.tell_to_stop()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    @property
    def stopping(self) -> bool:
        """Whether the worker was told to stop."""
        return self._stopping.is_set()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    @property
    def fresh(self) -> bool:
        """Whether the thread runs and has come round lately: no wait of its own is as long as that. For the watchdog."""
        return self.alive and self._clocks.monotonic() - self._came_round < _STUCK_S

    def errand(self, what: Callable[[Gsm, Session], T]) -> "Future[T]":
        """Have something done on the modem between two segments, by its own thread."""
        future: Future[T] = Future()
        self._errands.put((what, future))
        self.nudge()
        return future

    def spent(self) -> dict[str, tuple[int, int]]:
        """Segments this modem's SIM handed over today and this month, each with its cap (0: none)."""
        return self._budget.used()

    # -- the life of a modem ----------------------------------------------------------------------------------------

    def run(self) -> None:
        """What the thread does until it is told to stop."""
        while not self._stopping.is_set():
            pause_s = self._connect()
            self._switchboard.set_able(self.name, False)
            self._refuse_errands()
            if not self._stopping.is_set():
                self._pause(pause_s)
        self._set_state(ModemState.ABSENT, "stopped")

    def _connect(self) -> float:
        """One life of a connection; returns the seconds to wait before the next."""
        try:
            self._settle_leftovers()
            self._live()
        except (PortUnavailable, PortLost) as error:
            self._sender.latecomers.none()
            self._set_state(ModemState.ABSENT, str(error))
            return self._climb(*self._ladder.missing(self._clocks.monotonic()), str(error))
        except Unresponsive as error:
            self._set_state(ModemState.ABSENT, str(error))
            return self._ladder.pause_s  # the step was taken while the port was open
        except ModemError as error:
            self._set_state(ModemState.BLOCKED, str(error))
            return _STORE_PAUSE_S
        except StoreError as error:
            self._set_state(ModemState.BLOCKED, str(error), "store")
            return _STORE_PAUSE_S
        except Exception:  # noqa: BLE001 - a worker that dies silently is the one fault an office cannot see
            _log.exception("modem=%s unexpected fault; reconnecting", self.name)
            self._set_state(ModemState.BLOCKED, "unexpected fault, see the log", "fault")
            return self._climb(*self._ladder.deaf(self._clocks.monotonic()), "unexpected faults")
        return 0.0

    def _settle_leftovers(self) -> None:
        """What a fault of the store or of this program left unrecorded is in doubt, as after a kill."""
        settle_at = self._clocks.now() + self._sending.evidence_window
        queued, doubtful = self._store.outbox.recover(settle_at, self.name)
        if queued or doubtful:
            _log.warning("modem=%s left over: queued again=%d in doubt=%d", self.name, queued, doubtful)

    def _live(self) -> None:
        self._inbox = self._clocks.inbox()
        session = Session(self._open_port(), self._inbox, monotonic=self._clocks.monotonic, trace=self._trace)
        gsm = Gsm(session)
        try:
            self._serve(gsm, session)
        except Unresponsive as error:
            ladder, step = self._ladder.deaf(self._clocks.monotonic())
            self._climb(ladder, step, str(error), gsm)
            raise
        finally:
            session.close()

    def _serve(self, gsm: Gsm, session: Session) -> None:
        fresh = True
        while not self._stopping.is_set():
            try:
                if fresh:
                    self._bring_up(gsm, session)
                self._become_ready(gsm)
                self._carry(gsm, session)
            except Restarted as error:
                self._set_state(ModemState.STARTING, str(error))
                fresh = True
            except Blocked as error:
                fresh = self._sit_out(gsm, session, error)

    def _bring_up(self, gsm: Gsm, session: Session) -> None:
        if self.status.state is not ModemState.BLOCKED:
            self._set_state(ModemState.STARTING, "setting up the modem")
        setup = self._care.setup
        try:
            gsm.bring_up(setup)
        except Blocked as error:
            known = self._known_centre(session) if error.reason is BlockReason.NO_SERVICE_CENTRE else None
            if known is None:
                raise
            gsm.bring_up(replace(setup, known_service_centre=known))

    def _known_centre(self, session: Session) -> str | None:
        serial = sim.iccid(session)
        return self._store.modems.service_centre(serial) if serial else None

    def _become_ready(self, gsm: Gsm) -> None:
        assert gsm.ready is not None
        self._budget.sim = gsm.ready.identity.iccid or self.name
        self._blocked_since, self._pushed, self._centre_kept = None, 0, False
        self._ladder = self._ladder.found()
        self.status = replace(
            self.status,
            identity=gsm.ready.identity,
            registration=gsm.network,
            service_centre=gsm.ready.service_centre,
            fill=gsm.ready.fill,
        )
        self._set_state(ModemState.READY)
        self._store.evidence.await_reports(self.name, self._clocks.now() + self._sending.evidence_window)
        self._watch.begin()

    # -- carrying ---------------------------------------------------------------------------------------------------

    def _carry(self, gsm: Gsm, session: Session) -> None:
        while not self._stopping.is_set():
            self._hear(gsm)
            self._require_network(gsm)
            self._tend(ready=True)
            self._run_errands(gsm, session)
            if self._may_send() and self._send_all(gsm):
                continue
            if not session.wait(self._idle_s()) and self._watch.due_s() <= 0:
                self._ask(gsm)

    def _hear(self, gsm: Gsm) -> None:
        """Keep what came from the network."""
        for reference in gsm.late_references():
            self._sender.latecomers.came(reference)
            settled = self._store.evidence.add_late_reference(self.name, reference)
            _log.warning("modem=%s late answer reference=%d settled=%s", self.name, reference, settled)
        self._receiver.receive(gsm)

    def _require_network(self, gsm: Gsm) -> None:
        refusal = gsm.network.refusal(roaming_allowed=self._care.setup.roaming_allowed)
        if refusal is not None:
            raise refusal

    def _may_send(self) -> bool:
        """Whether a segment may be begun; says in the status why not."""
        word, rest = self._store.modems.word(self.name), self._budget.rest()
        self._sender.begun_only = word.control is Control.DRAINING
        detail = rest.words if rest is not None else self._sender.waiting
        if word.control is not Control.OPEN:
            detail = f"{word.control} by {word.by}"
        if (word, detail) != (self.status.word, self.status.detail):
            self.status = replace(self.status, word=word, detail=detail)
            _log.info("modem=%s %s", self.name, detail or "in use")
        self._switchboard.set_able(self.name, word.control is Control.OPEN and rest is None)
        return word.control is not Control.HELD and rest is None

    def _send_all(self, gsm: Gsm) -> bool:
        """Send while there is something to send and nothing else to do; False when there was nothing."""
        flight = self._sender.take()
        if flight is None:
            return False
        self._switchboard.set_idle(self.name, False)  # not before: the others would think it has something to do
        while flight is not None:
            if flight.segment.number == 1:
                self._switchboard.carried(self.name, flight.segment.total)
            flight = self._send(gsm, flight)
        return True

    def _send(self, gsm: Gsm, flight: Flight) -> Flight | None:
        before = self._sender.submitted
        try:
            return self._sender.send(gsm, flight, go_on=lambda: self._may_go_on(gsm))
        finally:
            health, pace = self._sender.health, self._sender.seconds_per_segment
            self.status = replace(self.status, refusals_in_a_row=health.refusals, seconds_per_segment=pace)
            if self._sender.submitted > before:
                self._did_well()

    def _did_well(self) -> None:
        self._ladder = self._ladder.well()
        identity, centre = self.status.identity, self.status.service_centre
        if not self._centre_kept and identity is not None and identity.iccid and centre:
            self._store.modems.keep_service_centre(identity.iccid, centre)
        self._centre_kept = True

    def _may_go_on(self, gsm: Gsm) -> bool:
        """Whether the next segment may follow at once, in the same commit: nothing else wants the modem."""
        self._came_round = self._clocks.monotonic()
        if self._stopping.is_set() or not self._errands.empty() or self._watch.due_s(busy=True) <= 0:
            return False
        return self._receiver.receive_routed(gsm) and self._may_send()

    def _idle_s(self) -> float:
        now = self._clocks.now()
        moment = self._store.outbox.next_moment(now)
        waits = [self._watch.due_s(), _LONGEST_WAIT_S]
        if moment is not None:
            waits.append((moment - now).total_seconds())
        change = self._switchboard.next_change_s()
        if change is not None:
            waits.append(change)
        rest = self._budget.rest()
        if rest is not None:
            waits.append((rest.until - now).total_seconds())
        self._switchboard.set_idle(self.name, True)
        return max(min(waits), _SHORTEST_WAIT_S)

    def _ask(self, gsm: Gsm) -> None:
        self._switchboard.set_idle(self.name, False)
        self.status = self._watch.ask(gsm, self.status)
        if gsm.network != self.status.registration:
            self.status = replace(self.status, registration=gsm.network)
        self._ladder = self._ladder.well()

    def _tend(self, *, ready: bool) -> None:
        """Let messages expire, and doubts be settled by policy where the modem could have brought evidence."""
        self._came_round = self._clocks.monotonic()
        now = self._clocks.monotonic()
        if now - self._tended_at < _TEND_EVERY_S:
            return
        self._tended_at = now
        self._store.outbox.expire()
        self._store.evidence.lapse()
        if ready:
            self._store.evidence.settle_doubts(self.name, lambda message: self._sending.resend(message.account))

    # -- blocked ----------------------------------------------------------------------------------------------------

    def _sit_out(self, gsm: Gsm, session: Session, error: Blocked) -> bool:
        """Wait until it is time to look again, or the network says that it is back; whether to bring the modem up anew."""
        sick = isinstance(error, Sick)
        self._set_state(ModemState.BLOCKED, str(error), "sick" if sick else error.reason)
        self._switchboard.set_able(self.name, False)
        now = self._clocks.monotonic()
        if self._blocked_since is None:
            self._blocked_since, self._looks = now, 0
        self._push(gsm, error.reason, now - self._blocked_since)
        pause_s = self._sender.health.pause.total_seconds() if sick else patience.pause_s(error.reason, self._looks)
        self._looks += 1
        deadline = now + pause_s
        while not self._stopping.is_set():
            left_s = deadline - self._clocks.monotonic()
            if left_s <= 0:
                break
            self._tend(ready=False)
            session.wait(min(left_s, _LONGEST_WAIT_S))
            self._run_errands(gsm, session)
            if self._network_is_back(gsm, error):
                return gsm.ready is None
        return True

    def _network_is_back(self, gsm: Gsm, error: Blocked) -> bool:
        if gsm.ready is not None and not self._hear_or_restart(gsm):
            gsm.ready = None
        gsm.late_references()  # follows the network, too
        refusal = gsm.network.refusal(roaming_allowed=self._care.setup.roaming_allowed)
        return error.reason in _NETWORK and refusal is None

    def _hear_or_restart(self, gsm: Gsm) -> bool:
        try:
            self._hear(gsm)
        except Restarted:
            return False
        return True

    def _push(self, gsm: Gsm, reason: str, blocked_s: float) -> None:
        push = patience.push(reason, self._looks, blocked_s, self._pushed)
        if push is Push.NONE:
            return
        self._pushed += 1
        _log.warning("modem=%s blocked for %d s: %s", self.name, blocked_s, push)
        if push is Push.REGISTER:
            gsm.register_again()
        elif self._ladder.may_reset(self._clocks.monotonic()):
            self._ladder = self._ladder.after_reset(self._clocks.monotonic())
            self._count(Step.RESET)
            gsm.reset()
            self._sender.latecomers.none()

    # -- lost -------------------------------------------------------------------------------------------------------

    def _climb(self, ladder: Ladder, step: Step, why: str, gsm: Gsm | None = None) -> float:
        """Take one step of the ladder; returns the seconds to wait before the port is tried again."""
        self._ladder = ladder
        self._count(step)
        log = _log.info if step in {Step.REOPEN, Step.RESYNC} else _log.warning
        log("modem=%s %s: %s", self.name, step, why)
        if step is Step.RESET and gsm is not None:
            gsm.reset()
            self._sender.latecomers.none()
        elif step is Step.HOOK and self._care.hook is not None:
            _log.warning("modem=%s the recovery hook %s", self.name, self._care.hook(why))
        elif step is Step.ALARM:
            self._care.alarm(self.name, why)
        return ladder.pause_s

    def _count(self, step: Step) -> None:
        steps = {**self.status.steps, step: self.status.steps.get(step, 0) + 1}
        self.status = replace(self.status, steps=steps)

    def _pause(self, seconds: float) -> None:
        """Wait before the next attempt; a stop ends it early."""
        self._inbox = self._clocks.inbox()
        deadline = self._clocks.monotonic() + seconds
        while not self._stopping.is_set() and (left_s := deadline - self._clocks.monotonic()) > 0:
            with contextlib.suppress(StoreError):  # said when the connection ended, or at the next one
                self._tend(ready=False)
            with contextlib.suppress(queue.Empty):
                self._inbox.get(timeout=min(left_s, _LONGEST_WAIT_S))
            self._refuse_errands()

    # -- errands and status -----------------------------------------------------------------------------------------

    def _run_errands(self, gsm: Gsm, session: Session) -> None:
        while not self._errands.empty():
            self._switchboard.set_idle(self.name, False)
            what, future = self._errands.get()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(what(gsm, session))
            except BaseException as error:
                future.set_exception(error)
                if isinstance(error, PortLost | Unresponsive):
                    raise
                if not isinstance(error, Exception):
                    raise

    def _refuse_errands(self) -> None:
        while not self._errands.empty():
            _, future = self._errands.get()
            if future.set_running_or_notify_cancel():
                future.set_exception(PortUnavailable(f"modem {self.name} is {self.status.state}: {self.status.detail}"))

    def _set_state(self, state: ModemState, detail: str = "", reason: str = "") -> None:
        before = self.status
        since = before.since if before.state is state else self._clocks.now()
        self.status = replace(before, state=state, detail=detail, reason=str(reason), since=since)
        if (before.state, before.detail) != (state, detail):
            level = logging.INFO if state in _ROUTINE else logging.WARNING
            _log.log(level, "modem=%s state=%s %s", self.name, state, detail)
