"""audit: who did what."""

import json
from pathlib import Path

import click

from omsmodem import app
from omsmodem.cli.options import config_option, opened, read_config
from omsmodem.cli.screen import table


@click.command()
@config_option
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="So many, newest first.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def audit(config_path: Path, limit: int, as_json: bool) -> None:
    """List what people did: decisions about messages and modems, accounts, restores, erasures."""
    config = read_config(config_path)
    with opened(config) as store:
        acts = store.audit.newest(limit=limit)
    if as_json:
        for act in acts:
            facts = {"at": act.at.isoformat(), "by": act.by, "action": act.action, "subject": act.subject}
            click.echo(json.dumps({**facts, "detail": act.detail}, ensure_ascii=False))
        return
    zone = app.zone_of(config)
    rows = (
        (f"{a.at.astimezone(zone):%Y-%m-%d %H:%M:%S}", a.by, a.action, f"{a.subject} {a.detail}".strip()) for a in acts
    )
    table(("When", "Who", "Did", "To"), rows)
