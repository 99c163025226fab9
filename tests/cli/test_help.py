"""Every command explains itself, to people, to shells and to man."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime

import click
import pytest
from click.testing import CliRunner

from omsmodem.cli import main
from omsmodem.cli.manual import page
from tests.cli.conftest import Home


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


ALL = dict(commands(main))


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_and_every_option_has_a_sentence(path: tuple[str, ...]) -> None:
    """Nobody has to guess."""
    command = ALL[path]
    assert command.help
    assert command.help.strip().endswith((".", ":", "`", "omsmodem"))
    assert all(parameter.help for parameter in command.params if isinstance(parameter, click.Option))


def test_the_manual_page_has_every_command_and_is_well_formed() -> None:
    """groff has nothing to complain of."""
    text = page(datetime(2026, 11, 23, tzinfo=UTC))
    for path in ALL:
        assert f".SS omsmodem {' '.join(path)}" in text.replace("\\-", "-")
    groff = shutil.which("groff")
    if groff is not None:
        done = subprocess.run(
            [groff, "-man", "-Tutf8", "-ww", "-Wbreak", "-z"], input=text, capture_output=True, text=True, timeout=60
        )
        assert done.stderr == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_get_their_completion(home: Home, shell: str) -> None:
    """A script that asks us what may follow."""
    script = home.run("completion", shell).stdout
    assert f"_OMSMODEM_COMPLETE={shell}_complete" in script


def test_users_is_a_short_name(home: Home) -> None:
    """For `user list`."""
    assert home.run("users").stdout == home.run("user", "list").stdout
    assert re.search(r"\bdana\b", home.run("users").stdout)


def test_the_help_names_every_command_once_with_a_whole_sentence() -> None:
    """In groups, in the order in which people need them; nothing is cut off."""
    told = CliRunner().invoke(main, ["--help"]).output.partition("Options:")[2]
    assert "..." not in told
    named = re.findall(r"^  ([a-z][a-z-]+)  ", told, flags=re.MULTILINE)
    assert sorted(named) == main.list_commands(click.Context(main))
