"""user add · list · show · set · password · requests · approve · reject · remove · throttle."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click

from omsmodem.accounts import KEYS, Account, AccountError, Accounts, facts, generate_password, shown, weakness
from omsmodem.accounts.account import changed
from omsmodem.cli.groups import Group
from omsmodem.cli.objects import print_objects
from omsmodem.cli.options import config_option, json_option, opened, person, read_config
from omsmodem.config import Config
from omsmodem.control import ServiceNotRunning, call
from omsmodem.store import Registrations


@click.group(cls=Group)
def user() -> None:
    """The accounts that may send: what people type into Outlook."""


def _accounts(config: Config) -> Accounts:
    return Accounts(config.storage.accounts)


def chosen_password(file: Path | None, name: str, config: Config | None = None) -> tuple[str, bool]:
    """The password to set, and whether it was made here and must be shown.

    One that a person chose is judged: a weak one is refused where the configuration says how long a password must be, and
    else warned of. Raises click.ClickException.
    """
    if file is None:
        return generate_password(), True
    try:
        password = file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"the password file cannot be read: {error}") from error
    least = config.auth.min_password_length if config is not None else None
    weak = weakness(password, name) if least is None else weakness(password, name, least)
    if weak and least is not None:
        raise click.ClickException(f"the password {weak} (auth.min_password_length is {least})")
    if weak:
        click.echo(f"Warning: the password {weak}. Without --password-file a good one is made.", err=True)
    return password, False


_password_file = click.option(
    "--password-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Read the password from this file's first line; without it one is made and shown once.",
)


@user.command("add")
@config_option
@click.argument("name")
@_password_file
@click.option("--reply-phone", default="", help="The number Outlook shows for this account.")
@click.option("--mail", default="", help="The mail address that replies and failures go to.")
@click.option("--operator", is_flag=True, help="May see everybody's messages and decide about them.")
def add(config_path: Path, name: str, password_file: Path | None, reply_phone: str, mail: str, operator: bool) -> None:
    """Add the account NAME."""
    config = read_config(config_path)
    password, show = chosen_password(password_file, name, config)
    account = Account(name=name, operator=operator)
    for key, typed in (("reply_phone", reply_phone), ("smtp_address", mail)):
        account = _try(partial(changed, account, key, typed))
    _try(lambda: _accounts(config).add(account, password))
    _note(config, "user add", name, "operator" if operator else "")
    click.echo(f"added {name}" + (f", password {password}" if show else ""))


@user.command("list")
@config_option
@json_option
def list_accounts(config_path: Path, as_json: bool) -> None:
    """List the accounts."""
    found = _try(_accounts(read_config(config_path)).all)
    if as_json:
        print_objects(map(facts, found))
        return
    for account in found:
        words = [account.name, "" if account.enabled else "off", "operator" if account.operator else ""]
        click.echo("  ".join(word for word in (*words, account.reply_phone, account.smtp_address) if word))


@user.command("show")
@config_option
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
def show(config_path: Path, name: str, as_json: bool) -> None:
    """Show every key of the account NAME, with what it is for."""
    account = _try(lambda: _accounts(read_config(config_path)).get(name))
    if account is None:
        raise click.ClickException(f"there is no account {name!r}")
    if as_json:
        print_objects([facts(account)])
        return
    wide = max(map(len, KEYS))
    click.echo(f"{'name':{wide}}  {account.name}")
    for key, about in KEYS.items():
        value = shown(getattr(account, key))
        click.echo(f"{key:{wide}}  {value or '-':20}  # {about.why}")


@user.command("set")
@config_option
@click.argument("name")
@click.argument("key", type=click.Choice(sorted(KEYS), case_sensitive=False), metavar="KEY")
@click.argument("value")
def set_key(config_path: Path, name: str, key: str, value: str) -> None:
    """Set KEY of the account NAME to VALUE; "" takes it back. `user show NAME` lists the keys."""
    config = read_config(config_path)
    account = _try(lambda: _accounts(config).set(name, key, value))
    now = shown(getattr(account, key)) or "not set"
    _note(config, "user set", account.name, f"{key} {now}" if now in {"on", "off", "not set"} else key)
    click.echo(f"{account.name}: {key} is {now}")


@user.command("password")
@config_option
@click.argument("name")
@_password_file
def password(config_path: Path, name: str, password_file: Path | None) -> None:
    """Give the account NAME a new password."""
    config = read_config(config_path)
    secret, made = chosen_password(password_file, name, config)
    _try(lambda: _accounts(config).set_password(name, secret))
    _note(config, "user password", name)
    click.echo(f"changed {name}" + (f", password {secret}" if made else ""))


@user.command("requests")
@config_option
def requests(config_path: Path) -> None:
    """List the people who asked for an account on the sign-up page."""
    with _requests(config_path) as registrations:
        for request in registrations.open():
            when = f"{request.asked_at:%Y-%m-%d %H:%M}" if request.asked_at else ""
            click.echo(f"{request.id}  {when}  {request.name}  {request.mail}  {request.phone}  from {request.source}")


@user.command("approve")
@config_option
@click.argument("request", type=int)
@click.argument("name")
def approve(config_path: Path, request: int, name: str) -> None:
    """Make the account NAME for REQUEST, a number of `user requests`; the password is shown once."""
    secret = generate_password()
    with _requests(config_path) as registrations:
        asked = next((each for each in registrations.open() if each.id == request), None)
        if asked is None:
            raise click.ClickException(f"there is no request {request}")
        account = Account(name, reply_phone=asked.phone, smtp_address=asked.mail)
        _try(lambda: _accounts(read_config(config_path)).add(account, secret))
        registrations.take(request)
    _note(read_config(config_path), "user add", name, f"asked for by {asked.name}")
    click.echo(f"added {name}, password {secret}; tell {asked.name} <{asked.mail}>")


@user.command("reject")
@config_option
@click.argument("request", type=int)
def reject(config_path: Path, request: int) -> None:
    """Forget REQUEST, a number of `user requests`."""
    with _requests(config_path) as registrations:
        asked = registrations.take(request)
    if asked is None:
        raise click.ClickException(f"there is no request {request}")
    click.echo(f"forgot the request of {asked.name}")


@contextmanager
def _requests(config_path: Path) -> Iterator[Registrations]:
    with opened(read_config(config_path)) as store:
        yield store.registrations


@user.command("remove")
@config_option
@click.argument("name")
def remove(config_path: Path, name: str) -> None:
    """Remove the account NAME and its tokens; its messages stay in the ledger."""
    config = read_config(config_path)
    _try(lambda: _accounts(config).remove(name))
    tokens = 0
    if config.storage.database.exists():  # or this would make one that belongs to whoever runs this
        with opened(config) as store:
            tokens = store.tokens.remove_all(name)
            store.audit.note(person(), "user remove", name)
    click.echo(f"removed {name}" + (f" and {tokens} of its tokens" if tokens else ""))


@user.command("throttle")
@config_option
@click.argument("what", type=click.Choice(["show", "clear"]), default="show")
def throttle(config_path: Path, what: str) -> None:
    """Show which addresses are paused after too many wrong passwords, or clear all pauses."""
    try:
        answer: Any = call(
            read_config(config_path).storage.control_socket, "throttle" if what == "show" else "throttle-clear"
        )
    except ServiceNotRunning as error:
        raise click.ClickException(f"{error} Nothing is paused.") from error
    for entry in answer["paused"]:
        who = f" for {entry['user']}" if entry["user"] else ""
        click.echo(f"{entry['source']}{who}  {entry['failures']} wrong passwords  {entry['seconds']} s to go")
    if not answer["paused"]:
        click.echo("nothing is paused")


def _note(config: Config, did: str, name: str, detail: str = "") -> None:
    """On record, with nobody's number or address; before the first start there is none yet."""
    if config.storage.database.exists():
        with opened(config) as store:
            store.audit.note(person(), did, name, detail)


def _try(change: Any) -> Any:
    """What `change` returns; its refusal ends the command."""
    try:
        return change()
    except AccountError as error:
        raise click.ClickException(str(error)) from error
