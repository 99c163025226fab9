"""Connections come and go: what a client left is forgotten at once."""

import socket
import ssl
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from omsmodem.https import HttpsServer, Limits, Listener


def hello(_environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"hello"]


@pytest.fixture
def server(keys: Path) -> Iterator[HttpsServer]:
    made = HttpsServer(
        hello,
        [Listener(0, "127.0.0.1")],
        certificate=keys / "server.crt",
        key=keys / "server.key",
        limits=Limits(connections_per_address=4),
    )
    made.start()
    yield made
    made.stop()


def test_a_closed_connection_counts_no_more(server: HttpsServer, keys: Path) -> None:
    """Far more clients than one address may hold at once are served one after the other, each with a connection."""
    context = ssl.create_default_context(cafile=str(keys / "ca.crt"))
    for _ in range(30):
        with urllib.request.urlopen(f"https://localhost:{server.port}/", context=context, timeout=10) as answer:
            assert answer.read() == b"hello"


def test_a_client_that_leaves_without_a_word_is_forgotten(server: HttpsServer, keys: Path) -> None:
    """Connections that shook hands and were closed without a request leave room for the next ones."""

    context = ssl.create_default_context(cafile=str(keys / "ca.crt"))
    for _ in range(30):
        with (
            socket.create_connection(("127.0.0.1", server.port), timeout=10) as raw,
            context.wrap_socket(raw, server_hostname="localhost") as secured,
        ):
            assert secured.version() == "TLSv1.3"
