"""cheroot, hardened: no handshake on the accept thread, a deadline for every phase, every limit set.

Stock cheroot shakes hands on the accept thread, so one silent connection stops everybody; a connection takes a worker before
it has said anything; and a forced shutdown drops the TLS layer and answers in clear text. The methods overridden here are
plain members of cheroot 11; tests keep the scenarios.
"""

import contextlib
import logging
import socket
import ssl
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cheroot import errors, wsgi
from cheroot.server import HTTPConnection, HTTPRequest
from cheroot.ssl.builtin import BuiltinSSLAdapter

from omsmodem.https.tls import CertificateUnusable, modern_context

__all__ = ["CertificateUnusable", "HttpsServer", "Limits"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client may take of the server."""

    handshake_s: float = 5.0
    header_s: float = 6.0
    request_s: float = 30.0
    idle_s: float = 30.0  # a kept-alive connection between requests
    header_octets: int = 16 * 1024
    body_octets: int = 256 * 1024
    connections: int = 256
    connections_per_address: int = 64
    workers: int = 12
    backlog: int = 64


class _Adapter(BuiltinSSLAdapter):
    """TLS sockets whose handshake is left to the worker. `context` may be replaced at any time."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.context = context
        self.private_key = self.certificate = self.certificate_chain = None
        self._server_env: dict[str, str] = {}

    def wrap(self, sock: socket.socket) -> tuple[ssl.SSLSocket, dict[str, str]]:
        wrapped = self.context.wrap_socket(sock, do_handshake_on_connect=False, server_side=True)
        return wrapped, {"wsgi.url_scheme": "https", "HTTPS": "on"}


class _Request(HTTPRequest):
    def parse_request(self) -> None:
        self.conn.arm(self.server.limits.header_s)
        super().parse_request()
        self.conn.arm(self.server.limits.request_s)


class _Connection(HTTPConnection):
    RequestHandlerClass = _Request
    fresh = True
    shaken = False
    deadline: float | None = None

    def arm(self, seconds: float) -> None:
        """Give the phase that starts now its time."""
        self.deadline = time.monotonic() + seconds
        self.server.reaper.watch(self)

    def communicate(self) -> bool:
        try:
            if not self.shaken and not self._shake_hands():
                return False
            if not self.socket.pending() and not self._readable():
                return True  # back to the selector: no thread is held while the client thinks
            return bool(super().communicate())  # type: ignore[no-untyped-call]  # cheroot's stub has no types here
        except (OSError, ValueError) as error:
            self.server.note_client_fault(self, error)
            return False
        finally:
            self.deadline = None
            self.server.reaper.forget(self)

    def _shake_hands(self) -> bool:
        self.arm(self.server.limits.handshake_s)
        try:
            self.socket.do_handshake()
        except (OSError, ValueError) as error:
            self.server.note_client_fault(self, error)
            return False
        self.shaken = True
        return True

    def _readable(self) -> bool:
        """Whether the client said something; that it said goodbye is for the parser, which then closes."""
        self.socket.setblocking(False)
        try:
            self.rfile.peek(1)
            return True
        except (ssl.SSLWantReadError, BlockingIOError):
            return False
        finally:
            self.socket.settimeout(self.server.timeout)

    def close(self) -> None:
        self.server.connection_closed(self)
        with contextlib.suppress(OSError, ValueError):
            super().close()

    def cut(self) -> None:
        """End the connection under whatever worker waits on it; the TLS layer stays, so nothing leaves in clear text."""
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self.socket, socket.SHUT_RDWR)


class _Reaper(threading.Thread):
    """Cuts connections that are over their deadline; sleeps while there is none."""

    _PERIOD_S = 0.25

    def __init__(self) -> None:
        super().__init__(name="https-deadlines", daemon=True)
        self._watched: set[_Connection] = set()
        self._lock = threading.Lock()
        self._something = threading.Event()
        self._stopping = threading.Event()

    def watch(self, connection: _Connection) -> None:
        with self._lock:
            self._watched.add(connection)
        self._something.set()

    def forget(self, connection: _Connection) -> None:
        with self._lock:
            self._watched.discard(connection)

    def stop(self) -> None:
        self._stopping.set()
        self._something.set()

    def run(self) -> None:
        while not self._stopping.is_set():
            self._something.wait()
            self._stopping.wait(self._PERIOD_S)
            now = time.monotonic()
            with self._lock:
                late = [c for c in self._watched if c.deadline is not None and c.deadline < now]
                if not self._watched:
                    self._something.clear()
            for connection in late:
                connection.cut()


