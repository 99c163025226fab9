"""audit: who did what."""

from dataclasses import asdict
from pathlib import Path

import click

from omsmodem.cli.objects import print_objects
from omsmodem.cli.options import config_option, json_option, limit_option, opened, read_config
from omsmodem.cli.screen import table
from omsmodem.periods import zone_of


@click.command()
@config_option
@limit_option
@json_option
def audit(config_path: Path, limit: int, as_json: bool) -> None:
    """List what people did: decisions about messages and modems, accounts, restores, erasures."""
    config = read_config(config_path)
    with opened(config) as store:
        acts = store.audit.newest(limit=limit)
    if as_json:
        print_objects({**asdict(act), "at": act.at.isoformat()} for act in acts)
        return
    zone = zone_of(config.limits.timezone)
    rows = (
        (f"{a.at.astimezone(zone):%Y-%m-%d %H:%M:%S}", a.by, a.action, f"{a.subject} {a.detail}".strip()) for a in acts
    )
    table(("When", "Who", "Did", "To"), rows)
