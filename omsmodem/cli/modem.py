"""modem: find a modem, talk to it, write its dialogue down. None of these enters a PIN or deletes a message."""

import contextlib
import queue
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from omsmodem import fleet
from omsmodem.cli.groups import Group
from omsmodem.cli.options import SYSTEM_CONFIG, config_option, opened, person, read_config
from omsmodem.cli.probe import probe
from omsmodem.config import ModemConfig
from omsmodem.control import ServiceNotRunning, call
from omsmodem.modem import ask
from omsmodem.modem.discovery import Finder
from omsmodem.modem.errors import ModemError, PortUnavailable
from omsmodem.modem.gsm import Gsm, Setup
from omsmodem.modem.port import Trace
from omsmodem.modem.recorder import Recorder
from omsmodem.modem.session import Session
from omsmodem.modem.sim import NO_PIN, pin_digest
from omsmodem.store import Control

#: The service finishes the segment in hand first.
_PATIENCE_S = 40.0


class ModemFault(click.ClickException):
    """The modem cannot be used."""


@click.group("modem", cls=Group)
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
    """Run one AT command and show what the modem answers; a running service asks it for us, between two segments.

    Exit code 0: the modem said OK; 1: anything else. Commands that send a message are not run: use `omsmodem send`.
    """
    if ask.prompts(command):
        raise ModemFault("this command would send or store a message: use `omsmodem send`")
    said = _by_the_service("modem-at", config_path, name, device, line=command)
    lines = said["lines"] if said is not None else _asked(config_path, name, device, command)
    for line in lines:
        click.echo(line)
    if lines[-1] != "OK":
        sys.exit(1)


def _asked(config_path: Path | None, name: str | None, device: str | None, command: str) -> list[str]:
    finder, _ = _found(config_path, name, device)
    with _session(finder, None) as session:
        session.resynchronise()
        return ask.verbatim(session, command)


def _by_the_service(
    asked: str, config_path: Path | None, name: str | None, device: str | None, **arguments: str
) -> Any | None:
    """What the running service did for us; None when it does not run, or does not have this modem."""
    if device is not None or config_path is None:
        return None
    config = read_config(config_path)
    chosen = _configured(config.modems, name)
    try:
        answer: Any = call(
            config.storage.control_socket, asked, _PATIENCE_S, name=chosen.name, by=person(), **arguments
        )
    except ServiceNotRunning:
        return None
    if "error" in answer:
        raise ModemFault(str(answer["error"]))
    return answer


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
            click.echo("\n".join(ask.verbatim(session, command)))
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
    without_pin = chosen.model_copy(update={"pin_file": None})
    return fleet.finder(chosen), replace(fleet.modem_setup(without_pin), unlock=NO_PIN)


def _configured(modems: tuple[ModemConfig, ...], name: str | None) -> ModemConfig:
    matching = [one for one in modems if name in {None, one.name}]
    if len(matching) != 1:
        names = ", ".join(one.name for one in modems) or "none"
        wrong = "say which modem with --modem" if name is None else f"there is no modem {name}"
        raise click.UsageError(f"{wrong}; configured: {names}")
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


# -- a person's word --------------------------------------------------------------------------------------------------


def _word(command: str, control: Control, what: str) -> None:
    @modem.command(command, help=f"Let a modem {what}, until the opposite is said. The service may run or not.")
    @config_option
    @click.argument("name")
    def say(config_path: Path, name: str) -> None:
        config = read_config(config_path)
        chosen = _configured(config.modems, name)
        with opened(config) as store:
            store.modems.say(chosen.name, control, person())
        with contextlib.suppress(ServiceNotRunning):
            call(config.storage.control_socket, "nudge")
        click.echo(f"{chosen.name} is {control}")


_word("hold", Control.HELD, "take no message")
_word("drain", Control.DRAINING, "finish the messages it has begun and take no other")
_word("open", Control.OPEN, "take messages again")


@modem.command("reset")
@_which_modem
def reset(config_path: Path | None, name: str | None, device: str | None) -> None:
    """Restart a modem (AT+CFUN=1,1); a running service does it between two segments."""
    if _by_the_service("modem-reset", config_path, name, device) is None:
        finder, _ = _found(config_path, name, device)
        with _session(finder, None) as session:
            session.resynchronise()
            Gsm(session).reset()
    click.echo("the modem restarts; it may come back under another port name")


@modem.command("forget-pin")
@config_option
@click.argument("name")
def forget_pin(config_path: Path, name: str) -> None:
    """Let the configured PIN of a modem be entered once more, because you know that it is right.

    A PIN is entered once, and not again unless it opened the SIM. Three wrong ones in a row lock the SIM.
    """
    config = read_config(config_path)
    chosen = _configured(config.modems, name)
    try:
        pin = fleet.modem_setup(chosen).unlock.pin
    except OSError as error:
        raise ModemFault(f"the PIN of {chosen.name} cannot be read: {error}") from error
    if pin is None:
        raise ModemFault(f"{chosen.name} has no PIN: its key pin_file names the file with it")
    with opened(config) as store:
        sims = [iccid for iccid in store.modems.sims_tried() if store.modems.tried(iccid, pin_digest(iccid, pin))]
        for iccid in sims:
            store.modems.forget(iccid, pin_digest(iccid, pin))
            store.audit.note(person(), "forget-pin", f"modem {chosen.name}, SIM …{iccid[-4:]}")
    click.echo(
        f"the PIN of {chosen.name} is entered at the next look, within a minute"
        if sims
        else f"the PIN of {chosen.name} is not held back"
    )
