"""trace: the life of one message, or the conversation with one number, on one screen."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from omsmodem import figures
from omsmodem.cli.inbox import said
from omsmodem.cli.objects import incoming_facts, message_facts, notice_facts, print_objects
from omsmodem.cli.options import config_option, json_option, number_of, opened, read_config
from omsmodem.cli.screen import STYLES, clock_time, table
from omsmodem.message import IncomingMessage, MailNotice, NoticeState, OutgoingMessage, Segment
from omsmodem.store import Store
from omsmodem.store.search import Criteria

_OUTGOING = re.compile(r"#?([0-9]{1,6}|[1-9][0-9]*)")
_INCOMING = re.compile(r"in([0-9]+)", re.IGNORECASE)
_SHORT = 60


@click.command()
@config_option
@click.argument("what", metavar="ID|NUMBER")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="For a NUMBER: so many.")
@json_option
def trace(config_path: Path, what: str, limit: int, as_json: bool) -> None:
    """Show the life of one message: who sent it from where, its segments, what the modem and the network said, the mails.

    ID is that of an outgoing message (17) or of an incoming one (in5). NUMBER (+447700900123, or 07700 900123) shows what was
    written to it and what it wrote, the newest last.
    """
    config = read_config(config_path)
    with opened(config) as store:
        incoming, outgoing = _INCOMING.fullmatch(what), _OUTGOING.fullmatch(what)
        if incoming is not None:
            _show_incoming(store, int(incoming[1]), as_json)
        elif outgoing is not None and (what.startswith("#") or len(what) <= 6):
            _show_outgoing(store, int(outgoing[1]), as_json)
        else:
            _show_conversation(store, number_of(what, config), limit, as_json)


# -- one outgoing message -----------------------------------------------------------------------------------------------


def _show_outgoing(store: Store, message_id: int, as_json: bool) -> None:
    message = store.history.message(message_id)
    if message is None:
        raise click.ClickException(f"there is no message {message_id}")
    if as_json:
        print_objects([_life(store, message)])
        return
    for line in _screen(store, message):
        click.echo(line)


def _life(store: Store, message: OutgoingMessage) -> dict[str, object]:
    """Everything known of a message."""
    submitted = store.history.submission(message.submission_id)
    return {
        **message_facts(message),
        "door": submitted.door,
        "client": submitted.client,
        "source": submitted.source,
        "source_type": submitted.source_type,
        "segments": [
            {
                "number": s.number,
                "total": s.total,
                "state": s.state,
                "reference": s.message_reference,
                "submitted_at": s.submitted_at.isoformat() if s.submitted_at is not None else None,
                "status": s.status,
                "reported_at": s.reported_at.isoformat() if s.reported_at is not None else None,
                "repeats": s.repeats,
            }
            for s in store.history.segments(message.id)
        ],
        "events": [
            {"at": event.at.isoformat(), "state": event.state, "detail": event.detail}
            for event in store.history.events(message.id)
        ],
        "mails": [notice_facts(notice) for notice in store.notices.of_message(message.id)],
        "replies": [incoming_facts(reply) for reply in _replies(store, message)],
    }


def _screen(store: Store, message: OutgoingMessage) -> Iterator[str]:
    submitted = store.history.submission(message.submission_id)
    origin = " ".join(filter(None, [submitted.client, submitted.source and f"from {submitted.source}"]))
    yield _head(f"MESSAGE {message.id}", message.state, f"to {message.recipient}")
    yield _field(
        "accepted",
        f"{clock_time(message.accepted_at)} for {message.account} by {submitted.door.replace('_', ' ')}, {origin}".rstrip(
            ", "
        ),
    )
    if message.not_before > message.accepted_at:
        yield _field("scheduled", clock_time(message.not_before))
    yield _field("expires", clock_time(message.expires_at))
    yield _field("modem", message.modem or "-")
    if message.repeats:
        yield _field("repeats", f"{message.repeats}: it may have arrived twice")
    if message.last_error:
        yield _field("reason", message.last_error)
    yield from _text(message.text)
    yield from _part("SEGMENTS", map(_segment, store.history.segments(message.id)), "not cut yet")
    yield from _part(
        "HISTORY", (f"{clock_time(e.at)}  {e.state:<11} {e.detail}" for e in store.history.events(message.id))
    )
    yield from _part("MAILS", map(_notice, store.notices.of_message(message.id)), "none")
    yield from _part("ANSWERS", (_reply(reply) for reply in _replies(store, message)), "none")


def _replies(store: Store, message: OutgoingMessage) -> list[IncomingMessage]:
    """What the number wrote since, oldest first."""
    found = store.inbox.messages(originator=message.recipient, limit=20)
    return [reply for reply in reversed(found) if reply.received_at >= message.accepted_at]


def _segment(segment: Segment) -> str:
    words = [f"{segment.number}/{segment.total}", f"{segment.state:<11}"]
    if segment.message_reference is not None:
        words.append(f"reference {segment.message_reference}")
    if segment.submitted_at is not None:
        words.append(f"taken {clock_time(segment.submitted_at)}")
    if segment.status is not None and segment.reported_at is not None:
        words.append(f"report 0x{segment.status:02X} {clock_time(segment.reported_at)}")
    if segment.repeats:
        words.append(f"sent again {segment.repeats} times")
    return "  ".join(words)


def _reply(message: IncomingMessage) -> str:
    return f"{clock_time(message.received_at)}  in{message.id}  {figures.short(said(message), _SHORT)}"


# -- one incoming message -----------------------------------------------------------------------------------------------


def _show_incoming(store: Store, incoming_id: int, as_json: bool) -> None:
    message = store.inbox.message(incoming_id)
    if message is None:
        raise click.ClickException(f"there is no incoming message {incoming_id}")
    mails = store.notices.of_incoming(incoming_id)
    if as_json:
        print_objects([{**incoming_facts(message), "mails": [notice_facts(notice) for notice in mails]}])
        return
    origin = message.originator if message.answerable else f'"{message.originator}", a name that cannot be answered'
    click.echo(_head(f"MESSAGE in{message.id}", message.kind, f"from {origin}"))
    click.echo(_field("sent", clock_time(message.sent_at) if message.sent_at is not None else "unknown"))
    click.echo(_field("received", f"{clock_time(message.received_at)} over {message.modem}"))
    click.echo(_field("for", message.account or "nobody's"))
    click.echo(_field("rule", message.rule))
    if message.detail:
        click.echo(_field("kind", message.detail))
    for line in (*_text(said(message)), *_part("MAILS", map(_notice, mails), "none")):
        click.echo(line)


def _notice(notice: MailNotice) -> str:
    when = clock_time(notice.sent_at or notice.created_at)
    tries = figures.plural(notice.attempts, "try", "tries")
    why = f": {notice.last_error}" if notice.last_error and notice.state is not NoticeState.SENT else ""
    return f"{when}  {notice.kind}  {notice.state}, {tries}{why}"


# -- one number -----------------------------------------------------------------------------------------------------------


def _show_conversation(store: Store, number: str, limit: int, as_json: bool) -> None:
    named = not any(character.isdigit() for character in number)  # a sender's name: nobody can write to it
    ours = () if named else store.search.messages(Criteria(number=number), limit=limit).messages
    theirs = store.inbox.messages(originator=number, limit=limit)
    facts = [(m.accepted_at, "to", m) for m in ours] + [(m.received_at, "from", m) for m in theirs]
    facts = sorted(facts, key=lambda fact: fact[0])[-limit:]
    if as_json:
        print_objects({"direction": direction, **_known(m)} for _, direction, m in facts)
        return
    table(("ID", "When", "", "Account", "State", "Text"), (_line(direction, m) for _, direction, m in facts))


def _known(message: OutgoingMessage | IncomingMessage) -> dict[str, object]:
    return message_facts(message) if isinstance(message, OutgoingMessage) else incoming_facts(message)


def _line(direction: str, message: OutgoingMessage | IncomingMessage) -> tuple[object, ...]:
    if isinstance(message, OutgoingMessage):
        text = figures.short(message.text, _SHORT)
        return (message.id, clock_time(message.accepted_at), direction, message.account, message.state, text)
    text = figures.short(said(message), _SHORT)
    return (f"in{message.id}", clock_time(message.received_at), direction, message.account or "-", "received", text)


# -- the screen -------------------------------------------------------------------------------------------------------------


def _head(title: str, state: str, rest: str) -> str:
    colour = STYLES.get(state, "").split()[-1:] or [""]
    shown = click.style(state, fg=colour[0] if colour[0] not in {"", "dim"} else None)
    return f"{click.style(title, bold=True)}  {shown}  {rest}"


def _field(name: str, value: str) -> str:
    return f"  {name:<10} {value}"


def _text(text: str) -> Iterator[str]:
    first, *rest = text.splitlines() or [""]
    yield _field("text", first)
    yield from (" " * 13 + line for line in rest)


def _part(title: str, lines: Iterable[str], otherwise: str = "") -> Iterator[str]:
    found = list(lines) or ([otherwise] if otherwise else [])
    yield click.style(title, bold=True)
    yield from (f"  {line}" for line in found)
