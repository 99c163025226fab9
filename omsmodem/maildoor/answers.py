"""What SMTP says of a refusal: its code (RFC 5321), its status (RFC 3463), and the gate's own sentence."""

from collections.abc import Mapping, Sequence

from omsmodem.message import Reason, Refusal
from omsmodem.wording import whole

#: 4xx: a mail server keeps the mail and tries again; 5xx: it tells the sender.
_CODES: Mapping[Reason, str] = {
    Reason.INVALID_USER: "535 5.7.8",
    Reason.UNKNOWN_ACCOUNT: "553 5.7.1",
    Reason.ACCOUNT_DISABLED: "550 5.7.1",
    Reason.NOT_REGISTERED: "550 5.7.1",
    Reason.INVALID_RECIPIENT: "550 5.1.1",
    Reason.NO_COUNTRY: "550 5.1.3",
    Reason.TOO_MANY_RECIPIENTS: "452 4.5.3",
    Reason.TOO_MANY_TEXTS: "552 5.3.4",
    Reason.TEXT_TOO_LONG: "552 5.3.4",
    Reason.EMPTY_TEXT: "550 5.6.0",
    Reason.INVALID_CHARACTER: "550 5.6.0",
    Reason.QUOTA_MINUTE: "452 4.7.0",
    Reason.QUOTA_DAY: "552 5.2.2",
    Reason.QUOTA_MONTH: "552 5.2.2",
    Reason.BUSY: "451 4.3.2",
    Reason.UNAVAILABLE: "451 4.3.0",
    Reason.NO_NETWORK: "451 4.4.1",
    Reason.FAULT: "451 4.3.0",
}


class Rejected(Exception):
    """A mail, sender or recipient that is not taken; `reply` is SMTP's line."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reply = line(code, sentence)


def line(code: str, sentence: str) -> str:
    """One reply line: printable ASCII, within SMTP's length."""
    plain = "".join(c if " " <= c <= "~" else "?" for c in sentence)
    return f"{code} {' '.join(plain.split())}"[:480]


def rejection(refusals: Sequence[Refusal]) -> Rejected:
    """The answer to a mail that the gate refused: the first reason, and whom it concerns."""
    first = refusals[0]
    sentence = whole(first)
    who = ", ".join(one.recipient for one in refusals if one.recipient is not None and one.reason is first.reason)
    return Rejected(_CODES.get(first.reason, "550 5.7.1"), f"{who}: {sentence}" if who else sentence)
