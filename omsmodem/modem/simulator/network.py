"""The network behind simulated modems: a service centre that parses strictly, takes its time, refuses, and reports."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Protocol

from omsmodem.modem.simulator import letters
from omsmodem.modem.simulator.agenda import Agenda
from omsmodem.modem.simulator.books import NetworkLog, Taken
from omsmodem.modem.simulator.phones import Phones
from omsmodem.modem.simulator.registration import Registration
from omsmodem.modem.simulator.sim import Sim
from omsmodem.sms.errors import DecodeError
from omsmodem.sms.tpdu import Deliver, StatusReport, Submit, decode_submit

#: 27.005 §3.2.5: what a modem answers to a TPDU it cannot parse.
INVALID_PDU = 304
NO_NETWORK = 331


class Verdict(Enum):
    """What a modem made of a TPDU that the service centre offered."""

    ACCEPTED = "accepted"
    REFUSED = "refused"  # no room, nobody there: offered again later
    PENDING = "pending"  # shown to the host, whose acknowledgement is awaited


class Subscriber(Protocol):
    """A modem, as the network sees it."""

    name: str
    sim: Sim
    wake: Callable[[], None]

    @property
    def reachable(self) -> bool:
        """Whether it is on and registered."""

    def receive(self, tpdu: bytes) -> Verdict:
        """Take a TPDU."""

    def registration_changed(self) -> None:
        """The network serves it now, or no longer."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one SMS-SUBMIT: a reference, or a +CMS ERROR code."""

    reference: int | None = None
    code: int | None = None


@dataclass(frozen=True, slots=True)
class ReportFate:
    """What happens to the reports of one submission: how many copies (0: missing) and how much later."""

    copies: int = 1
    delay_s: float = 0.0


