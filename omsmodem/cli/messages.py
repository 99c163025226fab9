"""send · messages."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

import click

from omsmodem import app
from omsmodem.cli.options import config_option, opened, read_config
from omsmodem.config import Config
from omsmodem.control import ServiceNotRunning, call
from omsmodem.intake import Intake
from omsmodem.message import Door, OutgoingMessage, Submission
from omsmodem.store import Store
from omsmodem.store.history import PAGE


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
    if (batch is None) == (text is None or not recipients):
        raise click.UsageError("Give --to and TEXT, or --batch.")
    config = read_config(config_path)
    items = _batch(batch) if batch is not None else iter([(recipients, text or "")])
    with opened(config) as store:
        accepted, refused = _submit_all(app.build_intake(config, store, lambda: None), account, items)
    if accepted:
        nudge(config)
    if refused:
        raise SystemExit(1)


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
            click.echo(f"{whom}: {refusal.reason} {refusal.detail}", err=True)
    return accepted, refused


def nudge(config: Config) -> None:
    """Wake a running service; say so when none runs."""
    try:
        call(config.storage.control_socket, "nudge")
    except ServiceNotRunning:
        click.echo("The service does not run; the messages wait in the queue.", err=True)


@click.command()
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def messages(config_path: Path, as_json: bool) -> None:
    """List every accepted message with its state."""
    with opened(read_config(config_path)) as store:
        for message in _all(store):
            click.echo(json.dumps(facts_of(message), ensure_ascii=False) if as_json else _line(message))


def _all(store: Store) -> Iterator[OutgoingMessage]:
    after = 0
    while page := store.history.messages(after=after, limit=PAGE):
        yield from page
        after = page[-1].id


def facts_of(message: OutgoingMessage) -> dict[str, object]:
    """A message as JSON objects for scripts have it."""

    def moment(value: datetime | None) -> str | None:
        return value.isoformat() if value is not None else None

    return {
        "id": message.id,
        "submission": message.submission_id,
        "account": message.account,
        "to": message.recipient,
        "text": message.text,
        "state": message.state,
        "accepted_at": moment(message.accepted_at),
        "not_before": moment(message.not_before),
        "expires_at": moment(message.expires_at),
        "updated_at": moment(message.updated_at),
        "retry_at": moment(message.retry_at),
        "attempts": message.attempts,
        "repeats": message.repeats,
        "modem": message.modem,
        "held_by": message.held_by,
        "doubt_until": moment(message.doubt_until),
        "last_error": message.last_error,
    }


def _line(message: OutgoingMessage) -> str:
    when = message.accepted_at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    text = " ".join(message.text.split())
    short = text if len(text) <= 40 else text[:39] + "…"
    again = "  (may have arrived twice)" if message.repeats else ""
    why = f"  [{message.last_error}]" if message.last_error else ""
    return f"#{message.id}  {when}  {message.recipient}  {message.state}  {short}{again}{why}"
