"""token add · list · remove: what scripts show in place of a password."""

from pathlib import Path

import click

from omsmodem.accounts import AccountError, Accounts
from omsmodem.cli.groups import Group
from omsmodem.cli.objects import print_objects
from omsmodem.cli.options import config_option, json_option, opened, person, read_config
from omsmodem.rest import SCOPES, issue


@click.group(cls=Group)
def token() -> None:
    """The tokens of the REST door (docs/rest.md)."""


@token.command("add")
@config_option
@click.argument("account")
@click.argument("label")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(SCOPES),
    multiple=True,
    default=("send", "read"),
    show_default=True,
    help="What it allows; may be given several times.",
)
def add(config_path: Path, account: str, label: str, scopes: tuple[str, ...]) -> None:
    """Make a token of ACCOUNT; LABEL says what it is for. It is shown once."""
    config = read_config(config_path)
    try:
        known = Accounts(config.storage.accounts).get(account)
    except AccountError as error:
        raise click.ClickException(str(error)) from error
    if known is None:
        raise click.ClickException(f"there is no account {account!r}")
    with opened(config) as store:
        made = issue(store.tokens, known.name, label, frozenset(scopes))
        store.audit.note(person(), "token add", known.name, f"{label}: {' '.join(scopes)}")
    click.echo(made)
    if not config.rest.enabled:
        click.echo("The door is closed; open it with rest.enabled: true.", err=True)


@token.command("list")
@config_option
@json_option
def list_tokens(config_path: Path, as_json: bool) -> None:
    """List the tokens; their secrets are kept nowhere."""
    with opened(read_config(config_path)) as store:
        found = store.tokens.all()
    if as_json:
        print_objects(
            {
                "id": one.id,
                "account": one.account,
                "scopes": sorted(one.scopes),
                "created_at": one.created_at.isoformat(),
                "label": one.label,
            }
            for one in found
        )
        return
    for one in found:
        click.echo(f"{one.id}  {one.account}  {','.join(sorted(one.scopes))}  {one.created_at:%Y-%m-%d}  {one.label}")


@token.command("remove")
@config_option
@click.argument("number", type=click.IntRange(1))
def remove(config_path: Path, number: int) -> None:
    """Remove the token NUMBER of `token list`; it opens nothing from now on."""
    with opened(read_config(config_path)) as store:
        removed = store.tokens.remove(number)
        if removed is not None:
            store.audit.note(person(), "token remove", removed.account, removed.label)
    if removed is None:
        raise click.ClickException(f"there is no token {number}")
    click.echo(f"removed token {number} of {removed.account}")
