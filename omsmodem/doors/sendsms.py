"""Kannel's `sendsms` URL over HTTPS, for programs that have no other way to send: GET or POST, a form, one line back."""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from omsmodem.accounts import AccountError
from omsmodem.message import Door, Reason, Receipt, Submission

if TYPE_CHECKING:
    from wsgiref.types import StartResponse

_log = logging.getLogger(__name__)

FORM_OCTETS = 32 * 1024
#: Text of a message: 0 and 1 are text in `charset`, 2 is UTF-16 whatever the charset says.
_UCS2 = "2"
_TEXT_CODINGS = {"", "0", _UCS2}
_LATER = {Reason.UNAVAILABLE, Reason.BUSY}
_NOBODY = {Reason.INVALID_USER, Reason.ACCOUNT_DISABLED, Reason.NOT_REGISTERED}

ACCEPTED = "0: Accepted for delivery"
NOT_AUTHORISED = "Authorization failed for sendsms"
_LATER_WORDS = "Temporal failure, try again later."


class _Refused(Exception):
    def __init__(self, status: str, line: str) -> None:
        super().__init__(line)
        self.status = status
        self.line = line


class SendSms:
    """A WSGI application for some accounts. `submit` authorises by password and accepts; `horizon` is how far one may defer."""

    def __init__(
        self,
        submit: Callable[[Submission, str], Receipt],
        accounts: Iterable[str],
        clock: Callable[[], datetime],
        horizon: timedelta,
    ) -> None:
        self._submit = submit
        self._accounts = {account.casefold() for account in accounts}
        self._clock = clock
        self._horizon = horizon

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        try:
            status, line = "202 Accepted", self._accept(_form(environ), environ.get("REMOTE_ADDR", ""))
        except _Refused as error:
            status, line = error.status, error.line
        body = f"{line}\n".encode()
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
        ]
        start_response(status, headers)
        return [body]

    def _accept(self, form: Mapping[str, bytes], address: str) -> str:
        user = _text(form, "username") or _text(form, "user")
        password = _text(form, "password") or _text(form, "pass")
        if user.casefold() not in self._accounts:
            raise _Refused("403 Forbidden", NOT_AUTHORISED)
        recipients = tuple(_international(number) for number in _text(form, "to").split())
        text = _message(form)
        if not recipients or not text:
            raise _Refused("400 Bad Request", "Missing receiver and/or text, rejected")
        submission = Submission(
            user, Door.SENDSMS, recipients, (text,), client="sendsms", source=address, not_before=self._deferred(form)
        )
        try:
            return _answer(self._submit(submission, password))
        except AccountError as error:
            _log.error("request not answered: %s", error)
            raise _Refused("503 Service Unavailable", _LATER_WORDS) from error

    def _deferred(self, form: Mapping[str, bytes]) -> datetime | None:
        minutes = _text(form, "deferred")
        if not minutes:
            return None
        deferred = timedelta(minutes=int(minutes)) if re.fullmatch(r"[0-9]{1,6}", minutes) else None
        if deferred is None or deferred > self._horizon:
            most = self._horizon // timedelta(minutes=1)
            raise _Refused("400 Bad Request", f"Deferred is a number of minutes up to {most}, rejected")
        return self._clock() + deferred


def _answer(receipt: Receipt) -> str:
    """Kannel's line for a receipt. Raises _Refused when nothing was accepted."""
    if receipt.accepted:
        ids = ",".join(map(str, receipt.accepted))
        lost = "; ".join(f"{refusal.recipient}: {refusal.detail}" for refusal in receipt.refused if refusal.recipient)
        return f"{ACCEPTED}: {ids}" + (f" (not sent: {lost})" if lost else "")
    reasons = {refusal.reason for refusal in receipt.refused}
    detail = next((refusal.detail for refusal in receipt.refused if refusal.detail), "rejected")
    if reasons & _NOBODY:
        raise _Refused("403 Forbidden", NOT_AUTHORISED)
    if reasons & _LATER:
        raise _Refused("503 Service Unavailable", _LATER_WORDS)
    raise _Refused("400 Bad Request", " ".join(detail.split()))


def _form(environ: Mapping[str, Any]) -> dict[str, bytes]:
    """The fields of query and form, still octets: only `charset` says what the text's are."""
    raw = environ.get("QUERY_STRING", "")
    if environ["REQUEST_METHOD"] == "POST":
        length = environ.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > FORM_OCTETS:
            raise _Refused("413 Content Too Large", "The request is too long, rejected")
        raw += "&" + environ["wsgi.input"].read(int(length)).decode("ascii", "replace")
    elif environ["REQUEST_METHOD"] != "GET":
        raise _Refused("405 Method Not Allowed", "Only GET and POST")
    try:
        fields = parse_qs(raw, keep_blank_values=True, encoding="latin-1", max_num_fields=100, separator="&")
    except ValueError as error:
        raise _Refused("400 Bad Request", "The form cannot be read, rejected") from error
    return {name: values[-1].encode("latin-1") for name, values in fields.items()}


def _text(form: Mapping[str, bytes], name: str) -> str:
    return form.get(name, b"").decode("utf-8", "replace").strip()


def _message(form: Mapping[str, bytes]) -> str:
    coding, octets = _text(form, "coding"), form.get("text", b"")
    if coding not in _TEXT_CODINGS:
        raise _Refused("400 Bad Request", "Only texts are sent (coding 0 or 2), rejected")
    charset = _text(form, "charset") or ("utf-16-be" if coding == _UCS2 else "utf-8")
    try:
        return octets.decode(charset)
    except (LookupError, UnicodeDecodeError) as error:
        raise _Refused("400 Bad Request", f"The text is not in the charset {charset[:40]}, rejected") from error


def _international(number: str) -> str:
    """Kannel's users leave the plus out, as it means a space in a URL."""
    return f"+{number}" if re.fullmatch(r"[1-9][0-9]{8,14}", number) else number
