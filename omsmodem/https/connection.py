"""One client's connection: a worker has it only while there is something to do.

cheroot's own connection reads from a blocking socket, so whoever sends slowly holds a worker. Here every wait for the client
is spent in the selector: the handshake, the head and the body are taken as they come, and cheroot is given a request when
all of it is in memory. Each phase has its time.
"""

import contextlib
import io
import logging
import socket
import ssl
import time
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from cheroot.server import HTTPConnection

from omsmodem.addresses import plain
from omsmodem.https.clients import ABOUT_PLAIN_HTTP, about_handshake
from omsmodem.https.framing import Framer, Refused
from omsmodem.https.pipe import Pipe, PlainHttp

if TYPE_CHECKING:
    from omsmodem.https.server import Server

_log = logging.getLogger(__name__)

_FAREWELL_OCTETS = 4 * 1024 * 1024
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Phase(Enum):
    """What is waited for; each has its time in Limits."""

    HANDSHAKE = auto()
    HEAD = auto()
    BODY = auto()
    ANSWER = auto()
    IDLE = auto()  # between requests, where going away is no fault
    FAREWELL = auto()  # answered; what the client still sends is dropped


_MISSING = {
    Phase.HANDSHAKE: "no TLS handshake",
    Phase.HEAD: "no whole request head",
    Phase.BODY: "no whole request body",
    Phase.ANSWER: "no answer",
}


class _Inbox(io.BytesIO):
    """A whole request for cheroot to read. `more` tells the selector not to wait: octets are here already."""

    more = False

    def has_data(self) -> bool:
        return self.more


class _Outbox:
    """What cheroot writes an answer to; it leaves in as few records as it fits in."""

    closed = False

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe

    def write(self, octets: bytes) -> int:
        self._pipe.write(octets)
        return len(octets)

    def flush(self) -> None:
        self._pipe.flush()


