"""modem: find a modem, talk to it, write its dialogue down. None of these enters a PIN or deletes a message."""

import contextlib
import queue
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from omsmodem import fleet
from omsmodem.cli.options import SYSTEM_CONFIG, read_config
from omsmodem.cli.probe import probe
from omsmodem.config import ModemConfig
from omsmodem.modem.discovery import Finder
from omsmodem.modem.errors import CommandFailed, ModemError, PortUnavailable
from omsmodem.modem.gsm import Gsm, Setup
from omsmodem.modem.port import Trace
from omsmodem.modem.recorder import Recorder
from omsmodem.modem.session import Session
from omsmodem.modem.sim import NO_PIN

_PROMPTING = re.compile(r"AT.*\+\w*(CMG[SWC]|CMSS)=", re.IGNORECASE)
_NAME = re.compile(r"AT([+^*#$%&][A-Z0-9]+)", re.IGNORECASE)
_COMMAND_TIMEOUT_S = 60.0


class ModemFault(click.ClickException):
    """The modem cannot be used."""


@click.group("modem")
def modem() -> None:
    """Find a modem, talk to it, write its dialogue down."""


modem.add_command(probe)


def _which_modem(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--config FILE [--modem NAME]`, or `--device DEVICE` without any configuration."""
    options = (
        click.option(
            "--config",
            "config_path",
            default=lambda: SYSTEM_CONFIG if SYSTEM_CONFIG.exists() else None,
            type=click.Path(path_type=Path, dir_okay=False),
            envvar="OMSMODEM_CONFIG",
            help="The configuration file that names the modem.",
        ),
        click.option("--modem", "name", help="Which modem of the configuration; needed where there are several."),
        click.option("--device", help="A port, instead of a configured modem."),
    )
    for option in reversed(options):
        function = option(function)
    return function


@modem.command("at")
@_which_modem
@click.argument("command")
def at(config_path: Path | None, name: str | None, device: str | None, command: str) -> None:
    """Run one AT command and show what the modem answers. The service must not be using the modem.

    Exit code 0: the modem said OK; 1: anything else. Commands that send a message are not run: use `omsmodem send`.
    """
    if _PROMPTING.match(command):
        raise ModemFault("this command would send or store a message: use `omsmodem send`")
    finder, _ = _found(config_path, name, device)
    with _session(finder, None) as session:
        session.resynchronise()
        final = _run(session, command)
    if final != "OK":
        sys.exit(1)


def _run(session: Session, command: str) -> str:
    named = _NAME.match(command)
    prefix = f"{named[1].upper()}:" if named else None
    try:
        answer = session.execute(command, prefix=prefix, bare=True, timeout_s=_COMMAND_TIMEOUT_S)
        lines, final = answer.lines, answer.final
    except CommandFailed as error:
        lines, final = (), error.result
    for line in (*lines, final):
        click.echo(line)
    return final


@modem.command("trace")
@_which_modem
@click.option("--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The file to write.")
@click.option("--seconds", type=float, help="How long to listen at the end; without it until Ctrl-C.")
@click.option("--bring-up/--no-bring-up", default=True, show_default=True, help="Set the modem up as the service does.")
@click.argument("commands", nargs=-1)
def trace(
    config_path: Path | None,
    name: str | None,
    device: str | None,
    output: Path,
    seconds: float | None,
    bring_up: bool,
    commands: tuple[str, ...],
) -> None:
    """Write a modem's dialogue down: its bring-up, COMMANDS if any, and what it says while we listen.

    The file has one JSON object a line and can be replayed by `omsmodem simulate-modem`. PINs and the texts of messages are
    masked; the modem's IMEI, the SIM's number and beginnings of phone numbers are not.
    """
    finder, setup = _found(config_path, name, device)
    with (
        output.open("w", encoding="utf-8") as out,
        contextlib.closing(Recorder(out)) as recorder,
        _session(finder, recorder) as session,
    ):
        session.resynchronise()
        if bring_up:
            _bring_up(session, setup)
        for command in commands:
            _run(session, command)
        _listen(session, seconds)
    click.echo(f"{output} is written: {_count(output)} lines", err=True)


def _bring_up(session: Session, setup: Setup) -> None:
    try:
        identity = Gsm(session).bring_up(setup)
        click.echo(f"ready: {identity.manufacturer} {identity.model}", err=True)
    except ModemError as error:  # what a modem does that cannot be brought up is worth recording too
        click.echo(f"not ready: {error}", err=True)


def _listen(session: Session, seconds: float | None) -> None:
    click.echo("listening" + ("; Ctrl-C ends it" if seconds is None else f" for {seconds:g} s"), err=True)
    until = time.monotonic() + (seconds if seconds is not None else float("inf"))
    with contextlib.suppress(KeyboardInterrupt):
        while (left_s := until - time.monotonic()) > 0:
            session.wait(min(left_s, 3600.0))
            for indication in session.indications():
                click.echo("\n".join(indication.lines))


def _count(path: Path) -> int:
    with path.open(encoding="utf-8") as lines:
        return sum(1 for _ in lines)


def _found(config_path: Path | None, name: str | None, device: str | None) -> tuple[Finder, Setup]:
    if device is not None:
        return Finder(device=device), Setup()
    if config_path is None:
        raise click.UsageError("give --config FILE or --device DEVICE")
    chosen = _configured(read_config(config_path).modems, name)
    return fleet.finder(chosen), replace(fleet.modem_setup(chosen), unlock=NO_PIN)


def _configured(modems: tuple[ModemConfig, ...], name: str | None) -> ModemConfig:
    matching = [one for one in modems if name in {None, one.name}]
    if len(matching) != 1:
        names = ", ".join(one.name for one in modems) or "none"
        raise click.UsageError(f"say which modem with --modem; configured: {names}")
    return matching[0]


@contextlib.contextmanager
def _session(finder: Finder, trace: Trace | None) -> Iterator[Session]:
    """A session with the modem; what goes wrong with it ends the command with a sentence."""
    try:
        session = Session(finder.open(), queue.SimpleQueue(), trace=trace)
    except PortUnavailable as error:
        raise ModemFault(str(error)) from error
    try:
        yield session
    except ModemError as error:
        raise ModemFault(str(error)) from error
    finally:
        session.close()
