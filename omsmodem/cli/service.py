"""serve · check-config."""

import os
from pathlib import Path

import click

from omsmodem import app
from omsmodem.cli.backup import offer
from omsmodem.cli.options import StoreFault, config_option, read_config
from omsmodem.logs import set_up_logging
from omsmodem.store.errors import StoreDamaged, StoreError


@click.command()
@config_option
def serve(config_path: Path) -> None:
    """Run the service until it is told to stop (SIGTERM, Ctrl-C); SIGHUP reloads the certificate."""
    config = read_config(config_path)
    set_up_logging(config.logging.level, journal="JOURNAL_STREAM" in os.environ)
    try:
        app.serve(config)
    except StoreDamaged as error:
        words = f"the service does not start: {error}\nNothing was changed. {offer(config, app.utc_now())}"
        raise StoreFault(words) from error
    except (OSError, StoreError, ValueError) as error:
        raise click.ClickException(f"the service cannot start: {error}") from error


@click.command("check-config")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def check_config(file: Path) -> None:
    """Say everything that is wrong in a configuration FILE, with lines; exit code 2 if anything is."""
    config = read_config(file)
    click.echo(f"{file}: good. {config.service.uri}, {len(config.modems)} modem(s).")
