"""Listeners: who may connect, certificates that change, sockets of systemd, the end of the legacy one, advice."""

import contextlib
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from omsmodem import certificates
from omsmodem.addresses import AddressList
from omsmodem.https import CertificateUnusable, HttpsServer, Limits, Listener, ProtocolUnavailable, inherited, tls
from omsmodem.https.clients import about_handshake
from tests.https.conftest import REQUEST, answer_to, echo, honest, plain, secure, trusting, wait_until

Start = Callable[..., HttpsServer]
Log = Callable[[], list[str]]


def served_certificate(server: HttpsServer) -> bytes:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with context.wrap_socket(plain(server)) as connection:
        found = connection.getpeercert(binary_form=True)
        assert found
        return found


# -- certificates ---------------------------------------------------------------------------------------------------


def test_new_connections_get_the_new_certificate_and_old_ones_go_on(
    server: HttpsServer, keys: Path, tmp_path: Path
) -> None:
    """A reload ends nobody's connection."""
    certificates.init(certificates.Files.within(tmp_path), ["localhost"])
    before = served_certificate(server)
    with secure(server, keys) as connection:
        server.reload_certificate(tmp_path / "server.crt", tmp_path / "server.key")
        assert answer_to(connection).startswith(b"HTTP/1.1 200 OK")
    assert served_certificate(server) != before


def _broken(kind: str, keys: Path, home: Path) -> tuple[Path, Path]:
    certificates.init(certificates.Files.within(home / "other"), ["localhost"])
    (home / "junk").write_text("junk")
    return {
        "junk": (home / "junk", keys / "server.key"),
        "mismatch": (keys / "server.crt", home / "other" / "server.key"),
        "missing": (home / "nothing", keys / "server.key"),
        "empty key": (keys / "server.crt", Path(os.devnull)),
    }[kind]


@pytest.mark.parametrize("kind", ["junk", "mismatch", "missing", "empty key"])
def test_a_bad_certificate_changes_nothing(start: Start, keys: Path, tmp_path: Path, kind: str) -> None:
    """On every listener the old one stays, and the fault names the file."""
    legacy = Listener(0, "127.0.0.1", "legacy", until=date(2999, 1, 1))
    server = start(echo, Listener(0, "127.0.0.1"), legacy)
    certificate, key = _broken(kind, keys, tmp_path)
    with pytest.raises(CertificateUnusable, match=certificate.name):
        server.reload_certificate(certificate, key)
    honest(server, keys)
    with contextlib.closing(socket.create_connection(("127.0.0.1", server.ports[1]), 10)) as connection:
        trusting(keys).wrap_socket(connection, server_hostname="localhost").close()


