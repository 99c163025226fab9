"""JSON in and out: what a request holds, held to its shape, and what is told of messages."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from omsmodem.facts import Condition, plain, worst
from omsmodem.message import IncomingMessage, OutgoingMessage, State
from omsmodem.rest.problems import Problem

_MEMBERS = {"to", "text", "not_before"}
_WHOLE = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Post:
    """What a script asks to send."""

    to: tuple[str, ...]
    text: str
    not_before: datetime | None = None


def read_post(body: bytes) -> Post:
    """The request of a body. Raises Problem with every mistake in it."""
    try:
        given = json.loads(body.decode())
        json.dumps(given, ensure_ascii=False).encode()  # halves of characters cannot be kept
    except (ValueError, RecursionError) as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "not_json", "The body is no JSON document.") from error
    if not isinstance(given, dict):
        raise _wrong({"": "must be an object"})
    mistakes: dict[str, str] = {f"/{name}": "is not known" for name in given if name not in _MEMBERS}
    to = given.get("to")
    listed = [to] if isinstance(to, str) else to
    if not isinstance(listed, list) or not listed or not all(isinstance(one, str) for one in listed):
        mistakes["/to"] = "must be a number, or a list of them, as text"
        listed = []
    text = given.get("text")
    if not isinstance(text, str):
        mistakes["/text"] = "must be text"
    moment = given.get("not_before")
    not_before = _moment(moment)
    if moment is not None and not_before is None:
        mistakes["/not_before"] = "must be a moment with its offset, e.g. 2027-03-01T07:30:00+01:00"
    if mistakes:
        raise _wrong(mistakes)
    return Post(tuple(listed), str(text), not_before)


def _moment(given: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(given) if isinstance(given, str) and "T" in given.upper() else None
        return moment.astimezone(UTC) if moment is not None and moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _wrong(mistakes: Mapping[str, str]) -> Problem:
    errors = [{"pointer": f"#{pointer}", "detail": what} for pointer, what in mistakes.items()]
    return Problem(HTTPStatus(422), "wrong_shape", "The body does not have the right shape.", errors=errors)


def whole(query: Mapping[str, str], name: str, default: int | None, most: int | None = None) -> int | None:
    """A parameter that is a whole number: from 1 to `most`, or from 0 where it has no upper end. Raises Problem."""
    if name not in query:
        return default
    value = int(query[name]) if _WHOLE.fullmatch(query[name]) else -1
    least = 0 if most is None else 1
    if value < least or (most is not None and value > most):
        span = f"{least} to {most}" if most is not None else f"{least} or more"
        raise Problem(HTTPStatus.BAD_REQUEST, "bad_query", f"{name} must be a whole number, {span}.")
    return value


def states(query: Mapping[str, str]) -> frozenset[State]:
    """The states of parameter `state`, separated by commas. Raises Problem."""
    if "state" not in query:
        return frozenset()
    try:
        return frozenset(State(name) for name in query["state"].split(","))
    except ValueError as error:
        known = ", ".join(State)
        raise Problem(HTTPStatus.BAD_REQUEST, "bad_query", f"state must be some of {known}.") from error


def outgoing(message: OutgoingMessage) -> dict[str, Any]:
    """What a script may know of a message it sent."""
    return {
        "id": message.id,
        "submission": message.submission_id,
        "to": message.recipient,
        "text": message.text,
        "state": message.state,
        "segments": message.segments,
        "attempts": message.attempts,
        "last_error": message.last_error,
        "may_have_arrived_twice": message.repeats > 0,
        "accepted_at": message.accepted_at.isoformat(),
        "not_before": message.not_before.isoformat(),
        "expires_at": message.expires_at.isoformat(),
        "updated_at": (message.updated_at or message.accepted_at).isoformat(),
    }


def incoming(position: int, message: IncomingMessage) -> dict[str, Any]:
    """What a script may know of a message that came in."""
    return {
        "position": position,
        "id": message.id,
        "kind": message.kind,
        "from": message.originator,
        "answerable": message.answerable,
        "text": message.text,
        "octets": message.octets.hex(),
        "missing": list(message.missing),
        "modem": message.modem,
        "account": message.account,
        "sent_at": message.sent_at.isoformat() if message.sent_at is not None else None,
        "received_at": message.received_at.isoformat(),
    }


def condition(found: Condition) -> dict[str, Any]:
    """How the service is, for a monitoring program."""
    facts, queue = found.facts, found.facts.queue
    return {
        "level": plain(worst(found.findings)),
        "version": facts.version,
        "findings": [plain(finding) for finding in found.findings],
        "modems": [
            {name: plain(getattr(modem, name)) for name in ("name", "state", "detail", "operator", "signal_dbm")}
            for modem in facts.modems
        ],
        "queue": {name: getattr(queue, name) for name in ("waiting", "scheduled", "retrying", "sending", "uncertain")},
    }
