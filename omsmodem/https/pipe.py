"""One connection's TLS, between a socket that never blocks while reading and plain octets.

The TLS engine works in memory (RFC 8446 needs no socket). So what a client sent first is at hand when its handshake fails,
and nothing can leave in clear text however the socket ends: there is no plain way around the engine.
"""

import contextlib
import socket
import ssl
from collections.abc import Callable

from omsmodem.https import hello
from omsmodem.https.hello import Hello

_READ_OCTETS = 64 * 1024
_FLUSH_OCTETS = 64 * 1024


class PlainHttp(Exception):
    """The client speaks http:// where https:// is spoken."""


class Pipe:
    """Feed, shake hands, read and write. `context` is asked at the client's first octet."""

    def __init__(self, sock: socket.socket, context: Callable[[], ssl.SSLContext], write_s: float) -> None:
        self._socket = sock
        self._context = context
        self._write_s = write_s
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls: ssl.SSLObject | None = None
        self._first = bytearray()
        self._pending = bytearray()
        self.shaken = False
        self.ended = False  # the client said, the TLS way, that nothing more comes
        self.hello: Hello | None = None
        sock.setblocking(False)

    def feed(self) -> bool:
        """Take what the socket has; False at its end. Raises OSError and PlainHttp."""
        try:
            octets = self._socket.recv(_READ_OCTETS)
        except (BlockingIOError, InterruptedError):
            return True
        if not octets:
            self._incoming.write_eof()
            return False
        if self._tls is None:
            if octets[:1].isalpha():
                raise PlainHttp
            self._tls = self._context().wrap_bio(self._incoming, self._outgoing, server_side=True)
        if not self.shaken and self.hello is None and len(self._first) < hello.MAX_OCTETS:
            self._first += octets
            self.hello = hello.read(bytes(self._first))
        self._incoming.write(octets)
        return True

    def shake(self) -> bool:
        """Go on with the handshake; True once it is done. Raises ssl.SSLError and OSError."""
        if self._tls is None:
            return False
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        finally:
            with contextlib.suppress(OSError):
                self.flush()
        self.shaken = True
        self._first.clear()
        return True

    def read(self) -> bytes | None:
        """Plain octets; nothing at the end, None until more comes. Raises ssl.SSLError."""
        assert self._tls is not None
        try:
            return self._tls.read(_READ_OCTETS)
        except ssl.SSLWantReadError:
            return None
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            self.ended = True
            return b""

    @property
    def version(self) -> str:
        """The TLS version that was agreed on, e.g. TLSv1.2."""
        return (self._tls.version() or "") if self._tls is not None else ""

    @property
    def holds_octets(self) -> bool:
        """Whether octets are here that need no socket to be read."""
        return self.shaken and self._tls is not None and bool(self._incoming.pending or self._tls.pending())

    def write(self, octets: bytes) -> None:
        """Put plain octets on their way; they leave at `flush`, or when there are many. Raises OSError."""
        assert self._tls is not None
        self._tls.write(octets)
        if self._outgoing.pending > _FLUSH_OCTETS:
            self.flush()

    def write_plain(self, octets: bytes) -> None:
        """Answer a client that speaks no TLS, in clear text: what it gets is the advice to speak it. Raises OSError."""
        assert self._tls is None
        self._pending += octets
        self.flush()

    def flush(self) -> None:
        """Send what waits, for at most the time of one write. Raises OSError."""
        self._pending += self._outgoing.read()
        if not self._pending:
            return
        octets = bytes(self._pending)
        self._pending.clear()  # after a failure nobody knows what has left: nothing of it is sent again
        self._socket.settimeout(self._write_s)
        try:
            self._socket.sendall(octets)
        finally:
            self._socket.setblocking(False)

    def finish(self) -> None:
        """Say that nothing more comes: the TLS way, then to the socket; reading goes on. Raises OSError."""
        if self._tls is not None and self.shaken:
            with contextlib.suppress(ssl.SSLError):
                self._tls.unwrap()
        with contextlib.suppress(BlockingIOError):
            self._pending += self._outgoing.read()
            self._socket.send(self._pending)
        self._socket.shutdown(socket.SHUT_WR)

    def discard(self) -> int:
        """Drop what comes; how much it was, 0 at the end, -1 for nothing yet. Raises OSError."""
        try:
            return len(self._socket.recv(_READ_OCTETS))
        except (BlockingIOError, InterruptedError):
            return -1

    def cut(self) -> None:
        """End the connection under whatever thread works on it."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
