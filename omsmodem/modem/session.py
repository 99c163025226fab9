"""The blocking face of a chat: a pump thread, deadlines, a trace.

The pump only reads the port and puts what it got into the inbox. Everything else happens in the one thread that owns the
session, which waits on the inbox and nowhere else.
"""

import contextlib
import queue
import re
import threading
import time
from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import Final, Protocol

from omsmodem.modem.chat import CTRL_Z, ESC, Answer, Chat, Indication
from omsmodem.modem.errors import CommandFailed, InDoubt, Kind, NotSent, PortLost, Refused, Unresponsive
from omsmodem.modem.syntax import Prompt

#: TS 27.005 leaves the time open; vendors name up to 180 s for the result, and under a second for the prompt.
PROMPT_TIMEOUT_S = 10.0
RESULT_TIMEOUT_S = 180.0
RESYNC_TRIES = 5
RESYNC_TIMEOUT_S = 1.0
QUIET_S = 0.3
_CODED = re.compile(r"\+(CM[SE]) ERROR:\s*(\d+)?.*", re.IGNORECASE)
_REFERENCE = re.compile(r"\+CMGS:\s*(\d{1,3})\b.*")
_NETWORK_TIMEOUT = ("cms", 332)


class Port(Protocol):
    """Octets in and out of a modem."""

    def read(self) -> bytes:
        """Wait for octets; empty when none came for a while. Raises PortLost when there will be none any more."""

    def write(self, octets: bytes) -> None:
        """Write all octets. Raises PortLost."""

    def close(self) -> None:
        """Close the port and wake a reader."""


class Signal(Enum):
    """What arrives in an inbox besides octets."""

    NUDGE = "nudge"
    END_OF_PORT = "end of port"


NUDGE: Final = Signal.NUDGE
Inbox = queue.SimpleQueue[bytes | Signal]
Trace = Callable[[str, bytes], None]


