"""cheroot, hardened: no handshake on the accept thread, no worker for who says nothing, a time for every phase, every limit set.

Stock cheroot shakes hands on the accept thread, so one silent connection stops everybody; a connection takes a worker before
it has said anything; and a forced shutdown drops the TLS layer and answers in clear text. The methods overridden here are
plain members of cheroot 11; tests keep the scenarios.
"""

import contextlib
import logging
import socket
import ssl
import threading
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from cheroot import wsgi
from cheroot.ssl import Adapter

from omsmodem.addresses import AddressList
from omsmodem.https.admission import Admission
from omsmodem.https.clients import Clients
from omsmodem.https.complaints import Complaints
from omsmodem.https.connection import Connection
from omsmodem.https.deadlines import Deadlines
from omsmodem.https.front import ALIVE_PATH

_log = logging.getLogger(__name__)

#: A socket that is shared with systemd: how long a stop may wait for the selector, which nobody wakes.
_SHARED_STOP_S = 0.5
_LOOPBACK = "127.0.0.1"
_EVERYBODY = AddressList.parse(["any"])
_NOBODY = AddressList()


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client may take of the server."""

    handshake_s: float = 5.0
    head_s: float = 6.0
    body_s: float = 30.0
    answer_s: float = 60.0
    idle_s: float = 30.0  # a kept-alive connection between requests
    farewell_s: float = 2.0
    write_s: float = 10.0
    header_octets: int = 16 * 1024
    body_octets: int = 256 * 1024
    connections: int = 256
    connections_per_address: int = 64
    workers: int = 12
    backlog: int = 512

    def seconds(self, phase: str) -> float:
        """The time of one phase of a connection."""
        seconds: float = getattr(self, f"{phase.lower()}_s")
        return seconds


@dataclass(frozen=True, slots=True)
class Common:
    """What the listeners of one service share. `where` follows https:// in advice."""

    deadlines: Deadlines
    clients: Clients
    complaints: Complaints
    proxies: AddressList = _NOBODY
    where: str = ""


class _Adapter(Adapter):
    """Leaves the socket as it is: each connection has its own TLS engine."""

    def __init__(self) -> None:
        """Nothing is kept here."""

    def bind(self, sock: socket.socket) -> socket.socket:
        return sock

    def wrap(self, sock: socket.socket) -> tuple[socket.socket, dict[str, str]]:
        return sock, {}

    def get_environ(self) -> dict[str, str]:
        return {}

    def makefile(self, _sock: socket.socket, _mode: str = "r", _bufsize: int = -1) -> None:
        return None


class Server(wsgi.Server):
    """One listener with its workers. `names` are those in the certificate."""

    ConnectionClass = Connection

    def __init__(
        self,
        listener: socket.socket,
        context: ssl.SSLContext,
        application: Any,
        *,
        limits: Limits,
        common: Common,
        allowed: AddressList = _EVERYBODY,
        shared: bool = False,  # the listening socket outlives us: systemd has it too
    ) -> None:
        super().__init__(
            listener.getsockname()[:2],
            application,
            numthreads=limits.workers,
            server_name="omsmodem",
            request_queue_size=limits.backlog,
            timeout=int(max(limits.seconds(name) for name in ("handshake", "head", "body", "answer", "idle"))) + 5,
            shutdown_timeout=int(limits.answer_s) + 5,
            accepted_queue_size=-1,  # bounded by the number of connections
        )
        self.context = context
        self.limits = limits
        self.common = common
        self.names: Collection[str] = ()
        self.max_request_header_size = 2 * limits.header_octets
        self.max_request_body_size = 2 * limits.body_octets
        self.keep_alive_conn_limit = limits.connections
        self.expiration_interval = _SHARED_STOP_S if shared else 30.0
        self.ssl_adapter = _Adapter()
        self._allowed = allowed
        self._admission = Admission(limits.connections, limits.connections_per_address)
        self._listener = listener
        self._listener_is_shared = shared

    def bind(self, *_args: Any, **_kwargs: Any) -> socket.socket:
        """Use the listener we made: cheroot's own handling of families and of LISTEN_PID is not for us."""
        self.socket = self._listener
        self.bind_addr = self._listener.getsockname()[:2]
        return self._listener

    def prepare(self) -> None:
        """Make the workers; the port is open already."""
        # Private in cheroot: its own forced shutdown drops the TLS layer and then answers in clear text.
        self.requests._force_close = lambda connection: connection and connection.cut()  # noqa: SLF001 - as said above
        super().prepare()

    def stop(self) -> None:
        """Answer the requests in hand and close the port. The selector is woken, not waited for.

        A shared socket is never knocked at for that, neither by us nor by cheroot: what waits at it starts the service again.
        """
        if self._listener_is_shared:
            self.bind_addr = "shared"  # a name in place of an address: cheroot then leaves it alone
            super().stop()
            return
        alarm = threading.Timer(0.02, self._wake)
        alarm.start()
        super().stop()
        alarm.join()

    def close_port(self) -> None:
        """Close the port, also where nothing was ever served on it, which cheroot would leave open."""
        with contextlib.suppress(OSError):
            self._listener.close()

    def answers(self, timeout_s: float) -> bool:
        """Whether a request of our own is answered in time, by whatever answer: accepting, TLS and a worker are alive."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # whether it answers, not who it is
        try:
            with self._call(timeout_s) as plain_socket, context.wrap_socket(plain_socket) as secure:
                secure.sendall(f"GET {ALIVE_PATH} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
                return bool(secure.recv(16))
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError):  # the second in Python 3.11.2
            return self.ready and _LOOPBACK not in self._allowed  # turned away at the door, by who is awake
        except OSError:
            return False

    def _call(self, timeout_s: float) -> socket.socket:
        host, port = self._listener.getsockname()[:2]
        target = {"::": _LOOPBACK, "0.0.0.0": _LOOPBACK}.get(host, host)  # noqa: S104 - compared, not bound
        return socket.create_connection((target, port), timeout_s)

    def _wake(self) -> None:
        with contextlib.suppress(OSError), self._call(1.0):
            pass

    def process_conn(self, conn: Connection) -> None:
        """Let a new connection wait until it says something; that costs no worker. Others go to a worker."""
        if not conn.fresh:
            super().process_conn(conn)
            return
        conn.fresh = False
        conn.begin()
        if self.ready and self._admit(conn):
            self.put_conn(conn)
        else:
            conn.close()

    def _admit(self, conn: Connection) -> bool:
        if conn.address not in self._allowed:
            if self.common.clients.advise(conn.address, "is not among the addresses of allow_from"):
                self.common.complaints.note(conn.address, "refused: it is not among the addresses of allow_from")
            return False
        refused = self._admission.admit(conn, trusted=conn.address in self.common.proxies)
        if refused:
            self.common.complaints.note(conn.address, f"refused: {refused}", logging.WARNING)
        return not refused

    def left(self, conn: Connection) -> None:
        """A connection is closed."""
        self.common.deadlines.forget(conn)
        self._admission.leave(conn)

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        """What cheroot itself complains of, one line each; its tracebacks only where they are about us."""
        _log.log(level, "%s", msg.replace("\n", " "), exc_info=traceback and level >= logging.ERROR)
