"""A world for workers: real threads, a real store, simulated modems, and a time that only moves when everybody waits.

A worker's wait costs nothing: once every worker waits, time jumps to whatever comes next. So a day takes seconds, and the same
happens every time.
"""

import heapq
import itertools
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from omsmodem.message import Door, OutgoingMessage, State, Submission
from omsmodem.modem.errors import PortLost, PortUnavailable
from omsmodem.modem.port import Signal
from omsmodem.modem.simulator.actions import perform
from omsmodem.modem.simulator.devices import GENERIC
from omsmodem.modem.simulator.modem import SimulatedModem
from omsmodem.modem.simulator.network import Network
from omsmodem.modem.simulator.phones import Phones
from omsmodem.modem.simulator.profile import Profile
from omsmodem.modem.simulator.sim import Sim
from omsmodem.policy.choice import Claim
from omsmodem.sms import segment
from omsmodem.store import Store, Wanted, open_store
from omsmodem.worker import Care, Clocks, Sending, Switchboard, Worker

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
#: Real seconds after which a test that should not wait at all is stuck.
_STUCK_S = 30.0


class VirtualInbox:
    """An inbox whose time is the world's."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._items: deque[bytes | Signal] = deque()
        self._came = threading.Condition(world.lock)

    def put(self, item: bytes | Signal, /) -> None:
        with self._came:
            self._items.append(item)
            self._came.notify_all()

    def wake(self) -> None:
        """Let whoever waits see what time it is."""
        self._came.notify_all()

    def get(self, block: bool = True, timeout: float | None = None) -> bytes | Signal:
        world = self._world
        with world.lock:
            deadline = float("inf") if timeout is None else world.now + timeout
            me = threading.get_ident()
            while not self._items:
                if world.now >= deadline:
                    raise queue.Empty
                world.waiting[me] = (self, deadline)
                world.at_rest.notify_all()
                since = world.now
                assert self._came.wait(_STUCK_S) or world.now > since, "the world stands still"
                world.waiting.pop(me, None)
            return self._items.popleft()

    def get_nowait(self) -> bytes | Signal:
        with self._world.lock:
            if not self._items:
                raise queue.Empty
            return self._items.popleft()

    def qsize(self) -> int:
        return len(self._items)


class VirtualPort:
    """A modem's line; octets come by the world, not by a reader."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self.inbox = desk.inbox
        self.open = True
        self._closed = threading.Event()

    def read(self) -> bytes:
        self._closed.wait()
        raise PortLost("closed")

    def write(self, octets: bytes) -> None:
        if not self.open or not self._desk.modem.plugged:
            raise PortLost("the stick was pulled out")
        self._desk.modem.feed(octets)

    def close(self) -> None:
        self.open = False
        self._closed.set()

    def carry(self) -> bool:
        """Let the host hear what the modem has to say by now; whether there was anything."""
        if self.open and not self._desk.modem.plugged:
            self.open = False
            self.inbox.put(Signal.END_OF_PORT)
            return True
        octets = self._desk.modem.due()
        if self.open and octets:
            self.inbox.put(octets)
        return self.open and bool(octets)


@dataclass(eq=False)
class Desk:
    """One stick and its worker."""

    world: "World"
    modem: SimulatedModem
    worker: Worker = field(init=False)
    make_worker: Callable[[], Worker] = field(init=False)
    inbox: VirtualInbox = field(init=False)
    port: VirtualPort | None = None
    opened: int = 0
    opened_at: list[float] = field(default_factory=list)

    def make_inbox(self) -> VirtualInbox:
        self.inbox = VirtualInbox(self.world)
        return self.inbox

    def open_port(self) -> VirtualPort:
        self.opened_at.append(self.world.now)
        if not self.modem.plugged:
            raise PortUnavailable("/dev/ttyUSB0 cannot be opened: no such file")
        self.opened += 1
        self.port = VirtualPort(self)
        return self.port

    @property
    def commands(self) -> list[str]:
        return self.modem.commands

    @property
    def state(self) -> str:
        return self.worker.status.state.value


