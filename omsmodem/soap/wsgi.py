"""The OMS URL as a WSGI application: POST calls, GET a page a person understands, ?wsdl."""

import logging
from collections.abc import Iterable
from email.message import Message
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape, quoteattr

from omsmodem.soap import envelope
from omsmodem.soap.envelope import SOAP_11, SOAP_12
from omsmodem.soap.errors import SoapFault
from omsmodem.soap.service import Service

if TYPE_CHECKING:
    from wsgiref.types import StartResponse

_log = logging.getLogger(__name__)

MAX_BODY_OCTETS = 256 * 1024
_TYPES = {"text/xml": SOAP_11, "application/soap+xml": SOAP_12, "application/xml": SOAP_11}
_ANSWER_TYPE = {SOAP_11: "text/xml; charset=utf-8", SOAP_12: "application/soap+xml; charset=utf-8"}

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{name}</title>
<style>body{{font:16px/1.5 sans-serif;max-width:42em;margin:3em auto;padding:0 1em}}code{{background:#eee;padding:.1em .3em}}</style>
</head><body>
<h1>{name}</h1>
<p>This is the address of a text messaging (SMS) service for Outlook 2007, Outlook 2010 and SharePoint 2010 to 2019.</p>
<p>In Outlook: <em>Account Settings, New, Other, Text Messaging (SMS)</em>. Service provider's address:</p>
<p><code>{uri}</code></p>
<p>User name and password: from the person who runs this service. Outlook 2013 and later have no text messaging.</p>
</body></html>
"""


class _Refused(Exception):
    """The request is answered with a plain HTTP status."""

    def __init__(self, status: str, line: str, *headers: tuple[str, str]) -> None:
        super().__init__(line)
        self.status = status
        self.line = line
        self.headers = headers


class OmsApplication:
    """The WSGI application for the service's one URL."""

    def __init__(self, service: Service, service_uri: str, max_body_octets: int = MAX_BODY_OCTETS) -> None:
        self._service = service
        self._max_body_octets = max_body_octets
        template = resources.files("omsmodem.soap").joinpath("oms.wsdl").read_text("utf-8")
        self._wsdl = template.replace("@SERVICE_URI@", quoteattr(service_uri)).encode()
        self._page = _PAGE.format(name=escape(service.info.local_name), uri=escape(service_uri)).encode()

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request; nothing is ever raised to the server."""
        try:
            status, headers, body = self._answer(environ)
        except _Refused as refused:
            status, body = refused.status, refused.line.encode() + b"\n"
            headers = [("Content-Type", "text/plain; charset=utf-8"), *refused.headers]
        except Exception:  # noqa: BLE001 - a traceback belongs into the log, never to a client
            _log.exception("request failed")
            status, body = "500 Internal Server Error", b"The service failed; its log says why.\n"
            headers = [("Content-Type", "text/plain; charset=utf-8")]
        start_response(status, [*headers, ("Content-Length", str(len(body))), ("X-Content-Type-Options", "nosniff")])
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]

    def _answer(self, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
        method = environ["REQUEST_METHOD"]
        if method in ("GET", "HEAD"):
            return self._get(environ.get("QUERY_STRING", ""))
        if method != "POST":
            line = "Only GET, HEAD and POST are understood here."
            raise _Refused("405 Method Not Allowed", line, ("Allow", "GET, HEAD, POST"))
        version, charset = _content_type(environ.get("CONTENT_TYPE", ""))
        return self._post(self._body(environ), version, charset, environ.get("REMOTE_ADDR", ""))

    def _get(self, query: str) -> tuple[str, list[tuple[str, str]], bytes]:
        names = {name.lower() for name, _ in parse_qsl(query, keep_blank_values=True)}
        if names & {"wsdl", "singlewsdl"}:
            return "200 OK", [("Content-Type", "text/xml; charset=utf-8")], self._wsdl
        policy = ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        return "200 OK", [("Content-Type", "text/html; charset=utf-8"), policy], self._page

    def _post(
        self, body: bytes, version: str, charset: str | None, source: str
    ) -> tuple[str, list[tuple[str, str]], bytes]:
        try:
            call = envelope.read(body, charset)
            version = call.version
            answer = self._service.answer(call.operation, call.parameter, source)
            return "200 OK", [("Content-Type", _ANSWER_TYPE[version])], envelope.write(call, answer)
        except SoapFault as fault:
            version = fault.version or version
            _log.info("fault from=%s: %s", source, fault.reason)
            status = "400 Bad Request" if version == SOAP_12 else "500 Internal Server Error"
            return status, [("Content-Type", _ANSWER_TYPE[version])], envelope.write_fault(fault, version)

    def _body(self, environ: dict[str, Any]) -> bytes:
        """The whole body, bounded. A chunked one has no length of its own and is cut off at the limit."""
        too_large = _Refused(
            "413 Content Too Large", f"At most {self._max_body_octets} octets.", ("Connection", "close")
        )
        broken = _Refused("400 Bad Request", "The body of the request is broken.", ("Connection", "close"))
        length = environ.get("CONTENT_LENGTH") or ""
        chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
        if not chunked and not (length.isascii() and length.isdigit()):
            raise _Refused("411 Length Required", "The request has no length.", ("Connection", "close"))
        if not chunked and int(length) > self._max_body_octets:
            raise too_large
        try:
            size = self._max_body_octets + 1 if chunked else int(length)
            body: bytes = environ["wsgi.input"].read(size)
        except TimeoutError as error:
            raise broken from error
        except OSError as error:  # the server's own limit
            raise too_large from error
        except ValueError as error:
            raise broken from error
        if len(body) > self._max_body_octets:
            raise too_large
        if not chunked and len(body) < int(length):
            raise broken
        return body


def _content_type(value: str) -> tuple[str, str | None]:
    """The SOAP version and charset a Content-Type names. Raises _Refused."""
    header = Message()
    header["Content-Type"] = value or "application/octet-stream"
    version = _TYPES.get(header.get_content_type())
    if version is None:
        raise _Refused("415 Unsupported Media Type", "Send text/xml or application/soap+xml.")
    charset = header.get_param("charset")
    return version, charset.strip("\"' ") if isinstance(charset, str) and charset else None
