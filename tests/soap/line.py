"""The OMS address of an office on a real port, behind real TLS, with no modem anywhere."""

import contextlib
import http.client
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.soap.office import CONTENT_TYPES, Office, envelope, errors
from tests.soap.schemas import SOAP_11, Unwrapped, unwrap


@dataclass
class Place:
    """A server for the whole module; each test puts its own office there."""

    port: int
    authority: Path
    application: Any = None

    def __call__(self, environ: Any, start: Any) -> Any:
        return self.application(environ, start)


@dataclass
class Line:
    """One office there, and a client of it."""

    office: Office
    place: Place

    @property
    def uri(self) -> str:
        return f"https://localhost:{self.place.port}/oms/service.asmx"

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.place.authority))

    def connect(self) -> ssl.SSLSocket:
        raw = socket.create_connection(("127.0.0.1", self.place.port), timeout=20)
        return self.context().wrap_socket(raw, server_hostname="localhost")

    def post(self, body: bytes, **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPSConnection("localhost", self.place.port, timeout=20, context=self.context())
        with contextlib.closing(connection):
            given = {"Content-Type": "text/xml; charset=utf-8", **headers}
            connection.request("POST", "/oms/service.asmx", body, given)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def call(self, operation: str, document: str | None = None, version: str = SOAP_11, **more: Any) -> Unwrapped:
        body = envelope(operation, document, version, rpc=more.pop("rpc", False))
        status, answer = self.post(body, **{"Content-Type": CONTENT_TYPES[version]}, **more)
        assert status == 200
        return unwrap(answer)

    def deliver(self, document: str) -> list[tuple[str, str, str]]:
        return errors(self.call("DeliverXms", document).document)

    def raw(self, octets: bytes) -> bytes:
        """What comes back until the other side closes."""
        with self.connect() as connection:
            connection.sendall(octets)
            answer = b""
            with contextlib.suppress(OSError):
                while piece := connection.recv(65536):
                    answer += piece
            return answer
