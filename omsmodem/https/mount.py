"""Which application answers which path."""

import logging
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication

_log = logging.getLogger(__name__)


class Mount:
    """A WSGI application made of others by exact path, with one access line a request. `rest` has every other path."""

    def __init__(self, applications: "Mapping[str, WSGIApplication]", rest: "WSGIApplication | None" = None) -> None:
        self._rest = rest or _not_found
        self._applications = {path.lower(): application for path, application in applications.items()}

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        started = time.perf_counter()
        answered: list[str] = []

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            answered.append(status[:3])
            return start_response(status, headers, *rest)

        application = self._applications.get(environ.get("PATH_INFO", "").lower(), self._rest)
        body = application(environ, start)
        _log.info(
            "%s %s %s from=%s %.1f ms",
            environ["REQUEST_METHOD"],
            environ.get("PATH_INFO", "")[:200],
            answered[0] if answered else "-",
            environ["REMOTE_ADDR"],
            (time.perf_counter() - started) * 1000,
        )
        return body


def _not_found(_environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
    line = b"Nothing is here. Is the address typed as the service gave it?\n"
    start_response("404 Not Found", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(line)))])
    return [line]
