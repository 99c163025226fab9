"""HTTPS: requests a second and latency, beside a bare cheroot, the least that a durable answer costs, and the disk alone."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from xml.sax.saxutils import escape

from bench import Row, at_least
from bench._office import PASSWORD, Office, free_port, office
from bench._peers import PEERS, await_port, kannel
from bench._sticks import sticks

NAME = "HTTPS beside a bare cheroot (stock TLS, constant answer) and the disk"
SECONDS = 3.0
CLIENTS = (1, 8, 50)
MEMORY = Path("/dev/shm")  # a file system on which fsync costs nothing
_N = "http://schemas.microsoft.com/office/Outlook/2006/OMS"


def run() -> list[Row]:
    """Each operation at 1, 8 and 50 kept clients and with a new connection each; then with the queue in memory."""
    rows: list[Row] = []
    with _desk() as desk:
        for clients in CLIENTS:
            rows += _at(desk, clients, "kept")
        rows += _at(desk, 8, "fresh")
    if MEMORY.is_dir():
        with _desk(MEMORY) as desk:
            rows += _in_memory(desk)
    return rows + _kannel()


@dataclass(frozen=True, slots=True)
class _Desk:
    service: Office
    bare_port: int
    least_port: int  # of the least that a durable answer costs

    def bare(self, clients: int, how: str) -> dict[str, float]:
        return load(self.bare_port, str(self.service.authority), deliver_xms(), clients, how)

    def least(self, clients: int, how: str) -> dict[str, float]:
        return load(self.least_port, str(self.service.authority), deliver_xms(), clients, how)

    def ours(self, request: bytes, clients: int, how: str) -> dict[str, float]:
        return load(self.service.port, str(self.service.authority), request, clients, how)


@contextmanager
def _desk(where: Path | None = None) -> Iterator[_Desk]:
    """A service, and beside it two other listeners with the same certificate."""
    with office(where=where) as service, ExitStack() as stack:
        bare, least = (
            stack.enter_context(_listener(service.home, *database))
            for database in ((), (str(service.home / "least.db"),))
        )
        yield _Desk(service, bare, least)


@contextmanager
def _listener(home: Path, *database: str) -> Iterator[int]:
    port = free_port()
    keys = [str(home / "tls" / name) for name in ("server.crt", "server.key")]
    command = [sys.executable, "-m", "bench._listener", str(port), *keys, *database]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)  # stock TLS tells of every client that goes away
    try:
        await_port(port)
        yield port
    finally:
        process.kill()
        process.wait()


def _at(desk: _Desk, clients: int, how: str) -> list[Row]:
    baseline, info = desk.bare(clients, how), desk.ours(service_info(), clients, how)
    home = desk.service.home
    before = fsyncs_per_s(home)
    least, deliver = desk.least(clients, how), desk.ours(deliver_xms(), clients, how)
    disk = (before + fsyncs_per_s(home)) / 2
    where = f"{clients} client{'s' if clients > 1 else ''}, {how}"
    ceiling, limit = (baseline["rate"], 0.6) if baseline["rate"] < disk else (disk, 0.8)
    delivered = at_least(f"DeliverXms, {where}, of the lower of the two", deliver["rate"], "req/s", limit, ceiling)
    return [
        Row(f"bare cheroot, {where}", baseline["rate"], "req/s", spread=_spread(baseline)),
        replace(
            at_least(f"GetServiceInfo, {where}", info["rate"], "req/s", 0.6, baseline["rate"]), spread=_spread(info)
        ),
        Row("  p99", info["p99_ms"], "ms", baseline["p99_ms"], info["p99_ms"] / baseline["p99_ms"]),
        Row(f"fsync of 4 KiB, {where}", disk, "1/s"),
        _least(where, least, baseline),
        replace(delivered, spread=_spread(deliver)),
        _of_the_least(deliver, least),
        Row("  p99", deliver["p99_ms"], "ms", baseline["p99_ms"], deliver["p99_ms"] / baseline["p99_ms"]),
    ]


def _least(where: str, least: dict[str, float], bare: dict[str, float]) -> Row:
    ratio = least["rate"] / bare["rate"]
    return Row(
        f"the least of a durable answer, {where}", least["rate"], "req/s", bare["rate"], ratio, spread=_spread(least)
    )


def _of_the_least(deliver: dict[str, float], least: dict[str, float]) -> Row:
    return Row(
        "  of the least of a durable answer", deliver["rate"], "req/s", least["rate"], deliver["rate"] / least["rate"]
    )


def _spread(facts: dict[str, float]) -> tuple[float, float]:
    """The rates of the slowest and of the fastest third of a load."""
    return facts["low"], facts["high"]


def _in_memory(desk: _Desk) -> list[Row]:
    bare, least, deliver = desk.bare(8, "kept"), desk.least(8, "kept"), desk.ours(deliver_xms(), 8, "kept")
    where = "8 clients, kept, queue in memory"
    row = at_least(f"DeliverXms, {where}", deliver["rate"], "req/s", 0.6, bare["rate"])
    return [_least(where, least, bare), replace(row, spread=_spread(deliver)), _of_the_least(deliver, least)]


def _kannel() -> list[Row]:
    """Its own way in: no TLS, no XML, and a queue in memory."""
    peer = next(peer for peer in PEERS if peer.name == "Kannel")
    if peer.missing:
        return [Row("Kannel's sendsms", None, "", note=peer.missing)]
    query = "username=dana&password=tide&to=447700900222&text=Fish+at+15:30,+@NUMBER@"
    request = f"GET /cgi-bin/sendsms?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    directory = tempfile.TemporaryDirectory(prefix="omsmodem-bench-")
    with sticks(0.0, 0.0) as found, directory as home, kannel(Path(home) / "peer", found.paths) as port:
        facts = {clients: load(port, "-", request, clients, "fresh") for clients in CLIENTS}
    note = "plain HTTP, a new connection each, nothing on disk"
    return [
        Row(
            f"Kannel's sendsms, {clients} client{'s' if clients > 1 else ''}",
            each["rate"],
            "req/s",
            note=note,
            spread=_spread(each),
        )
        for clients, each in facts.items()
    ]


def load(port: int, authority: str, template: bytes, clients: int, how: str) -> dict[str, float]:
    """Ask for a while from another process; facts of `bench._load` and the rate. Authority `-`: without TLS."""
    command = [sys.executable, "-m", "bench._load", "localhost", str(port), authority]
    done = subprocess.run(
        [*command, str(clients), str(SECONDS), how], input=template, capture_output=True, check=False, timeout=120
    )
    if done.returncode:
        raise RuntimeError(done.stderr.decode())
    facts: dict[str, float] = json.loads(done.stdout)
    return {**facts, "rate": facts["requests"] / facts["seconds"]}


def fsyncs_per_s(directory: Path) -> float:
    """Synchronised writes of one page a second where the queue is."""
    with tempfile.NamedTemporaryFile(dir=directory) as file:
        started = time.perf_counter()
        rounds = 200
        for _ in range(rounds):
            os.pwrite(file.fileno(), b"x" * 4096, 0)
            os.fsync(file.fileno())
        return rounds / (time.perf_counter() - started)


def service_info() -> bytes:
    """One GetServiceInfo."""
    return _request(f'<GetServiceInfo xmlns="{_N}"/>')


def deliver_xms() -> bytes:
    """One DeliverXms whose text differs from request to request."""
    document = (
        f'<xmsData client="Microsoft Office Outlook 14.0" xmlns="{_N}"><user><userId>dana</userId>'
        f"<password>{PASSWORD}</password></user><xmsHead><requiredService>SMS_SENDER</requiredService>"
        f"<to><recipient>+447700900222</recipient></to></xmsHead>"
        f'<xmsBody format="SMS"><content contentType="text/plain">Fish at 15:30, @NUMBER@</content></xmsBody></xmsData>'
    )
    return _request(f'<DeliverXms xmlns="{_N}"><xmsData>{escape(document)}</xmsData></DeliverXms>')


def _request(body: str) -> bytes:
    envelope = f'<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>{body}</soap:Body></soap:Envelope>'
    octets = envelope.encode()
    head = f"POST /oms/service.asmx HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: {len(octets)}\r\n\r\n"
    return head.encode() + octets
