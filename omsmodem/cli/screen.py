"""Tables where people look, plain lines where scripts read."""

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime

import click


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Draw rows under their columns on a terminal; anywhere else one line a row, fields apart by tabs.

    The last column has the room that is left; its second line, if it has one, says why.
    """
    if sys.stdout.isatty():
        _draw(columns, rows)
        return
    for row in rows:
        click.echo("\t".join(" ".join(str(field).split()) for field in row))


def clock_time(moment: datetime) -> str:
    """A moment on the clock of this machine."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _draw(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        drawn.add_column(column, no_wrap=column != columns[-1])
    count = 0
    for row in rows:
        drawn.add_row(*(Text(str(field), style=STYLES.get(str(field), "")) for field in row))
        count += 1
    console = Console(highlight=False)
    console.print(drawn if count else "[dim]nothing[/]")


#: Words that mean the same everywhere and have a colour.
STYLES = {
    "queued": "cyan",
    "submitting": "cyan",
    "submitted": "",
    "delivered": "green",
    "undelivered": "red",
    "failed": "red",
    "expired": "red",
    "cancelled": "dim",
    "uncertain": "yellow",
    "held": "yellow",
    "OK": "bold green",
    "WARN": "bold yellow",
    "FAIL": "bold red",
}
