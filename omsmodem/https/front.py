"""What stands before every application: who really asks, behind proxies, and whether the service is alive."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from omsmodem.addresses import AddressList, plain
from omsmodem.https.clients import Clients

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication

#: The service asks itself this, for the watchdog.
ALIVE_PATH = "/alive"


class Front:
    """A WSGI application before another. Only `proxies` are believed about whom they ask for."""

    def __init__(self, application: "WSGIApplication", clients: Clients, proxies: AddressList) -> None:
        self._application = application
        self._clients = clients
        self._proxies = proxies

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        if environ.get("PATH_INFO") == ALIVE_PATH:
            start_response("204 No Content", [])
            return []
        environ["REMOTE_ADDR"] = self._origin(environ)
        self._clients.served(environ["REMOTE_ADDR"], environ.get("SSL_PROTOCOL", ""))
        return self._application(environ, start_response)

    def _origin(self, environ: dict[str, Any]) -> str:
        """The last address that no trusted proxy stands behind."""
        origin: str = environ.get("REMOTE_ADDR", "")
        hops = [plain(hop.strip()) for hop in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        while hops and origin in self._proxies:
            origin = hops.pop()
        return origin[:45]
