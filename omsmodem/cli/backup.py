"""backup · restore: copies of the queue and the accounts, and the way back."""

from datetime import datetime
from pathlib import Path

import click

from omsmodem import figures
from omsmodem.cli.options import StoreFault, as_owner, config_option, person, read_config, running
from omsmodem.cli.screen import table
from omsmodem.config import Config
from omsmodem.periods import utc_now, zone_of
from omsmodem.store.backup import backups, beside, copy_file, made_at, make_backup
from omsmodem.store.errors import StoreError
from omsmodem.store.restoring import restore as put_back
from omsmodem.store.restoring import start_afresh


@click.command()
@config_option
@click.option("--to", "directory", type=click.Path(path_type=Path, file_okay=False), help="Another directory.")
@click.option("--list", "list_", is_flag=True, help="List the backups instead of making one.")
def backup(config_path: Path, directory: Path | None, list_: bool) -> None:
    """Copy the queue and the accounts, also while the service runs; the copy is checked. Prints its path."""
    config = read_config(config_path)
    home = directory or config.backup.directory
    if list_:
        table(("Made", "Size", "Backup"), (_row(path, config) for path in backups(home)))
        return
    storage = config.storage
    with as_owner(storage.database.parent):
        try:
            made = make_backup(storage.database, home, utc_now(), config.backup.keep, (storage.accounts,))
        except StoreError as error:
            raise StoreFault(str(error)) from error
    click.echo(made)


def _row(path: Path, config: Config) -> tuple[str, str, Path]:
    made = made_at(path)
    local = made.astimezone(zone_of(config.limits.timezone)) if made is not None else None
    return f"{local:%Y-%m-%d %H:%M:%S %z}" if local else "", figures.octets(path.stat().st_size), path


@click.command()
@config_option
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--with-accounts", is_flag=True, help="Restore the accounts of that backup too.")
@click.option("--empty", is_flag=True, help="Begin with an empty queue instead; the old one is set aside.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(config_path: Path, file: Path | None, with_accounts: bool, empty: bool, yes: bool) -> None:
    """Put a backup back: FILE, or the newest one. The service must not run.

    What was queued when the backup was made may have been sent since: it is held until you release it. What was being
    sent is uncertain and waits for you. The queue that is there now is set aside, never deleted.
    """
    config = read_config(config_path)
    if running(config) is not None:
        raise click.ClickException("The service runs. Stop it first: systemctl stop omsmodem")
    with as_owner(config.storage.database.parent):
        try:
            if empty:
                _begin_empty(config, yes)
            else:
                _put_back(config, _chosen(config, file), with_accounts, yes)
        except StoreError as error:
            raise StoreFault(str(error)) from error


def _chosen(config: Config, file: Path | None) -> Path:
    found = backups(config.backup.directory)
    if file is None and not found:
        raise click.ClickException(
            f"There is no backup in {config.backup.directory}. `--empty` begins with an empty queue."
        )
    return file or found[0]


def _put_back(config: Config, file: Path, with_accounts: bool, yes: bool) -> None:
    now, made = utc_now(), made_at(file)
    age = f", made {figures.since(made, now)} ago" if made is not None else ""
    if not yes:
        click.confirm(f"Put {file}{age} in the place of {config.storage.database}?", abort=True)
    restored = put_back(config.storage.database, file, now, person())
    if with_accounts:
        copy_file(beside(file, config.storage.accounts.name), config.storage.accounts)
    click.echo(f"Restored {file}.")
    _say_aside(restored.set_aside)
    if restored.held:
        waiting = figures.plural(restored.held, "message is", "messages are")
        click.echo(
            f"{waiting} held: what waited then may have been sent since. `omsmodem queue list`, then release or cancel."
        )
    if restored.doubtful:
        click.echo(f"{figures.plural(restored.doubtful, 'message')} in doubt: omsmodem queue list --state uncertain")


def _begin_empty(config: Config, yes: bool) -> None:
    if not yes:
        click.confirm("Begin with an empty queue? What waits in the old one will not be sent.", abort=True)
    _say_aside(start_afresh(config.storage.database, utc_now()))


def _say_aside(aside: Path | None) -> None:
    if aside is not None:
        click.echo(f"The queue that was there is now {aside}.")


def offer(config: Config, now: datetime) -> str:
    """What to do about a damaged queue, in words."""
    found = backups(config.backup.directory)
    made = made_at(found[0]) if found else None
    if made is None:
        return "There is no backup. `omsmodem restore --empty` sets it aside and begins with an empty queue."
    return (
        f"The newest backup is {figures.since(made, now)} old: `omsmodem restore` puts it back and sets this one aside."
    )
