"""setup: from a box and a stick to a configuration, certificates and a first account. It keeps what is there."""

import contextlib
import locale
import os
import re
import shlex
import socket
from dataclasses import dataclass, replace
from pathlib import Path

import click

from omsmodem.accounts import Account, AccountError, Accounts
from omsmodem.cli.answers import HOST, ask, country_answer, host_answer, mail_answer, pin_answer, port_answer
from omsmodem.cli.cert import files_of, host_of
from omsmodem.cli.finding import Found, find
from omsmodem.cli.options import SYSTEM_CONFIG, read_config
from omsmodem.cli.provision import give_to_service, make_certificates, write_config
from omsmodem.cli.system import can_be_installed, install_at, is_installed
from omsmodem.cli.user import chosen_password
from omsmodem.config import Config, ServiceValues

_IMEI = re.compile(r"[0-9]{15}")
_STATE, _RUNTIME = Path("/var/lib/omsmodem"), Path("/run/omsmodem")


@dataclass(frozen=True, slots=True)
class _Given:
    """What the command line said; the rest is asked, or taken as it is found."""

    host: str | None
    port: int | None
    modem: str | None
    country: str | None
    mail_host: str | None
    mail_to: str | None
    state: Path | None  # where what changes is kept; None: beside the configuration
    runtime: Path | None
    yes: bool


@click.command()
@click.option("--directory", type=click.Path(path_type=Path, file_okay=False), help="Where everything is kept.")
@click.option("--host", type=host_answer, help="The name people type into Outlook; it goes into the certificate.")
@click.option("--port", type=click.IntRange(1, 65535), help="The HTTPS port.")
@click.option("--modem", help="The modem's port, IMEI or URL, e.g. socket://HOST:PORT; without it it is looked for.")
@click.option("--account", help="The first account's user name; it is an operator.")
@click.option("--password-file", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="Its password.")
@click.option(
    "--country",
    type=country_answer,
    help="Your country (ISO code, e.g. GB): numbers without + are read as numbers there.",
)
@click.option(
    "--state-directory", type=click.Path(path_type=Path, file_okay=False), help="Keep queue and accounts elsewhere."
)
@click.option("--runtime-directory", type=click.Path(path_type=Path, file_okay=False), help="And the control socket.")
@click.option("--mail-host", help="The mail server for replies and alarms.")
@click.option("--mail-to", type=mail_answer, help="Who gets alarms, and replies that are nobody's.")
@click.option(
    "--install/--no-install",
    default=None,
    help="Make it a service of this machine: unit, user, udev rule. Asked for, where it is not one yet.",
)
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
    mail_host: str | None,
    mail_to: str | None,
    install: bool | None,
    yes: bool,
) -> None:
    """Find the modem, write the configuration, make certificates and first account, and say what to type into Outlook.

    Run again, it keeps what is there and adds what is missing.
    """
    if install and directory is not None:
        raise click.UsageError(f"A service of the machine is kept in {SYSTEM_CONFIG.parent}: leave --directory out.")
    service = directory is None and _wants_service(install, yes)
    if service:
        install_at()
    home = SYSTEM_CONFIG.parent if service else directory or _home(yes)
    places = _places(home, state_directory, runtime_directory)
    given = _Given(host, port, modem, country, mail_host, mail_to, *places, yes)
    path = home / "config.yaml"
    if path.exists():
        click.echo(f"{path} is kept as it is.")
    else:
        write_config(path, _values(home, given))
    config = read_config(path)
    make_certificates(config)
    user, password = _first_account(config, account, password_file, yes)
    give_to_service(config, path)
    _say(config, path, user, password)


def _wants_service(wanted: bool | None, yes: bool) -> bool:
    """Whether to install the unit and the udev rule: as the command line says, else as a person who may answers."""
    if wanted is not None:
        return wanted and not is_installed()
    if yes or os.geteuid() != 0 or is_installed() or not can_be_installed():
        return False
    return click.confirm("Make it a service of this machine (unit, user omsmodem, udev rule)?", default=True)


# -- what is asked ----------------------------------------------------------------------------------------------------


def _home(yes: bool) -> Path:
    """Where the Debian package wants it, or wherever a person does."""
    if os.geteuid() == 0 and SYSTEM_CONFIG.parent.is_dir():
        return SYSTEM_CONFIG.parent
    return Path(ask("Directory to keep everything in", "omsmodem-data", yes, str.strip)).expanduser()


def _places(home: Path, state: Path | None, runtime: Path | None) -> tuple[Path | None, Path | None]:
    """Where queue, accounts and sockets go: beside the configuration, or where the system has such things."""
    if home == SYSTEM_CONFIG.parent:
        return state or _STATE, runtime or _RUNTIME
    return (state.absolute() if state else None), (runtime.absolute() if runtime else None)


def _values(home: Path, given: _Given) -> ServiceValues:
    values = ServiceValues(
        host=given.host
        or ask("Name of this machine that people will type into Outlook", _own_name(), given.yes, host_answer),
        port=given.port or ask("HTTPS port", 8443, given.yes, port_answer),
        modem="",
        country=_home_country(given),
        mail_host=given.mail_host
        if given.mail_host is not None
        else ask("Mail server for replies and alarms (empty: later)", "", given.yes, str.strip),
        mail_to=given.mail_to or "",
        state=given.state,
        runtime=given.runtime,
    )
    if values.mail_host and not values.mail_to:
        values = replace(values, mail_to=ask("Mail address for alarms", "", given.yes, mail_answer))
    return _with_modem(values, home, given)


