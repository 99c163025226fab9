"""What all our mails have in common. Headers are set as values and never pasted, so nothing from the air becomes a header.

Loop defences (RFC 3834): the mails say that no person wrote them, ask for no automatic answer, and name us.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from email.errors import HeaderParseError, MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from omsmodem.mail.errors import Rejected
from omsmodem.message import MailNotice
from omsmodem.wording import Language


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who our mails are from, in which language, on which clock they tell the time, and where the pages are, if any."""

    sender: str
    sender_name: str
    language: Language = "en"
    zone: tzinfo = UTC
    pages: str = ""  # https://host:port

    @property
    def domain(self) -> str:
        """Where our Message-IDs are at home."""
        return self.sender.rpartition("@")[2]

    def moment(self, moment: datetime) -> str:
        """A moment for people."""
        return moment.astimezone(self.zone).strftime("%Y-%m-%d %H:%M %z")


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail and whom it goes to."""

    recipients: tuple[str, ...]
    message: EmailMessage


def message_id(head: Letterhead, notice: MailNotice) -> str:
    """The same on every attempt, so that a mail that arrives twice can be told to be one."""
    return f"<{notice.kind}-{notice.id}.{notice.token}@{head.domain}>"


def write(
    head: Letterhead,
    notice: MailNotice,
    recipients: Sequence[str],
    subject: str,
    text: str,
    *,
    date: datetime | None = None,
    headers: Mapping[str, str] | None = None,
    sender: Address | None = None,
) -> Mail:
    """The mail of a notice, from us or from `sender`. Raises Rejected when an address is none."""
    message = EmailMessage(SMTP)
    message.set_content(plain(text), charset="utf-8", cte="quoted-printable")  # first: it drops every Content- header
    try:
        message["From"] = sender or Address(one_line(head.sender_name), addr_spec=head.sender)
        message["To"] = [Address(addr_spec=recipient) for recipient in recipients]
    except (ValueError, HeaderParseError, MessageError, IndexError) as error:
        raise Rejected(f"{', '.join(recipients)!r} is no mail address that can be used: {error}") from error
    message["Subject"] = one_line(subject)
    message["Date"] = date if date is not None else notice.created_at.astimezone(head.zone)
    message["Message-ID"] = message_id(head, notice)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["X-Loop"] = head.sender
    for name, value in (headers or {}).items():
        message[name] = one_line(value)
    return Mail(tuple(recipients), message)


def one_line(text: str) -> str:
    """A text that can stand in a header: one line without control characters or halves of characters.

    `=?` would begin an encoded word (RFC 2047), which the email package decodes on the way in, line ends and all.
    """
    line = "".join(c if c.isprintable() else " " for c in text.replace("\ufeff", ""))
    return " ".join(_whole(line).replace("=?", "= ?").split())


def plain(text: str) -> str:
    """A text that can stand in a body: line ends alike, no control characters but the tab."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _whole("".join(c for c in lines if c in "\n\t" or (ord(c) >= 0x20 and not 0x7F <= ord(c) <= 0x9F)))


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
