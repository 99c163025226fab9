"""Clients that are slow, broken or malicious: none of them holds up an honest one, and each leaves one line in the log."""

import contextlib
import resource
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from omsmodem.https import HttpsServer, Limits
from tests.https.conftest import (
    REQUEST,
    answer_to,
    echo,
    honest,
    plain,
    read_answer,
    secure,
    trusting,
    wait_until,
)
from tests.https.hellos import PCS

Start = Callable[..., HttpsServer]
Log = Callable[[], list[str]]

HALF_HELLO = PCS["10"][:60]


def ended(connection: socket.socket, seconds: float = 20.0) -> bool:
    """Whether the other side ends the connection in time."""
    connection.settimeout(seconds)
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while connection.recv(65536):
            pass
    return True


@contextlib.contextmanager
def dripping(connections: list[socket.socket], octets: bytes) -> Iterator[None]:
    """Each connection gets one octet a tenth of a second, as long as the block runs."""
    stop = threading.Event()

    def drip() -> None:
        at = 0
        while not stop.wait(0.1):
            for connection in connections:
                with contextlib.suppress(OSError):
                    connection.sendall(octets[at % len(octets) :][:1])
            at += 1

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("workers", [4, 20])
@pytest.mark.parametrize("source", ["127.0.0.1", "127.0.0.2"])
def test_a_crowd_that_wastes_time_holds_up_nobody(start: Start, keys: Path, workers: int, source: str) -> None:
    """200 idle connections, 15 half handshakes and 4 drippers: an honest request is answered at once, also from the same address."""
    server = start(limits=Limits(workers=workers))
    with contextlib.ExitStack() as open_:
        for _ in range(200):
            open_.enter_context(plain(server))
        for _ in range(15):
            open_.enter_context(plain(server)).sendall(HALF_HELLO)
        drippers: list[socket.socket] = [open_.enter_context(secure(server, keys)) for _ in range(4)]
        with dripping(drippers, b"GET / HTTP/1.1\r\nX-Slow: " + b"x" * 1000):
            assert min(honest(server, keys, source) for _ in range(5)) < 1.0


def test_idle_connections_are_cut(start: Start, log: Log) -> None:
    """Who shakes no hands has a few seconds."""
    server = start(limits=Limits(workers=4, handshake_s=0.3))
    with plain(server) as silent, plain(server) as half:
        half.sendall(HALF_HELLO)
        assert ended(silent)
        assert ended(half)
    assert wait_until(lambda: len([line for line in log() if "no TLS handshake within" in line]) == 2)


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 1000, "no whole request head within"),
        (b"POST / HTTP/1.1\r\nContent-Length: 900\r\n\r\n" + b"x" * 800, "no whole request body within"),
    ],
)
def test_drips_are_cut_after_the_time_of_the_phase(
    start: Start, keys: Path, log: Log, octets: bytes, words: str
) -> None:
    """An octet now and then does not buy more time: each phase has its own, from its first octet."""
    server = start(limits=Limits(workers=4, head_s=0.6, body_s=0.6))
    connection = secure(server, keys)
    with connection, dripping([connection], octets):
        if b"POST" in octets:
            connection.sendall(octets[:45])
        assert ended(connection)
    assert wait_until(lambda: any(words in line for line in log()))


def test_a_body_that_comes_slowly_but_in_time_is_answered(start: Start, keys: Path) -> None:
    """A slow line is no attack."""
    server = start(limits=Limits(workers=4))
    with secure(server, keys) as connection:
        connection.sendall(b"POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n")
        for octet in (b"t", b"i", b"d", b"e"):
            time.sleep(0.1)
            connection.sendall(octet)
        assert read_answer(connection).endswith(b"POST /slow 127.0.0.1 tide")


