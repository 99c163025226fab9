"""purge · export · erase: how long what people wrote is kept."""

from datetime import timedelta
from pathlib import Path

import click

from omsmodem import figures
from omsmodem.cli.objects import incoming_facts, message_facts, print_objects
from omsmodem.cli.options import config_option, opened, person, read_config


@click.command()
@config_option
@click.option("--text-days", type=click.IntRange(0), help="In place of retention.text_days; 0 keeps texts for ever.")
@click.option("--record-days", type=click.IntRange(0), help="In place of retention.record_days.")
@click.option("--audit-days", type=click.IntRange(0), help="In place of retention.audit_days.")
def purge(config_path: Path, text_days: int | None, record_days: int | None, audit_days: int | None) -> None:
    """Erase what is older than the configuration wants it kept; the service does so every night.

    What is erased is overwritten in the database. Backups keep it until they go in their turn.
    """
    config = read_config(config_path)
    keep = config.retention
    with opened(config) as store:
        erased = store.retention.purge(
            texts=timedelta(days=keep.text_days if text_days is None else text_days),
            records=timedelta(days=keep.record_days if record_days is None else record_days),
            acts=timedelta(days=keep.audit_days if audit_days is None else audit_days),
        )
    click.echo(f"erased {figures.plural(erased.texts, 'text')}, {figures.plural(erased.records, 'record')}")


def _number(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if sum(c.isdigit() for c in value) < 3:
        raise click.BadParameter("a number has at least three digits")
    return value


_number_option = click.option("--number", required=True, callback=_number, help="The number, as people type it.")


@click.command()
@config_option
@_number_option
def export(config_path: Path, number: str) -> None:
    """Print everything that is kept of a number, one JSON object a line: messages to it and from it, and what names it."""
    with opened(read_config(config_path)) as store:
        sent, came = store.retention.export(number)
        traces = store.retention.traces(number)
    print_objects({"direction": "out", **message_facts(message)} for message in sent)
    print_objects({"direction": "in", **incoming_facts(message)} for message in came)
    print_objects({"kind": trace.kind, "at": trace.at.isoformat(), "words": trace.words} for trace in traces)


@click.command()
@config_option
@_number_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(config_path: Path, number: str, yes: bool) -> None:
    """Delete every record of a number: texts, times, states, alarms that name it. Exit code 1 when some must stay.

    That it asked not to be texted stays on record, without what it wrote (`omsmodem optout`). Messages that are not settled stay; cancel them or decide about them first. Backups keep what they have until they go
    in their turn.
    """
    config = read_config(config_path)
    with opened(config) as store:
        sent, came = store.retention.export(number)
        numbers = sorted({message.recipient for message in sent} | {message.originator for message in came})
        if numbers and not yes:
            click.confirm(
                f"Delete {figures.plural(len(sent) + len(came), 'message')} of {', '.join(numbers)}?", abort=True
            )
        erased, left = store.retention.erase(number, person())
    click.echo(f"erased {figures.plural(erased, 'message')}")
    if left:
        click.echo(f"{figures.plural(left, 'message')} not settled: omsmodem queue list --to {number}", err=True)
        raise SystemExit(1)
