"""import: takes what waits in a spool directory of gammu-smsd or smstools."""

from pathlib import Path

import click

from omsmodem.cli.messages import gate, nudge
from omsmodem.cli.options import config_option, read_config
from omsmodem.doors import Spool
from omsmodem.doors.files import FORMATS


@click.command("import")
@config_option
@click.option("--format", "form", required=True, type=click.Choice(sorted(FORMATS)), help="Whose directory it is.")
@click.option("--account", required=True, help="The account the messages are sent for.")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False, exists=True))
def import_(config_path: Path, form: str, account: str, directory: Path) -> None:
    """Queue every message that waits in DIRECTORY, and move its file into `imported` or `refused` there.

    Prints each file with the ids of its messages. To take files as they come, name the directory in `spools` of the
    configuration. Exit code 1 when a file was refused or must wait.
    """
    config = read_config(config_path)
    bad = 0
    with gate(config) as intake:
        for outcome in Spool(directory, FORMATS[form], account, intake.submit_local).sweep():
            if outcome.accepted:
                click.echo(f"{outcome.file}\t{','.join(map(str, outcome.accepted))}")
                continue
            bad += 1
            click.echo(f"{outcome.file}: {'waits' if outcome.waits else 'refused'}: {outcome.why}", err=True)
    nudge(config)
    if bad:
        raise SystemExit(1)
