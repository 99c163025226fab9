"""The blocking face of a chat: a pump thread, deadlines, a trace.

The pump only reads the port and puts what it got into the inbox. Everything else happens in the one thread that owns the
session, which waits on the inbox and nowhere else. Deadlines are absolute: noise on the line never extends them.
"""

import contextlib
import queue
import re
import threading
import time
from collections import deque
from collections.abc import Callable

from omsmodem import killpoints
from omsmodem.modem import outcome
from omsmodem.modem.chat import CTRL_Z, ESC, Answer, Chat, Indication, Prefix
from omsmodem.modem.errors import CommandFailed, InDoubt, NotSent, PortLost, Unanswered, Unresponsive
from omsmodem.modem.port import NUDGE, Inbox, Pace, Port, Signal, Trace
from omsmodem.modem.syntax import Prompt

__all__ = ["NUDGE", "Inbox", "Pace", "Port", "Session", "Signal", "Trace"]

#: TS 27.005 leaves the time open; vendors name up to 180 s for the result, and under a second for the prompt.
PROMPT_TIMEOUT_S = 10.0
RESULT_TIMEOUT_S = 180.0
#: From the reference to the OK that says no more.
OK_TIMEOUT_S = 5.0
RESYNC_TIMEOUT_S = 1.0
QUIET_S = 0.3
#: Answers that belong to something earlier come from a slow port: wait for the last of them.
OUT_OF_STEP_QUIET_S = 2.5
#: A line that never falls quiet (a stick that floods, a GPS port) is not waited for longer.
DRAIN_LIMIT_S = 2.0
#: In their midst what helps with a modem that was left with numbers for results, or with none (V.250 §6.2.5, §6.2.6).
_SIGNS_OF_LIFE = ("AT", "AT", "ATV1Q0", "AT", "AT")
#: A command with an information line: an OK without it belongs to something earlier.
_MARKER, _MARKER_PREFIX, _MARKER_TRIES, _MARKER_TIMEOUT_S = "AT+CMEE?", "+CMEE:", 3, 3.0
_SECRET = re.compile(r"(?<=\+CPIN=|\+CPWD=|\+CLCK=).*", re.IGNORECASE)


