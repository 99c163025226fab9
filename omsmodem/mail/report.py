"""Delivery status notifications (RFC 3464) for those who wrote by mail: their program shows them beside the mail they are about."""

import re
from collections.abc import Sequence
from email.message import EmailMessage, Message
from email.policy import SMTP
from email.utils import format_datetime

from omsmodem.mail.letter import Mail, one_line
from omsmodem.mail.outcome import Told
from omsmodem.mail.reasons import Remedy, remedy
from omsmodem.message import Origin, State

#: Action and status of each outcome that is told (RFC 3464 §2.3.3, RFC 3463).
_STATUS: dict[State, tuple[str, str]] = {
    State.FAILED: ("failed", "5.0.0"),
    State.EXPIRED: ("failed", "4.4.7"),
    State.UNDELIVERED: ("failed", "5.4.1"),
    State.UNCERTAIN: ("delayed", "4.4.0"),
    State.QUEUED: ("delayed", "4.4.0"),
    State.SUBMITTED: ("relayed", "2.0.0"),
    State.DELIVERED: ("delivered", "2.1.5"),
}
#: Refusals that RFC 3463 tells apart.
_REFUSED = {Remedy.CHECK_NUMBER: "5.1.1", Remedy.RESPECT: "5.7.1", Remedy.BARRED: "5.7.1", Remedy.PLAINER: "5.6.3"}
_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_OF_FORM = ("content-type", "content-transfer-encoding", "mime-version")


def as_report(mail: Mail, origin: Origin, told: Sequence[Told], domain: str) -> Mail:
    """The same mail as a report of three parts: for people, for programs, and which mail it is about.

    `domain` is where people write to numbers.
    """
    message = EmailMessage(SMTP)
    for name, value in mail.message.items():
        if name.lower() not in _OF_FORM:
            message[name] = value
    thread = dict.fromkeys([*origin.references, origin.message_id] if origin.message_id else [])
    if thread:
        del message["In-Reply-To"], message["References"]
        message["In-Reply-To"] = origin.message_id
        message["References"] = " ".join(thread)
    message["MIME-Version"] = "1.0"
    message.add_header("Content-Type", "multipart/report", **{"report-type": "delivery-status"})
    words = EmailMessage(SMTP)
    words.set_content(mail.message.get_content(), charset="utf-8", cte="quoted-printable")
    for part in (words, _status(told, origin, domain), _headers(origin)):
        message.attach(part)
    return Mail(mail.recipients, message)


def _status(told: Sequence[Told], origin: Origin, domain: str) -> EmailMessage:
    accepted = min(one.outcome.message.accepted_at for one in told)
    known = {"Original-Envelope-Id": _XTEXT.sub(_character, origin.envelope_id)} if origin.envelope_id else {}
    mail = {**known, "Reporting-MTA": f"dns; {domain}", "Arrival-Date": format_datetime(accepted)}
    blocks: list[Message | str] = [_block(mail)]
    for one in told:
        outcome = one.outcome
        action, status = _STATUS[outcome.state]
        if outcome.state is State.FAILED:
            status = _REFUSED.get(remedy(outcome, one.status), status)
        why = {"Diagnostic-Code": f"x-sms; {one_line(outcome.detail)[:300]}"} if outcome.detail else {}
        to = f"rfc822; {outcome.message.recipient}@{domain}"  # a type of our own would be shown by no program
        blocks.append(_block({"Final-Recipient": to, "Action": action, "Status": status, **why}))
    part = EmailMessage(SMTP)
    part["Content-Type"] = "message/delivery-status"
    part.set_payload(blocks)
    return part


def _character(xtext: re.Match[str]) -> str:
    """A character as RFC 3461 §4 hides it; one that cannot stand in a header stays hidden."""
    found = chr(int(xtext[1], 16))
    return found if " " <= found <= "~" else xtext[0]


def _block(fields: dict[str, str]) -> Message:
    block = Message()
    for name, value in fields.items():
        block[name] = value.encode("ascii", "replace").decode()
    return block


def _headers(origin: Origin) -> EmailMessage:
    given = {"Message-ID": origin.message_id, "From": origin.sender, "Subject": one_line(origin.subject)}
    part = EmailMessage(SMTP)
    text = "".join(f"{name}: {value}\n" for name, value in given.items() if value)
    part.set_content(text, subtype="rfc822-headers", charset="utf-8", cte="quoted-printable")
    return part