class Session:
    """One open port and the dialogue on it. All methods belong to the thread that made it."""

    def __init__(
        self, port: Port, inbox: Inbox, *, monotonic: Callable[[], float] = time.monotonic, trace: Trace | None = None
    ) -> None:
        self._port = port
        self._inbox = inbox
        self._monotonic = monotonic
        self._trace = trace
        self._chat = Chat()
        self._indications: list[Indication] = []
        self._nudged = False
        self._lost = False
        self._replies: deque[Answer | Prompt] = deque()
        self._pump = threading.Thread(target=self._pump_octets, name="modem-pump", daemon=True)
        self._pump.start()

    def _pump_octets(self) -> None:
        with contextlib.suppress(PortLost):
            while True:
                octets = self._port.read()
                if octets:
                    self._inbox.put(octets)
        self._inbox.put(Signal.END_OF_PORT)

    def close(self) -> None:
        """Close the port and end the pump."""
        self._port.close()
        self._pump.join(5)

    # -- commands ---------------------------------------------------------------------------------------------------

    def execute(
        self, command: str, *, prefix: str | None = None, bare: bool = False, timeout_s: float = 10.0
    ) -> Answer:
        """Run one command to its final result, at most `timeout_s` however much noise comes.

        Raises CommandFailed, Unresponsive, PortLost.
        """
        self._write(self._chat.begin(command, prefix=prefix, bare=bare))
        answer = self._await(timeout_s)
        if not isinstance(answer, Answer):
            self._chat.abandon()
            raise Unresponsive(f"{command} was not answered within {timeout_s:g} s")
        if not answer.ok:
            raise CommandFailed(command, answer.final)
        return answer

    def submit(
        self,
        length: int,
        pdu: str,
        *,
        prompt_timeout_s: float = PROMPT_TIMEOUT_S,
        result_timeout_s: float = RESULT_TIMEOUT_S,
    ) -> int:
        """One +CMGS exchange, indivisible; returns the message reference (TP-MR).

        Raises NotSent, Refused, InDoubt; PortLost only while nothing was handed over.
        """
        self._open_prompt(f"AT+CMGS={length}", prompt_timeout_s)
        try:
            self._write(pdu.encode("ascii") + CTRL_Z)
            answer = self._await(result_timeout_s)
        except PortLost as error:
            raise InDoubt("the port went away before the modem answered") from error
        if not isinstance(answer, Answer):
            self._chat.abandon()
            raise InDoubt(f"no answer within {result_timeout_s:g} s")
        return _reference(answer)

    def _open_prompt(self, command: str, timeout_s: float) -> None:
        self._write(self._chat.begin(command, prefix="+CMGS:", prompt=True))
        event = self._await(timeout_s)
        if isinstance(event, Answer):
            raise _failure(NotSent, event.final)
        if event is None:
            self._chat.abandon()
            self.resynchronise()
            raise NotSent(f"no prompt within {timeout_s:g} s")

    def resynchronise(self) -> None:
        """Leave any prompt (ESC), let the line fall quiet, and hear a clean OK. Raises Unresponsive, PortLost."""
        self._chat.abandon()
        self._write(ESC + b"\r")
        while self._step(self._monotonic() + QUIET_S):
            pass
        for _ in range(RESYNC_TRIES):
            with contextlib.suppress(Unresponsive, CommandFailed):
                self.execute("AT", timeout_s=RESYNC_TIMEOUT_S)
                return
        raise Unresponsive("the modem does not answer AT")

    # -- indications ------------------------------------------------------------------------------------------------

    def wait(self, timeout_s: float) -> bool:
        """Sleep until something is said or a nudge comes; False when `timeout_s` passed in silence. Raises PortLost."""
        deadline = self._monotonic() + timeout_s
        while not self._nudged and not self._indications:
            if not self._step(deadline):
                return False
        self._nudged = False
        return True

    def indications(self) -> list[Indication]:
        """What the modem said unasked since the last call."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._take(self._inbox.get_nowait())
        taken, self._indications = self._indications, []
        return taken

    # -- the inbox --------------------------------------------------------------------------------------------------

    def _await(self, timeout_s: float) -> Answer | Prompt | None:
        """The next answer or prompt, or None at the deadline; indications on the way are kept."""
        deadline = self._monotonic() + timeout_s
        while not self._replies:
            if not self._step(deadline):
                return None
        return self._replies.popleft()

    def _step(self, deadline: float) -> bool:
        """Handle one thing from the inbox; False when the deadline came first."""
        try:
            item = self._inbox.get(timeout=max(deadline - self._monotonic(), 0.0))
        except queue.Empty:
            return False
        self._take(item)
        return True

    def _take(self, item: bytes | Signal) -> None:
        if item is Signal.NUDGE:
            self._nudged = True
        elif isinstance(item, bytes):
            self._note("<", item)
            for event in self._chat.feed(item):
                if isinstance(event, Indication):
                    self._indications.append(event)
                else:
                    self._replies.append(event)
        else:
            self._lost = True
            raise PortLost(PortLost.__doc__)

    def _write(self, octets: bytes) -> None:
        if self._lost:
            raise PortLost(PortLost.__doc__)
        self._replies.clear()
        self._note(">", octets)
        self._port.write(octets)

    def _note(self, direction: str, octets: bytes) -> None:
        if self._trace is not None:
            self._trace(direction, octets)


def _failure(kind: type[NotSent] | type[Refused] | type[InDoubt], final: str) -> NotSent | Refused | InDoubt:
    """The error for a final result that is not OK."""
    match = _CODED.fullmatch(final)
    if match is None:
        return kind(f"the modem answered {final}")
    family: Kind = "cms" if match[1].upper() == "CMS" else "cme"
    return kind(f"the modem answered {final}", family, int(match[2]) if match[2] else None)


def _reference(answer: Answer) -> int:
    """The TP-MR of a good answer; raises Refused or InDoubt for any other."""
    if not answer.ok:
        failure = _failure(Refused, answer.final)
        raise _failure(InDoubt, answer.final) if (failure.kind, failure.code) == _NETWORK_TIMEOUT else failure
    for line in answer.lines:
        match = _REFERENCE.fullmatch(line)
        if match is not None:
            return int(match[1]) % 256
    raise InDoubt("the modem answered OK without a message reference")
