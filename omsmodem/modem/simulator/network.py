"""The network behind the simulated modem: a service centre that parses strictly, takes its time, refuses, and reports."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from omsmodem.modem.simulator.phones import Phones
from omsmodem.sms.errors import DecodeError
from omsmodem.sms.tpdu import StatusReport, Submit, decode_submit

#: 27.005 §3.2.5: what a modem answers to a TPDU it cannot parse.
INVALID_PDU = 304
NO_NETWORK = 331


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one SMS-SUBMIT: a reference, or a +CMS ERROR code; a report when one was asked for."""

    reference: int | None = None
    code: int | None = None
    report: bytes | None = None


@dataclass(slots=True)
class Network:
    """One SIM's network. The public fields are the knobs."""

    phones: Phones
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    registered: bool = True
    air_time_s: float = 0.0  # from Ctrl-Z to the answer
    report_delay_s: float = 0.0  # from the answer to the status report
    refuse_numbers: dict[str, int] = field(default_factory=dict)  # recipient → +CMS ERROR code
    refuse_next: deque[int] = field(default_factory=deque)  # codes for the next submissions
    status: int = 0x00  # TP-ST of reports
    submissions: list[bytes] = field(default_factory=list)  # every TPDU that was taken, in order
    _reference: int = 0

    def submit(self, tpdu: bytes) -> Outcome:
        """Take one SMS-SUBMIT."""
        if not self.registered:
            return Outcome(code=NO_NETWORK)
        try:
            submit = decode_submit(tpdu)
        except DecodeError:
            return Outcome(code=INVALID_PDU)
        code = self._refusal(submit)
        if code is not None:
            return Outcome(code=code)
        self._reference = (self._reference + 1) % 256
        self.submissions.append(tpdu)
        self.phones.deliver(submit)
        return Outcome(self._reference, report=self._report(submit))

    def _refusal(self, submit: Submit) -> int | None:
        if self.refuse_next:
            return self.refuse_next.popleft()
        return self.refuse_numbers.get(submit.destination.number)

    def _report(self, submit: Submit) -> bytes | None:
        if not submit.status_report_request:
            return None
        now = self.clock().replace(microsecond=0)
        return StatusReport(self._reference, submit.destination, now, now, self.status).encode()
