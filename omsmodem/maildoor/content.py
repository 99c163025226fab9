"""From a mail to a text: what a person wrote, without its signature and what it quotes. Machines are not listened to."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser

from mailparser_reply.parser import EmailMessage as Written

from omsmodem.maildoor import hypertext
from omsmodem.maildoor.answers import Rejected

_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,250}>")
_MOST_REFERENCES = 20
_MOST_HOPS = 30
_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_BULK = {"bulk", "list", "junk", "auto_reply"}
#: Parts that belong to a mail's form and not to what it says.
_SIGNATURES = {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
_REPLY = re.compile(r"^\s*(re|aw|antw|sv|fwd?|wg)\s*:", re.IGNORECASE)
#: The email package takes time with the square of these; what people send is far below.
_MOST_HEADERS, _LONGEST, _MOST_PARTS = 128 * 1024, 4000, 500
_STRUCTURED = re.compile(
    rb"^(?:content-(?:type|disposition)|from):[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE
)
_HEADERS_END = re.compile(rb"\r?\n\r?\n")
#: Parsers take time with the square of what they are given, where it is made for that.
_MOST_HTML = 200_000
#: Much longer than any text may be.
_HEAD = 3000
_EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
_LANGUAGES = ("en", "de")
_NOT_A_PERSON = "550 5.7.1"


@dataclass(frozen=True, slots=True)
class Content:
    """What a mail says. `cut` counts the characters of signature and quotation that were left out."""

    text: str
    cut: int = 0
    author: str = ""  # the address of From
    message_id: str = ""
    references: tuple[str, ...] = ()
    subject: str = ""


@contextmanager
def _readable() -> Iterator[None]:
    """Whatever is too broken for the parser, which reads headers only when they are asked for, is refused."""
    try:
        yield
    except (MessageError, ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
        raise Rejected("550 5.6.0", "This mail cannot be read.") from error


@_readable()
def parse(octets: bytes) -> EmailMessage:
    """The mail of octets, however broken. Raises Rejected."""
    end = _HEADERS_END.search(octets)
    headers = len(octets) if end is None else end.start()
    longest = max((len(found[0]) for found in _STRUCTURED.finditer(octets)), default=0)
    if headers > _MOST_HEADERS or longest > _LONGEST or octets.count(b"\n--") > _MOST_PARTS:
        raise Rejected("552 5.3.4", "This mail has too many parts, or its headers are too long.")
    return BytesParser(policy=policy.default).parsebytes(octets)


def require_lines(octets: bytes) -> None:
    """Refuse what a mail server may have read otherwise than we do. Raises Rejected.

    A bare CR or LF is a line's end for some and none for others (RFC 5321 §2.3.8), so it can hide a header.
    """
    if _BARE.search(octets):
        raise Rejected("550 5.5.2", "A line of this mail ends with a bare CR or LF.")


@_readable()
def require_person(mail: EmailMessage, ourselves: str) -> None:
    """Refuse what a machine wrote, and what goes round in circles (RFC 3834, RFC 2919). Raises Rejected.

    `ourselves` is the address that our own mails carry in X-Loop.
    """
    submitted = _header(mail, "Auto-Submitted").partition(";")[0].strip().lower()
    if submitted not in {"", "no"}:
        raise Rejected(_NOT_A_PERSON, "Automatic mail does not become a text (Auto-Submitted).")
    if _header(mail, "Precedence").lower() in _BULK or mail.get("List-Id") is not None:
        raise Rejected(_NOT_A_PERSON, "Mail of lists does not become a text.")
    if mail.get_content_type() == "multipart/report" or _header(mail, "X-Autoreply") or _header(mail, "X-Autorespond"):
        raise Rejected(_NOT_A_PERSON, "Reports and automatic answers do not become a text.")
    if ourselves and ourselves.lower() in {str(value).strip().lower() for value in mail.get_all("X-Loop", [])}:
        raise Rejected("554 5.4.6", "This mail came from here.")
    if len(mail.get_all("Received", [])) > _MOST_HOPS:
        raise Rejected("554 5.4.6", "This mail goes round in circles.")


@_readable()
def read(mail: EmailMessage, *, with_subject: bool = False) -> Content:
    """What a mail says. Raises Rejected when it carries what a text cannot."""
    names = list(_attachments(mail))
    if names:
        raise Rejected("550 5.6.1", f"A text carries no attachments; send it without {', '.join(names[:3])}.")
    whole, own = _words(mail)
    text = own
    subject = _header(mail, "Subject")
    if with_subject and subject and _REPLY.match(subject) is None:
        text = f"{subject}\n{text}".strip()
    found = _MESSAGE_ID.findall(_header(mail, "References")) or _MESSAGE_ID.findall(_header(mail, "In-Reply-To"))
    ids = _MESSAGE_ID.findall(_header(mail, "Message-ID"))
    cut = len("".join(whole.split())) - len("".join(own.split()))
    return Content(text, cut, author(mail), ids[0] if ids else "", tuple(found[-_MOST_REFERENCES:]), subject)


@_readable()
def author(mail: EmailMessage) -> str:
    """The one address of From, or nothing."""
    addresses: Sequence[Address] = getattr(mail.get("From"), "addresses", ())
    return str(addresses[0].addr_spec) if len(addresses) == 1 else ""


def _header(mail: EmailMessage, name: str) -> str:
    return " ".join(str(mail.get(name, "")).split())


def _attachments(mail: EmailMessage) -> Iterator[str]:
    """What a person attached: not the pictures that belong to an HTML part, nor signatures of the whole mail."""
    for part in mail.walk():
        if part.is_multipart() or part.get_content_type() in _SIGNATURES:
            continue
        related = part.get("Content-ID") is not None and part.get_content_maintype() == "image"
        attached = part.get_content_disposition() == "attachment"
        if attached or (part.get_content_maintype() != "text" and not related):
            yield part.get_filename() or part.get_content_type()


def _words(mail: EmailMessage) -> tuple[str, str]:
    """All that a mail says, and what of it is its author's own.

    The plain part is what was written; but where the HTML part is marked, the marks are surer than any guess.
    """
    plain, html = (_part(mail, kind) for kind in ("plain", "html"))
    if len(html) > _MOST_HTML and not plain:
        raise Rejected("552 5.3.4", f"At most {_MOST_HTML} characters of HTML are read.")
    if 0 < len(html) <= _MOST_HTML:
        text, marked = hypertext.read(html)
        own = _own_words(_tidy(marked))
        if not plain or (marked != text and own):
            return _tidy(text), own
    return _tidy(plain), _own_words(_tidy(plain))


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return _decoded(part) if part is not None and part.get_content_maintype() == "text" else ""


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\xa0", " ").replace("\ufeff", "").strip()


def _decoded(part: MIMEPart) -> str:
    """A part's text by the charset it declares, or by one that fits: programs declare wrongly."""
    payload = part.get_payload(decode=True)
    octets = payload if isinstance(payload, bytes) else b""
    for charset in (part.get_content_charset() or "utf-8", "utf-8"):
        try:
            return octets.decode(charset)
        except (UnicodeDecodeError, LookupError):
            continue
    return octets.decode("cp1252", "replace")


def _own_words(text: str) -> str:
    """The newest words of a conversation, without signature and quotations.

    Only the head is searched for where they end: the search takes time with the square of what it is given.
    """
    text = _EMPTY_LINES.sub("\n\n", text)
    head = text[:_HEAD]
    replies = Written(text=head, languages=list(_LANGUAGES), keep_hyphen_lists=True).read().replies
    newest = replies[0].body if replies else ""
    if len(text) > _HEAD and newest.split() == head.split():
        newest = text
    lines = [each for each in newest.splitlines() if not each.startswith(">")]
    return "\n".join(lines).strip()