class World:
    """Everything there is. `run` lets time pass."""

    def __init__(self, home: Path) -> None:
        self.lock = threading.RLock()
        self.at_rest = threading.Condition(self.lock)  # for `run`: one worker more waits
        self.now = 0.0
        self.waiting: dict[int, tuple[VirtualInbox, float]] = {}
        self.desks: dict[str, Desk] = {}
        self.network = Network(Phones(self.clock), clock=self.clock, now=lambda: self.now)
        self.store: Store = open_store(home / "omsmodem.db", self.clock)
        with self.store.database.reading() as connection:
            connection.execute("PRAGMA synchronous = OFF")  # no power is cut here
        self._plans: list[tuple[float, int, Callable[[], object]]] = []
        self._order = itertools.count()
        self._unique = itertools.count()
        self._board: Switchboard | None = None

    # -- time -------------------------------------------------------------------------------------------------------

    def clock(self) -> datetime:
        return START + timedelta(seconds=self.now)

    def monotonic(self) -> float:
        return self.now

    def at(self, seconds: float, action: Callable[[], object]) -> None:
        """Do something when the world is so old."""
        heapq.heappush(self._plans, (seconds, next(self._order), action))

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        self.run_until(lambda: False, seconds)

    def run_until(self, done: Callable[[], object], limit_s: float = 600.0) -> bool:
        """Let time pass until something is so; whether it came to be within the limit."""
        end = self.now + limit_s
        while True:
            self._settle()
            if done():
                return True
            if self.now >= end:
                return False
            self._jump(end)

    def _settle(self) -> None:
        """Wait, in real time, until every worker waits for something that has not come."""
        stuck_at = time.monotonic() + _STUCK_S
        with self.lock:
            while not self._all_wait():
                assert time.monotonic() < stuck_at, "a worker neither waits nor ends"
                self.at_rest.wait(0.05)  # a thread that ends tells nobody

    def _all_wait(self) -> bool:
        alive = [desk for desk in self.desks.values() if desk.worker.alive]
        if len(self.waiting) < len(alive):
            return False
        return all(not inbox.qsize() and deadline > self.now for inbox, deadline in self.waiting.values())

    def _jump(self, end: float) -> None:
        with self.lock:
            if self._carry():
                return
            comings = [deadline for _, deadline in self.waiting.values()] + [end]
            comings += [due for desk in self.desks.values() if (due := desk.modem.next_due()) is not None]
            comings += [self._plans[0][0]] if self._plans else []
            self.now = max(self.now, min(comings))
            while self._plans and self._plans[0][0] <= self.now:
                heapq.heappop(self._plans)[2]()
            self._carry()
            for inbox, deadline in self.waiting.values():
                if deadline <= self.now:
                    inbox.wake()

    def _carry(self) -> bool:
        """Let every host hear what there is to hear now; whether there was anything."""
        anything = False
        for desk in self.desks.values():
            said = desk.port.carry() if desk.port is not None else bool(desk.modem.due())
            anything = anything or said
        return anything

    # -- things -----------------------------------------------------------------------------------------------------

    def modem(
        self,
        name: str = "front",
        *,
        profile: Profile = GENERIC,
        sim: Sim | None = None,
        care: Care | None = None,
        sending: Sending | None = None,
        command_delay_s: float = 0.02,
    ) -> Desk:
        """Put a stick in and give it a worker, which `start` starts."""
        modem = SimulatedModem(self.network, profile, sim=sim, name=name, command_delay_s=command_delay_s)
        desk = Desk(self, modem)
        clocks = Clocks(now=self.clock, monotonic=self.monotonic, jitter=lambda: 0.0, inbox=desk.make_inbox)
        desk.make_worker = lambda: Worker(
            name,
            desk.open_port,
            self.store,
            sending,
            care=care,
            switchboard=self._board,
            clocks=clocks,
        )
        desk.worker = desk.make_worker()
        self.desks[name] = desk
        return desk

    def stop(self, name: str) -> None:
        """End a modem's worker as the service does when it stops."""
        desk = self.desks[name]
        desk.worker.tell_to_stop()
        assert self.run_until(lambda: not desk.worker.alive, 400.0)

    def back(self, name: str) -> None:
        """Another worker for a modem whose first one was stopped."""
        desk = self.desks[name]
        desk.worker = desk.make_worker()
        desk.worker.start()

    def share(self, claims: Mapping[str, Claim], **options: Any) -> None:
        """Let the modems to come share one queue."""
        self._board = Switchboard(claims, monotonic=self.monotonic, **options)

    def start(self) -> None:
        """Start every worker that does not run yet."""
        for desk in self.desks.values():
            if not desk.worker.alive:
                desk.worker.start()

    def close(self) -> None:
        """Stop everything."""
        for desk in self.desks.values():
            desk.worker.tell_to_stop()
        self.run_until(lambda: not any(desk.worker.alive for desk in self.desks.values()), 400.0)
        for desk in self.desks.values():
            desk.worker.stop(_STUCK_S)
            assert not desk.worker.alive
        self.store.close()

    def do(self, what: str, *, at: float | None = None, **arguments: Any) -> None:
        """Let something happen to a modem, now or when the world is so old; names of the simulator's actions."""
        request = {"do": what, **arguments}
        if at is None:
            perform(self.network, request)
        else:
            self.at(at, lambda: perform(self.network, request))

    # -- messages ---------------------------------------------------------------------------------------------------

    def submit(
        self, text: str = "Fish at 15:30", to: str = "+447700900222", account: str = "dana", hours: float = 48
    ) -> int:
        """A message comes in, and every worker is told."""
        message_id = self.accept(text, to, account, hours)
        self.nudge()
        return message_id

    def accept(
        self, text: str = "Fish at 15:30", to: str = "+447700900222", account: str = "dana", hours: float = 48
    ) -> int:
        """A message comes in, and nobody is told yet."""
        accepted = self.store.accepting.accept(
            Wanted(
                Submission(account, Door.OMS, (to,), (text,)),
                (to,),
                validity=timedelta(hours=hours),
                fingerprint=str(next(self._unique)).encode(),
                duplicate_window=timedelta(0),
                segments=(segment.count(text).segments,),
            )
        )
        return accepted.message_ids[0]

    def nudge(self) -> None:
        """Tell every worker that something may be due."""
        for desk in self.desks.values():
            desk.worker.nudge()

    def message(self, message_id: int) -> OutgoingMessage:
        found = self.store.history.message(message_id)
        assert found is not None
        return found

    def state(self, message_id: int) -> State:
        return self.message(message_id).state

    def story(self, message_id: int) -> list[str]:
        """What became of a message, in words."""
        return [event.detail for event in self.store.history.events(message_id)]

    @property
    def received(self) -> list[tuple[str, str]]:
        """What the phones got: number and text."""
        return [(whole.peer, whole.text) for whole in self.network.phones.received]

    @property
    def ledger(self) -> dict[State, int]:
        return {state: count for state, count in self.store.history.ledger().items() if count}
