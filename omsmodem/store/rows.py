"""Rows of the database and the values they stand for."""

import sqlite3
from datetime import UTC, datetime, timedelta, timezone

from omsmodem.message import (
    Event,
    IncomingKind,
    IncomingMessage,
    MailNotice,
    NoticeKind,
    NoticeState,
    Origin,
    OutgoingMessage,
    Segment,
    SegmentState,
    State,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware datetime."""
    return (moment - _EPOCH) // _MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    """The aware UTC datetime of milliseconds since 1970."""
    return _EPOCH + milliseconds * _MILLISECOND


def _maybe(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else from_ms(milliseconds)


def message(row: sqlite3.Row) -> OutgoingMessage:
    """The message of a row of table `message`."""
    return OutgoingMessage(
        id=row["id"],
        submission_id=row["submission_id"],
        account=row["account"],
        recipient=row["recipient"],
        text=row["text"],
        state=State(row["state"]),
        accepted_at=from_ms(row["accepted_at"]),
        not_before=from_ms(row["not_before"]),
        expires_at=from_ms(row["expires_at"]),
        attempts=row["attempts"],
        retry_at=_maybe(row["retry_at"]),
        modem=row["modem"],
        last_error=row["last_error"],
        updated_at=from_ms(row["updated_at"]),
        repeats=row["repeats"],
        segments=row["segments"],
        held_by=row["held_by"],
        bound_to=row["bound_to"],
        doubt_until=_maybe(row["doubt_until"]),
    )


def segment(row: sqlite3.Row) -> Segment:
    """The segment of a row of table `segment`."""
    return Segment(
        message_id=row["message_id"],
        number=row["number"],
        total=row["total"],
        tpdu=row["tpdu"],
        state=SegmentState(row["state"]),
        message_reference=row["message_reference"],
        submitted_at=_maybe(row["submitted_at"]),
        status=row["status"],
        reported_at=_maybe(row["reported_at"]),
        repeats=row["repeats"],
    )


def event(row: sqlite3.Row) -> Event:
    """The event of a row of table `event`."""
    return Event(row["message_id"], from_ms(row["at"]), State(row["state"]), row["detail"])


def notice(row: sqlite3.Row) -> MailNotice:
    """The notice of a row of table `notice`."""
    return MailNotice(
        id=row["id"],
        kind=NoticeKind(row["kind"]),
        state=NoticeState(row["state"]),
        account=row["account"],
        created_at=from_ms(row["created_at"]),
        due_at=from_ms(row["due_at"]),
        token=row["token"],
        submission_id=row["submission_id"],
        incoming_id=row["incoming_id"],
        subject=row["subject"],
        text=row["text"],
        attempts=row["attempts"],
        last_error=row["last_error"],
        sent_at=_maybe(row["sent_at"]),
    )


def origin(row: sqlite3.Row) -> Origin:
    """The mail of a row of table `origin`."""
    return Origin(row["sender"], row["message_id"], tuple(row["thread"].split()), row["subject"], row["envelope_id"])


def zone_minutes(moment: datetime | None) -> int:
    """The offset from UTC of a moment's own zone."""
    offset = moment.utcoffset() if moment is not None else None
    return 0 if offset is None else offset // timedelta(minutes=1)


def incoming(row: sqlite3.Row) -> IncomingMessage:
    """The message of a row of table `incoming`."""
    sent_at = _maybe(row["sent_at"])
    zone = timezone(timedelta(minutes=row["zone_minutes"]))
    return IncomingMessage(
        id=row["id"],
        kind=IncomingKind(row["kind"]),
        modem=row["modem"],
        originator=row["originator"],
        answerable=bool(row["answerable"]),
        text=row["text"],
        octets=row["octets"],
        sent_at=sent_at.astimezone(zone) if sent_at is not None else None,
        received_at=from_ms(row["received_at"]),
        total=row["total"],
        missing=tuple(int(number) for number in row["missing"].split(",") if number),
        account=row["account"],
        rule=row["rule"],
        detail=row["detail"],
    )