def test_a_protocol_that_openssl_does_not_speak_is_said_at_start(keys: Path) -> None:
    """Where a distribution forbids old TLS the service says so, not the first client."""
    forbidding = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    forbidding.load_cert_chain(keys / "server.crt", keys / "server.key")
    tls.require(forbidding, [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    with pytest.raises(ProtocolUnavailable, match=r"does not speak TLS 1\.0: "):
        tls.require(forbidding, [ssl.TLSVersion.TLSv1])


# -- who may connect ------------------------------------------------------------------------------------------------


def test_addresses_outside_the_list_are_turned_away(start: Start, keys: Path) -> None:
    """Before a TLS octet is spent, and with a sentence for the operator."""
    server = start(echo, Listener(0, "127.0.0.1", allow_from=AddressList.parse(["127.0.0.7", "10.0.0.0/8"])))
    with plain(server) as stranger:
        assert stranger.recv(1) == b""
    honest(server, keys, "127.0.0.7")
    assert server.clients.advice() == ("PC 127.0.0.1 is not among the addresses of allow_from",)


def test_a_dual_stack_listener_knows_ipv4_addresses(start: Start, keys: Path) -> None:
    """::ffff:127.0.0.1 is 127.0.0.1 for lists, logs and applications."""
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no dual-stack sockets")
    server = start(echo, Listener(0, "::", allow_from=AddressList.parse(["127.0.0.0/8"])))
    with secure(server, keys) as connection:
        assert answer_to(connection).endswith(b"GET /echo 127.0.0.1 ")


@pytest.mark.parametrize(
    ("proxies", "header", "seen"),
    [
        (["127.0.0.1"], b"198.51.100.9", b"198.51.100.9"),
        (["127.0.0.1"], b"203.0.113.66, 198.51.100.9", b"198.51.100.9"),
        (["127.0.0.1", "198.51.100.9"], b"203.0.113.66, 198.51.100.9", b"203.0.113.66"),
        (["127.0.0.1"], b"", b"127.0.0.1"),
        ([], b"198.51.100.9", b"127.0.0.1"),
        (["10.0.0.1"], b"198.51.100.9", b"127.0.0.1"),
    ],
)
def test_only_trusted_proxies_are_believed(
    start: Start, keys: Path, proxies: list[str], header: bytes, seen: bytes
) -> None:
    """The address that counts is the last one that no trusted proxy stands behind."""
    server = start(proxies=AddressList.parse(proxies))
    with secure(server, keys) as connection:
        request = REQUEST[:-2] + b"X-Forwarded-For: " + header + b"\r\nX_Forwarded_For: 192.0.2.1\r\n\r\n"
        assert answer_to(connection, request).endswith(b"GET /echo " + seen + b" ")


def test_many_clients_behind_a_proxy_are_not_one(start: Start, keys: Path) -> None:
    """The count for one address does not hold for a trusted proxy."""
    server = start(proxies=AddressList.parse(["127.0.0.1"]), limits=Limits(workers=4, connections_per_address=4))
    with contextlib.ExitStack() as open_:
        held = [open_.enter_context(secure(server, keys)) for _ in range(12)]
        assert all(answer_to(connection).startswith(b"HTTP/1.1 200") for connection in held)


# -- advice ---------------------------------------------------------------------------------------------------------


def test_a_pc_that_does_not_trust_us_is_named(server: HttpsServer, keys: Path) -> None:
    """It refuses the certificate in the handshake or right after; the advice is gone once it gets through."""
    with pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context().wrap_socket(plain(server), server_hostname="localhost")
    (advice,) = wait_until(server.clients.advice)
    assert advice.startswith("PC 127.0.0.1 does not trust our certificate authority: import ca.cer there")
    honest(server, keys)
    assert server.clients.advice() == ()


def test_a_certificate_that_a_pc_finds_out_of_date_is_not_a_question_of_trust() -> None:
    """Importing the authority would not help: a clock is wrong, or the certificate is old."""
    assert "set its clock" in about_handshake("SSLV3_ALERT_CERTIFICATE_EXPIRED", None, ())


def test_a_name_that_is_not_in_the_certificate_is_named(server: HttpsServer, keys: Path) -> None:
    """The server saw which name the PC called."""
    with pytest.raises(ssl.SSLCertVerificationError):
        trusting(keys).wrap_socket(plain(server), server_hostname="smsbox.harbour.example")
    (advice,) = wait_until(server.clients.advice)
    assert "smsbox.harbour.example, a name that is not in the certificate" in advice
    assert "omsmodem cert init --replace" in advice


def test_clients_are_counted_with_their_protocol(server: HttpsServer, keys: Path) -> None:
    """How many addresses made requests today, and the oldest TLS among them."""
    for number in (1, 2, 3):
        honest(server, keys, f"127.0.0.{number}")
    assert (server.clients.today(), server.clients.oldest_protocol()) == (3, "TLS 1.3")
    context = trusting(keys)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with context.wrap_socket(plain(server, "127.0.0.4"), server_hostname="localhost") as connection:
        answer_to(connection)
    assert (server.clients.today(), server.clients.oldest_protocol()) == (4, "TLS 1.2")


# -- the watchdog's question ----------------------------------------------------------------------------------------


def test_a_server_that_answers_is_alive(start: Start) -> None:
    """Also where this machine itself may not connect; its own question is nobody's visit."""
    server = start()
    assert server.alive()
    assert server.clients.today() == 0
    assert start(echo, Listener(0, "127.0.0.1", allow_from=AddressList.parse(["10.0.0.1"]))).alive(2)
    server.stop()
    assert not server.alive(2)


def test_a_server_whose_workers_hang_is_not_alive(start: Start, keys: Path) -> None:
    """Accepting is not enough."""
    go = threading.Event()

    def hang(environ: dict[str, object], start_response: Callable[..., object]) -> list[bytes]:
        go.wait(30)
        return echo(environ, start_response)

    server = start(hang, limits=Limits(workers=2))
    with secure(server, keys) as one, secure(server, keys) as two:
        one.sendall(REQUEST)
        two.sendall(REQUEST)
        assert wait_until(lambda: server._opened[0].server.requests.idle == 0)
        assert not server.alive(1)
        go.set()
        assert server.alive()


# -- the legacy listener ----------------------------------------------------------------------------------------------


def test_the_legacy_listener_closes_after_its_last_day(start: Start, log: Log) -> None:
    """A warning every day it is open; then the port is closed, and a start does not open it again."""
    today = date(2027, 6, 30)
    legacy = Listener(0, "127.0.0.1", "legacy", until=date(2027, 6, 30))
    server = start(echo, Listener(0, "127.0.0.1"), legacy, today=lambda: today)
    assert wait_until(lambda: any("speaks weak TLS 1.0 and 1.1, until 2027-06-30" in line for line in log()))
    old = server.ports[1]
    socket.create_connection(("127.0.0.1", old), 10).close()
    today = date(2027, 7, 1)
    server.keep_dates()
    assert len(server.ports) == 1
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", old), 10)
    assert len(start(echo, Listener(0, "127.0.0.1"), legacy, today=lambda: today).ports) == 1
    assert any("stays closed: its last day was 2027-06-30" in line for line in log())


# -- socket activation ------------------------------------------------------------------------------------------------

_ACTIVATED = """
import os, signal, sys
from omsmodem.https import HttpsServer, Listener, inherited
os.environ["LISTEN_PID"] = os.environ["LISTEN_PID"].replace("self", str(os.getpid()))
sockets = inherited()
assert "LISTEN_PID" not in os.environ and "LISTEN_FDS" not in os.environ
def app(environ, start):
    text = environ["REMOTE_ADDR"].encode()
    start("200 OK", [("Content-Length", str(len(text)))])
    return [text]
server = HttpsServer(app, [Listener(0, "127.0.0.1", inherited=sockets.get("https"))],
                     certificate=sys.argv[1] + "/server.crt", key=sys.argv[1] + "/server.key")
server.start()
print(server.port, sorted(sockets), flush=True)
signal.sigwait([signal.SIGTERM])
server.stop()
"""


@pytest.mark.parametrize(("pid", "taken"), [("self", True), ("1", False), ("", False)])
def test_a_socket_of_systemd_is_taken_only_by_whom_it_is_for(keys: Path, pid: str, taken: bool) -> None:
    """Its own port, real client addresses also on a dual-stack socket, and the environment is clean afterwards."""
    dual = socket.has_dualstack_ipv6()
    listener = socket.create_server(
        ("::" if dual else "127.0.0.1", 0), family=socket.AF_INET6 if dual else socket.AF_INET, dualstack_ipv6=dual
    )
    with listener:
        environ = os.environ | {"LISTEN_PID": pid, "LISTEN_FDS": "1", "LISTEN_FDNAMES": "https"}
        process = subprocess.Popen(
            [sys.executable, "-c", _ACTIVATED, str(keys)],
            env=environ,
            stdout=subprocess.PIPE,
            text=True,
            pass_fds=[listener.fileno(), 3] if listener.fileno() != 3 else [3],
            preexec_fn=lambda: os.dup2(listener.fileno(), 3),
        )
        try:
            assert process.stdout is not None
            port, names = process.stdout.readline().split(maxsplit=1)
            assert (names.strip() == "['https']") == taken
            assert (int(port) == listener.getsockname()[1]) == taken
            connection = trusting(keys).wrap_socket(
                socket.create_connection(("127.0.0.1", int(port)), 10), server_hostname="localhost"
            )
            with connection:
                assert answer_to(connection).endswith(b"127.0.0.1")
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)
            assert process.stdout is not None
            process.stdout.close()
        listener.settimeout(0.2)
        with pytest.raises(TimeoutError):
            listener.accept()  # whoever knocks at a socket of systemd's starts the service again: no part of a stop may


def test_without_systemd_nothing_is_inherited() -> None:
    """And variables that are no numbers harm nobody."""
    assert inherited({}) == {}
    assert inherited({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "many"}) == {}