def _own_name() -> str:
    name = socket.getfqdn()
    return name if HOST.fullmatch(name) and name != "localhost.localdomain" else "localhost"


def _home_country(given: _Given) -> str | None:
    question = "Country (two letters, e.g. GB; empty for none)"
    return given.country or _guess_country() or ask(question, "", given.yes, country_answer) or None


def _guess_country() -> str | None:
    """The country of the system's locale, if it names one; en_US is also what machines have that were told nothing."""
    with contextlib.suppress(ValueError, locale.Error):
        match = re.fullmatch(r"[a-z]{2,3}_([A-Z]{2})", locale.getlocale()[0] or "")
        return match[1] if match and match[0] != "en_US" else None
    return None


# -- the modem --------------------------------------------------------------------------------------------------------


def _with_modem(values: ServiceValues, home: Path, given: _Given) -> ServiceValues:
    if given.modem is not None:
        if _IMEI.fullmatch(given.modem):
            return replace(values, imei=given.modem)
        return replace(values, modem=given.modem if "://" in given.modem else str(Path(given.modem).absolute()))
    click.echo("Looking for a modem …")
    found, troubles = find()
    for trouble in troubles:
        click.echo(f"  {trouble}")
    chosen = _choose(found, given.yes)
    if chosen is None:
        return replace(
            values, modem=ask("Modem port (it may be plugged in later)", "/dev/ttyUSB0", given.yes, str.strip)
        )
    click.echo(f"  using {chosen.title}")
    values = replace(values, imei=chosen.probe.identity.imei)
    if not values.imei:
        values = replace(values, modem=chosen.lasting_device)
    return replace(values, pin_file=_pin_file(home, given.yes)) if chosen.probe.sim == "SIM PIN" else values


def _choose(found: list[Found], yes: bool) -> Found | None:
    if len(found) <= 1 or yes:
        return found[0] if found else None
    for number, one in enumerate(found, 1):
        click.echo(f"  {number}  {one.title}")
    return found[int(click.prompt("Which one", type=click.IntRange(1, len(found)), default=1)) - 1]


def _pin_file(home: Path, yes: bool) -> str:
    """The SIM's PIN, in a file of its own: it is entered once, by the service, and never guessed."""
    if yes:
        click.echo("  The SIM wants its PIN: write it into a file and name that in modems.pin_file.")
        return ""
    pin = click.prompt("The SIM wants its PIN", hide_input=True, value_proc=pin_answer)
    of_system = home == SYSTEM_CONFIG.parent
    path = home / "secrets" / "simpin" if of_system else home / "pin"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_text(f"{pin}\n", encoding="ascii")
    return "credential:simpin" if of_system else str(path)


# -- account, and what to do next -------------------------------------------------------------------------------------


def _first_account(config: Config, wanted: str | None, password_file: Path | None, yes: bool) -> tuple[str, str]:
    """The account to tell of, and what to tell of its password. Accounts that exist are kept."""
    accounts = Accounts(config.storage.accounts)
    try:
        known = [account.name for account in accounts.all()]
        if known and (wanted is None or wanted.casefold() in map(str.casefold, known)):
            user = wanted or known[0]
            return user, f"(as before; `omsmodem user password {user}` makes another)"
        user = wanted or ask("First account", "office", yes, str.strip)
        password, made = chosen_password(password_file, user)
        accounts.add(Account(name=user, operator=not known), password)
    except AccountError as error:
        raise click.ClickException(f"set-up stopped: {error}") from error
    return user, password if made else "(the one you gave)"


def _say(config: Config, path: Path, user: str, password: str) -> None:
    """What to do next; a password that was made here is shown this once."""
    uri, authority = config.service.uri, files_of(config).authority
    start = (
        "systemctl enable --now omsmodem omsmodem-renew.timer"
        if path == SYSTEM_CONFIG
        else f"export OMSMODEM_CONFIG={shlex.quote(str(path.absolute()))}\n  omsmodem serve"
    )
    pages = uri.partition("/oms/")[0] if "/oms/" in uri else uri
    click.echo(f"\nSet up in {path.parent}. Start it with:\n")
    click.secho(f"  {start}\n", bold=True)
    click.echo(f"Then look at {pages}/ (sign in as {user}), or at `omsmodem status`.\n")
    click.echo("On every PC, import the certificate as a trusted root (as administrator):\n")
    click.echo(f"  certutil -addstore -f Root ca.cer        ({authority})\n")
    click.echo("Outlook 2007/2010: Account Settings, New, Other, Text Messaging (SMS):\n")
    click.echo(f"  service provider URL  {uri}\n  user name             {user}")
    click.echo(f"  password              {password}\n")
    click.echo("SharePoint 2010 to 2019:\n")
    click.echo(
        "  Set-SPMobileMessagingAccount -Identity sms -WebApplication http://… `\n"
        f"    -ServiceName omsmodem -ServiceUrl {uri} `\n"
        f"    -UserId {user} -Password …\n"
    )
    click.echo("`omsmodem cert kit` makes a file for the PCs with all of this; `omsmodem doctor` finds what is wrong.")
    if host_of(config) == "localhost":
        click.echo(
            "As localhost only this machine reaches it: a trial. For PCs, set up with the name they know (--host)."
        )
    if config.numbers.country is None:
        click.echo("No country is set: numbers must be written with + and the country code.")
    else:
        country = config.numbers.country
        click.echo(
            f"Texts go to numbers in {country} only; numbers.countries_allowed in the configuration adds others."
        )
