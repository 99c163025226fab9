"""serve · check-config."""

import errno
import os
from pathlib import Path

import click

from omsmodem import app, figures
from omsmodem.accounts import AccountError
from omsmodem.cli.backup import offer
from omsmodem.cli.options import StoreFault, config_option, read_config
from omsmodem.https import CertificateUnusable
from omsmodem.logs import set_up_logging
from omsmodem.periods import utc_now
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
        words = f"the service does not start: {error}\nNothing was changed. {offer(config, utc_now())}"
        raise StoreFault(words) from error
    except (OSError, AccountError, StoreError, ValueError) as error:
        raise click.ClickException(f"the service cannot start: {error}{_remedy(error)}") from error


def _remedy(error: Exception) -> str:
    """What to do about a start that failed; nothing where the error says so itself."""
    if isinstance(error, CertificateUnusable):
        return "\n`omsmodem cert check` says more, `omsmodem cert renew` makes a new one."
    words = {
        errno.EADDRINUSE: "\nThe port is taken, by this service or another program: `ss -ltnp` names it; listen.port is ours.",
        errno.EACCES: "\nA port below 1024 comes from systemd: docs/operations.md, Port 443.",
    }
    return words.get(error.errno or 0, "") if isinstance(error, OSError) else ""


@click.command("check-config")
@config_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, readable=False), required=False)
def check_config(config_path: Path, file: Path | None) -> None:
    """Say everything that is wrong in a configuration, with lines; exit code 2 if anything is.

    FILE is one that is not in use yet; without it the service's own is checked.
    """
    path = file or config_path
    config = read_config(path)
    click.echo(f"{path}: good. {config.service.uri}, {figures.plural(len(config.modems), 'modem')}.")
