"""One HTTP exchange over WSGI: a bounded body in, an answer out, and nothing ever raised to the server."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wsgiref.types import StartResponse

_log = logging.getLogger(__name__)
_PLAIN = "text/plain; charset=utf-8"
_CLOSE = (("Connection", "close"),)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    content_type: str
    body: bytes
    status: str = "200 OK"
    headers: tuple[tuple[str, str], ...] = ()


class HttpRefused(Exception):
    """The request is answered with a plain status and one line."""

    def __init__(self, status: str, line: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(line)
        self.answer = Answer(_PLAIN, line.encode() + b"\n", status, headers)


def respond(
    answer_to: Callable[[dict[str, Any]], Answer], environ: dict[str, Any], start_response: "StartResponse"
) -> Iterable[bytes]:
    """Answer one request with what `answer_to` makes of it."""
    try:
        answer = answer_to(environ)
    except HttpRefused as refused:
        answer = refused.answer
    except Exception:  # noqa: BLE001 - a traceback belongs into the log, never to a client
        _log.exception("request failed")
        answer = Answer(_PLAIN, b"The service failed; its log says why.\n", "500 Internal Server Error")
    headers = [
        ("Content-Type", answer.content_type),
        ("Content-Length", str(len(answer.body))),
        ("X-Content-Type-Options", "nosniff"),
    ]
    start_response(answer.status, headers + list(answer.headers))
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.body]


def not_allowed(allowed: str) -> HttpRefused:
    """The refusal of any other verb."""
    return HttpRefused("405 Method Not Allowed", f"Only {allowed} are understood here.", (("Allow", allowed),))


def read_body(environ: dict[str, Any], most_octets: int) -> bytes:
    """The whole body, bounded; the server has collected a chunked one and gives it a length. Raises HttpRefused."""
    length = environ.get("CONTENT_LENGTH") or ""
    if not (length.isascii() and length.isdigit()):
        raise HttpRefused("411 Length Required", "The request has no length.", _CLOSE)
    if int(length) > most_octets:
        raise HttpRefused("413 Content Too Large", f"At most {most_octets} octets.", _CLOSE)
    body: bytes = environ["wsgi.input"].read(int(length))
    if len(body) < int(length):
        raise HttpRefused("400 Bad Request", "The body of the request is broken.", _CLOSE)
    return body
