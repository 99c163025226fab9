"""A server with real TLS on a loopback port, and a client that writes raw octets."""

import contextlib
import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from omsmodem.https import HttpsServer, Limits, Listener

REQUEST = b"GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n"


def echo(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answers with what it was asked: method, path, address and body."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    text = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} {environ['REMOTE_ADDR']} ".encode() + body
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return [text]


@pytest.fixture
def start(keys: Path) -> Iterator[Callable[..., HttpsServer]]:
    """Start a server; it is stopped at the end."""
    with contextlib.ExitStack() as ends:

        def run(application: Any = echo, *listeners: Listener, **options: Any) -> HttpsServer:
            made = HttpsServer(
                application,
                listeners or (Listener(0, "127.0.0.1"),),
                certificate=keys / "server.crt",
                key=keys / "server.key",
                where="localhost/oms/service.asmx",
                **{"limits": Limits(workers=4), **options},
            )
            ends.callback(made.stop)
            made.start()
            return made

        yield run


@pytest.fixture
def server(start: Callable[..., HttpsServer]) -> HttpsServer:
    return start()


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """The lines logged so far by this room."""
    caplog.set_level(logging.DEBUG, logger="omsmodem.https")
    return lambda: [record.getMessage() for record in caplog.records if record.name.startswith("omsmodem.https")]


def trusting(keys: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(keys / "ca.crt"))


def plain(server: HttpsServer, source: str = "127.0.0.1") -> socket.socket:
    """A TCP connection, from any address of the loopback network."""
    return socket.create_connection(("127.0.0.1", server.port), 10, source_address=(source, 0))


def secure(server: HttpsServer, keys: Path, source: str = "127.0.0.1") -> ssl.SSLSocket:
    return trusting(keys).wrap_socket(plain(server, source), server_hostname="localhost")


def answer_to(connection: socket.socket, octets: bytes = REQUEST) -> bytes:
    """Send, and read one whole answer (or what comes until the end)."""
    connection.sendall(octets)
    return read_answer(connection)


def read_answer(connection: socket.socket) -> bytes:
    answer = b""
    while b"\r\n\r\n" not in answer:
        piece = connection.recv(65536)
        if not piece:
            return answer
        answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    missing = (int(lengths[0].split(b":")[1]) if lengths else 0) - len(body)
    while missing > 0 and (piece := connection.recv(65536)):
        answer += piece
        missing -= len(piece)
    return answer


def honest(server: HttpsServer, keys: Path, source: str = "127.0.0.1") -> float:
    """Seconds that one whole request takes, with its own connection."""
    started = time.monotonic()
    with secure(server, keys, source) as connection:
        assert answer_to(connection).startswith(b"HTTP/1.1 200 OK")
    return time.monotonic() - started


def wait_until(what: Callable[[], Any], seconds: float = 20.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (value := what()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return value
