"""HTTPS: requests a second and latency, beside a bare cheroot on the same machine and beside the disk alone."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from xml.sax.saxutils import escape

from bench import Row, at_least
from bench._office import PASSWORD, Office, free_port, office

NAME = "HTTPS beside a bare cheroot (stock TLS, constant answer) and the disk"
SECONDS = 4.0
CLIENTS = (1, 8, 50)
_N = "http://schemas.microsoft.com/office/Outlook/2006/OMS"
_BARE = """
import sys
from cheroot import wsgi
from cheroot.ssl.builtin import BuiltinSSLAdapter
answer = b"x" * 600
def application(environ, start_response):
    environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    start_response("200 OK", [("Content-Type", "text/xml"), ("Content-Length", str(len(answer)))])
    return [answer]
server = wsgi.Server(("127.0.0.1", int(sys.argv[1])), application, numthreads=12, request_queue_size=64)
server.keep_alive_conn_limit = 256
server.ssl_adapter = BuiltinSSLAdapter(sys.argv[2], sys.argv[3])
server.start()
"""


def run() -> list[Row]:
    """Each operation at 1, 8 and 50 kept clients, then with a new connection for each request."""
    rows: list[Row] = []
    with office() as service:
        bare_port = free_port()
        keys = [str(service.home / "tls" / name) for name in ("server.crt", "server.key")]
        bare = subprocess.Popen([sys.executable, "-c", _BARE, str(bare_port), *keys])
        try:
            time.sleep(1.0)
            for clients in CLIENTS:
                rows += _at(service, bare_port, clients, "kept")
            rows += _at(service, bare_port, 8, "fresh")
        finally:
            bare.kill()
            bare.wait()
    return rows


def _at(service: Office, bare_port: int, clients: int, how: str) -> list[Row]:
    baseline = load(service, bare_port, deliver_xms(), clients, how)
    info = load(service, service.port, service_info(), clients, how)
    disk = fsyncs_per_s(service.home)
    deliver = load(service, service.port, deliver_xms(), clients, how)
    where = f"{clients} client{'s' if clients > 1 else ''}, {how}"
    ceiling = min(baseline["rate"], disk)
    return [
        Row(f"bare cheroot, {where}", baseline["rate"], "req/s"),
        at_least(f"GetServiceInfo, {where}", info["rate"], "req/s", 0.6, baseline["rate"]),
        Row(f"GetServiceInfo p99, {where}", info["p99_ms"], "ms", baseline["p99_ms"]),
        Row(f"fsync of 4 KiB, {where}", disk, "1/s"),
        at_least(f"DeliverXms, {where}, of the lower of the two", deliver["rate"], "req/s", 0.6, ceiling),
        Row(f"DeliverXms p99, {where}", deliver["p99_ms"], "ms", baseline["p99_ms"]),
    ]


def load(service: Office, port: int, template: bytes, clients: int, how: str) -> dict[str, float]:
    """Ask for a while from another process; facts of `bench._load` and the rate."""
    command = [sys.executable, "-m", "bench._load", "localhost", str(port), str(service.authority)]
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
