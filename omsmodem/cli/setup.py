"""setup: from a box and a stick to a configuration, certificates and a first account."""

import contextlib
import locale
import re
from pathlib import Path

import click

from omsmodem import certificates
from omsmodem.accounts import Account, AccountError, Accounts
from omsmodem.cli.cert import write_served_kit
from omsmodem.cli.options import read_config
from omsmodem.cli.user import chosen_password
from omsmodem.config import ServiceValues, render

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9a-fA-F:.]+")


@click.command()
@click.option("--directory", type=click.Path(path_type=Path, file_okay=False), help="Where everything is kept.")
@click.option("--host", help="The name people type into Outlook; it goes into the certificate.")
@click.option("--port", type=click.IntRange(1, 65535), help="The HTTPS port.")
@click.option("--modem", help="The modem's port, e.g. /dev/serial/by-id/…-if02-port0, or socket://HOST:PORT.")
@click.option("--account", help="The first account's user name.")
@click.option("--password-file", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="Its password.")
@click.option("--country", help="Your country (ISO code, e.g. GB): numbers without + are read as numbers there.")
@click.option(
    "--state-directory", type=click.Path(path_type=Path, file_okay=False), help="Keep queue and accounts elsewhere."
)
@click.option("--runtime-directory", type=click.Path(path_type=Path, file_okay=False), help="And the control socket.")
@click.option("--yes", is_flag=True, help="Ask nothing; take the defaults for what is not given.")
def setup(
    directory: Path | None,
    host: str | None,
    port: int | None,
    modem: str | None,
    account: str | None,
    password_file: Path | None,
    country: str | None,
    state_directory: Path | None,
    runtime_directory: Path | None,
    yes: bool,
) -> None:
    """Write the configuration, make the certificates and the first account, and say what to type into Outlook."""
    home = directory or Path(_ask("Directory", "omsmodem-data", yes))
    if (home / "config.yaml").exists():
        raise click.ClickException(f"{home / 'config.yaml'} exists: this service is set up. Nothing was changed.")
    name = host or _ask("Host name people will type into Outlook", "localhost", yes)
    if _HOST.fullmatch(name) is None:
        raise click.ClickException(f"{name!r} is no host name")
    values = ServiceValues(
        host=name,
        port=port or int(_ask("HTTPS port", "8443", yes)),
        modem=modem if modem is not None else _ask("Modem port", "/dev/ttyUSB0", yes),
        country=(country or _guess_country() or _ask("Country (two letters, empty for none)", "", yes)).upper() or None,
        state=state_directory.absolute() if state_directory is not None else None,
        runtime=runtime_directory.absolute() if runtime_directory is not None else None,
    )
    user = account or _ask("First account", "office", yes)
    password, made = chosen_password(password_file, user)
    uri = provision(home, values, user, password)
    _say(home, uri, user, password if made else None, values.country)


def _say(home: Path, uri: str, user: str, password: str | None, country: str | None) -> None:
    """What to do next; a password that was made here is shown this once."""
    click.echo(f"Set up in {home}. Start it with:\n")
    click.echo(f"  omsmodem serve --config {home / 'config.yaml'}\n")
    click.echo("On every PC, import the certificate as a trusted root (as administrator):\n")
    click.echo(f"  certutil -addstore -f Root ca.cer        ({home / 'tls' / 'ca.cer'})\n")
    click.echo("Outlook 2007/2010: Account Settings, New, Other, Text Messaging (SMS):\n")
    click.echo(f"  service provider URL  {uri}\n  user name             {user}")
    click.echo(f"  password              {password or '(the one you gave)'}\n")
    click.echo("SharePoint 2010 to 2019:\n")
    click.echo(
        f"  Set-SPMobileMessagingAccount -Identity sms -WebApplication http://… -ServiceName omsmodem"
        f" -ServiceUrl {uri} -UserId {user} -Password …\n"
    )
    if country is None:
        click.echo("No country is set: numbers must be written with + and the country code.")
    else:
        click.echo(
            f"Texts go to numbers in {country} only; numbers.countries_allowed in the configuration adds others."
        )


def _ask(question: str, default: str, yes: bool) -> str:
    return default if yes else str(click.prompt(question, default=default, show_default=bool(default)))


def _guess_country() -> str | None:
    """The country of the system's locale, if it names one; en_US is also what machines have that were told nothing."""
    with contextlib.suppress(ValueError, locale.Error):
        match = re.fullmatch(r"[a-z]{2,3}_([A-Z]{2})", locale.getlocale()[0] or "")
        return match[1] if match and match[0] != "en_US" else None
    return None


def provision(home: Path, values: ServiceValues, user: str, password: str) -> str:
    """Make everything a new service needs under `home`; returns the URL for Outlook. Raises click.ClickException."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        certificates.create(home / "tls", [values.host])
        Accounts((values.state or home) / "accounts.json").add(Account(name=user), password)
    except (AccountError, certificates.CertificateError, OSError) as error:
        raise click.ClickException(f"set-up stopped: {error}") from error
    path = home / "config.yaml"
    certificates.write_private(path, render(values).encode())
    config = read_config(path)
    write_served_kit(config)
    return config.service.uri
