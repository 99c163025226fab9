"""An incoming text as a mail that Outlook takes for a text message, and that every other program can read.

Outlook and Exchange know it by `Content-class: MS-OMS-SMS` and answer to `X-MS-Reply-To-Mobile`; the body is the text and
nothing else, because they make the subject of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from omsmodem.mail.letter import Letterhead, Mail, one_line, write
from omsmodem.mail.words import say
from omsmodem.message import IncomingKind, IncomingMessage, MailNotice

_OCTETS_A_LINE = 20


@dataclass(frozen=True, slots=True)
class Spoken:
    """One earlier message of a conversation."""

    at: datetime
    who: str
    text: str


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
    headers = _outlook(message) if for_outlook else {}
    return write(head, notice, recipients, say(key, head.language, **facts), text, date=date, headers=headers)


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
