"""The listener: one thread with its loop, one port with STARTTLS and one with TLS from the start, a certificate that can change."""

import asyncio
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from omsmodem.addresses import AddressList
from omsmodem.maildoor.handler import House, MailHandler
from omsmodem.maildoor.session import Limits, Places, Session

_log = logging.getLogger(__name__)

_THREADS = 4
_STOP_S = 10.0
_HANDSHAKE_S = 10.0
_FINISH_S = 5.0
_FAREWELL_S = 1.0
_LOOK_S = 0.02


@dataclass(frozen=True, slots=True)
class Listener:
    """Where it listens, for whom. `tls_port` None: there is no port with TLS from the start."""

    address: str
    port: int
    tls_port: int | None
    allowed: AddressList
    hostname: str


class MailListener:
    """SMTP for `house`. `context` makes the TLS context anew from the certificate's files."""

    def __init__(
        self, house: House, where: Listener, context: Callable[[], ssl.SSLContext], limits: Limits | None = None
    ) -> None:
        self._house = house
        self._where = where
        self._make_context = context
        self._context = context()
        self._limits = limits or Limits()
        self._places = Places(self._limits)
        self._executor = ThreadPoolExecutor(_THREADS, thread_name_prefix="mail-in")
        self._handler = MailHandler(house, self._executor)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="mail-in", daemon=True)
        self._sockets: list[socket.socket] = []
        self._servers: list[asyncio.AbstractServer] = []
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd's own, which names everybody

    @property
    def port(self) -> int:
        """The port with STARTTLS, once started."""
        return int(self._sockets[0].getsockname()[1])

    @property
    def tls_port(self) -> int:
        """The port with TLS from the start, once started."""
        return int(self._sockets[1].getsockname()[1])

    @property
    def up(self) -> bool:
        """Whether somebody who connects now is greeted."""
        return self._thread.is_alive() and bool(self._servers) and all(s.is_serving() for s in self._servers)

    def start(self) -> None:
        """Listen. Raises OSError."""
        ports = [self._where.port, *([] if self._where.tls_port is None else [self._where.tls_port])]
        self._sockets = [_bound(self._where.address, port) for port in ports]
        self._thread.start()
        self._ask(self._open())
        _log.info("mail is taken on port %s", " and ".join(str(each.getsockname()[1]) for each in self._sockets))

    def reload(self) -> None:
        """Take the certificate anew for every connection to come. Raises what `context` raises, and changes nothing then."""
        self._context = self._make_context()
        if self._thread.is_alive():
            self._ask(self._reopen())

    def stop(self) -> None:
        """Close the ports; what is being committed is finished and answered, then everybody is sent away."""
        if self._thread.is_alive():
            self._ask(self._close())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_STOP_S)
        self._executor.shutdown(wait=True)
        for each in self._sockets:
            each.close()

    # -- the thread -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def _ask(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_STOP_S)

    async def _open(self) -> None:
        self._servers.append(await self._serve(self._sockets[0], implicit=False))
        if len(self._sockets) > 1:
            self._servers.append(await self._serve(self._sockets[1], implicit=True))

    async def _serve(self, listening: socket.socket, *, implicit: bool) -> asyncio.AbstractServer:
        return await self._loop.create_server(
            lambda: self._session(implicit=implicit),
            sock=listening.dup(),
            ssl=self._context if implicit else None,
            ssl_handshake_timeout=_HANDSHAKE_S if implicit else None,
        )

    def _session(self, *, implicit: bool) -> Session:
        return Session(
            self._handler,
            self._limits,
            self._places,
            hostname=self._where.hostname,
            context=self._context,
            implicit=implicit,
            trusted=self._house.relays.addresses,
            allowed=self._where.allowed,
            sign_in=self._handler.sign_in,
            loop=self._loop,
        )

    async def _reopen(self) -> None:
        """A server with the new certificate beside the old one, which then takes no more connections."""
        old, self._servers = self._servers, []
        await self._open()
        for server in old:
            server.close()

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        await self._until(lambda: not self._handler.busy, _FINISH_S)
        await asyncio.sleep(_LOOK_S)  # the answers leave
        self._places.dismiss()
        await self._until(lambda: not self._places.taken, _FAREWELL_S)
        self._places.cut()
        await asyncio.sleep(_LOOK_S)

    async def _until(self, done: Callable[[], bool], most_s: float) -> None:
        end = self._loop.time() + most_s
        while not done() and self._loop.time() < end:
            await asyncio.sleep(_LOOK_S)


def _bound(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    both = family is socket.AF_INET6 and address == "::" and socket.has_dualstack_ipv6()
    return socket.create_server((address, port), family=family, dualstack_ipv6=both)
