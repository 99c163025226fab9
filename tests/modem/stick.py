"""A scripted stick: what it says to each command, at its time. On a virtual line (no time passes) or on a real PTY."""

import contextlib
import heapq
import itertools
import os
import queue
import select
import threading
import time
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

from omsmodem.modem.errors import PortLost
from omsmodem.modem.session import Session, Signal, Trace

Said = bytes | list[tuple[float, bytes]] | None
Reply = Said | Callable[[str], Said] | list[Said]

TPDU = bytes.fromhex("21000C914477009001320000026869")  # "hi" to +447700900123, a report is asked for
REPORT = bytes.fromhex("06050C91447700900123") + bytes.fromhex("62106151850200") * 2 + b"\x00"
DELIVER = bytes.fromhex("000C914477009001230000621061518502000268 69".replace(" ", ""))


def lines(*texts: str) -> bytes:
    """Texts as a modem puts them on the line."""
    return b"".join(f"\r\n{text}\r\n".encode("latin-1") for text in texts)


OK = lines("OK")
ERROR = lines("ERROR")


def answer(*texts: str) -> bytes:
    """Information lines and OK."""
    return lines(*texts, "OK")


def pdu(tpdu: bytes) -> str:
    """A TPDU as it stands on a line, with the SIM's service centre."""
    return "00" + tpdu.hex().upper()


#: A modem with nothing wrong.
HEALTHY: dict[str, Reply] = {
    **dict.fromkeys(("AT", "ATZ", "ATE0", "ATV1", "AT+CMEE=1", "AT&D0", "AT+CMGF=0", "AT+CSMS=0", "AT+CMMS=2"), OK),
    **dict.fromkeys(("AT+CREG=1", "AT+CEREG=1", "AT+CNMI=2,1,0,1,0", "AT+CFUN=1"), OK),
    "AT+CMEE?": answer("+CMEE: 1"),
    "AT+CGMI": answer("Maker"),
    "AT+CGMM": answer("Stick 1"),
    "AT+CGMR": answer("1.0"),
    "AT+CGSN": answer("356938035643809"),
    "AT+CCID": answer("+CCID: 8944110065123456789"),
    "AT+CFUN?": answer("+CFUN: 1"),
    "AT+CPIN?": answer("+CPIN: READY"),
    "AT+CREG?": answer("+CREG: 1,1"),
    "AT+CEREG?": answer("+CEREG: 1,0"),
    "AT+CSCA?": answer('+CSCA: "+447700900000",145'),
    "AT+CPMS=?": answer('+CPMS: ("SM","ME"),("SM","ME"),("SM","ME")'),
    "AT+CPMS?": answer('+CPMS: "SM",0,20,"SM",0,20,"SM",0,20'),
    'AT+CPMS="SM","SM","SM"': answer("+CPMS: 0,20,0,20,0,20"),
    'AT+CPMS="ME","ME","ME"': answer("+CPMS: 0,10,0,10,0,10"),
    'AT+CPMS="SM"': answer("+CPMS: 0,20,0,20,0,20"),
    'AT+CPMS="ME"': answer("+CPMS: 0,10,0,20,0,20"),
    "AT+CMGL=4": OK,
}


class Stick:
    """What a stick says. `replies` overrides HEALTHY; a list is used up one reply a time, the last one stays."""

    def __init__(self, replies: dict[str, Reply] | None = None) -> None:
        self.replies: dict[str, Reply] = HEALTHY | (replies or {})
        self.prompt: Reply = b"\r\n> "
        self.result: Reply = lambda _: answer("+CMGS: 7")  # after Ctrl-Z
        self.echo = False
        self.heard: list[str] = []
        self.submitted: list[str] = []
        self.escapes = 0
        self.deaf = False
        self._prompting = False
        self._buffer = bytearray()

    def hear(self, octets: bytes) -> Iterator[tuple[float, bytes]]:
        """Take octets; what is said in answer, each with its delay in seconds."""
        for octet in octets if not self.deaf else b"":
            if self.echo and octet != 0x1B:
                yield 0.0, bytes([octet])
            if octet == 0x1B:
                self.escapes += 1
                self._buffer.clear()
                if self._prompting:
                    self._prompting = False
                    yield 0.0, OK
            elif octet == 0x1A and self._prompting:
                self._prompting = False
                self.submitted.append(self._line())
                yield from _timed(self._next("result", self.result))
            elif octet == 0x0D and not self._prompting:
                yield from self._command(self._line())
            elif octet != 0x0A:
                self._buffer.append(octet)

    def _line(self) -> str:
        line = self._buffer.decode("latin-1")
        self._buffer.clear()
        return line

    def _command(self, line: str) -> Iterator[tuple[float, bytes]]:
        if not line:
            return
        self.heard.append(line)
        if line.startswith("AT+CMGS=") and line not in self.replies:
            said = _timed(self._next("prompt", self.prompt))
            self._prompting = any(b">" in octets for _, octets in said)
            yield from said
        else:
            yield from _timed(self._next(line, self.replies.get(line, ERROR)))

    def _next(self, name: str, reply: Reply) -> Said:
        if callable(reply):
            return reply(name)
        if isinstance(reply, list) and not (reply and isinstance(reply[0], tuple)):
            return reply.pop(0) if len(reply) > 1 else reply[0]
        return reply


