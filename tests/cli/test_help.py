"""Every command explains itself, to people, to shells and to man."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from omsmodem.cli import main
from omsmodem.cli.manual import page
from omsmodem.cli.options import SYSTEM_CONFIG
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


@pytest.mark.parametrize("command", ["status", "doctor", "serve", "queue list", "send --account dana --to 1 x"])
def test_without_a_configuration_it_is_said_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """The first mistake of every newcomer."""
    monkeypatch.setenv("OMSMODEM_CONFIG", str(tmp_path / "none.yaml"))
    result = CliRunner().invoke(main, command.split())
    assert result.exit_code == 2
    assert f"there is no configuration at {tmp_path / 'none.yaml'}: `omsmodem setup` makes one" in result.output


def test_without_a_name_the_configuration_of_the_machine_is_meant() -> None:
    """Also where there is none: no command fails for want of an option."""
    if SYSTEM_CONFIG.exists():
        pytest.skip("this machine has one")
    result = CliRunner(env={"OMSMODEM_CONFIG": None}).invoke(main, ["status"])
    assert result.exit_code == 2
    assert "there is no configuration at /etc/omsmodem/config.yaml" in result.output


#: In documents and remedies: a line of its own, in back quotes or quotes, after an arrow or a semicolon.
_NAMED = re.compile(r'(?:^ {4}|[`"]|→ |; )omsmodem ([a-z][a-z-]+(?: [^`\n"(;#]*)?)', re.MULTILINE)
_HOUSE = Path(__file__).parents[2]


def test_every_command_that_documents_and_remedies_name_can_be_typed() -> None:
    """It exists, takes these options, and no more arguments than are given."""
    documents = [_HOUSE / "README.md", *(_HOUSE / "docs").rglob("*.md")]
    sources = [path for room in ("doctor", "health.py", "lookout.py", "mail", "cli") for path in _python(room)]
    wrong = []
    for path in (*documents, *sources):
        for named in _NAMED.findall(path.read_text(encoding="utf-8")):
            words = re.split(r" [<>…] ?| (?:makes|says|tells) ", named.rstrip(" .,:"))[0].split()
            if trouble := _cannot_be_typed(words):
                wrong.append(f"{path.name}: omsmodem {named}: {trouble}")
    assert wrong == []


def _python(room: str) -> list[Path]:
    path = _HOUSE / "omsmodem" / room
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


def _cannot_be_typed(words: list[str]) -> str:
    command: click.Command = main
    context = click.Context(main)
    while isinstance(command, click.Group) and words:
        found = command.get_command(context, words[0])
        if found is None:
            return "" if words[0].startswith("{") else f"no command {words[0]}"
        command, words = found, words[1:]
    options = {name: each for each in command.params for name in (*each.opts, *each.secondary_opts)}
    given, places = (
        0,
        sum(each.nargs if each.nargs > 0 else 99 for each in command.params if isinstance(each, click.Argument)),
    )
    rest = iter(words)
    for word in rest:
        name = word.split("=")[0]
        if name.startswith("--") and name not in options:
            return f"no option {name}"
        option = options.get(name)
        if isinstance(option, click.Option) and not option.is_flag and "=" not in word:
            next(rest, None)
        given += not name.startswith("--")
    return "too many arguments" if given > places and not isinstance(command, click.Group) else ""


def test_a_mistyped_command_is_guessed() -> None:
    """Those of the first level too, which are imported only when they are run."""
    assert "Did you mean 'status'?" in CliRunner().invoke(main, ["statsu"]).output
