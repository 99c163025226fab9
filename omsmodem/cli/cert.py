"""cert init · renew · check · show · use · kit."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from omsmodem import certificates
from omsmodem.accounts import Account, AccountError, Accounts
from omsmodem.certificates import CertificateError, Files, KitUser, Offline, Service
from omsmodem.cli.groups import Group
from omsmodem.cli.options import config_option, read_config
from omsmodem.config import Config
from omsmodem.control import ServiceNotRunning, call
from omsmodem.periods import utc_now

_DAYS = re.compile(r"([0-9]{1,4})\s*d?")
_passphrase_file = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Read the passphrase of the authority's key from this file; without it you are asked.",
)


@click.group(cls=Group)
def cert() -> None:
    """The service's certificate, its own authority, and what Windows needs of them."""


def files_of(config: Config) -> Files:
    """Where the certificates of a configuration lie."""
    return Files(config.tls.certificate, config.tls.key, config.tls.authority)


def host_of(config: Config) -> str:
    """The name people type."""
    return urlsplit(config.service.uri).hostname or ""


def write_served_kit(config: Config) -> None:
    """Write the kit that the sign-up page offers: to everybody, so it names no user."""
    _write_kit(config, config.tls.kit, ())


def _write_kit(config: Config, path: Path, users: tuple[KitUser, ...]) -> None:
    files, service = files_of(config), config.service
    authority = files.authority if certificates.is_ours(files) else None
    certificates.write_kit(path, Service(service.uri, service.local_name, service.contact), authority, users)


@cert.command("init")
@config_option
@click.option("--name", "names", multiple=True, help="A name people may type; repeat it. Default: that of service.uri.")
@click.option("--ip", "addresses", multiple=True, help="An address people may type; a name is better.")
@click.option("--no-name-constraints", is_flag=True, help="For programs that know no name constraints.")
@click.option(
    "--crl-url", default="", help="Where programs that insist on one find the revocation list (http://…/ca.crl)."
)
@click.option(
    "--ca-offline",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Put the authority's key, encrypted, into this file (a USB stick) and not onto this machine.",
)
@_passphrase_file
@click.option(
    "--replace", is_flag=True, help="Make new ones although there are some; every PC must import ca.cer again."
)
def init(
    config_path: Path,
    names: tuple[str, ...],
    addresses: tuple[str, ...],
    no_name_constraints: bool,
    crl_url: str,
    ca_offline: Path | None,
    passphrase_file: Path | None,
    replace: bool,
) -> None:
    """Make the service's own authority, limited to its names, and the server's certificate."""
    config = read_config(config_path)
    files, host = files_of(config), host_of(config)
    wanted = dict.fromkeys((host, *names, *addresses))  # the first is what people type
    offline = Offline(ca_offline, _passphrase(passphrase_file, new=True)) if ca_offline is not None else None
    _try(
        lambda: certificates.init(
            files,
            list(wanted),
            constrained=not no_name_constraints,
            crl_url=crl_url,
            offline=offline,
            replace=replace,
        )
    )
    _after(config)
    click.echo(f"{files.certificate} is for {', '.join(certificates.names_of(files.certificate))}")
    click.echo(f"PCs import {files.authority}; `omsmodem cert kit` has what they need.")
    if crl_url:
        click.echo(f"Publish {files.revocations} at {crl_url}, and again after every renewal.")


@cert.command("renew")
@config_option
@click.option("--if-within", default="", help="Only if the certificate ends within so many days, e.g. 30d.")
@click.option(
    "--name", "names", multiple=True, help="Change the names; those the authority may not sign for are refused."
)
@click.option(
    "--ca-key", type=click.Path(path_type=Path, dir_okay=False), help="The authority's key, if it is elsewhere."
)
@_passphrase_file
def renew(
    config_path: Path, if_within: str, names: tuple[str, ...], ca_key: Path | None, passphrase_file: Path | None
) -> None:
    """Make a new server certificate from the same authority; PCs need not do anything."""
    config = read_config(config_path)
    files = files_of(config)
    if if_within:
        left = _try(lambda: certificates.describe(files.certificate))[1] - utc_now()
        if left > _days(if_within):
            click.echo(f"{files.certificate} is good for {left.days} days; nothing to do")
            return
    passphrase = _passphrase(passphrase_file) if ca_key is not None else None
    authority = _try(lambda: certificates.load(files, ca_key, passphrase))
    if not certificates.names_of(files.certificate):  # gone, or garbage: those that people type are known
        names = names or (host_of(config),)
    _try(lambda: certificates.renew(files, authority, names))
    _after(config)
    click.echo(f"{files.certificate} is good until {certificates.describe(files.certificate)[1]:%Y-%m-%d}")


