"""The sign-up page as a WSGI application, what it offers for download, and the form that asks for an account."""

import hashlib
import hmac
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qs

from omsmodem.message import AccountRequest
from omsmodem.soap.exchange import Answer, HttpRefused, not_allowed, read_body, respond
from omsmodem.soap.pages import SIGN_UP_PATH, Site

if TYPE_CHECKING:
    from wsgiref.types import StartResponse

FORM_OCTETS = 4096
FORM_LIFE_S = 3600
DOWNLOAD_OCTETS = 4 * 1024 * 1024
_COOKIE = "omsmodem_form"


class Registrations(Protocol):
    """What this room needs of the one that keeps requests until the operator decides."""

    def ask(self, request: AccountRequest) -> bool:
        """Record a request; False where too many are open."""


class Pace:
    """How often one address, and everybody together, may do something within an hour."""

    _PERIOD_S = 3600.0

    def __init__(self, of_one: int = 3, of_all: int = 30, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._of_one = of_one
        self._of_all = of_all
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._done: deque[tuple[float, str]] = deque(maxlen=of_all)

    def allows(self, address: str) -> bool:
        """Whether `address` may do it now; if so, it counts."""
        with self._lock:
            start = self._monotonic() - self._PERIOD_S
            lately = [who for when, who in self._done if when > start]
            if len(lately) >= self._of_all or lately.count(address) >= self._of_one:
                return False
            self._done.append((self._monotonic(), address))
            return True


class Tokens:
    """Proof that a form was sent by the browser that opened it: a cookie's value, signed, with the hour it was made."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._key = secrets.token_bytes(32)
        self._clock = clock

    def issue(self) -> tuple[str, str]:
        """A cookie's value and the token that belongs to it."""
        value = secrets.token_urlsafe(18)
        return value, self._token(value, int(self._clock()) // FORM_LIFE_S)

    def fits(self, value: str, token: str) -> bool:
        """Whether the token belongs to the cookie and is at most two periods old."""
        period = int(self._clock()) // FORM_LIFE_S
        made = (self._token(value, then) for then in (period, period - 1))
        return bool(value) and any(hmac.compare_digest(token.encode(), each.encode()) for each in made)

    def _token(self, value: str, period: int) -> str:
        return hmac.new(self._key, f"{value} {period}".encode(), hashlib.sha256).hexdigest()


class SignUpApplication:
    """GET shows how to set up Outlook; POST asks for an account where the operator lets people ask."""

    def __init__(
        self,
        site: Site,
        registrations: Registrations | None = None,
        *,
        pace: Pace | None = None,
        tokens: Tokens | None = None,
    ) -> None:
        self._site = site
        self._registrations = registrations
        self._pace = pace or Pace()
        self._tokens = tokens or Tokens()

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request; nothing is ever raised to the server."""
        return respond(self._answer, environ, start_response)

    def _answer(self, environ: dict[str, Any]) -> Answer:
        method = environ["REQUEST_METHOD"]
        if method in ("GET", "HEAD"):
            return self._page(environ)
        if method == "POST" and self._registrations is not None:
            return self._asked(environ, self._registrations)
        raise not_allowed("GET, HEAD" if self._registrations is None else "GET, HEAD, POST")

    def _page(self, environ: dict[str, Any]) -> Answer:
        if self._registrations is None:
            return self._site.answer("signup", environ, token="")
        value, token = self._tokens.issue()
        page = self._site.answer("signup", environ, token=token)
        cookie = f"{_COOKIE}={value}; Path={SIGN_UP_PATH}; Max-Age={FORM_LIFE_S}; Secure; HttpOnly; SameSite=Strict"
        return Answer(page.content_type, page.body, page.status, (*page.headers, ("Set-Cookie", cookie)))

    def _asked(self, environ: dict[str, Any], registrations: Registrations) -> Answer:
        """Record a request for an account, or say why not."""
        fields = _form(environ)
        source = environ.get("REMOTE_ADDR", "")
        name, mail, phone = (_field(fields, key, most) for key, most in (("name", 64), ("mail", 128), ("phone", 32)))
        if not self._tokens.fits(_cookie(environ), fields.get("token", [""])[0]) or not name or "@" not in mail:
            return self._site.answer("asked", environ, "400 Bad Request", outcome="refused", mail="")
        request = AccountRequest(name, mail, phone, source)
        if not self._pace.allows(source) or not registrations.ask(request):
            return self._site.answer("asked", environ, "429 Too Many Requests", outcome="later", mail="")
        return self._site.answer("asked", environ, outcome="recorded", mail=mail)


def _form(environ: dict[str, Any]) -> dict[str, list[str]]:
    """The fields of a form. Raises HttpRefused."""
    if environ.get("CONTENT_TYPE", "").split(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise HttpRefused("415 Unsupported Media Type", "Send the form of this page.", (("Connection", "close"),))
    try:
        return parse_qs(read_body(environ, FORM_OCTETS).decode(), max_num_fields=20)
    except ValueError as error:
        raise HttpRefused("400 Bad Request", "This is not the form of this page.") from error


def _field(fields: dict[str, list[str]], key: str, most: int) -> str:
    """One field on one line, bounded, without what cannot be printed."""
    return "".join(c for c in " ".join(fields.get(key, [""])[0].split()) if c.isprintable())[:most]


def _cookie(environ: dict[str, Any]) -> str:
    try:
        morsel = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(_COOKIE)
    except CookieError:
        return ""
    return "" if morsel is None else morsel.value


class Download:
    """One file that may appear, change and vanish while the service runs."""

    def __init__(self, path: Path, name: str, content_type: str) -> None:
        self._path = path
        self._name = name
        self._content_type = content_type

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request; nothing is ever raised to the server."""
        return respond(self._answer, environ, start_response)

    def _answer(self, environ: dict[str, Any]) -> Answer:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            raise not_allowed("GET, HEAD")
        disposition = f'attachment; filename="{self._name}"'
        headers = (("Content-Disposition", disposition), ("Cache-Control", "no-cache"))
        return Answer(self._content_type, self._octets(), headers=headers)

    def _octets(self) -> bytes:
        try:
            with self._path.open("rb") as file:
                octets = file.read(DOWNLOAD_OCTETS + 1)
        except OSError as error:
            raise HttpRefused("404 Not Found", "This service does not offer that file.") from error
        if len(octets) > DOWNLOAD_OCTETS:
            raise HttpRefused("404 Not Found", "This service does not offer that file.")
        return octets
