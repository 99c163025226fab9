"""The nouns every room shares, and the tables of the moves a message may make.

Standard library only. All datetimes are aware and in UTC. Values are frozen: a change is a copy.
"""

from omsmodem.message.incoming import (
    Answer,
    Arrival,
    Content,
    Correspondent,
    IncomingKind,
    IncomingMessage,
    IncomingSegment,
    Route,
    SegmentKey,
)
from omsmodem.message.notice import NEXT_NOTICE, MailNotice, NoticeKind, NoticeState, Outcome
from omsmodem.message.outgoing import Event, OutgoingMessage, Segment
from omsmodem.message.states import NEXT, NEXT_SEGMENT, WHY, WHY_SEGMENT, SegmentState, State
from omsmodem.message.submission import (
    AccountRequest,
    Door,
    Notice,
    Origin,
    Profile,
    Quota,
    Reason,
    Receipt,
    Refusal,
    Submission,
)

__all__ = [
    "NEXT",
    "NEXT_NOTICE",
    "NEXT_SEGMENT",
    "WHY",
    "WHY_SEGMENT",
    "AccountRequest",
    "Answer",
    "Arrival",
    "Content",
    "Correspondent",
    "Door",
    "Event",
    "IncomingKind",
    "IncomingMessage",
    "IncomingSegment",
    "MailNotice",
    "Notice",
    "NoticeKind",
    "NoticeState",
    "Origin",
    "Outcome",
    "OutgoingMessage",
    "Profile",
    "Quota",
    "Reason",
    "Receipt",
    "Refusal",
    "Route",
    "Segment",
    "SegmentKey",
    "SegmentState",
    "State",
    "Submission",
]