class Session:
    """One open port and the dialogue on it. All methods belong to the thread that made it.

    `pace` slows the writing down. `heeds` says which indications are worth keeping and waking up for. `echo_off` is set by
    whoever switched the echo off: one that comes back tells of a restart, see `restarted`.
    """

    def __init__(
        self, port: Port, inbox: Inbox, *, monotonic: Callable[[], float] = time.monotonic, trace: Trace | None = None
    ) -> None:
        self.pace = Pace()
        self.heeds: Callable[[Indication], bool] = lambda _: True
        self.echo_off = False
        self.restarted = False
        self._port = port
        self._inbox = inbox
        self._monotonic = monotonic
        self._trace = trace
        self._chat = Chat()
        self._indications: list[Indication] = []
        self._nudged = False
        self._lost = False
        self._in_step = True  # False after an answer that never came: the next one may be that of an earlier command
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

    def execute(self, command: str, *, prefix: Prefix = None, bare: bool = False, timeout_s: float = 10.0) -> Answer:
        """Run one command to its final result, at most `timeout_s` however much noise comes.

        Raises CommandFailed, Unresponsive, PortLost.
        """
        self._get_in_step()
        answer = self._ask(command, prefix=prefix, bare=bare, timeout_s=timeout_s)
        if answer is None:
            raise Unresponsive(f"{without_secret(command)} was not answered within {timeout_s:g} s")
        if not answer.ok:
            raise CommandFailed(without_secret(command), answer.final)
        return answer

    def _ask(
        self, command: str, *, prefix: Prefix = None, bare: bool = False, timeout_s: float = RESYNC_TIMEOUT_S
    ) -> Answer | None:
        self.rest(self.pace.between_commands_s)
        self._write(self._chat.begin(command, prefix=prefix, bare=bare))
        answer = self._await(timeout_s)
        self._notice_echo()
        if isinstance(answer, Answer):
            return answer
        self._fall_out_of_step()
        return None

    def resynchronise(self, *, escape: bool = True, tries: int = len(_SIGNS_OF_LIFE)) -> None:
        """Leave any prompt (ESC), let the line fall quiet, and hear our own answer. Raises Unresponsive, PortLost.

        Without `escape` the port hears nothing but AT until it has answered, for ports that may be no modem's.
        """
        self._fall_out_of_step()
        if escape:
            self._write(ESC + b"\r")
        self._drain(QUIET_S)
        if not any(self._ask(command) is not None for command in _SIGNS_OF_LIFE[:tries]):
            raise Unresponsive("the modem does not answer AT")
        for _ in range(_MARKER_TRIES):
            answer = self._ask(_MARKER, prefix=_MARKER_PREFIX, timeout_s=_MARKER_TIMEOUT_S)
            if answer is not None and (answer.lines or not answer.ok):
                self._in_step = True
                return
            self._drain(OUT_OF_STEP_QUIET_S)
        raise Unresponsive("the modem's answers do not belong to what it is asked")

    def _get_in_step(self) -> None:
        if not self._in_step:
            self.resynchronise()

    def _fall_out_of_step(self) -> None:
        self._chat.abandon()
        self._in_step = False

    def _drain(self, quiet_s: float) -> None:
        limit = self._monotonic() + max(DRAIN_LIMIT_S, 2 * quiet_s)
        while self._step(min(self._monotonic() + quiet_s, limit)):
            pass

    def begin_anew(self) -> None:
        """Forget what was known of the modem's settings: it is about to be set up."""
        self.pace = Pace()
        self.heeds = lambda _: True
        self.echo_off = self.restarted = False

    def now(self) -> float:
        """The seconds of the clock that its deadlines go by."""
        return self._monotonic()

    @property
    def echoes(self) -> bool:
        """Whether the modem echoed the last command."""
        return self._chat.echoed

    def _notice_echo(self) -> None:
        if self.echo_off and self._chat.echoed:
            self.restarted = True

    # -- sending ----------------------------------------------------------------------------------------------------

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
        self._write_body(pdu)
        killpoints.reach("submit.prompted")
        try:
            self._write(CTRL_Z)
            killpoints.reach("submit.handed_over")
            answer = self._await_result(result_timeout_s)
        except PortLost as error:
            raise InDoubt("the port went away before the modem answered") from error
        if not isinstance(answer, Answer):
            raise Unanswered(f"no answer within {result_timeout_s:g} s")
        if outcome.leaves_prompt(answer):
            self._leave_prompt()
        return outcome.reference(answer)

    def _await_result(self, timeout_s: float) -> Answer | Prompt | None:
        """What comes after Ctrl-Z, or None at the deadline. Raises PortLost.

        The reference is told of what the network took, and of nothing else (TS 27.005 §3.5.1): no OK behind it is missed.
        """
        deadline = self._monotonic() + timeout_s
        try:
            while not self._replies and self._step(deadline):
                if self._chat.information:
                    deadline = min(deadline, self._monotonic() + OK_TIMEOUT_S)
            if not self._replies:
                self._sweep()
        except PortLost:
            if not self._chat.information:
                raise
        if self._replies:
            return self._replies.popleft()
        self._fall_out_of_step()
        return Answer("OK", self._chat.information) if self._chat.information else None

    def _open_prompt(self, command: str, timeout_s: float) -> None:
        try:
            self._get_in_step()
        except Unresponsive as error:
            raise NotSent(str(error)) from error
        self.rest(self.pace.between_commands_s)
        self._write(self._chat.begin(command, prefix="+CMGS:", prompt=True))
        event = self._await(timeout_s)
        self._notice_echo()
        if isinstance(event, Prompt) and not self.restarted:
            return
        failure = outcome.no_prompt(event, timeout_s)
        if failure.kind is None:
            self._leave_prompt()
        raise failure

    def _leave_prompt(self) -> None:
        """ESC, and whatever comes of it: when the modem stays deaf, the next command finds out."""
        with contextlib.suppress(Unresponsive):
            self.resynchronise()

    def _write_body(self, pdu: str) -> None:
        octets = self._chat.body(pdu)
        size = self.pace.chunk_octets or len(octets)
        for start in range(0, len(octets), size):
            if start:
                self.rest(self.pace.between_chunks_s)
            self._write(octets[start : start + size])

    # -- indications ------------------------------------------------------------------------------------------------

    def wait(self, timeout_s: float) -> bool:
        """Sleep until something is said or a nudge comes; False when `timeout_s` passed in silence. Raises PortLost."""
        deadline = self._monotonic() + timeout_s
        while not self._nudged and not self._indications:
            if not self._step(deadline):
                return False
        self._nudged = False
        return True

    def rest(self, seconds: float) -> None:
        """Let time pass while listening. Raises PortLost."""
        if seconds > 0:
            deadline = self._monotonic() + seconds
            while self._step(deadline):
                pass

    def expect(self, prefixes: tuple[str, ...], timeout_s: float) -> Indication | None:
        """The first indication that begins so, taken from the others; None when none comes in time. Raises PortLost."""
        deadline = self._monotonic() + timeout_s
        while True:
            for indication in self._indications:
                if indication.lines[0].startswith(prefixes):
                    self._indications.remove(indication)
                    return indication
            if not self._step(deadline):
                return None

    def indications(self) -> list[Indication]:
        """What the modem said unasked since the last call. Raises PortLost when the port has gone and all was taken."""
        with contextlib.suppress(PortLost):
            self._sweep()
        taken, self._indications = self._indications, []
        if self._lost and not taken:
            raise PortLost(PortLost.__doc__)
        return taken

    # -- the inbox --------------------------------------------------------------------------------------------------

    def _await(self, timeout_s: float) -> Answer | Prompt | None:
        """The next answer or prompt, or None at the deadline; indications on the way are kept."""
        deadline = self._monotonic() + timeout_s
        while not self._replies and self._step(deadline):
            pass
        if not self._replies:
            self._sweep()
        return self._replies.popleft() if self._replies else None

    def _step(self, deadline: float) -> bool:
        """Handle one thing from the inbox; False when the deadline came first."""
        remaining = deadline - self._monotonic()
        if remaining <= 0:
            return False
        try:
            item = self._inbox.get(timeout=remaining)
        except queue.Empty:
            return False
        self._take(item)
        return True

    def _sweep(self) -> None:
        """Handle what is there already, and no more than that."""
        for _ in range(self._inbox.qsize()):
            self._take(self._inbox.get_nowait())

    def _take(self, item: bytes | Signal) -> None:
        if item is Signal.NUDGE:
            self._nudged = True
        elif isinstance(item, bytes):
            self._note("<", item)
            for event in self._chat.feed(item):
                if not isinstance(event, Indication):
                    self._replies.append(event)
                elif self.heeds(event):
                    self._indications.append(event)
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


def without_secret(command: str) -> str:
    """A command as logs and pages may show it: without a PIN or password (TS 27.007 §8.3, §7.4, §7.5)."""
    return _SECRET.sub("…", command)
