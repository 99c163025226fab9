"""A simulated modem on a line that programs can open: a PTY or a TCP port."""

import contextlib
import fcntl
import os
import selectors
import socket
import termios
import threading
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, Self

_READ_OCTETS = 4096
#: A host that does not read loses what is more, as on a line without flow control.
_MAX_UNWRITTEN_OCTETS = 1 << 16


class Carried(Protocol):
    """What a shell carries: a modem, or a replay of one."""

    now: Callable[[], float]  # the clock of `next_due`, in seconds
    wake: Callable[[], None]
    plugged: bool
    tty_name: str

    def feed(self, octets: bytes) -> None:
        """Hear octets."""

    def due(self) -> bytes:
        """The octets to be said by now."""

    def next_due(self) -> float | None:
        """When there is something to do, or None."""


class _Shell:
    """The thread that carries octets between a line and a modem. `pace`: real seconds in a second of the modem's clock."""

    def __init__(self, modem: Carried, pace: float = 1.0) -> None:
        self.modem = modem
        self._pace = pace
        self._wake_read, self._wake_write = os.pipe()
        for end in (self._wake_read, self._wake_write):
            os.set_blocking(end, False)
        self._stopping = False
        self._unwritten = bytearray()
        self._thread = threading.Thread(target=self._run, name="simulated-modem", daemon=True)
        modem.wake = self._wake

    def start(self) -> Self:
        """Start answering."""
        self._thread.start()
        return self

    def close(self) -> None:
        """End the thread and close the line."""
        self._stopping = True
        self._wake()
        self._thread.join(5)
        self.modem.wake = lambda: None
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(self._wake_write, b"x")

    def _run(self) -> None:
        while not self._stopping:
            with contextlib.suppress(OSError):
                self._live()

    def _live(self) -> None:
        """From plugging in to unplugging."""
        raise NotImplementedError

    def _wait(self, *readable: int, writable: int | None = None) -> set[int]:
        """Wait until something is to be read, written or done; the descriptors that can be read."""
        with selectors.DefaultSelector() as selector:
            for line in (*readable, self._wake_read):
                events = selectors.EVENT_READ | (selectors.EVENT_WRITE if line == writable else 0)
                selector.register(line, events)
            ready = {key.fd for key, events in selector.select(self._wait_s()) if events & selectors.EVENT_READ}
        if self._wake_read in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(self._wake_read, _READ_OCTETS)
        return ready

    def _wait_s(self) -> float | None:
        due = self.modem.next_due()
        return None if due is None else max((due - self.modem.now()) * self._pace, 0.0)

    def _await(self, plugged: bool) -> None:
        """Let time pass until the modem is plugged in, or out."""
        while not self._stopping and self.modem.plugged is not plugged:
            self.modem.due()
            if self.modem.plugged is not plugged:
                self._wait()

    def _carry(self, line: int) -> None:
        """Serve one open line until it ends, the modem is unplugged or the shell is closed."""
        os.set_blocking(line, False)
        self._unwritten.clear()
        while not self._stopping and self.modem.plugged:
            if line in self._wait(line, writable=line if self._unwritten else None):
                octets = os.read(line, _READ_OCTETS)
                if not octets:
                    return
                self.modem.feed(octets)
            self._write(line, self.modem.due())

    def _write(self, line: int, octets: bytes) -> None:
        self._unwritten += octets[: max(_MAX_UNWRITTEN_OCTETS - len(self._unwritten), 0)]
        with contextlib.suppress(BlockingIOError):
            while self._unwritten:
                del self._unwritten[: os.write(line, self._unwritten)]


class PtyShell(_Shell):
    """A modem on a PTY; `path` is what a program opens, `link` a stable name for it.

    Unplugging ends the PTY; the next one is under the same link, or under the name that the modem asks for beside it.
    """

    def __init__(self, modem: Carried, link: Path | None = None, *, pace: float = 1.0) -> None:
        super().__init__(modem, pace)
        self._link = link
        self._ends: tuple[int, int] | None = None
        self.path = Path()
        if modem.plugged:
            self._appear()

    def close(self) -> None:
        """Unplug: the line ends for whoever has it open."""
        super().close()
        self._vanish()

    def _wait(self, *readable: int, writable: int | None = None) -> set[int]:
        ready = super()._wait(*readable, writable=writable)
        if self._ends is not None:
            # A real line forgets TIOCEXCL when its last program lets go; we hold this one, and would keep everybody out.
            fcntl.ioctl(self._ends[1], termios.TIOCNXCL)
        return ready

    def _appear(self) -> None:
        master, slave = os.openpty()
        tty.setraw(slave)
        self._ends = (master, slave)
        self.path = Path(os.ttyname(slave))
        if self._link is not None:
            if self.modem.tty_name:
                self._link = self._link.with_name(self.modem.tty_name)
            replacement = self._link.with_name(self._link.name + ".new")
            replacement.unlink(missing_ok=True)
            replacement.symlink_to(self.path)
            replacement.replace(self._link)
            self.path = self._link

    def _vanish(self) -> None:
        if self._ends is None:
            return
        if self._link is not None:
            self._link.unlink(missing_ok=True)
        for end in self._ends:
            os.close(end)
        self._ends = None

    def _live(self) -> None:
        self._await(plugged=True)
        if self._stopping:
            return
        if self._ends is None:
            self._appear()
        assert self._ends is not None
        try:
            self._carry(self._ends[0])
        finally:
            self._vanish()


class TcpShell(_Shell):
    """A modem on a TCP port of this machine, one client at a time; `url` is what pyserial opens."""

    def __init__(self, modem: Carried, port: int = 0, *, pace: float = 1.0) -> None:
        super().__init__(modem, pace)
        self._listener: socket.socket | None = socket.create_server(("127.0.0.1", port))
        self._port = int(self._listener.getsockname()[1])
        self.url = f"socket://127.0.0.1:{self._port}"

    def close(self) -> None:
        """Stop listening and end the connection."""
        super().close()
        if self._listener is not None:
            self._listener.close()

    def _live(self) -> None:
        self._await(plugged=True)
        if self._stopping:
            return
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self._port))
        try:
            self._serve(self._listener)
        finally:
            if not self.modem.plugged:
                self._listener.close()
                self._listener = None

    def _serve(self, listener: socket.socket) -> None:
        while not self._stopping and self.modem.plugged:
            if listener.fileno() in self._wait(listener.fileno()):
                connection, _ = listener.accept()
                with connection:
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self._carry(connection.fileno())
            else:
                self.modem.due()
