"""The pages as a WSGI application: who asks, for what, and may that be."""

import logging
import re
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from omsmodem.accounts import Account, AccountError
from omsmodem.message import State
from omsmodem.store.errors import StoreError
from omsmodem.web import http
from omsmodem.web.acts import act
from omsmodem.web.house import House
from omsmodem.web.http import Answer, Refused, Request, redirect
from omsmodem.web.pages import Look, Pages
from omsmodem.web.rendering import STYLE_PATH, Templates, style
from omsmodem.web.sessions import Session, Sessions, same
from omsmodem.web.viewer import Viewer

if TYPE_CHECKING:
    from wsgiref.types import StartResponse

_log = logging.getLogger(__name__)

_MESSAGE = re.compile(r"/messages/(\d{1,18})(?:/([a-z-]+))?")
_WRONG = "The user name or the password is wrong, or too many wrong ones came from this address: then wait a quarter of an hour."

#: What is wrong with the store is for the log and its operator, not for whoever asks.
_NOT_NOW = "The service cannot read its messages now. Try again in a minute; its log says why."


class WebApplication:
    """Answers every path below `/` that is nobody else's."""

    def __init__(
        self, house: House, *, idle_s: float = 1800.0, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._house = house
        self._pages = Pages(house)
        self._templates = Templates(house.zone)
        self._sessions = Sessions(idle_s, monotonic=monotonic)

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        try:
            answer = self._answer(http.read(environ))
        except Refused as error:
            answer = self._templates.render("refused", error.status, sentence=error.sentence, viewer=None)
        except (StoreError, AccountError) as error:
            _log.warning("page not shown path=%s: %s", environ.get("PATH_INFO", ""), error)
            answer = self._templates.render("refused", "503 Service Unavailable", sentence=_NOT_NOW, viewer=None)
        start_response(answer.status, answer.all_headers())
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.body]

    def _answer(self, request: Request) -> Answer:
        if request.method not in {"GET", "POST"}:
            raise Refused("405 Method Not Allowed", "These pages are read and clicked, nothing else.")
        if request.path == STYLE_PATH:
            return style()
        if request.method == "POST" and not request.same_origin:
            raise Refused("403 Forbidden", "This did not come from a page of this service.")
        if request.path == "/signin":
            return (
                self._sign_in(request)
                if request.method == "POST"
                else self._templates.render("signin", wrong="", name="", to=_message_page(request.query.get("to", "")))
            )
        session, account = self._who(request)
        if session is None or account is None:
            to = _message_page(request.path)  # where the link in a mail leads
            return redirect(f"/signin?to={to}" if to else "/signin")
        return self._signed_in(request, session, Viewer.of(account, show_text=self._house.show_text))

    # -- signing in and out -----------------------------------------------------------------------------------------

    def _sign_in(self, request: Request) -> Answer:
        name, password = request.form.get("name", ""), request.form.get("password", "")
        to = _message_page(request.form.get("to", ""))
        known = self._house.sign_in(name, password, request.address)
        account = self._house.account(known) if known is not None else None
        if account is None:
            return self._templates.render("signin", "403 Forbidden", wrong=_WRONG, name=name[:100], to=to)
        self._sessions.end(request.token)  # a new session for a new right, never an old cookie
        return redirect(to or "/", http.cookie(self._sessions.begin(account.name, account.password_hash)))

    def _who(self, request: Request) -> tuple[Session | None, Account | None]:
        """The session of a request and its account, as that is now: changed passwords and switched-off accounts end it."""
        session = self._sessions.find(request.token)
        if session is None:
            return None, None
        account = self._house.account(session.account)
        if account is None or not account.enabled or account.password_hash != session.stamp:
            self._sessions.end(request.token)
            return None, None
        return session, account

    # -- pages ------------------------------------------------------------------------------------------------------

    def _signed_in(self, request: Request, session: Session, viewer: Viewer) -> Answer:
        if request.method == "POST":
            if not same(request.form.get("csrf", ""), session.csrf):
                raise Refused("403 Forbidden", "This form is too old. Go back and load the page again.")
            return self._post(request, session, viewer)
        if request.path == "/":
            return redirect("/status" if viewer.operator else "/messages")
        template, values = self._find(Look(viewer, request))
        said, session.said = session.said, ""
        doubts = self._house.store.history.ledger()[State.UNCERTAIN] if viewer.operator else 0
        return self._templates.render(
            template, viewer=viewer, csrf=session.csrf, said=said, path=request.path, doubts=doubts, **values
        )

    def _find(self, look: Look) -> tuple[str, dict[str, Any]]:
        path = look.request.path
        simple = {
            "/status": self._pages.status,
            "/messages": self._pages.messages,
            "/incoming": self._pages.incoming,
            "/uncertain": self._pages.uncertain,
            "/accounts": self._pages.accounts,
            "/alarms": self._pages.alarms,
        }
        if path in simple:
            return path[1:], simple[path](look)
        match = _MESSAGE.fullmatch(path)
        if match is None or match[2] is not None:
            raise Refused("404 Not Found", "This page is not there.")
        return "message", self._pages.message(look, int(match[1]))

    def _post(self, request: Request, session: Session, viewer: Viewer) -> Answer:
        if request.path == "/signout":
            self._sessions.end(request.token)
            return redirect("/signin", http.cookie(""))
        match = _MESSAGE.fullmatch(request.path)
        if match is None or match[2] is None:
            raise Refused("404 Not Found", "This page is not there.")
        session.said = act(self._house, viewer, int(match[1]), match[2])
        back = request.form.get("back", "")
        return redirect("/uncertain" if back == "uncertain" else f"/messages/{int(match[1])}")


def _message_page(path: str) -> str:
    """The path if it is that of a message's page, else nothing."""
    match = _MESSAGE.fullmatch(path)
    return path if match is not None and match[2] is None else ""
