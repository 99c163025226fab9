"""A load on one HTTPS address from a process of its own: `python -m bench._load HOST PORT CA CLIENTS SECONDS fresh|kept < TEMPLATE`.

The template is a whole HTTP request; `@NUMBER@` in it becomes another eight digits for each request. Prints one JSON object:
requests, seconds, and latencies in milliseconds at the 50th and 99th percentile.
"""

import json
import socket
import ssl
import sys
import threading
import time
from itertools import count
from pathlib import Path

MARK = b"@NUMBER@"


class Client(threading.Thread):
    """One client: asks and reads until the time is up."""

    numbers = count(time.time_ns() // 1000 % 10**7)

    def __init__(
        self, address: tuple[str, int], context: ssl.SSLContext | None, template: bytes, until: float, kept: bool
    ):
        super().__init__()
        self.address, self.context, self.template, self.until, self.kept = address, context, template, until, kept
        self.latencies_s: list[float] = []
        self.answered_at: list[float] = []
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            connection = self.connect()
            while time.perf_counter() < self.until:
                started = time.perf_counter()
                if not self.kept and self.latencies_s:
                    connection.close()
                    connection = self.connect()
                connection.sendall(self.template.replace(MARK, b"%08d" % (next(self.numbers) % 10**8)))
                read_answer(connection)
                self.answered_at.append(time.perf_counter())
                self.latencies_s.append(self.answered_at[-1] - started)
            connection.close()
        except Exception as error:  # noqa: BLE001 - told by the main thread
            self.error = error

    def connect(self) -> socket.socket:
        return connected(self.address, self.context)


def connected(address: tuple[str, int], context: ssl.SSLContext | None) -> socket.socket:
    """A connection, over TLS where there is a context."""
    raw = socket.create_connection(address, timeout=30)
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return raw if context is None else context.wrap_socket(raw, server_hostname=address[0])


def read_answer(connection: socket.socket) -> None:
    """Read one whole answer; anything but a good one is an error."""
    octets = b""
    while b"\r\n\r\n" not in octets:
        more = connection.recv(65536)
        if not more:
            raise ConnectionError("the server closed the connection")
        octets += more
    head, _, body = octets.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    if not head.startswith(b"HTTP/1.1 20") or b"failure" in body:
        raise ValueError(f"refused: {head[:40]!r} {body[:400]!r}")


def main(host: str, port: str, authority: str, clients: str, seconds: str, how: str) -> None:
    """Run and print."""
    context = None if authority == "-" else ssl.create_default_context(cafile=str(Path(authority)))
    template = sys.stdin.buffer.read()
    until = time.perf_counter() + float(seconds)
    started = time.perf_counter()
    load = [Client((host, int(port)), context, template, until, how == "kept") for _ in range(int(clients))]
    for client in load:
        client.start()
    for client in load:
        client.join()
    elapsed = time.perf_counter() - started
    errors = [client.error for client in load if client.error]
    if errors:
        raise SystemExit(f"{len(errors)} clients failed: {errors[0]!r}")
    thirds = [sum(int((at - started) * 3 / elapsed) == n for c in load for at in c.answered_at) for n in range(3)]
    latencies = sorted(latency for client in load for latency in client.latencies_s)
    facts = {
        "requests": len(latencies),
        "seconds": elapsed,
        "low": min(thirds) * 3 / elapsed,
        "high": max(thirds) * 3 / elapsed,
        "p50_ms": latencies[len(latencies) // 2] * 1000,
        "p99_ms": latencies[len(latencies) * 99 // 100] * 1000,
    }
    print(json.dumps(facts))


if __name__ == "__main__":
    main(*sys.argv[1:])