def _timed(said: Said) -> list[tuple[float, bytes]]:
    if said is None:
        return []
    return [(0.0, said)] if isinstance(said, bytes) else said


class VirtualLine:
    """Port, inbox and clock in one: a wait is over at once, and the clock stands where it would stand."""

    def __init__(self, stick: Stick) -> None:
        self.stick = stick
        self.now = 0.0
        self.written: list[bytes] = []
        self.one_at_a_time = False  # a command waits until the one before it is answered, as in most modems
        self.lose_on: bytes | None = None  # writing these octets finds the port gone
        self.gone = False
        self._due: list[tuple[float, int, bytes | Signal]] = []
        self._order = itertools.count()
        self._closed = threading.Event()
        self._busy_until = 0.0

    def monotonic(self) -> float:
        return self.now

    def say(self, octets: bytes, after_s: float = 0.0) -> None:
        """The stick says something unasked."""
        heapq.heappush(self._due, (self.now + after_s, next(self._order), octets))

    def unplug(self, after_s: float = 0.0) -> None:
        """The port goes away."""
        heapq.heappush(self._due, (self.now + after_s, next(self._order), Signal.END_OF_PORT))

    # Port

    def read(self) -> bytes:
        self._closed.wait()
        raise PortLost("closed")

    def write(self, octets: bytes) -> None:
        if self.gone or (self.lose_on is not None and self.lose_on in octets):
            self.gone = True
            raise PortLost("gone")
        self.written.append(octets)
        start_s = max(self._busy_until - self.now, 0.0) if self.one_at_a_time else 0.0
        for delay_s, said in self.stick.hear(octets):
            self.say(said, start_s + delay_s)
            self._busy_until = self.now + start_s + delay_s

    def close(self) -> None:
        self._closed.set()

    # Inbox

    def put(self, item: bytes | Signal, /) -> None:
        heapq.heappush(self._due, (self.now, next(self._order), item))

    def get(self, block: bool = True, timeout: float | None = None) -> bytes | Signal:
        until = self.now + (timeout or 0.0)
        if not self._due or self._due[0][0] > until:
            self.now = until
            raise queue.Empty
        at, _, item = heapq.heappop(self._due)
        self.now = max(self.now, at)
        self.gone = self.gone or item is Signal.END_OF_PORT
        return item

    def get_nowait(self) -> bytes | Signal:
        return self.get(timeout=0.0)

    def qsize(self) -> int:
        return sum(at <= self.now for at, _, _ in self._due)


@contextlib.contextmanager
def talking(stick: Stick, trace: Trace | None = None) -> Iterator[tuple[Session, VirtualLine]]:
    """A session with a stick on a virtual line."""
    line = VirtualLine(stick)
    session = Session(line, line, monotonic=line.monotonic, trace=trace)
    try:
        yield session, line
    finally:
        session.close()


class PtyStick:
    """A stick on a real PTY; `path` is what a program opens, at `link` if that is given."""

    def __init__(self, stick: Stick, link: Path | None = None) -> None:
        self.stick = stick
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.path = Path(os.ttyname(self._slave))
        if link is not None:
            link.symlink_to(self.path)
            self.path = link
        self._pending: list[tuple[float, bytes]] = []
        self._wake, self._woken = os.pipe()
        self._ended = threading.Event()
        self._frozen = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def say(self, octets: bytes) -> None:
        """The stick says something unasked."""
        self._pending.append((time.monotonic(), octets))
        os.write(self._woken, b"x")

    def freeze(self) -> None:
        """The stick reads nothing more."""
        self._frozen = True
        os.write(self._woken, b"x")
        time.sleep(0.05)  # the reader leaves its wait

    def unplug(self) -> None:
        """The port goes away."""
        if not self._ended.is_set():
            self._ended.set()
            os.write(self._woken, b"x")
            self._thread.join(5)
            for descriptor in (self._master, self._slave, self._wake, self._woken):
                os.close(descriptor)

    def __enter__(self) -> "PtyStick":
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()

    def _run(self) -> None:
        while not self._ended.is_set():
            self._pending.sort(key=lambda one: one[0])
            wait_s = max(self._pending[0][0] - time.monotonic(), 0.0) if self._pending else None
            ready, _, _ = select.select([self._wake, *([] if self._frozen else [self._master])], [], [], wait_s)
            if self._wake in ready:
                os.read(self._wake, 64)
            if self._master in ready:
                for delay_s, said in self.stick.hear(os.read(self._master, 4096)):
                    self._pending.append((time.monotonic() + delay_s, said))
            while self._pending and self._pending[0][0] <= time.monotonic():
                os.write(self._master, self._pending.pop(0)[1])