@cert.command("use")
@config_option
@click.option("--cert", "certificate", required=True, type=click.Path(path_type=Path), help="The chain (PEM).")
@click.option("--key", required=True, type=click.Path(path_type=Path), help="Its key (PEM, no passphrase).")
def use(config_path: Path, certificate: Path, key: Path) -> None:
    """Serve a certificate from elsewhere: a public authority's, or the office's own. Deploy hooks call this too."""
    config = read_config(config_path)
    files = files_of(config)
    _try(lambda: certificates.use(files, certificate, key))
    _after(config)
    click.echo(f"{files.certificate} is now {certificate}")
    for _, problem in certificates.problems(files, host_of(config), utc_now()):
        click.echo(f"Warning: {problem}", err=True)


@cert.command("check")
@config_option
def check(config_path: Path) -> None:
    """Say what is wrong with the certificates; exit code 1 for a warning, 2 if clients cannot connect."""
    config = read_config(config_path)
    files = files_of(config)
    found = list(certificates.problems(files, host_of(config), utc_now()))
    for keeps_out, problem in found:
        click.echo(f"{'FAIL' if keeps_out else 'WARN'}  {problem}")
    if found:
        raise SystemExit(2 if any(keeps_out for keeps_out, _ in found) else 1)
    names, not_after = certificates.describe(files.certificate)
    click.echo(f"OK    {', '.join(names)}, good until {not_after:%Y-%m-%d} ({(not_after - utc_now()).days} days)")


@cert.command("show")
@config_option
def show(config_path: Path) -> None:
    """Show the certificates with the thumbprints that Windows shows."""
    files = files_of(read_config(config_path))
    for what, path in (("server", files.certificate), ("authority", files.authority_pem)):
        with suppress(CertificateError):
            found = certificates.details(path)
            click.echo(f"{what}  {path}")
            click.echo(f"  names       {', '.join(found.names) or '-'}")
            click.echo(f"  issuer      {found.issuer}")
            click.echo(f"  good until  {found.not_after:%Y-%m-%d %H:%M} UTC")
            click.echo(f"  SHA-1       {found.sha1}")
            click.echo(f"  SHA-256     {found.sha256}")
            if what == "authority":
                limits = "anything" if found.may_sign_for is None else ", ".join(found.may_sign_for)
                click.echo(f"  signs for   {limits}")


@cert.command("kit")
@config_option
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Where to write it. Default: tls.kit.")
@click.option("--users/--no-users", default=None, help="With a page for every account; default: only with --out.")
def kit(config_path: Path, out: Path | None, users: bool | None) -> None:
    """Write the Windows kit: certificate, import script, TLS 1.2 for old Windows, proxy, SharePoint, pages of users.

    The one at tls.kit is offered to everybody on the sign-up page, so it has no pages of users.
    """
    config = read_config(config_path)
    wanted = out is not None if users is None else users
    accounts: list[Account] = _try(Accounts(config.storage.accounts).all) if wanted else []
    path = out or config.tls.kit
    _try(lambda: _write_kit(config, path, tuple(KitUser(each.name, each.reply_phone) for each in accounts)))
    click.echo(f"{path}" + (f" with {len(accounts)} page(s) of users; keep it among you" if accounts else ""))


def _after(config: Config) -> None:
    """The kit follows the certificate, and a running service takes it at once."""
    _try(lambda: write_served_kit(config))
    try:
        answer: Any = call(config.storage.control_socket, "reload")
    except ServiceNotRunning:
        return
    if isinstance(answer, dict) and answer.get("problem"):
        raise click.ClickException(f"the running service keeps its old certificate: {answer['problem']}")


def _days(text: str) -> timedelta:
    match = _DAYS.fullmatch(text.strip())
    if match is None:
        raise click.BadParameter(f"{text!r} is no number of days, e.g. 30d", param_hint="--if-within")
    return timedelta(days=int(match[1]))


def _passphrase(file: Path | None, *, new: bool = False) -> bytes:
    if file is not None:
        text = file.read_text(encoding="utf-8").rstrip("\r\n")
    else:
        text = str(click.prompt("Passphrase of the authority's key", hide_input=True, confirmation_prompt=new))
    if not text:
        raise click.ClickException("the passphrase is empty")
    return text.encode()


def _try(what: Callable[[], Any]) -> Any:
    """What `what` returns; its refusal ends the command."""
    try:
        return what()
    except (AccountError, CertificateError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or 'a file'}: {error.strerror or error}") from error
