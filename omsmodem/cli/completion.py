"""completion: what a shell needs to complete our commands."""

import click
from click.shell_completion import get_completion_class

_SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(_SHELLS))
def completion(shell: str) -> None:
    """Print the completion script for SHELL.

    For bash: omsmodem completion bash > /etc/bash_completion.d/omsmodem
    """
    from omsmodem.cli import main

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(main, {}, "omsmodem", "_OMSMODEM_COMPLETE").source())
