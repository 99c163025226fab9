"""Which Windows gets through on which listener, and what the operator is told of the others (real ClientHellos, real TLS)."""

import contextlib
import socket
from collections.abc import Callable
from datetime import date

import pytest

from omsmodem.addresses import AddressList
from omsmodem.https import HttpsServer, Listener
from tests.https.conftest import echo, wait_until
from tests.https.hellos import PCS, answered, hello

PROTOCOL_VERSION, HANDSHAKE_FAILURE = 70, 40
LEGACY = Listener(0, "127.0.0.1", "legacy", AddressList.parse(["private"]), date(2999, 12, 31))


@pytest.fixture
def both(start: Callable[..., HttpsServer]) -> HttpsServer:
    return start(echo, Listener(0, "127.0.0.1"), LEGACY)


def say(port: int, octets: bytes) -> tuple[str, int] | None:
    """Send a hello and read what comes of it."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(octets)
        said = b""
        with contextlib.suppress(ConnectionError):
            while (found := answered(said)) is None and (piece := connection.recv(65536)):
                said += piece
        return found


MATRIX = [
    ("xp", ("alert", PROTOCOL_VERSION), ("alert", HANDSHAKE_FAILURE)),
    ("vista", ("alert", PROTOCOL_VERSION), ("hello", 0xC014)),  # ECDHE-RSA-AES256-SHA
    ("7", ("alert", PROTOCOL_VERSION), ("hello", 0xC014)),
    ("7 with the registry file", ("hello", 0xC028), ("hello", 0xC028)),  # ECDHE-RSA-AES256-SHA384
    ("8.1", ("hello", 0xC028), ("hello", 0xC028)),
    ("10", ("hello", 0xC030), ("hello", 0xC030)),  # ECDHE-RSA-AES256-GCM-SHA384
    ("11", ("hello", 0x1302), ("hello", 0x1302)),  # TLS 1.3, AES-256-GCM
]


@pytest.mark.parametrize(("pc", "modern", "legacy"), MATRIX)
def test_who_gets_through(both: HttpsServer, pc: str, modern: tuple[str, int], legacy: tuple[str, int]) -> None:
    """The modern listener serves what can be made to speak TLS 1.2; the legacy one all but Windows XP."""
    modern_port, legacy_port = both.ports
    assert say(modern_port, PCS[pc]) == modern
    assert say(legacy_port, PCS[pc]) == legacy


@pytest.mark.parametrize(
    ("octets", "advice"),
    [
        (PCS["xp"], "looks like Windows XP, which cannot be served"),
        (PCS["7"], "speaks only TLS 1.0: run enable-tls12.reg of the Windows kit there"),
        (hello(0x0302, (0x002F, 0x0035), "localhost"), "speaks only TLS 1.1: run enable-tls12.reg"),
    ],
)
def test_old_pcs_are_named_with_what_to_do(both: HttpsServer, octets: bytes, advice: str) -> None:
    """One sentence a PC."""
    say(both.port, octets)
    assert wait_until(both.clients.advice)[0].startswith(f"PC 127.0.0.1 {advice}")
