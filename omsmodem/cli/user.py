"""user add · list · password · remove."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from omsmodem.accounts import Account, AccountError, Accounts, generate_password
from omsmodem.app import utc_now
from omsmodem.cli.options import config_option, read_config
from omsmodem.store import Registrations, open_store


@click.group()
def user() -> None:
    """The accounts that may send: what people type into Outlook."""


def _accounts(config_path: Path) -> Accounts:
    return Accounts(read_config(config_path).storage.accounts)


def _password(file: Path | None) -> tuple[str, bool]:
    """The password to set, and whether it was made here and must be shown."""
    if file is None:
        return generate_password(), True
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n"), False
    except OSError as error:
        raise click.ClickException(f"the password file cannot be read: {error}") from error


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
def add(config_path: Path, name: str, password_file: Path | None, reply_phone: str, mail: str) -> None:
    """Add the account NAME."""
    password, show = _password(password_file)
    try:
        _accounts(config_path).add(Account(name=name, reply_phone=reply_phone, smtp_address=mail), password)
    except AccountError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"added {name}" + (f", password {password}" if show else ""))


@user.command("list")
@config_option
def list_accounts(config_path: Path) -> None:
    """List the accounts."""
    for account in _accounts(config_path).all():
        facts = [account.name, "" if account.enabled else "off", account.reply_phone, account.smtp_address]
        click.echo("  ".join(fact for fact in facts if fact))


@user.command("password")
@config_option
@click.argument("name")
@_password_file
def password(config_path: Path, name: str, password_file: Path | None) -> None:
    """Give the account NAME a new password."""
    secret, show = _password(password_file)
    try:
        _accounts(config_path).set_password(name, secret)
    except AccountError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"changed {name}" + (f", password {secret}" if show else ""))


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
        try:
            _accounts(config_path).add(Account(name, reply_phone=asked.phone, smtp_address=asked.mail), secret)
        except AccountError as error:
            raise click.ClickException(str(error)) from error
        registrations.take(request)
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
    store = open_store(read_config(config_path).storage.database, utc_now)
    try:
        yield store.registrations
    finally:
        store.close()


@user.command("remove")
@config_option
@click.argument("name")
def remove(config_path: Path, name: str) -> None:
    """Remove the account NAME; its messages stay in the ledger."""
    try:
        _accounts(config_path).remove(name)
    except AccountError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"removed {name}")
