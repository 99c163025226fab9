"""Messages and mails as the JSON objects that scripts read, one a line."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

import click

from omsmodem.message import IncomingKind, IncomingMessage, MailNotice, OutgoingMessage


def print_objects(objects: Iterable[Mapping[str, object]]) -> None:
    """One line each."""
    for each in objects:
        click.echo(json.dumps(each, ensure_ascii=False))


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def message_facts(message: OutgoingMessage) -> dict[str, object]:
    """A message that went out, or is to."""
    return {
        "id": message.id,
        "submission": message.submission_id,
        "account": message.account,
        "to": message.recipient,
        "text": message.text,
        "state": message.state,
        "accepted_at": _iso(message.accepted_at),
        "not_before": _iso(message.not_before),
        "expires_at": _iso(message.expires_at),
        "updated_at": _iso(message.updated_at),
        "retry_at": _iso(message.retry_at),
        "attempts": message.attempts,
        "repeats": message.repeats,
        "modem": message.modem,
        "held_by": message.held_by,
        "doubt_until": _iso(message.doubt_until),
        "last_error": message.last_error,
    }


def incoming_facts(message: IncomingMessage) -> dict[str, object]:
    """A message that came in."""
    return {
        "id": message.id,
        "kind": message.kind,
        "from": message.originator,
        "answerable": message.answerable,
        "text": message.text,
        "octets": message.octets.hex().upper() if message.kind is IncomingKind.DATA else "",
        "sent_at": _iso(message.sent_at),
        "received_at": _iso(message.received_at),
        "segments": message.total,
        "missing": list(message.missing),
        "modem": message.modem,
        "account": message.account,
        "rule": message.rule,
        "detail": message.detail,
    }


def notice_facts(notice: MailNotice) -> dict[str, object]:
    """A mail that tells somebody."""
    return {
        "id": notice.id,
        "kind": notice.kind,
        "state": notice.state,
        "account": notice.account,
        "created_at": _iso(notice.created_at),
        "due_at": _iso(notice.due_at),
        "sent_at": _iso(notice.sent_at),
        "attempts": notice.attempts,
        "last_error": notice.last_error,
        "submission": notice.submission_id,
        "incoming": notice.incoming_id,
        "subject": notice.subject,
    }
