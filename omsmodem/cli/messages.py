"""send · messages."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

from omsmodem import app, figures
from omsmodem.accounts import AccountError
from omsmodem.cli.objects import message_facts, print_objects
from omsmodem.cli.options import config_option, json_option, opened, read_config
from omsmodem.cli.screen import clock_time
from omsmodem.config import Config
from omsmodem.control import ServiceNotRunning, call
from omsmodem.intake import Intake
from omsmodem.message import Door, OutgoingMessage, Submission
from omsmodem.store import Store
from omsmodem.store.history import PAGE
from omsmodem.wording import whole


@click.command()
@config_option
@click.option("--account", required=True, help="The account the message is sent for.")
@click.option("--to", "recipients", multiple=True, help="A number; repeat for several.")
@click.option("--batch", type=click.File(encoding="utf-8"), help='A file (or -) of {"to": …, "text": …}, one a line.')
@click.argument("text", required=False)
def send(config_path: Path, account: str, recipients: tuple[str, ...], batch: IO[str] | None, text: str | None) -> None:
    """Queue TEXT for the numbers in --to, durably; prints the ids, one a line.

    Works whether or not the service runs; a running one starts at once. Exit code 1 when anything was refused.
    """
    if (batch is None) == (text is None or not recipients) or (batch is not None and recipients):
        raise click.UsageError("Give --to and TEXT, or --batch.")
    config = read_config(config_path)
    items = _batch(batch) if batch is not None else iter([(recipients, text or "")])
    with gate(config) as intake:
        accepted, refused = _submit_all(intake, account, items)
    if accepted:
        nudge(config)
    if refused:
        raise SystemExit(1)


@contextmanager
def gate(config: Config) -> Iterator[Intake]:
    """The gate of a configuration, for one command; a store or accounts that cannot be read end it with a sentence."""
    with opened(config) as store:
        try:
            yield app.build_intake(config, store, lambda: None)
        except AccountError as error:
            raise click.ClickException(str(error)) from error


def _batch(lines: IO[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
            to, text = item["to"], item["text"]
        except (ValueError, KeyError, TypeError) as error:
            raise click.ClickException(
                f'line {number}: expected {{"to": …, "text": …}}, not {line.strip()!r}'
            ) from error
        yield (tuple(str(one) for one in to) if isinstance(to, list) else (str(to),)), str(text)


def _submit_all(intake: Intake, account: str, items: Iterator[tuple[tuple[str, ...], str]]) -> tuple[int, int]:
    """How many messages were accepted and how many recipients refused; both are said as they come."""
    accepted = refused = 0
    for recipients, text in items:
        receipt = intake.submit_local(
            Submission(account, Door.COMMAND_LINE, recipients, (text,), client="omsmodem send")
        )
        for message_id in receipt.accepted:
            accepted += 1
            click.echo(message_id)
        for refusal in receipt.refused:
            refused += 1
            whom = f"refused {refusal.recipient}" if refusal.recipient else "refused"
            click.echo(f"{whom}: {whole(refusal)} ({refusal.reason})", err=True)
    return accepted, refused


def nudge(config: Config) -> None:
    """Wake a running service; say so when none runs."""
    try:
        call(config.storage.control_socket, "nudge")
    except ServiceNotRunning:
        click.echo("The service does not run; the messages wait in the queue.", err=True)


@click.command()
@config_option
@json_option
def messages(config_path: Path, as_json: bool) -> None:
    """List every accepted message with its state."""
    with opened(read_config(config_path)) as store:
        if as_json:
            print_objects(map(message_facts, _all(store)))
            return
        for message in _all(store):
            click.echo(_line(message))


def _all(store: Store) -> Iterator[OutgoingMessage]:
    after = 0
    while page := store.history.messages(after=after, limit=PAGE):
        yield from page
        after = page[-1].id


def _line(message: OutgoingMessage) -> str:
    when, text = clock_time(message.accepted_at), figures.short(message.text, 40)
    again = "  (may have arrived twice)" if message.repeats else ""
    why = f"  [{message.last_error}]" if message.last_error else ""
    return f"#{message.id}  {when}  {message.recipient}  {message.state}  {text}{again}{why}"