class _Server(wsgi.Server):
    ConnectionClass = _Connection

    def __init__(self, listener: socket.socket, context: ssl.SSLContext, application: Any, limits: Limits) -> None:
        super().__init__(
            listener.getsockname()[:2],
            application,
            numthreads=limits.workers,
            server_name="omsmodem",
            request_queue_size=limits.backlog,
            timeout=limits.idle_s,  # type: ignore[arg-type]  # cheroot's stub says int, its code takes any number
            shutdown_timeout=int(limits.request_s) + 5,
            accepted_queue_size=limits.connections,
            accepted_queue_timeout=0.2,  # type: ignore[arg-type]  # as above
        )
        self.limits = limits
        self.max_request_header_size = limits.header_octets
        self.max_request_body_size = limits.body_octets
        self.keep_alive_conn_limit = limits.connections
        self.expiration_interval = 5.0
        self.ssl_adapter = _Adapter(context)
        self.reaper = _Reaper()
        self._listener = listener
        self._by_address: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._counted: dict[_Connection, str] = {}

    def bind(self, *_args: Any, **_kwargs: Any) -> socket.socket:
        """Use the listener we made: cheroot's own handling of families and of LISTEN_PID is not for us."""
        self.socket = self._listener
        self.bind_addr = self._listener.getsockname()[:2]
        return self._listener

    def prepare(self) -> None:
        # Private in cheroot: its own forced shutdown drops the TLS layer and then answers in clear text.
        self.requests._force_close = lambda connection: connection and connection.cut()  # noqa: SLF001
        super().prepare()
        self.reaper.start()

    def process_conn(self, conn: _Connection) -> None:
        if not conn.fresh:
            super().process_conn(conn)
            return
        conn.fresh = False
        if self._admit(conn):
            self.put_conn(conn)  # wait until it says something; that costs no thread
        else:
            conn.close()

    def _admit(self, conn: _Connection) -> bool:
        address = str(conn.remote_addr)
        with self._counting:
            if len(self._counted) >= self.limits.connections:
                _log.warning("from=%s refused: %d connections are open", address, len(self._counted))
                return False
            if self._by_address[address] >= self.limits.connections_per_address:
                _log.warning("from=%s refused: it has %d connections", address, self._by_address[address])
                return False
            self._by_address[address] += 1
            self._counted[conn] = address
        return True

    def connection_closed(self, conn: _Connection) -> None:
        with self._counting:
            address = self._counted.pop(conn, None)
            if address is not None:
                self._by_address[address] -= 1
                if not self._by_address[address]:
                    del self._by_address[address]

    def note_client_fault(self, conn: _Connection, error: Exception) -> None:
        """One line for a client that broke off, timed out or could not shake hands."""
        reason = getattr(error, "reason", None) or str(error) or type(error).__name__
        _log.info("from=%s connection ended: %s", conn.remote_addr, reason)

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        """What cheroot itself complains of, one line each; its tracebacks only where they are about us."""
        _log.log(level, "%s", msg.replace("\n", " "), exc_info=traceback and level >= logging.ERROR)


def _listen(host: str, port: int, backlog: int) -> socket.socket:
    """A listening socket; `::` takes IPv4 too, or only IPv4 where the machine has no IPv6.

    An answer leaves in two writes, header and body: without TCP_NODELAY the second waits 40 ms for the client's delayed
    acknowledgement of the first.
    """
    dual = host == "::" and socket.has_dualstack_ipv6()
    if host == "::" and not dual:
        host = "0.0.0.0"  # noqa: S104 - asked for by "::"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, dualstack_ipv6=dual, backlog=backlog)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


class HttpsServer:
    """A WSGI application behind TLS. Raises CertificateUnusable and OSError when it cannot be made."""

    def __init__(
        self, application: Any, *, host: str, port: int, certificate: Path, key: Path, limits: Limits | None = None
    ) -> None:
        chosen = limits or Limits()
        context = modern_context(certificate, key)
        listener = _listen(host, port, chosen.backlog)
        self._server = _Server(listener, context, application, chosen)
        self._thread = threading.Thread(target=self._serve, name="https", daemon=True)
        self.port: int = listener.getsockname()[1]

    def start(self) -> None:
        """Listen in a thread of its own."""
        self._server.prepare()
        self._thread.start()

    def stop(self) -> None:
        """Finish the requests in hand and stop listening."""
        self._server.stop()
        self._server.reaper.stop()
        if self._thread.is_alive():
            self._thread.join(10)

    def reload_certificate(self, certificate: Path, key: Path) -> None:
        """Serve new connections with other files. Raises CertificateUnusable and keeps the old ones."""
        self._server.ssl_adapter.context = modern_context(certificate, key)

    def _serve(self) -> None:
        with contextlib.suppress(errors.FatalSSLAlert):
            self._server.serve()
