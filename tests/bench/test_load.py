"""The load that the HTTPS benchmark puts on a service."""

import json
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("how", ["kept", "fresh"])
def test_a_load_tells_rate_spread_and_latencies(how: str) -> None:
    """Against a listener that answers every request, with each request's number another."""
    seen: set[bytes] = set()
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_answer, args=(listener, seen), daemon=True).start()
    command = [sys.executable, "-m", "bench._load", "127.0.0.1", str(listener.getsockname()[1]), "-", "2", "0.2", how]
    request = b"GET /@NUMBER@ HTTP/1.1\r\nHost: localhost\r\n\r\n"
    done = subprocess.run(command, input=request, capture_output=True, cwd=ROOT, timeout=50, check=True)
    listener.close()
    facts = json.loads(done.stdout)
    assert facts["requests"] == len(seen) > 0
    assert facts["low"] <= facts["requests"] / facts["seconds"] <= facts["high"]
    assert 0 < facts["p50_ms"] <= facts["p99_ms"]


def _answer(listener: socket.socket, seen: set[bytes]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_converse, args=(connection, seen), daemon=True).start()


def _converse(connection: socket.socket, seen: set[bytes]) -> None:
    with connection:
        while request := connection.recv(4096):
            seen.add(request.split()[1])
            connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok")
