"""inbox · sent · optout: what came in, what went out, who wants no texts."""

from pathlib import Path

import click

from omsmodem import figures
from omsmodem.cli.groups import Group
from omsmodem.cli.objects import incoming_facts, message_facts, print_objects
from omsmodem.cli.options import config_option, json_option, limit_option, number_of, opened, read_config
from omsmodem.cli.screen import clock_time, table
from omsmodem.message import IncomingMessage, State
from omsmodem.store import Store
from omsmodem.store.search import Criteria

_GONE = frozenset({State.SUBMITTED, State.DELIVERED, State.UNDELIVERED, State.UNCERTAIN})
_SHORT = 60


@click.command()
@config_option
@click.option("--account", help="Only messages for this account.")
@click.option("--from", "sender", help="Only messages from this number or name.")
@click.option("--unreadable", is_flag=True, help="Octets from the network that could not be read, instead.")
@limit_option
@json_option
def inbox(
    config_path: Path, account: str | None, sender: str | None, unreadable: bool, limit: int, as_json: bool
) -> None:
    """List the messages that came in, newest first, with whom they went to and by which rule."""
    config = read_config(config_path)
    with opened(config) as store:
        if unreadable:
            _list_unreadable(store, as_json)
            return
        originator = number_of(sender, config) if sender is not None else None
        found = store.inbox.messages(originator=originator, account=account, limit=limit)
    if as_json:
        print_objects(map(incoming_facts, found))
        return
    table(("ID", "Received", "From", "For", "Text"), map(_row, found))


def _row(message: IncomingMessage) -> tuple[str, ...]:
    return (
        f"in{message.id}",
        clock_time(message.received_at),
        message.originator if message.answerable else f'"{message.originator}"',
        message.account or message.rule,
        figures.short(said(message), _SHORT),
    )


def said(message: IncomingMessage) -> str:
    """What a message says, or what it is when it says nothing."""
    words = message.text or f"({message.detail or 'empty'})"
    return f"{words} (parts {', '.join(map(str, message.missing))} are missing)" if message.missing else words


def _list_unreadable(store: Store, as_json: bool) -> None:
    found = store.inbox.undecodable()
    if as_json:
        facts = [
            {"received_at": at.isoformat(), "modem": modem, "why": why, "octets": octets.hex().upper()}
            for at, modem, why, octets in found
        ]
        print_objects(facts)
        return
    table(
        ("Received", "Modem", "Why", "Octets"),
        ((clock_time(at), modem, why, octets.hex().upper()) for at, modem, why, octets in found),
    )


@click.command()
@config_option
@click.option("--account", help="Only messages of this account.")
@click.option("--to", "number", default="", help="Only messages to this number, or to one that ends so.")
@limit_option
@json_option
def sent(config_path: Path, account: str | None, number: str, limit: int, as_json: bool) -> None:
    """List the messages that the network took, or may have taken, newest first."""
    with opened(read_config(config_path)) as store:
        found = store.search.messages(Criteria(account, number, "", _GONE), limit=limit).messages
    if as_json:
        print_objects(map(message_facts, found))
        return
    table(
        ("ID", "Accepted", "Account", "To", "State", "Text"),
        (
            (m.id, clock_time(m.accepted_at), m.account, m.recipient, m.state, figures.short(m.text, _SHORT))
            for m in found
        ),
    )


@click.group(cls=Group)
def optout() -> None:
    """Numbers that asked not to be texted: they answered STOP, or somebody wrote it down here."""


@optout.command("list")
@config_option
@json_option
def list_wishes(config_path: Path, as_json: bool) -> None:
    """List them."""
    with opened(read_config(config_path)) as store:
        found = store.opt_outs.all()
    if as_json:
        print_objects(
            {"number": w.number, "account": w.account, "since": w.since.isoformat(), "text": w.text} for w in found
        )
        return
    rows = ((w.number, w.account or "everybody", clock_time(w.since), figures.short(w.text, _SHORT)) for w in found)
    table(("Number", "Refuses", "Since", "Text"), rows)


_account_option = click.option("--account", default=None, help="Only of this account; without it of everybody.")


@optout.command("add")
@config_option
@click.argument("number")
@_account_option
def add_wish(config_path: Path, number: str, account: str | None) -> None:
    """Send no more texts to NUMBER."""
    config = read_config(config_path)
    wanted = number_of(number, config)
    with opened(config) as store:
        store.opt_outs.add(wanted, account or "")
    click.echo(f"no more texts to {wanted}" + (f" from {account}" if account else ""))


@optout.command("lift")
@config_option
@click.argument("number")
@_account_option
def lift_wish(config_path: Path, number: str, account: str | None) -> None:
    """Allow texts to NUMBER again."""
    config = read_config(config_path)
    wanted = number_of(number, config)
    with opened(config) as store:
        lifted = store.opt_outs.lift(wanted, account)
    if not lifted:
        raise click.ClickException(f"{wanted} has not opted out" + (f" of texts from {account}" if account else ""))
    click.echo(f"texts to {wanted} are allowed again")