class Connection(HTTPConnection):
    """Belongs to the selector or to one worker, never to both."""

    server: "Server"

    def __init__(self, server: "Server", sock: socket.socket, makefile: Any) -> None:
        super().__init__(server, sock, makefile)
        limits = server.limits
        self.address = ""
        self._pipe = Pipe(sock, lambda: server.context, limits.write_s)
        self._framer = Framer(limits.header_octets, limits.body_octets)
        self.rfile = _Inbox()
        self.wfile = _Outbox(self._pipe)
        self.fresh = True
        self.served = 0
        self._busy = False
        self._phase = Phase.HANDSHAKE
        self._since = time.monotonic()
        self._cut = ""
        self._dropped = 0

    # -- as the selector and its helpers see it ---------------------------------------------------------------------

    def begin(self) -> None:
        """Its time for the handshake starts."""
        self.address = self.remote_addr = plain(str(self.remote_addr))
        self._enter(Phase.HANDSHAKE)

    def worth(self) -> int | None:
        """For admission: silent, shaken hands, made requests; None while a worker has it."""
        if self._busy:
            return None
        return (2 if self.served else 1) if self._pipe.shaken else 0

    def make_room(self) -> None:
        """For admission: go, another has come."""
        self._cut = "said nothing while others came"
        self._pipe.cut()

    def overdue(self) -> None:
        """For the deadlines."""
        if self._phase in _MISSING:
            self._cut = f"{_MISSING[self._phase]} within {time.monotonic() - self._since:.0f} s"
        self._pipe.cut()

    def cut(self) -> None:
        """For a stop that cannot wait."""
        self._pipe.cut()

    def close(self) -> None:
        """Close the socket; saying so twice does no harm."""
        self.server.left(self)
        with contextlib.suppress(OSError, ValueError):
            if self._pipe.shaken and self._phase is not Phase.FAREWELL:
                self._pipe.finish()
        with contextlib.suppress(OSError, ValueError):
            super().close()

    # -- as a worker sees it ----------------------------------------------------------------------------------------

    def communicate(self) -> bool:
        """Do what there is to do; whether to wait for more."""
        self._busy, self.rfile.more = True, False
        try:
            return self._advance()
        except PlainHttp:
            return self._answer_plain_http()
        except Refused as refused:
            return self._refuse(refused)
        except ssl.SSLError as error:
            self._complain(self._cut or error.reason or str(error))
            return False
        except OSError as error:
            if self._cut or not (self.served and self._phase is Phase.IDLE):  # between requests it is nobody's fault
                self._complain(self._cut or error.strerror or str(error))
            return False
        finally:
            self._busy = False

    def _advance(self) -> bool:
        if self._phase is Phase.FAREWELL:
            return self._drop()
        here = self._pipe.feed()
        if not self._pipe.shaken:
            if not self._pipe.shake():
                return here or self._gone()
            self.ssl_env = {"HTTPS": "on", "wsgi.url_scheme": "https", "SSL_PROTOCOL": self._pipe.version}
            self._enter(Phase.IDLE)
        request = self._next_request()
        if self._framer.wants_continue():
            self._pipe.write(_CONTINUE)
            self._pipe.flush()
        if request is not None:
            return self._answer(request)
        if not here or self._pipe.ended:
            return self._gone()
        self._wait_for_rest()
        return True

    def _next_request(self) -> bytes | None:
        """Take plain octets until a request is whole or none is left."""
        while (request := self._framer.next()) is None:
            octets = self._pipe.read()
            if not octets:
                return None
            self._framer.receive(octets)
        return request

    def _wait_for_rest(self) -> None:
        """Each phase starts once: a client that drips does not get its time anew with every octet."""
        if self._framer.in_body:
            self._enter(Phase.BODY)
        elif self._framer.started:
            self._enter(Phase.HEAD)

    def _answer(self, request: bytes) -> bool:
        self._enter(Phase.ANSWER)
        self.served += 1
        self.rfile = _Inbox(request)
        keep = bool(super().communicate())  # type: ignore[no-untyped-call]  # cheroot has no types
        self._pipe.flush()
        if not keep:
            return False
        self.rfile = _Inbox()
        self.rfile.more = self._framer.started or self._pipe.holds_octets
        self._enter(Phase.IDLE)
        return True

    def _enter(self, phase: Phase) -> None:
        if phase is self._phase and phase is not Phase.HANDSHAKE and phase is not Phase.IDLE:
            return
        self._phase, self._since = phase, time.monotonic()
        self.server.common.deadlines.set(self, self.server.limits.seconds(phase.name))

    # -- how it ends ------------------------------------------------------------------------------------------------

    def _gone(self) -> bool:
        """The client, or a deadline, ended the connection."""
        if self._cut:
            self._complain(self._cut)
        elif not self._pipe.shaken:
            self._complain("went away before the TLS handshake was done")
        elif not self.served:
            server = self.server
            self._advise(server.common.clients.went_silently(self.address, self._pipe.hello, server.names))
        return False

    def _complain(self, words: str) -> None:
        advice = "" if self.served else about_handshake(words, self._pipe.hello, self.server.names)
        if advice:
            self._advise(advice, words)
        else:
            self.server.common.complaints.note(self.address, f"connection ended: {words}")

    def _advise(self, advice: str, why: str = "") -> None:
        if self.server.common.clients.advise(self.address, advice):
            self.server.common.complaints.note(
                self.address, f"PC {self.address} {advice}" + (f" ({why})" if why else "")
            )

    def _answer_plain_http(self) -> bool:
        self._advise(ABOUT_PLAIN_HTTP)
        line = f"This address speaks HTTPS only: it must begin with https://{self.server.common.where}\n"
        with contextlib.suppress(OSError):
            self._pipe.write_plain(_response("400 Bad Request", line))
        return self._say_farewell()

    def _refuse(self, refused: Refused) -> bool:
        self.server.common.complaints.note(self.address, f"request refused: {refused.status}: {refused.line}")
        with contextlib.suppress(OSError, ssl.SSLError):
            self._pipe.write(_response(refused.status, refused.line + "\n"))
            self._pipe.flush()
        return self._say_farewell()

    def _say_farewell(self) -> bool:
        """Nothing more is sent; what is still coming is dropped, so that a reset does not overtake the answer."""
        with contextlib.suppress(OSError):
            self._pipe.finish()
        self._enter(Phase.FAREWELL)
        return self._drop()

    def _drop(self) -> bool:
        octets = self._pipe.discard()
        self._dropped += max(octets, 0)
        return octets != 0 and self._dropped < _FAREWELL_OCTETS


def _response(status: str, line: str) -> bytes:
    body = line.encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\nServer: omsmodem\r\n\r\n"
    )
    return head.encode() + body
