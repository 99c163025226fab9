"""demo: the whole way of a message, with a simulated modem, in one command."""

import json
import signal
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Table

from omsmodem import app
from omsmodem.accounts import generate_password
from omsmodem.cli.options import read_config
from omsmodem.cli.outlook import deliver
from omsmodem.cli.provision import provision
from omsmodem.cli.simulate import SimulatedStick
from omsmodem.config import ServiceValues
from omsmodem.logs import set_up_logging
from omsmodem.message import State

PHONES = ("+447700900222", "+447700900333")
USER = "dana"
TEXT = (
    "Fish delivery moved to 15:30, rear door & ramp 🐟. The price is 12 € a crate, paid on the spot. "
    "If the harbour gate is shut, ring the bell and wait for the green light."
)
SEGMENTS = 3
#: What a segment takes on the air, and a phone to confirm it: quicker than life, slow enough to be seen.
AIR_TIME_S, REPORT_S = 0.2, 0.3
WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class _Received:
    phone: str
    text: str
    segments: int


@click.command()
@click.option(
    "--once", is_flag=True, help="Stop after the first message: exit code 0 if every phone got every character."
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The HTTPS port (default: a free one).")
def demo(once: bool, port: int) -> None:
    """Show the whole way of a message: Outlook's request, the queue, the modem, the phones. Needs no modem."""
    console = Console(highlight=False)
    for number in (signal.SIGTERM, signal.SIGHUP):  # a closed terminal leaves no keys in /tmp
        signal.signal(number, signal.default_int_handler)
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="omsmodem-demo-")))
        set_up_logging("error", journal=False)
        stick = stack.enter_context(
            SimulatedStick(home / "modem", home / "phones.jsonl", air_time_s=AIR_TIME_S, report_s=REPORT_S)
        )
        console.print(f"[green]✓[/] a simulated modem answers AT commands on {stick.path}")
        password = generate_password()
        application, uri = _service(home, stick.path, password, port or _free_port())
        stack.callback(application.stop)
        application.start()
        console.print("[green]✓[/] fresh certificates and one account; HTTPS service at")
        console.print(f"  [bold]{uri}[/]", soft_wrap=True)
        good = _show_one_message(console, application, home, uri, password)
        if not once:
            _serve_until_interrupted(console, home, uri, password)
    raise SystemExit(0 if good else 1)


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _service(home: Path, modem: Path, password: str, port: int) -> tuple[app.Application, str]:
    values = ServiceValues(host="localhost", port=port, modem=str(modem), country="GB")
    uri = provision(home, values, USER, password)
    return app.Application(read_config(home / "config.yaml")), uri


def _show_one_message(console: Console, application: app.Application, home: Path, uri: str, password: str) -> bool:
    with console.status("sending one DeliverXms as Outlook 2010 does …"):
        started = time.monotonic()
        code = deliver(uri, home / "tls" / "ca.crt", USER, password, PHONES, TEXT)
        accepted_s = time.monotonic() - started
    console.print(f"[green]✓[/] Outlook's request through TLS: answered [bold]{code}[/] in {accepted_s * 1000:.0f} ms,")
    console.print("  after both messages were on disk")
    received = _wait(console, application, home / "phones.jsonl")
    good = [(r.phone, r.text) for r in received] == [(phone, TEXT) for phone in PHONES]
    _table(console, application, received)
    console.print(
        "[green]✓[/] every phone got every character" if good else "[red]✗[/] what the phones got is not what was sent"
    )
    return good


def _wait(console: Console, application: app.Application, log: Path) -> list[_Received]:
    """Wait until the phones have their texts and the reports are in; what the phones got, in order of number."""
    history, deadline = application.store.history, time.monotonic() + WAIT_S
    columns = (
        TextColumn("  {task.description}"),
        BarColumn(complete_style="cyan", finished_style="green"),
        TextColumn("{task.completed:.0f} of {task.total:.0f}"),
    )
    with Progress(*columns, console=console) as progress:
        sent = progress.add_task("segments on the air", total=len(PHONES) * SEGMENTS)
        confirmed = progress.add_task("confirmed by phones", total=len(PHONES) * SEGMENTS)
        while history.ledger()[State.DELIVERED] < len(PHONES) and time.monotonic() < deadline:
            time.sleep(0.05)
            _advance(progress, sent, confirmed, application)
        _advance(progress, sent, confirmed, application)
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    entries = [json.loads(line) for line in lines]
    return sorted((_Received(e["phone"], e["text"], e["segments"]) for e in entries), key=lambda r: r.phone)


def _advance(progress: Progress, sent: TaskID, confirmed: TaskID, application: app.Application) -> None:
    history = application.store.history
    segments = [segment for message in history.messages() for segment in history.segments(message.id)]
    progress.update(sent, completed=sum(segment.submitted_at is not None for segment in segments))
    progress.update(confirmed, completed=sum(segment.reported_at is not None for segment in segments))


def _table(console: Console, application: app.Application, received: Sequence[_Received]) -> None:
    states = {m.recipient: m.state.value for m in application.store.history.messages()}
    table = Table("Phone", "Segments", "State", "Text on the screen of the phone", box=box.ROUNDED)
    for phone in PHONES:
        got = next((r for r in received if r.phone == phone), None)
        table.add_row(
            phone,
            str(got.segments) if got else "-",
            f"[green]{states.get(phone, '-')}[/]",
            got.text if got else "[red]nothing[/]",
        )
    console.print(table)


def _serve_until_interrupted(console: Console, home: Path, uri: str, password: str) -> None:
    console.print("To try it on this machine, in a browser or with a client of OMS:")
    for name, value in (
        ("In a browser", uri.partition("/oms/")[0] + "/"),
        ("Service provider URL", uri),
        ("User name", USER),
        ("Password", password),
        ("Certificate to trust", home / "tls" / "ca.crt"),
        ("What phones receive", home / "phones.jsonl"),
    ):
        console.print(f"  {name:20}  [bold]{value}[/]", soft_wrap=True)  # a value to copy is never cut
    console.print("Serving until Ctrl-C.")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        console.print("\nstopped")
