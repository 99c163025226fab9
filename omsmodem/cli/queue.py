"""queue list · hold · release · cancel · retry · resend · sent · give-up: what a person decides about messages."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import click

from omsmodem import figures
from omsmodem.cli.groups import Group
from omsmodem.cli.messages import nudge
from omsmodem.cli.objects import message_facts, print_objects
from omsmodem.cli.options import config_option, json_option, limit_option, opened, person, read_config
from omsmodem.cli.screen import table
from omsmodem.message import OutgoingMessage, State
from omsmodem.periods import utc_now
from omsmodem.store import Store
from omsmodem.store.errors import IllegalMove
from omsmodem.store.search import Criteria

#: What is not settled yet.
_OPEN = (State.QUEUED, State.SUBMITTING, State.UNCERTAIN)


@click.group(cls=Group)
def queue() -> None:
    """The messages that are not settled yet, and what a person decides about them."""


@queue.command("list")
@config_option
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([*(state.value for state in State), "all"]),
    help="Only these; repeatable.",
)
@click.option("--account", help="Only messages of this account.")
@click.option("--to", "number", default="", help="Only messages to this number, or to one that ends so.")
@click.option("--text", default="", help="Only messages with this in their text.")
@limit_option
@json_option
def list_messages(
    config_path: Path, states: tuple[str, ...], account: str | None, number: str, text: str, limit: int, as_json: bool
) -> None:
    """List the messages that are not settled, newest first.

    With --state those in the given states.
    """
    chosen = frozenset() if "all" in states else frozenset(map(State, states)) or frozenset(_OPEN)
    criteria = Criteria(account, number, text, chosen)
    with opened(read_config(config_path)) as store:
        found = list(_search(store, criteria, limit))
    if as_json:
        print_objects(map(message_facts, found))
        return
    table(("Message", "Accepted", "Account", "To", "State", "Text"), map(_row, found))


def _search(store: Store, criteria: Criteria, limit: int) -> Iterator[OutgoingMessage]:
    """The newest messages that fit, page after page, until `limit` are found or the history ends."""
    before: int | None = None
    while limit > 0:
        page = store.search.messages(criteria, before=before, limit=limit)
        yield from page.messages
        limit -= len(page.messages)
        before = page.older
        if before is None:
            return


def _row(message: OutgoingMessage) -> tuple[object, ...]:
    return (
        message.id,
        message.accepted_at.astimezone().strftime("%d %b %H:%M"),
        message.account,
        message.recipient,
        "held" if message.held_by is not None else message.state,
        "\n".join(line for line in (figures.short(message.text, 60), _why(message)) if line),
    )


def _why(message: OutgoingMessage) -> str:
    if message.held_by is not None:
        return f"held by {message.held_by}"
    words = message.last_error or ""
    if message.state is State.UNCERTAIN:
        return f"{words}: a person decides, by queue resend, sent or give-up" if message.doubt_until is None else words
    if message.retry_at is not None and message.state is State.QUEUED:
        return f"{words}; again at {message.retry_at.astimezone():%H:%M:%S}"
    return words


_QUEUED, _DOUBTFUL = frozenset({State.QUEUED}), frozenset({State.UNCERTAIN})
#: name → (which messages `--all` looks through, its sentence)
_ACTS: dict[str, tuple[frozenset[State], str]] = {
    "hold": (_QUEUED, "Keep queued messages from the modems."),
    "release": (_QUEUED, "Give held messages back to the queue."),
    "cancel": (_QUEUED, "Stop queued messages for good."),
    "retry": (
        frozenset({State.FAILED, State.EXPIRED, State.UNDELIVERED}),
        "Try messages again that failed or wait.",
    ),
    "resend": (_DOUBTFUL, "Send uncertain messages again; they may arrive twice."),
    "sent": (_DOUBTFUL, "Say of uncertain messages that they did arrive."),
    "give-up": (_DOUBTFUL, "Leave uncertain messages as they are."),
}


def _add(name: str, everything: frozenset[State], sentence: str) -> None:
    @queue.command(name, help=sentence)
    @config_option
    @click.argument("ids", nargs=-1, type=int, metavar="[MESSAGE]…")
    @click.option("--all", "all_", is_flag=True, help="Every message that this can be done with.")
    @click.option("--by", default=person, help="Who decides, for the record; by default you.")
    def command(config_path: Path, ids: tuple[int, ...], all_: bool, by: str) -> None:
        if bool(ids) == all_:
            raise click.UsageError("Name messages by their numbers, or say --all.")
        config = read_config(config_path)
        expires = utc_now() + timedelta(hours=config.sending.validity_hours)
        with opened(config) as store:
            chosen = ids or _all(store, name, Criteria(states=everything))
            refused = sum(not _done(partial(store.desk.act, name, each, by, expires), each) for each in chosen)
        nudge(config)
        if refused:
            raise SystemExit(1)


def _done(act: Callable[[], None], message_id: int) -> bool:
    try:
        act()
    except IllegalMove as error:
        click.echo(str(error), err=True)
        return False
    click.echo(message_id)
    return True


def _all(store: Store, name: str, criteria: Criteria) -> list[int]:
    """The messages that an act can be done with, oldest first."""
    found = [message for message in _search(store, criteria, 1_000_000) if _fits(name, message)]
    return sorted(message.id for message in found)


def _fits(name: str, message: OutgoingMessage) -> bool:
    held = message.held_by is not None
    return {"hold": not held, "release": held}.get(name, True)


for _name, (_everything, _sentence) in _ACTS.items():
    _add(_name, _everything, _sentence)
