"""Requests as the pages want them, and answers with every header that keeps a browser safe."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

#: No form here is longer.
FORM_OCTETS = 16 * 1024
#: `__Host-`: a browser takes this cookie only over TLS, for this host alone and for every path.
COOKIE = "__Host-omsmodem"

_HEADERS = (
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),  # with "no-referrer" browsers send "Origin: null" beside our own forms
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Strict-Transport-Security", "max-age=31536000"),
)


class Refused(Exception):
    """A request that gets a status and one sentence."""

    def __init__(self, status: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Request:
    """One request: what pages read of it."""

    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    token: str  # the session cookie's value
    address: str
    same_origin: bool  # whether it certainly came from one of our own pages


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, before the headers that all have."""

    body: bytes
    status: str = "200 OK"
    content_type: str = "text/html; charset=utf-8"
    cache: str = "no-store"
    headers: Sequence[tuple[str, str]] = field(default=())

    def all_headers(self) -> list[tuple[str, str]]:
        """Every header of the answer."""
        return [
            ("Content-Type", self.content_type),
            ("Content-Length", str(len(self.body))),
            ("Cache-Control", self.cache),
            *_HEADERS,
            *self.headers,
        ]


def redirect(path: str, *headers: tuple[str, str]) -> Answer:
    """Go on with a GET of one of our own paths."""
    return Answer(b"", "303 See Other", headers=(("Location", path), *headers))


def cookie(value: str) -> tuple[str, str]:
    """The header that sets the session's cookie, or ends it where `value` is empty."""
    ends = "" if value else "; Max-Age=0"
    return "Set-Cookie", f"{COOKIE}={value}; Path=/; Secure; HttpOnly; SameSite=Strict{ends}"


def read(environ: Mapping[str, Any]) -> Request:
    """A request out of WSGI's environment. Raises Refused."""
    method = environ["REQUEST_METHOD"]
    return Request(
        method="GET" if method == "HEAD" else method,
        path=environ.get("PATH_INFO", "/"),
        query=_fields(environ.get("QUERY_STRING", "")),
        form=_form(environ) if method == "POST" else {},
        token=_cookie(environ.get("HTTP_COOKIE", "")),
        address=environ.get("REMOTE_ADDR", ""),
        same_origin=environ.get("HTTP_ORIGIN", "") == f"https://{environ.get('HTTP_HOST', '')}",
    )


def _fields(text: str) -> dict[str, str]:
    try:
        given = parse_qs(text, keep_blank_values=True, max_num_fields=50, errors="replace")
    except ValueError as error:
        raise Refused("400 Bad Request", "The form cannot be read.") from error
    return {name: values[-1] for name, values in given.items()}


def _form(environ: Mapping[str, Any]) -> dict[str, str]:
    if not environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        raise Refused("415 Unsupported Media Type", "Only forms of these pages are taken.")
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > FORM_OCTETS:
        raise Refused("413 Content Too Large", "The form is too long.")
    return _fields(environ["wsgi.input"].read(int(length)).decode("utf-8", "replace"))


def _cookie(header: str) -> str:
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found is not None else ""
