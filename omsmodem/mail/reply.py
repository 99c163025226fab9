"""An incoming text as a mail that Outlook takes for a text message, and that every other program can read.

Outlook and Exchange know it by `Content-class: MS-OMS-SMS` and answer to `X-MS-Reply-To-Mobile`; the body is the text and
nothing else, because they make the subject of it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address

from omsmodem.mail.letter import Letterhead, Mail, one_line, write
from omsmodem.mail.words import say
from omsmodem.message import IncomingKind, IncomingMessage, MailNotice, Origin

_OCTETS_A_LINE = 20
_RE = re.compile(r"\s*(re|aw)\s*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Spoken:
    """One earlier message of a conversation."""

    at: datetime
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Thread:
    """The conversation by mail that a reply belongs to: it comes from the number's own address at `domain`."""

    domain: str
    origin: Origin | None = None

    def sender(self, message: IncomingMessage, name: str) -> Address | None:
        """The address that stands for whoever sent the text; None for a name, which cannot be answered."""
        if not self.domain or not message.answerable:
            return None
        return Address(_who(message, name), message.originator, self.domain)

    def headers(self) -> dict[str, str]:
        """What makes programs show a reply below the mail it answers (RFC 5322 §3.6.4)."""
        if not self.domain or self.origin is None or not self.origin.message_id:
            return {}
        references = dict.fromkeys([*self.origin.references, self.origin.message_id])
        return {"In-Reply-To": self.origin.message_id, "References": " ".join(references)}

    def subject(self, otherwise: str) -> str:
        """The thread's subject: programs that do not read References go by it."""
        if not self.domain or self.origin is None or not self.origin.subject:
            return otherwise
        subject = self.origin.subject
        return subject if _RE.match(subject) else f"Re: {subject}"


def compose(
    head: Letterhead,
    notice: MailNotice,
    message: IncomingMessage,
    recipients: Sequence[str],
    *,
    name: str = "",
    for_outlook: bool = True,
    completed: bool = False,
    earlier: Sequence[Spoken] = (),
    thread: Thread | None = None,
) -> Mail:
    """The mail of an incoming message. `name` is what its account calls the number. Raises Rejected."""
    who = _who(message, name)
    facts = {"who": who, "detail": message.detail, "modem": message.modem}
    date = message.sent_at or message.received_at.astimezone(head.zone)
    if message.kind is IncomingKind.WAITING:
        subject, text = (say(key, head.language, **facts) for key in ("waiting", "waiting_body"))
        return write(head, notice, recipients, subject, "\n\n".join(filter(None, (text, message.text))), date=date)
    if message.kind is IncomingKind.DATA and not message.text:
        facts["octets"] = _hex(message.octets)
        subject, text = (say(key, head.language, **facts) for key in ("data", "data_body"))
        return write(head, notice, recipients, subject, text, date=date)
    key = "reply_completed" if completed else "reply_incomplete" if message.missing else "reply"
    text = message.text + _quoted(head, earlier)
    thread = thread or Thread("")
    headers = (_outlook(message) if for_outlook else {}) | thread.headers()
    subject = say(key, head.language, **facts)
    if not message.missing and not completed:
        subject = thread.subject(subject)
    sender = thread.sender(message, name)
    return write(head, notice, recipients, subject, text, date=date, headers=headers, sender=sender)


def _outlook(message: IncomingMessage) -> dict[str, str]:
    """A name cannot be answered, so it is not given as a number."""
    number = {"X-MS-Reply-To-Mobile": message.originator} if message.answerable else {}
    return {"Content-class": "MS-OMS-SMS", **number}


def _who(message: IncomingMessage, name: str) -> str:
    originator = one_line(message.originator)
    if not message.answerable:
        return f'"{originator}"'
    return f"{one_line(name)} ({originator})" if name else originator


def _hex(octets: bytes) -> str:
    lines = (octets[at : at + _OCTETS_A_LINE] for at in range(0, len(octets), _OCTETS_A_LINE))
    return "\n".join(line.hex(" ").upper() for line in lines) or "-"


def _quoted(head: Letterhead, earlier: Sequence[Spoken]) -> str:
    if not earlier:
        return ""
    lines = [f"> {head.moment(spoken.at)} {spoken.who}: {' '.join(spoken.text.split())}" for spoken in earlier]
    return "\n\n" + "\n".join([say("earlier", head.language), *lines])
