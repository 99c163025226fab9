"""The mails that tell people what became of their messages."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from omsmodem.message.outgoing import OutgoingMessage
from omsmodem.message.states import State


class NoticeKind(StrEnum):
    """What a mail of ours tells."""

    REPLY = "reply"  # a text came in
    OUTCOME = "outcome"  # what became of a submission: not sent, in doubt, or (where asked for) delivered
    ALARM = "alarm"  # something the operator must know


class NoticeState(StrEnum):
    """Where one mail of ours stands."""

    GATHERING = "gathering"  # more outcomes of the same submission may join it
    WAITING = "waiting"  # to be handed to the mail server
    SENT = "sent"  # the mail server took it
    KEPT = "kept"  # cannot be sent: refused for good, too old, or nobody to send it to; a person may try again
    VOID = "void"  # nothing is left to tell, or nobody wants to be told


#: Allowed moves of a notice.
NEXT_NOTICE: dict[NoticeState, frozenset[NoticeState]] = {
    NoticeState.GATHERING: frozenset({NoticeState.WAITING, NoticeState.VOID}),
    NoticeState.WAITING: frozenset({NoticeState.SENT, NoticeState.KEPT, NoticeState.VOID}),
    NoticeState.SENT: frozenset(),
    NoticeState.KEPT: frozenset({NoticeState.WAITING}),
    NoticeState.VOID: frozenset(),
}


@dataclass(frozen=True, slots=True)
class MailNotice:
    """One mail that somebody is to get, and how far it came."""

    id: int
    kind: NoticeKind
    state: NoticeState
    account: str  # whose mailbox; empty: the default mailbox, for an alarm the operator's
    created_at: datetime
    due_at: datetime
    token: str  # makes the Message-ID its own and keeps it the same on every attempt
    submission_id: int | None = None
    incoming_id: int | None = None
    subject: str = ""  # of an alarm
    text: str = ""  # of an alarm
    attempts: int = 0
    last_error: str = ""
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a notice says of one message, as it stood when the notice was closed."""

    message: OutgoingMessage
    state: State
    detail: str = ""
