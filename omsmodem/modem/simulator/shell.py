"""A simulated modem on a line that programs can open: a PTY or a TCP port."""

import contextlib
import os
import selectors
import socket
import threading
import time
import tty
from pathlib import Path

from omsmodem.modem.simulator.modem import SimulatedModem

_READ_OCTETS = 4096


class _Shell:
    """The thread that carries octets between a line and a modem."""

    def __init__(self, modem: SimulatedModem) -> None:
        self.modem = modem
        self._lock = threading.Lock()
        self._wake_read, self._wake_write = os.pipe()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="simulated-modem", daemon=True)

    def close(self) -> None:
        """End the thread and close the line."""
        self._stopping = True
        os.write(self._wake_write, b"x")
        self._thread.join(5)
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _wait_s(self) -> float | None:
        due = self.modem.next_due()
        return None if due is None else max(due - time.monotonic(), 0.0)

    def _carry(self, line: int) -> None:
        """Serve one open line until it ends or the shell is closed."""
        with selectors.DefaultSelector() as selector:
            selector.register(line, selectors.EVENT_READ)
            selector.register(self._wake_read, selectors.EVENT_READ)
            while not self._stopping:
                ready = {key.fd for key, _ in selector.select(self._wait_s())}
                if line in ready:
                    octets = os.read(line, _READ_OCTETS)
                    if not octets:
                        return
                    self.modem.feed(octets)
                self._write(line, self.modem.due())

    def _write(self, line: int, octets: bytes) -> None:
        while octets:
            octets = octets[os.write(line, octets) :]

    def _run(self) -> None:
        raise NotImplementedError


class PtyShell(_Shell):
    """A modem on a PTY; `path` is what a program opens, `link` a stable name for it."""

    def __init__(self, modem: SimulatedModem, link: Path | None = None) -> None:
        super().__init__(modem)
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self._link = link
        self.path = Path(os.ttyname(self._slave))
        if link is not None:
            with contextlib.suppress(FileNotFoundError):
                link.unlink()
            link.symlink_to(self.path)
            self.path = link

    def start(self) -> "PtyShell":
        """Start answering."""
        self._thread.start()
        return self

    def close(self) -> None:
        """Unplug: the line ends for whoever has it open."""
        super().close()
        os.close(self._master)
        os.close(self._slave)
        if self._link is not None:
            with contextlib.suppress(FileNotFoundError):
                self._link.unlink()

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            self._carry(self._master)


class TcpShell(_Shell):
    """A modem on a TCP port of this machine, one client at a time; `url` is what pyserial opens."""

    def __init__(self, modem: SimulatedModem, port: int = 0) -> None:
        super().__init__(modem)
        self._listener = socket.create_server(("127.0.0.1", port))
        self.url = f"socket://127.0.0.1:{self._listener.getsockname()[1]}"

    def start(self) -> "TcpShell":
        """Start answering."""
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop listening and end the connection."""
        super().close()
        self._listener.close()

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._wake_read, selectors.EVENT_READ)
            while not self._stopping:
                if any(key.fileobj is self._listener for key, _ in selector.select()):
                    connection, _ = self._listener.accept()
                    with connection, contextlib.suppress(OSError):
                        self._carry(connection.fileno())