@dataclass(eq=False)
class Network:
    """A network and its service centre. The public fields are its knobs; `lock` guards it and every modem on it."""

    phones: Phones
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    now: Callable[[], float] = time.monotonic  # seconds of any epoch: what waits, waits by it
    registration: Registration = Registration.HOME
    eps_registration: Registration | None = None  # where LTE differs; None: the same
    operator: str = "Simulated"
    plmn: str = "00101"
    signal: int = 20  # as +CSQ says it; 99 unknown
    air_time_s: float = 0.0  # from Ctrl-Z to the answer
    link_setup_s: float = 0.0  # the part of it that a link kept by +CMMS saves
    report_delay_s: float = 0.0  # from the answer to the status report; negative: before the answer
    retry_s: float = 30.0  # until a TPDU that a modem refused is offered again
    refuse_numbers: dict[str, int] = field(default_factory=dict)  # recipient → +CMS ERROR code
    refuse_next: deque[int] = field(default_factory=deque)  # codes for the next submissions
    status: int = 0x00  # TP-ST of reports
    status_of: dict[str, tuple[int, ...]] = field(default_factory=dict)  # recipient → TP-ST of one report each
    reports: deque[ReportFate] = field(default_factory=deque)  # for the next submissions that ask for a report
    ussd: dict[str, str] = field(default_factory=lambda: {"*100#": "Balance: 9.50 GBP"})
    log: Path | None = None
    submissions: list[bytes] = field(default_factory=list)  # every TPDU that was taken, in order
    modems: list[Subscriber] = field(default_factory=list)
    mishaps: list[str] = field(default_factory=list)  # armed faults that could not be done

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self.agenda = Agenda(self.now)
        self._waiting: dict[Subscriber, deque[bytes]] = {}
        self._book = NetworkLog(self.log) if self.log is not None else None
        self._reference = 0  # of texts that phones send
        self._remembered = 0  # the last TP-MR of an earlier life
        for reference, submit in self._book.earlier() if self._book is not None else ():
            self.phones.remember(submit)
            self._remembered = reference

    # -- modems -----------------------------------------------------------------------------------------------------

    def attach(self, modem: Subscriber) -> None:
        """A modem comes onto the network; each SIM keeps its own number."""
        with self.lock:
            self.modems.append(modem)
            self._waiting[modem] = deque()
            modem.sim.reference = modem.sim.reference or self._remembered

    def changed(self) -> None:
        """Something was scheduled from outside: whoever carries octets looks again."""
        for modem in self.modems:
            modem.wake()

    @property
    def registered(self) -> bool:
        """Whether modems are served."""
        return self.registration.serves

    @registered.setter
    def registered(self, served: bool) -> None:
        self.register(Registration.HOME if served else Registration.SEARCHING)

    def register(self, registration: Registration, eps: Registration | None = None) -> None:
        """Serve modems, or no longer, `eps` where LTE differs; they are told."""
        with self.lock:
            self.registration, self.eps_registration = registration, eps
            for modem in self.modems:
                modem.registration_changed()
                self.offer(modem)
            self.changed()

    # -- from modems ------------------------------------------------------------------------------------------------

    def submit(self, modem: Subscriber, tpdu: bytes) -> Outcome:
        """Judge one SMS-SUBMIT: a reference when it will be taken."""
        if not self.registered:
            return Outcome(code=NO_NETWORK)
        try:
            submit = decode_submit(tpdu)
        except DecodeError:
            return Outcome(code=INVALID_PDU)
        code = self._refusal(submit)
        if code is not None:
            return Outcome(code=code)
        return Outcome(modem.sim.next_reference())

    def _refusal(self, submit: Submit) -> int | None:
        if self.refuse_next:
            return self.refuse_next.popleft()
        return self.refuse_numbers.get(submit.destination.number)

    def take(self, modem: Subscriber, tpdu: bytes, reference: int, answer: str, air_time_s: float) -> None:
        """Carry a judged SMS-SUBMIT: into the book, to its phone, and back as a report."""
        submit = decode_submit(tpdu)
        number = submit.destination.number
        self.submissions.append(tpdu)
        if self._book is not None:
            at = self.clock().isoformat()
            suppressed = answer not in {"given", "late"}
            self._book.write(Taken(at, modem.name, reference, number, tpdu.hex().upper(), answer, suppressed))
        neighbour = next((other for other in self.modems if other.sim.number == number), None)
        if neighbour is None:
            self.phones.deliver(submit)
        else:
            self._pass_on(modem, neighbour, submit, air_time_s)
        if submit.status_report_request:
            self._report(modem, submit, reference, air_time_s)

    def _pass_on(self, modem: Subscriber, neighbour: Subscriber, submit: Submit, air_time_s: float) -> None:
        originator = letters.originator_of(modem.sim.number)
        tpdu = Deliver(originator, submit.user_data, self.clock(), submit.protocol_identifier).encode()
        self.agenda.after(air_time_s, lambda: self._enqueue(neighbour, tpdu))
        self.changed()

    def _report(self, modem: Subscriber, submit: Submit, reference: int, air_time_s: float) -> None:
        fate = self.reports.popleft() if self.reports else ReportFate()
        taken_at = self.clock().replace(microsecond=0)
        delay_s = max(0.0, air_time_s + self.report_delay_s + fate.delay_s)
        for status in self.status_of.get(submit.destination.number, (self.status,)):
            report = StatusReport(reference, submit.destination, taken_at, taken_at, status).encode()
            for _ in range(fate.copies):
                self.agenda.after(delay_s, lambda report=report: self._enqueue(modem, report))  # type: ignore[misc]  # mypy cannot infer a lambda's default
            delay_s += self.report_delay_s

    # -- to modems --------------------------------------------------------------------------------------------------

    def send_text(
        self,
        sender: str,
        text: str,
        to: Subscriber | None = None,
        *,
        reference: int | None = None,
        wide: bool = False,
        flash: bool = False,
        order: Sequence[int] = (),
    ) -> list[bytes]:
        """A phone sends a text to a modem (the first one); returns its TPDUs in the order they go.

        `order` names segment numbers from 1: another order, one twice, one left out. Raises EncodeError, IndexError.
        """
        with self.lock:
            if reference is None:
                self._reference = self._reference % 255 + 1
                reference = self._reference
            cut = letters.segments(sender, text, self.clock(), reference=reference, wide=wide, flash=flash)
            chosen = [cut[number - 1] for number in order] if order else cut
            for tpdu in chosen:
                self.inject(tpdu, to)
            return chosen

    def inject(self, tpdu: bytes, to: Subscriber | None = None) -> None:
        """The service centre sends a modem (the first one) these octets, whatever they are."""
        with self.lock:
            self._enqueue(to or self.modems[0], tpdu)
            self.changed()

    def _enqueue(self, modem: Subscriber, tpdu: bytes) -> None:
        self._waiting[modem].append(tpdu)
        self.offer(modem)

    def waiting(self, modem: Subscriber) -> int:
        """How many TPDUs the service centre holds for a modem."""
        return len(self._waiting[modem])

    def offer(self, modem: Subscriber) -> None:
        """Hand over what waits, as far as the modem takes it."""
        waiting = self._waiting[modem]
        while waiting and modem.reachable:
            verdict = modem.receive(waiting[0])
            if verdict is Verdict.PENDING:
                return
            if verdict is Verdict.REFUSED:
                self.agenda.after(self.retry_s, lambda: self.offer(modem))
                return
            waiting.popleft()

    def acknowledged(self, modem: Subscriber, accepted: bool) -> None:
        """The host acknowledged what was pending, or did not."""
        if accepted:
            self._waiting[modem].popleft()
            self.offer(modem)
        else:
            self.agenda.after(self.retry_s, lambda: self.offer(modem))
