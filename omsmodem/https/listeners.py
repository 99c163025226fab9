"""The listeners of the service: the modern one, and the legacy one with its end date."""

import logging
import socket
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from omsmodem.addresses import AddressList
from omsmodem.https.clients import Clients
from omsmodem.https.complaints import Complaints
from omsmodem.https.deadlines import Deadlines
from omsmodem.https.front import Front
from omsmodem.https.server import Common, Limits, Server
from omsmodem.https.sockets import listen
from omsmodem.https.tls import legacy_context, modern_context, shown

_log = logging.getLogger(__name__)

_DAY_S = 86400.0
_LEGACY_WORKERS = 4
_CONTEXTS = {"modern": modern_context, "legacy": legacy_context}


@dataclass(frozen=True, slots=True)
class Listener:
    """Where to listen, how, for whom, and until when (the last day it is open)."""

    port: int
    address: str = "::"
    tls: Literal["modern", "legacy"] = "modern"
    allow_from: AddressList = field(default_factory=lambda: AddressList.parse(["any"]))
    until: date | None = None
    inherited: socket.socket | None = None  # opened by systemd; then address and port are its own


@dataclass(frozen=True, slots=True)
class _Open:
    listener: Listener
    server: Server
    thread: threading.Thread


class HttpsServer:
    """A WSGI application behind TLS, on one or more listeners.

    `where` follows https:// in the advice to who forgot it. Raises CertificateUnusable, ProtocolUnavailable and
    OSError when it cannot be made.
    """

    def __init__(
        self,
        application: Any,
        listeners: Collection[Listener],
        *,
        certificate: Path,
        key: Path,
        limits: Limits | None = None,
        where: str = "",
        proxies: AddressList | None = None,
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
    ) -> None:
        self.clients = Clients()
        trusted = proxies or AddressList()
        front = Front(application, self.clients, trusted)
        self._today = today
        self._deadlines = Deadlines()
        self._stopping = threading.Event()
        self._common = Common(self._deadlines, self.clients, Complaints(), trusted, where)
        self._opened = [
            self._open(front, listener, certificate, key, limits or Limits())
            for listener in listeners
            if not self._is_over(listener)
        ]
        self._show(certificate)
        self._calendar = threading.Thread(target=self._keep_dates, name="https-dates", daemon=True)

    @property
    def port(self) -> int:
        """The port of the first listener."""
        port: int = self._opened[0].server.bind_addr[1]
        return port

    @property
    def ports(self) -> list[int]:
        """The ports of all that are open."""
        return [opened.server.bind_addr[1] for opened in self._opened]

    def alive(self, timeout_s: float = 10.0) -> bool:
        """Whether every listener answers: it is asked, over TLS. For the watchdog."""
        return all(opened.server.answers(timeout_s) for opened in self._opened)

    def start(self) -> None:
        """Listen in threads of their own."""
        self._deadlines.start()
        for opened in self._opened:
            opened.server.prepare()
            opened.thread.start()
        if any(opened.listener.until for opened in self._opened):
            self._calendar.start()

    def stop(self) -> None:
        """Finish the requests in hand and stop listening."""
        self._stopping.set()
        for opened in self._opened:
            _close(opened)
        self._deadlines.stop()

    def reload_certificate(self, certificate: Path, key: Path) -> None:
        """Serve new connections with other files. Raises CertificateUnusable and keeps the old ones on every listener."""
        contexts = [(opened, _CONTEXTS[opened.listener.tls](certificate, key)) for opened in self._opened]
        for opened, context in contexts:
            opened.server.context = context
        self._show(certificate)

    def _show(self, certificate: Path) -> None:
        self.certificate = shown(self._opened[0].server.context, certificate)
        for opened in self._opened:
            opened.server.names = self.certificate.names

    def _open(self, application: Any, listener: Listener, certificate: Path, key: Path, limits: Limits) -> _Open:
        context = _CONTEXTS[listener.tls](certificate, key)
        made = listener.inherited or listen(listener.address, listener.port, limits.backlog)
        if listener.tls == "legacy":
            limits = replace(limits, workers=min(limits.workers, _LEGACY_WORKERS))
        server = Server(
            made,
            context,
            application,
            limits=limits,
            common=self._common,
            allowed=listener.allow_from,
            shared=listener.inherited is not None,
        )
        thread = threading.Thread(target=server.serve, name=f"https-{listener.tls}", daemon=True)
        return _Open(listener, server, thread)

    # -- the end date -----------------------------------------------------------------------------------------------

    def _is_over(self, listener: Listener) -> bool:
        over = listener.until is not None and self._today() > listener.until
        if over:
            _log.warning("the legacy listener stays closed: its last day was %s", listener.until)
        return over

    def _keep_dates(self) -> None:
        """Say every day that weak TLS is spoken, and close the listener after its last day."""
        while True:
            self.keep_dates()
            now = datetime.now(UTC)
            midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), UTC)
            if self._stopping.wait((midnight - now).total_seconds() + 1):
                return

    def keep_dates(self) -> None:
        """What is done once a day."""
        for opened in [each for each in self._opened if each.listener.until is not None]:
            if self._is_over(opened.listener):
                self._opened = [each for each in self._opened if each is not opened]  # others go through the list now
                _close(opened)
            else:
                port, until = opened.server.bind_addr[1], opened.listener.until
                _log.warning("the legacy listener on port %d speaks weak TLS 1.0 and 1.1, until %s", port, until)


def _close(opened: _Open) -> None:
    opened.server.stop()
    if opened.thread.is_alive():
        opened.thread.join(10)
    opened.server.close_port()
