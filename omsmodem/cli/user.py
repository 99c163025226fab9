"""user add · list · password · remove."""

from pathlib import Path

import click

from omsmodem.accounts import Account, AccountError, Accounts, generate_password
from omsmodem.cli.options import config_option, read_config


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
