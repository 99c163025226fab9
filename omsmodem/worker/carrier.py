"""One thread that owns one modem and carries between it and the store.

connect → bring up → carry → (blocked: sit it out · port lost, deaf: climb the ladder) → back off. The thread waits in one
place, on its inbox: octets from the port, the end of the port and nudges from the gate all arrive there, so nothing polls.
"""

import contextlib
import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import TypeVar

from omsmodem.modem import sim
from omsmodem.modem.errors import Blocked, BlockReason, ModemError, PortLost, PortUnavailable, Restarted, Unresponsive
from omsmodem.modem.gsm import Gsm
from omsmodem.modem.session import NUDGE, Port, Session, Trace
from omsmodem.policy import patience
from omsmodem.policy.choice import Claim
from omsmodem.store import Store
from omsmodem.store.errors import StoreError
from omsmodem.worker.care import Care, Clocks
from omsmodem.worker.carrying import LONGEST_WAIT_S, Carrying
from omsmodem.worker.errands import Errands
from omsmodem.worker.receiver import Reception
from omsmodem.worker.sender import Sending, Sick
from omsmodem.worker.status import STOPPED, ModemState, ModemStatus, Standing
from omsmodem.worker.switchboard import Switchboard

_log = logging.getLogger(__name__)

T = TypeVar("T")

#: A store that cannot be written is tried again after this.
_STORE_PAUSE_S = 5.0
#: A segment may take the network three minutes, a modem's restart and search a few more.
_STUCK_S = 900.0
_NETWORK = {BlockReason.NOT_REGISTERED, BlockReason.DENIED, BlockReason.EMERGENCY_ONLY, BlockReason.ROAMING}


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
        self._care = care or Care()
        self._clocks = clocks or Clocks()
        self._open_port = open_port
        self._store = store
        self._sending = sending or Sending()
        self._trace = trace
        self._switchboard = switchboard or Switchboard({name: Claim()}, monotonic=self._clocks.monotonic)
        self._switchboard.listen(name, self.nudge)
        self._standing = Standing(name, self._clocks.now)
        self._errands = Errands()
        self._stopping = threading.Event()
        self._carrying = Carrying(
            store,
            self._sending,
            reception,
            self._care,
            self._clocks,
            self._switchboard,
            self._standing,
            self._errands,
            self._stopping,
        )
        self._rescue = self._carrying.rescue
        self._looks = 0  # vain looks at a blocked modem, in a row
        self._blocked_since: float | None = None
        self._inbox = self._clocks.inbox()
        self._thread = threading.Thread(target=self.run, name=f"modem-{name}", daemon=True)

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
    def status(self) -> ModemStatus:
        """How the modem is."""
        return self._carrying.status

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
        return self.alive and self._clocks.monotonic() - self._carrying.came_round < _STUCK_S

    def errand(self, what: Callable[[Gsm, Session], T]) -> "Future[T]":
        """Have something done on the modem between two segments, by its own thread."""
        future = self._errands.ask(what)
        self.nudge()
        return future

    def spent(self) -> dict[str, tuple[int, int]]:
        """Segments this modem's SIM handed over today and this month, each with its cap (0: none)."""
        return self._carrying.budget.used()

    # -- the life of a modem ----------------------------------------------------------------------------------------

    def run(self) -> None:
        """What the thread does until it is told to stop."""
        while not self._stopping.is_set():
            pause_s = self._connect()
            self._switchboard.set_able(self.name, False)
            self._refuse_errands()
            if not self._stopping.is_set():
                self._pause(pause_s)
        self._standing.become(ModemState.ABSENT, STOPPED)

    def _connect(self) -> float:
        """One life of a connection; returns the seconds to wait before the next."""
        become = self._standing.become
        try:
            self._settle_leftovers()
            self._live()
        except (PortUnavailable, PortLost) as error:
            self._carrying.sender.latecomers.none()
            become(ModemState.ABSENT, str(error))
            self._rescue.missing(str(error))
            return self._rescue.pause_s
        except Unresponsive as error:
            become(ModemState.ABSENT, str(error))
            return self._rescue.pause_s  # the step was taken while the port was open
        except ModemError as error:
            become(ModemState.BLOCKED, str(error))
            return _STORE_PAUSE_S
        except StoreError as error:
            become(ModemState.BLOCKED, str(error), "store")
            return _STORE_PAUSE_S
        except Exception:  # noqa: BLE001 - a worker that dies silently is the one fault an office cannot see
            _log.exception("modem=%s unexpected fault; reconnecting", self.name)
            become(ModemState.BLOCKED, "unexpected fault, see the log", "fault")
            self._rescue.deaf("unexpected faults")
            return self._rescue.pause_s
        return 0.0

    def _settle_leftovers(self) -> None:
        """What a fault of the store or of this program left unrecorded is in doubt, as after a kill."""
        self._carrying.sender.record_what_is_known()
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
            self._rescue.deaf(str(error), gsm)
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
                self._carrying.carry(gsm, session)
            except Restarted as error:
                self._standing.become(ModemState.STARTING, str(error))
                fresh = True
            except Blocked as error:
                fresh = self._sit_out(gsm, session, error)
        if gsm.ready is not None:
            gsm.part()
            self._carrying.hear(gsm)

    def _bring_up(self, gsm: Gsm, session: Session) -> None:
        if self.status.state is not ModemState.BLOCKED:
            self._standing.become(ModemState.STARTING, "setting up the modem")
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
        self._blocked_since = None
        self._carrying.begin(gsm)
        self._standing.become(ModemState.READY)

    # -- blocked ----------------------------------------------------------------------------------------------------

    def _sit_out(self, gsm: Gsm, session: Session, error: Blocked) -> bool:
        """Wait until it is time to look again, or the network says that it is back; whether to bring the modem up anew."""
        sick = isinstance(error, Sick)
        self._standing.become(ModemState.BLOCKED, str(error), "sick" if sick else error.reason)
        self._switchboard.set_able(self.name, False)
        now = self._clocks.monotonic()
        if self._blocked_since is None:
            self._blocked_since, self._looks = now, 0
        self._rescue.push(gsm, error.reason, self._looks, now - self._blocked_since)
        health = self._carrying.sender.health
        pause_s = health.pause.total_seconds() if sick else patience.pause_s(error.reason, self._looks)
        self._looks += 1
        deadline = now + pause_s
        while not self._stopping.is_set():
            left_s = deadline - self._clocks.monotonic()
            if left_s <= 0:
                break
            self._carrying.tend(ready=False)
            session.wait(min(left_s, LONGEST_WAIT_S))
            self._errands.run(gsm, session)
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
            self._carrying.hear(gsm)
        except Restarted:
            return False
        return True

    # -- between two connections ------------------------------------------------------------------------------------

    def _pause(self, seconds: float) -> None:
        """Wait before the next attempt; a stop ends it early."""
        self._inbox = self._clocks.inbox()
        deadline = self._clocks.monotonic() + seconds
        while not self._stopping.is_set() and (left_s := deadline - self._clocks.monotonic()) > 0:
            with contextlib.suppress(StoreError):  # said when the connection ended, or at the next one
                self._carrying.tend(ready=False)
            with contextlib.suppress(queue.Empty):
                self._inbox.get(timeout=min(left_s, LONGEST_WAIT_S))
            self._refuse_errands()

    def _refuse_errands(self) -> None:
        self._errands.refuse(f"modem {self.name} is {self.status.state}: {self.status.detail}")
