"""Carrying over a modem that is ready: hear, send, ask how it is, and wait for whatever comes first."""

import logging
import threading
from dataclasses import replace

from omsmodem.modem.gsm import Gsm
from omsmodem.modem.session import Session
from omsmodem.store import Control, Store
from omsmodem.worker.budget import Budget
from omsmodem.worker.care import Care, Clocks
from omsmodem.worker.errands import Errands
from omsmodem.worker.receiver import Receiver, Reception
from omsmodem.worker.rescue import Rescue
from omsmodem.worker.sender import Flight, Sender, Sending
from omsmodem.worker.status import ModemStatus, Standing
from omsmodem.worker.switchboard import Switchboard
from omsmodem.worker.watch import Watch

_log = logging.getLogger(__name__)

#: Messages expire, doubts are settled and reports given up no more often than this.
_TEND_EVERY_S = 1.0
#: No wait is shorter, unless something comes: what is due this instant may be due for another worker.
_SHORTEST_WAIT_S = 0.01
#: No wait is longer: whatever was missed is found then.
LONGEST_WAIT_S = 60.0


class Carrying:
    """The work of one modem, for the thread that owns it. `standing`, `rescue` and `errands` belong to its worker."""

    def __init__(
        self,
        store: Store,
        sending: Sending,
        reception: Reception | None,
        care: Care,
        clocks: Clocks,
        switchboard: Switchboard,
        standing: Standing,
        errands: Errands,
        stopping: threading.Event,
    ) -> None:
        self._name = name = standing.status.name
        self._store = store
        self._sending = sending
        self._care = care
        self._clocks = clocks
        self._switchboard = switchboard
        self._standing = standing
        self._errands = errands
        self._stopping = stopping
        self._receiver = Receiver(name, store, reception, monotonic=clocks.monotonic)
        self.budget = Budget(store.modems, care.caps, clocks.now, name)
        self.sender = Sender(
            name,
            store.outbox,
            sending,
            self.budget,
            choose=(lambda m: switchboard.may_take(name, m.recipient, m.account)) if switchboard.selective else None,
            clock=clocks.now,
            monotonic=clocks.monotonic,
            jitter=clocks.jitter,
        )
        self.watch = Watch(name, store.modems, care.watching, clocks.now, clocks.monotonic)
        self.rescue = Rescue(standing, care.hook, monotonic=clocks.monotonic, restarted=self.sender.latecomers.none)
        self._centre_kept = False
        self._tended_at = 0.0
        self.came_round = clocks.monotonic()  # when the thread last did something

    @property
    def status(self) -> ModemStatus:
        """How the modem is; any thread may ask."""
        health, pace = self.sender.health, self.sender.seconds_per_segment
        return replace(self._standing.status, refusals_in_a_row=health.refusals, seconds_per_segment=pace)

    def begin(self, gsm: Gsm) -> None:
        """The modem has just become ready."""
        assert gsm.ready is not None
        self.budget.sim = gsm.ready.identity.iccid or self._name
        self._centre_kept = False
        self.rescue.found()
        self._standing.know(
            identity=gsm.ready.identity,
            registration=gsm.network,
            service_centre=gsm.ready.service_centre,
            fill=gsm.ready.fill,
        )
        self._store.evidence.await_reports(self._name, self._clocks.now() + self._sending.evidence_window)
        self.watch.begin()

    def carry(self, gsm: Gsm, session: Session) -> None:
        """Carry until it is time to stop. Raises Blocked, Restarted, Unresponsive, PortLost, StoreError."""
        while not self._stopping.is_set():
            self.hear(gsm)
            self._require_network(gsm)
            self.tend(ready=True)
            self._run_errands(gsm, session)
            if self._may_send() and self._send_all(gsm):
                continue
            if not session.wait(self._idle_s()) and self.watch.due_s() <= 0:
                self._ask(gsm)

    def hear(self, gsm: Gsm) -> None:
        """Keep what came from the network."""
        for reference in gsm.late_references():
            self.sender.latecomers.came(reference)
            settled = self._store.evidence.add_late_reference(self._name, reference)
            _log.warning("modem=%s late answer reference=%d settled=%s", self._name, reference, settled)
        self._receiver.receive(gsm)

    def tend(self, *, ready: bool) -> None:
        """Let messages expire, and doubts be settled by policy where the modem could have brought evidence."""
        self.came_round = now = self._clocks.monotonic()
        if now - self._tended_at < _TEND_EVERY_S:
            return
        self._tended_at = now
        self._store.outbox.expire()
        self._store.evidence.lapse()
        if ready:
            self._store.evidence.settle_doubts(self._name, lambda message: self._sending.resend(message.account))

    def _require_network(self, gsm: Gsm) -> None:
        refusal = gsm.network.refusal(roaming_allowed=self._care.setup.roaming_allowed)
        if refusal is not None:
            raise refusal

    def _run_errands(self, gsm: Gsm, session: Session) -> None:
        if self._errands.waiting:
            self._switchboard.set_idle(self._name, False)
            self._errands.run(gsm, session)

    # -- sending ----------------------------------------------------------------------------------------------------

    def _may_send(self) -> bool:
        """Whether a segment may be begun; says in the status why not."""
        word, rest = self._store.modems.word(self._name), self.budget.rest()
        self.sender.begun_only = word.control is Control.DRAINING
        detail = rest.words if rest is not None else self.sender.waiting
        if word.control is not Control.OPEN:
            detail = f"{word.control} by {word.by}"
        status = self._standing.status
        if (word, detail) != (status.word, status.detail):
            self._standing.know(word=word, detail=detail)
            _log.info("modem=%s %s", self._name, detail or "in use")
        self._switchboard.set_able(self._name, word.control is Control.OPEN and rest is None)
        return word.control is not Control.HELD and rest is None

    def _send_all(self, gsm: Gsm) -> bool:
        """Send while there is something to send and nothing else to do; False when there was nothing."""
        flight = self.sender.take()
        if flight is None:
            return False
        self._switchboard.set_idle(self._name, False)  # not before: the others would think it has something to do
        while flight is not None:
            if flight.segment.number == 1:
                self._switchboard.carried(self._name, flight.segment.total)
            flight = self._send(gsm, flight)
        return True

    def _send(self, gsm: Gsm, flight: Flight) -> Flight | None:
        before = self.sender.submitted
        try:
            return self.sender.send(gsm, flight, go_on=lambda: self._may_go_on(gsm))
        finally:
            if self.sender.submitted > before:
                self._did_well()

    def _did_well(self) -> None:
        self.rescue.well()
        identity, centre = self._standing.status.identity, self._standing.status.service_centre
        if not self._centre_kept and identity is not None and identity.iccid and centre:
            self._store.modems.keep_service_centre(identity.iccid, centre)
        self._centre_kept = True

    def _may_go_on(self, gsm: Gsm) -> bool:
        """Whether the next segment may follow at once, in the same commit: nothing else wants the modem."""
        self.came_round = self._clocks.monotonic()
        if self._stopping.is_set() or self._errands.waiting or self.watch.due_s(busy=True) <= 0:
            return False
        return self._receiver.receive_routed(gsm) and self._may_send()

    # -- idle -------------------------------------------------------------------------------------------------------

    def _idle_s(self) -> float:
        now = self._clocks.now()
        moment, change, rest = (
            self._store.outbox.next_moment(now),
            self._switchboard.next_change_s(),
            self.budget.rest(),
        )
        waits = [self.watch.due_s(), LONGEST_WAIT_S]
        waits += [(moment - now).total_seconds()] if moment is not None else []
        waits += [change] if change is not None else []
        waits += [(rest.until - now).total_seconds()] if rest is not None else []
        self._switchboard.set_idle(self._name, True)
        return max(min(waits), _SHORTEST_WAIT_S)

    def _ask(self, gsm: Gsm) -> None:
        self._switchboard.set_idle(self._name, False)
        self._standing.status = self.watch.ask(gsm, self._standing.status)
        if gsm.network != self._standing.status.registration:
            self._standing.know(registration=gsm.network)
        self.rescue.well()
