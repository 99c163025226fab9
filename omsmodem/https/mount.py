"""Which application answers which path."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication

_log = logging.getLogger(__name__)


class Mount:
    """A WSGI application made of others, with one access line a request. `rest` has every path that nobody else has.

    A path is matched whole, whatever its case; one that ends in `/*` stands for all below it.
    """

    def __init__(self, applications: "Mapping[str, WSGIApplication]", rest: "WSGIApplication | None" = None) -> None:
        self._rest = rest or _not_found
        self._applications = {path.lower(): application for path, application in applications.items()}
        self._trees = {path[:-1]: one for path, one in self._applications.items() if path.endswith("/*")}

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        started = time.perf_counter()
        answered: list[str] = []

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            answered.append(status[:3])
            return start_response(status, headers, *rest)

        body = self._find(environ.get("PATH_INFO", "").lower())(environ, start)
        _log.info(
            "%s %s %s from=%s %.1f ms",
            environ["REQUEST_METHOD"],
            environ.get("PATH_INFO", "")[:200],
            answered[0] if answered else "-",
            environ["REMOTE_ADDR"],
            (time.perf_counter() - started) * 1000,
        )
        return body

    def _find(self, path: str) -> "WSGIApplication":
        if path in self._applications:
            return self._applications[path]
        return next((one for tree, one in self._trees.items() if path.startswith(tree)), self._rest)


class Deferred:
    """A WSGI application that is made when somebody asks for it: until then its libraries take neither time nor memory."""

    def __init__(self, make: "Callable[[], WSGIApplication]") -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: WSGIApplication | None = None

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        with self._lock:
            self._made = self._made or self._make()
        return self._made(environ, start_response)


def _not_found(_environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
    line = b"Nothing is here. Is the address typed as the service gave it?\n"
    start_response("404 Not Found", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(line)))])
    return [line]