REFUSED = [
    (b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", 431),
    (b"GET /" + b"x" * 20_000, 431),
    (b"POST / HTTP/1.1\r\nContent-Length: 300000\r\n\r\n" + b"x" * 300_000, 413),
    (b"POST / HTTP/1.1\r\nContent-Length: 300000\r\nExpect: 100-continue\r\n\r\n", 413),
    (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"10000\r\n" + b"x" * 65536 + b"\r\n40000\r\n", 413),
    (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
    (b"POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501),
    (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    (b"\0\1\2\3 / HTTP/1.1\r\n\r\n", 400),
    (b"GET / HTTP/9.9\r\n\r\n", 505),
    (b"CONNECT 192.0.2.1:25 HTTP/1.1\r\n\r\n", 405),
    (b"GET http://192.0.2.1/ HTTP/1.1\r\n\r\n", 400),
]


@pytest.mark.parametrize(("octets", "status"), REFUSED)
def test_what_is_no_request_gets_one_clear_answer(
    server: HttpsServer, keys: Path, log: Log, octets: bytes, status: int
) -> None:
    """A status and a line, read in full also by a client that was still sending; then the connection ends."""
    with secure(server, keys) as connection:
        connection.sendall(octets)
        answer = read_answer(connection)
        assert answer.startswith(f"HTTP/1.1 {status} ".encode())
        assert b"100 Continue" not in answer
        assert b"Traceback" not in answer
        assert b"cheroot" not in answer.lower()
        assert ended(connection)
    assert not any("Traceback" in line for line in log())


def test_a_smuggled_request_is_not_answered(server: HttpsServer, keys: Path) -> None:
    """Of two requests in one disputed body, neither is run."""
    inner = b"GET /admin HTTP/1.1\r\nHost: a\r\n\r\n"
    outer = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" % (
        5 + len(inner)
    )
    with secure(server, keys) as connection:
        connection.sendall(outer + inner)
        everything = b""
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            while piece := connection.recv(65536):
                everything += piece
    assert everything.count(b"HTTP/1.1") == 1
    assert b"/admin" not in everything


def test_plain_http_is_told_to_speak_https(server: HttpsServer, log: Log) -> None:
    """A readable 400 in clear text, and a line that names the PC and what to do."""
    with plain(server) as connection:
        answer = answer_to(connection, b"POST /oms/service.asmx HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc")
        assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
        assert answer.endswith(b"https://localhost/oms/service.asmx\n")
        assert ended(connection)
    assert server.clients.advice() == ("PC 127.0.0.1 uses http://; the address must begin with https://",)
    assert [line for line in log() if "http://" in line] == [
        "from=127.0.0.1 PC 127.0.0.1 uses http://; the address must begin with https://"
    ]


@pytest.mark.parametrize(
    "octets", [b"\0" * 100, b"\x16\x03\x01\x00\x05hello", b"\x80\x2e\x01\x00\x02", bytes(range(128, 256))]
)
def test_garbage_ends_in_one_line(server: HttpsServer, keys: Path, log: Log, octets: bytes) -> None:
    """Neither TLS nor HTTP: the connection ends, the service does not mind."""
    with plain(server) as connection:
        connection.sendall(octets)
        connection.shutdown(socket.SHUT_WR)
        assert ended(connection)
    assert wait_until(lambda: len(log()) == 1)
    honest(server, keys)


def test_a_client_that_resets_leaves_nothing(server: HttpsServer, keys: Path, log: Log) -> None:
    """A reset in any phase is one line and no traceback."""
    for octets in (b"", HALF_HELLO):
        with plain(server) as connection:
            connection.sendall(octets)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection = secure(server, keys)
    connection.sendall(REQUEST * 20)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()
    honest(server, keys)
    assert not any("Traceback" in line or "Unhandled" in line for line in log())


def test_thousands_of_connections_are_bounded(start: Start, keys: Path, log: Log) -> None:
    """Two thousand open a connection and say nothing: few stay open, few lines are logged, and newcomers get in."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 5000), hard))
    server = start(limits=Limits(workers=4, connections=100, connections_per_address=20))
    try:
        with contextlib.ExitStack() as open_:
            for number in range(2000):
                open_.enter_context(plain(server, f"127.0.0.{number % 100 + 1}"))
            assert len(server._opened[0].server._admission) <= 100
            honest(server, keys, "127.0.0.1")
            honest(server, keys, "127.0.1.1")
            assert len(log()) < 500
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_connections_that_are_being_served_do_not_make_room(start: Start, keys: Path) -> None:
    """A busy address is refused more connections, and keeps the ones it has."""
    go = threading.Event()
    served: list[str] = []

    def slow(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        served.append(environ["PATH_INFO"])
        go.wait(60)
        return echo(environ, start_response)

    server = start(slow, limits=Limits(workers=4, connections_per_address=4))
    with contextlib.ExitStack() as open_:
        busy = [open_.enter_context(secure(server, keys)) for _ in range(4)]
        for connection in busy:
            connection.sendall(REQUEST)
        assert wait_until(lambda: len(served) == 4)
        with pytest.raises((ConnectionError, ssl.SSLError)):
            secure(server, keys)
        go.set()
        assert all(read_answer(connection).startswith(b"HTTP/1.1 200") for connection in busy)


def test_a_reader_that_does_not_read_holds_no_worker_for_long(start: Start, keys: Path) -> None:
    """Large answers nobody fetches are given up after the time of one write."""

    def large(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/echo":
            return echo(environ, start_response)
        start_response("200 OK", [("Content-Length", str(20_000_000))])
        return [b"x" * 20_000_000]

    server = start(large, limits=Limits(workers=2, write_s=0.5))
    with contextlib.ExitStack() as open_:
        for _ in range(4):
            open_.enter_context(secure(server, keys)).sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        assert honest(server, keys) < 15


def test_requests_follow_each_other_on_one_connection(server: HttpsServer, keys: Path) -> None:
    """Kept alive, also when several are sent at once."""
    with secure(server, keys) as connection:
        for _ in range(5):
            assert answer_to(connection).startswith(b"HTTP/1.1 200 OK")
        connection.sendall(REQUEST.replace(b"/echo", b"/one") + REQUEST.replace(b"/echo", b"/two"))
        received = b""
        while b"/two" not in received:
            received += connection.recv(65536)
        assert received.index(b"/one") < received.index(b"/two")
        answer = answer_to(connection, b"GET / HTTP/1.1\r\nConnection: keep-alive, Close\r\n\r\n")
        assert b"Connection: close" in answer
        assert ended(connection)


def test_idle_kept_connections_end_without_a_word(start: Start, keys: Path, log: Log) -> None:
    """Going away between requests is nobody's fault."""
    server = start(limits=Limits(workers=4, idle_s=0.3))
    with secure(server, keys) as connection:
        answer_to(connection)
        assert ended(connection)
    assert log() == []


def test_a_reset_between_requests_is_nobodys_fault(start: Start, keys: Path, log: Log) -> None:
    """Windows resets a kept connection that it has no more use for: it counts no more, and not a word of it."""
    server = start(limits=Limits(workers=4, connections_per_address=1))
    for _ in range(3):
        with secure(server, keys) as connection:
            answer_to(connection)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        time.sleep(0.1)
    assert log() == []


def test_a_hundred_is_sent_before_the_body(server: HttpsServer, keys: Path) -> None:
    """.NET waits for it."""
    with secure(server, keys) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert answer_to(connection, b"tide").endswith(b"tide")


class Tap:
    """Forwards one TCP connection and keeps what the server sends."""

    def __init__(self, server: HttpsServer) -> None:
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self._server = server
        self.sent = b""
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        client, _ = self._door.accept()
        far = plain(self._server)
        up = threading.Thread(target=self._copy, args=(client, far, False))
        up.start()
        self._copy(far, client, True)
        up.join()
        for each in (client, far, self._door):
            each.close()

    def _copy(self, source: socket.socket, target: socket.socket, keep: bool) -> None:
        source.settimeout(20)
        with contextlib.suppress(OSError):
            while octets := source.recv(65536):
                if keep:
                    self.sent += octets
                target.sendall(octets)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)


def test_a_forced_stop_sends_nothing_in_clear_text(start: Start, keys: Path) -> None:
    """A request that outlasts the stop is cut off; its answer leaves encrypted or not at all."""
    entered, go = threading.Event(), threading.Event()

    def slow(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        entered.set()
        go.wait(30)
        return echo(environ, start_response)

    server = start(slow)
    server._opened[0].server.shutdown_timeout = 0.2
    tap = Tap(server)
    context = trusting(keys)
    with context.wrap_socket(
        socket.create_connection(("127.0.0.1", tap.port)), server_hostname="localhost"
    ) as connection:
        connection.sendall(REQUEST)
        assert entered.wait(10)
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        time.sleep(0.8)
        go.set()
        stopping.join(20)
    tap.thread.join(30)
    assert b"HTTP/1.1" not in tap.sent
    assert b"/echo" not in tap.sent
    assert tap.sent.startswith(b"\x16\x03")


def test_a_stop_answers_the_request_in_hand(start: Start, keys: Path) -> None:
    """And is done soon after."""
    entered = threading.Event()

    def slow(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        entered.set()
        time.sleep(0.3)
        return echo(environ, start_response)

    server = start(slow)
    with secure(server, keys) as connection:
        connection.sendall(REQUEST)
        assert entered.wait(10)
        started = time.monotonic()
        server.stop()
        assert time.monotonic() - started < 10
        assert read_answer(connection).startswith(b"HTTP/1.1 200 OK")
