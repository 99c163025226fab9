"""What monitors ask: `/metrics` and `/healthz`."""

import base64
import binascii
import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from omsmodem.facts import Condition, DayFacts, Level
from omsmodem.store.errors import StoreError

if TYPE_CHECKING:
    from wsgiref.types import StartResponse

_log = logging.getLogger(__name__)

_WORDS = {Level.OK: b"ok\n", Level.WARN: b"warning\n", Level.FAIL: b"critical\n"}


class Metrics:
    """A WSGI application for Prometheus, open to some addresses and to operators who sign in (RFC 7617)."""

    def __init__(
        self,
        condition: Callable[[], Condition],
        counted: Callable[[datetime], DayFacts],
        allowed: Callable[[str], bool],
        operator: Callable[[str, str, str], bool],
    ) -> None:
        self._condition = condition
        self._counted = counted
        self._allowed = allowed
        self._operator = operator

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        if not self._may_read(environ):
            return _answer(
                start_response,
                "401 Unauthorized",
                b"Sign in as an operator, or ask from an address that metrics.allow_from names.\n",
                [("WWW-Authenticate", 'Basic realm="omsmodem", charset="UTF-8"')],
            )
        # Here and not above: its library takes a megabyte that a service without Prometheus does not need.
        from prometheus_client.exposition import CONTENT_TYPE_LATEST

        from omsmodem.metrics.exposition import exposition

        try:
            body = exposition(self._condition(), self._counted)
        except StoreError as error:
            _log.warning("numbers not told: %s", error)
            return _answer(start_response, "503 Service Unavailable", b"The store cannot be read; the log says why.\n")
        return _answer(start_response, "200 OK", body, content_type=CONTENT_TYPE_LATEST)

    def _may_read(self, environ: dict[str, Any]) -> bool:
        address = environ.get("REMOTE_ADDR", "")
        if self._allowed(address):
            return True
        name, password = _credentials(environ.get("HTTP_AUTHORIZATION", ""))
        return bool(name) and self._operator(name, password, address)


class Healthz:
    """A WSGI application that says ok, warning or critical, and nothing else to anybody."""

    def __init__(self, level: Callable[[], Level]) -> None:
        self._level = level

    def __call__(self, _environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request: 200, or 503 when something is wrong."""
        level = self._level()
        status = "503 Service Unavailable" if level is Level.FAIL else "200 OK"
        return _answer(start_response, status, _WORDS[level])


def _credentials(header: str) -> tuple[str, str]:
    """Name and password of an Authorization header; empty where there are none."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, password


def _answer(
    start_response: "StartResponse",
    status: str,
    body: bytes,
    headers: Iterable[tuple[str, str]] = (),
    content_type: str = "text/plain; charset=utf-8",
) -> Iterable[bytes]:
    start_response(
        status,
        [
            ("Content-Type", content_type),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            *headers,
        ],
    )
    return [body]
