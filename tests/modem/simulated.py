"""The simulated modem on a line without time: a wait is over at once, and its clock stands where it would stand."""

import contextlib
import queue
import threading
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from omsmodem.modem.errors import PortLost, PortUnavailable
from omsmodem.modem.gsm import Gsm
from omsmodem.modem.port import Signal
from omsmodem.modem.session import Session
from omsmodem.modem.simulator.devices import GENERIC
from omsmodem.modem.simulator.modem import SimulatedModem
from omsmodem.modem.simulator.network import Network
from omsmodem.modem.simulator.phones import Phones
from omsmodem.modem.simulator.profile import Profile
from omsmodem.sms import segment

EPOCH = datetime(2024, 3, 1, 9, 30, tzinfo=UTC)
PHONE = "+447700900222"
#: Between the modem's last octet and the next look at it.
_TICK_S = 0.001


class World:
    """One network, one modem and the clock of both. `connect` gives a session with it."""

    def __init__(self, profile: Profile = GENERIC, *, command_delay_s: float = 0.0) -> None:
        self.seconds = 0.0
        self.network = Network(Phones(self.clock), self.clock, now=lambda: self.seconds)
        self.modem = SimulatedModem(self.network, profile, command_delay_s=command_delay_s)

    def clock(self) -> datetime:
        return EPOCH + timedelta(seconds=self.seconds)

    @contextlib.contextmanager
    def connect(self) -> Iterator[Session]:
        """Open the port and talk. Raises PortUnavailable while the modem is not plugged in."""
        line = SimulatedLine(self)
        session = Session(line, line, monotonic=lambda: self.seconds)
        try:
            yield session
        finally:
            session.close()

    @contextlib.contextmanager
    def up(self) -> Iterator[Gsm]:
        """A modem that was brought up."""
        with self.connect() as session:
            gsm = Gsm(session)
            gsm.bring_up()
            yield gsm

    def pass_s(self, seconds: float) -> None:
        """Time goes by with nobody listening."""
        until = self.seconds + seconds
        while (due := self.modem.next_due()) is not None and due <= until:
            self.seconds = max(self.seconds, due) + _TICK_S
            self.modem.due()
        self.seconds = max(self.seconds, until)

    def texts(self) -> list[str]:
        """What phones received, whole."""
        return [whole.text for whole in self.network.phones.received]


def tpdus(text: str = "hello", to: str = PHONE, reference: int = 1) -> tuple[bytes, ...]:
    """A text as TPDUs that ask for a report."""
    return segment.cut(text, to, reference, status_report=True)


class SimulatedLine:
    """Port and inbox of a session with a simulated modem."""

    def __init__(self, world: World) -> None:
        if not world.modem.plugged:
            raise PortUnavailable("not plugged in")
        self._world = world
        self._items: deque[bytes | Signal] = deque()
        self._gone = False
        self._closed = threading.Event()

    def read(self) -> bytes:
        self._closed.wait()
        raise PortLost("closed")

    def write(self, octets: bytes) -> None:
        self._look()
        if self._gone:
            raise PortLost("gone")
        self._world.modem.feed(octets)

    def close(self) -> None:
        self._closed.set()

    def put(self, item: bytes | Signal, /) -> None:
        self._items.append(item)

    def get(self, block: bool = True, timeout: float | None = None) -> bytes | Signal:
        until = self._world.seconds + (timeout or 0.0)
        while True:
            self._look()
            if self._items:
                return self._items.popleft()
            due = self._world.modem.next_due()
            if due is None or due > until:
                self._world.seconds = max(self._world.seconds, until)
                raise queue.Empty
            self._world.seconds = max(self._world.seconds + _TICK_S, due)

    def get_nowait(self) -> bytes | Signal:
        return self.get(timeout=0.0)

    def qsize(self) -> int:
        self._look()
        return len(self._items)

    def _look(self) -> None:
        said = self._world.modem.due()
        if said and not self._gone:
            self._items.append(said)
        if not self._world.modem.plugged and not self._gone:
            self._gone = True
            self._items.append(Signal.END_OF_PORT)
