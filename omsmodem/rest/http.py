"""Requests as the door wants them, and answers: JSON, never kept by anybody on the way."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from omsmodem.rest.problems import CONTENT_TYPE, Problem

_CLOSE = (("Connection", "close"),)
_MOST_FIELDS = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    body: bytes
    status: HTTPStatus = HTTPStatus.OK
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()

    def all_headers(self) -> list[tuple[str, str]]:
        """Every header of the answer."""
        return [
            ("Content-Type", self.content_type),
            ("Content-Length", str(len(self.body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            *self.headers,
        ]


@dataclass(frozen=True, slots=True)
class Request:
    """One request: what the door reads of it."""

    method: str
    path: str
    query: Mapping[str, str]
    environ: Mapping[str, Any]

    def header(self, name: str) -> str:
        """A header's value, or an empty text."""
        value: str = self.environ.get(f"HTTP_{name.upper().replace('-', '_')}", "")
        return value.strip()

    @property
    def address(self) -> str:
        """Where it came from."""
        return str(self.environ.get("REMOTE_ADDR", ""))


def answered(value: object) -> Answer:
    """An answer with a JSON document."""
    return Answer(json.dumps(value).encode())


def problem_answer(problem: Problem) -> Answer:
    """The answer that tells of a problem."""
    return Answer(problem.body(), problem.status, CONTENT_TYPE, problem.headers)


def read(environ: Mapping[str, Any]) -> Request:
    """A request out of WSGI's environment. Raises Problem."""
    method = environ["REQUEST_METHOD"]
    try:
        given = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "bad_query", "The query cannot be read.") from error
    query = dict(given)
    if len(query) < len(given):
        raise Problem(HTTPStatus.BAD_REQUEST, "bad_query", "A parameter is given twice.")
    return Request("GET" if method == "HEAD" else method, environ.get("PATH_INFO", "/"), query, environ)


def body_of(request: Request, most_octets: int) -> bytes:
    """The whole body, bounded, of a request that says it is JSON; the server gives a chunked one a length. Raises Problem."""
    kind = request.environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem(HTTPStatus(415), "not_json", "Send application/json.", headers=_CLOSE)
    length = request.environ.get("CONTENT_LENGTH") or ""
    if not (length.isascii() and length.isdigit()):
        raise Problem(HTTPStatus.LENGTH_REQUIRED, "no_length", "The request has no length.", headers=_CLOSE)
    if int(length) > most_octets:
        raise Problem(HTTPStatus(413), "too_large", f"At most {most_octets} octets are taken.", headers=_CLOSE)
    body: bytes = request.environ["wsgi.input"].read(int(length))
    if len(body) < int(length):
        raise Problem(HTTPStatus.BAD_REQUEST, "broken_body", "The body is shorter than it says.", headers=_CLOSE)
    return body
