"""The OMS URL as a WSGI application: POST calls, GET a page a person understands, ?wsdl."""

import logging
from collections.abc import Callable, Iterable
from email.message import Message
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import quoteattr

from omsmodem.soap import envelope
from omsmodem.soap.envelope import SOAP_11, SOAP_12
from omsmodem.soap.errors import SoapFault
from omsmodem.soap.exchange import Answer, HttpRefused, not_allowed, read_body, respond
from omsmodem.soap.reading import max_body_octets
from omsmodem.soap.service import Service

if TYPE_CHECKING:
    from wsgiref.types import StartResponse

_log = logging.getLogger(__name__)

_TYPES = {"text/xml": SOAP_11, "application/soap+xml": SOAP_12, "application/xml": SOAP_11}
#: What tells one client from another; for the log at level debug.
_TELLING = ("CONTENT_TYPE", "CONTENT_LENGTH", "HTTP_SOAPACTION", "HTTP_USER_AGENT", "HTTP_EXPECT", "SERVER_PROTOCOL")
_ANSWER_TYPE = {SOAP_11: "text/xml; charset=utf-8", SOAP_12: "application/soap+xml; charset=utf-8"}


class OmsApplication:
    """The WSGI application for the service's one URL. `page` answers a person who opens it in a browser."""

    def __init__(
        self,
        service: Service,
        page: Callable[[dict[str, Any]], Answer],
        most_octets: int | None = None,
    ) -> None:
        self._service = service
        self._page = page
        self._most_octets = most_octets or max_body_octets()
        template = resources.files("omsmodem.soap").joinpath("oms.wsdl").read_text("utf-8")
        wsdl = template.replace("@SERVICE_URI@", quoteattr(service.info.service_uri)).encode()
        self._wsdl = Answer(_ANSWER_TYPE[SOAP_11], wsdl)

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request; nothing is ever raised to the server."""
        return respond(self._answer, environ, start_response)

    def _answer(self, environ: dict[str, Any]) -> Answer:
        method = environ["REQUEST_METHOD"]
        if method == "POST":
            _log.debug("call %s", {name: environ[name] for name in _TELLING if name in environ})
            version, charset = _content_type(environ.get("CONTENT_TYPE", ""))
            return self._call(read_body(environ, self._most_octets), version, charset, environ.get("REMOTE_ADDR", ""))
        if method not in ("GET", "HEAD"):
            raise not_allowed("GET, HEAD, POST")
        names = {name.lower() for name, _ in parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)}
        return self._wsdl if names & {"wsdl", "singlewsdl"} else self._page(environ)

    def _call(self, body: bytes, version: str, charset: str | None, source: str) -> Answer:
        try:
            call = envelope.read(body, charset)
            version = call.version
            result = self._service.answer(call.operation, call.parameter, source)
            return Answer(_ANSWER_TYPE[version], envelope.write(call, result))
        except SoapFault as fault:
            version = fault.version or version
            _log.info("fault from=%s: %s", source, fault.reason)
            status = envelope.fault_status(fault, version)
            return Answer(_ANSWER_TYPE[version], envelope.write_fault(fault, version), status)


@lru_cache(maxsize=64)  # a handful of clients, asked a thousand times
def _content_type(value: str) -> tuple[str, str | None]:
    """The SOAP version and charset a Content-Type names; without one the envelope decides. Raises HttpRefused."""
    header = Message()
    header["Content-Type"] = "".join(c for c in value if c.isprintable()) or "text/xml"
    version = _TYPES.get(header.get_content_type())
    if version is None:
        raise HttpRefused("415 Unsupported Media Type", "Send text/xml or application/soap+xml.")
    charset = header.get_param("charset")
    return version, charset.strip("\"' ") if isinstance(charset, str) and charset else None
