"""Groups of commands whose help keeps whole sentences."""

from collections.abc import Iterable

import click

_WHOLE = 1_000


class Group(click.Group):
    """A group that lists its commands with their first sentences, never cut off."""

    def sections(self, ctx: click.Context) -> Iterable[tuple[str, Iterable[str]]]:
        """Titles, and the names of the commands below each."""
        yield "Commands", self.list_commands(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the lists; called by click."""
        for title, names in self.sections(ctx):
            commands = {name: self.get_command(ctx, name) for name in names}
            with formatter.section(title):
                formatter.write_dl(
                    [(name, one.get_short_help_str(_WHOLE)) for name, one in commands.items() if one is not None]
                )
