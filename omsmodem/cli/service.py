"""serve · check-config · status."""

import json
import os
from pathlib import Path
from typing import Any

import click

from omsmodem import app
from omsmodem.cli.options import config_option, read_config
from omsmodem.config import Config
from omsmodem.control import ServiceNotRunning, call
from omsmodem.message import State
from omsmodem.store import open_store
from omsmodem.store.errors import StoreError


@click.command()
@config_option
def serve(config_path: Path) -> None:
    """Run the service until it is told to stop (SIGTERM, Ctrl-C); SIGHUP reloads the certificate."""
    config = read_config(config_path)
    app.set_up_logging(config.logging.level, journal="JOURNAL_STREAM" in os.environ)
    try:
        app.serve(config)
    except (OSError, StoreError, ValueError) as error:
        raise click.ClickException(f"the service cannot start: {error}") from error


@click.command("check-config")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def check_config(file: Path) -> None:
    """Say everything that is wrong in a configuration FILE, with lines; exit code 2 if anything is."""
    config = read_config(file)
    click.echo(f"{file}: good. {config.service.uri}, {len(config.modems)} modem(s).")


def _running(config: Config) -> dict[str, Any] | None:
    """What the running service says of itself, or None when it does not run."""
    try:
        answer = call(config.storage.control_socket, "status")
    except ServiceNotRunning:
        return None
    return answer if isinstance(answer, dict) else {}


@click.command()
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of words.")
def status(config_path: Path, as_json: bool) -> None:
    """Say how the service is: running or not, modems, and how many messages stand where."""
    config = read_config(config_path)
    try:
        store = open_store(config.storage.database, app.utc_now)
        ledger = store.history.ledger()
        store.close()
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    running = _running(config)
    modems = (running or {}).get("modems", [])
    if as_json:
        facts = {"running": running is not None, "uri": config.service.uri, "modems": modems, "ledger": ledger}
        click.echo(json.dumps(facts))
        return
    _print_status(config, running is not None, modems, ledger)


def _print_status(config: Config, running: bool, modems: list[dict[str, str]], ledger: dict[State, int]) -> None:
    click.echo(f"SERVICE  {'running' if running else 'not running'}  {config.service.uri}")
    for modem in modems:
        click.echo(f"MODEM    {modem['name']}  {modem['state']}  {modem['detail']}".rstrip())
    counts = "  ".join(f"{state} {count}" for state, count in ledger.items() if count)
    click.echo(f"LEDGER   accepted {sum(ledger.values())}  {counts}".rstrip())
