"""What set-up makes: a configuration, certificates, and rights for the service's user."""

import os
import shutil
from pathlib import Path

import click

from omsmodem import certificates
from omsmodem.accounts import Account, AccountError, Accounts
from omsmodem.cli.cert import files_of, host_of, write_served_kit
from omsmodem.cli.options import SYSTEM_CONFIG, read_config
from omsmodem.config import Config, ServiceValues, render

_USER = "omsmodem"


def provision(home: Path, values: ServiceValues, user: str, password: str) -> str:
    """Make everything a new service needs under `home`; returns the URL for Outlook. Raises click.ClickException."""
    path = home / "config.yaml"
    write_config(path, values)
    config = read_config(path)
    make_certificates(config)
    try:
        Accounts(config.storage.accounts).add(Account(name=user, operator=True), password)
    except AccountError as error:
        raise click.ClickException(f"set-up stopped: {error}") from error
    return config.service.uri


def write_config(path: Path, values: ServiceValues) -> None:
    """The configuration, for the service and its operator alone. Raises click.ClickException."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(render(values), encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"set-up stopped: {path} cannot be written: {error.strerror}") from error


def make_certificates(config: Config) -> None:
    """An authority, a certificate and the kit, unless there are some. Raises click.ClickException."""
    files = files_of(config)
    if files.certificate.exists():
        return
    try:
        certificates.init(files, [host_of(config)])
        write_served_kit(config)
    except (certificates.CertificateError, OSError) as error:
        raise click.ClickException(f"set-up stopped: {error}") from error


def give_to_service(config: Config, path: Path) -> None:
    """On a system installation the service's user reads the configuration and owns the data. Raises click.ClickException."""
    if path != SYSTEM_CONFIG or os.geteuid() != 0:
        return
    try:
        shutil.chown(path, "root", _USER)
        path.chmod(0o640)
        state = config.storage.database.parent
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.chown(state, _USER, _USER)
        if config.storage.accounts.exists():
            shutil.chown(config.storage.accounts, _USER, _USER)
    except LookupError as error:
        raise click.ClickException(
            f"there is no user {_USER}: {error}. Run `omsmodem system install` first."
        ) from error
