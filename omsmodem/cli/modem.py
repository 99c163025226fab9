"""modem: find a modem, talk to it, write its dialogue down. None of these enters a PIN or deletes a message."""

import contextlib
import json
import queue
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from omsmodem import fleet
from omsmodem.cli.options import SYSTEM_CONFIG, read_config
from omsmodem.config import ModemConfig
from omsmodem.modem import advice, discovery
from omsmodem.modem.discovery import Finder, Probe
from omsmodem.modem.errors import CommandFailed, ModemError, PortUnavailable
from omsmodem.modem.gsm import Gsm, Setup
from omsmodem.modem.holders import Grabbing, Holder, holders, modem_manager
from omsmodem.modem.machine import SerialLine, serial_lines
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


# -- probe ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Finding:
    """One port: what the kernel knows, what it answered, who has it."""

    line: SerialLine | None
    probe: Probe
    holders: tuple[Holder, ...]
    grabbing: Grabbing

    def as_json(self) -> dict[str, object]:
        line = self.line
        return {
            "device": self.probe.device,
            "by_id": str(line.by_id) if line and line.by_id else None,
            "driver": line.driver if line else None,
            "usb": line.usb.ids if line and line.usb else None,
            "interface": line.interface if line else None,
            "answers": self.probe.answers,
            "identity": asdict(self.probe.identity),
            "sim": self.probe.sim,
            "pdu_mode": self.probe.pdu_mode,
            "indications": self.probe.indications,
            "trouble": self.probe.trouble,
            "holders": [asdict(holder) for holder in self.holders],
            "modem_manager": str(self.grabbing),
        }


@modem.command("probe")
@click.option(
    "--device", "devices", multiple=True, help="A port to ask, though it may not be a modem's; may be repeated."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a port.")
def probe(devices: tuple[str, ...], as_json: bool) -> None:
    """Find the modems of this machine: which port speaks AT, who has it, what to configure.

    Only ports that are a modem's by their driver or maker are opened. Exit code 1: no usable modem was found.
    """
    findings = [_look(line, device) for line, device in _ports(devices)]
    if as_json:
        for finding in findings:
            click.echo(json.dumps(finding.as_json()))
    else:
        _show(findings)
    if not any(finding.probe.usable for finding in findings):
        sys.exit(1)


def _ports(devices: tuple[str, ...]) -> Iterator[tuple[SerialLine | None, str]]:
    if not devices:
        yield from ((line, str(line.device)) for line in discovery.candidates())
        return
    known = {line.device.resolve(): line for line in serial_lines()}
    for device in devices:
        yield (None if "://" in device else known.get(Path(device).resolve())), device


def _look(line: SerialLine | None, device: str) -> _Finding:
    """Who has a port is looked up first: while we probe, we have it ourselves."""
    found = () if "://" in device else tuple(holders(device))
    grabbing = modem_manager(line) if line else Grabbing.NO
    return _Finding(line, discovery.probe(device), found, grabbing)


def _show(findings: list[_Finding]) -> None:
    console = Console(highlight=False)
    if findings:
        table = Table("port", "driver", "modem", "IMEI", "SIM", "SMS", "used by", "ModemManager", pad_edge=False)
        for finding in findings:
            table.add_row(*_row(finding))
        console.print(table)
    else:
        console.print("No port of this machine is a modem's. Name one with --device if you know better.")
    for words in (*_troubles(findings), *advice.unswitched()):
        console.print(f"• {words}", soft_wrap=True)
    for finding in _chosen(findings):
        _advise(finding)


def _row(finding: _Finding) -> tuple[str, ...]:
    line, one = finding.line, finding.probe
    return (
        one.device,
        line.driver if line else "",
        f"{one.identity.manufacturer} {one.identity.model}".strip() if one.answers else "no answer",
        one.identity.imei,
        one.sim,
        ("yes" if one.indications else "without indications") if one.usable else "no",
        ", ".join(map(str, finding.holders)),
        str(finding.grabbing),
    )


def _troubles(findings: list[_Finding]) -> list[str]:
    troubles = [f"{finding.probe.device}: {finding.probe.trouble}" for finding in findings if finding.probe.trouble]
    if any(finding.grabbing is Grabbing.MAY_GRAB for finding in findings):
        troubles.append("ModemManager runs and may take a port away: install the rule below, or remove ModemManager")
    return troubles


def _chosen(findings: list[_Finding]) -> list[_Finding]:
    """The best port of each USB device, and every port that is on none."""
    alone = [finding for finding in findings if finding.line is None or finding.line.usb is None]
    chosen = [finding for finding in alone if finding.probe.usable]
    for usb in dict.fromkeys(finding.line.usb for finding in findings if finding.line and finding.line.usb):
        group = [finding for finding in findings if finding.line and finding.line.usb == usb]
        best = discovery.best([(finding.line, finding.probe) for finding in group if finding.line])
        chosen += [finding for finding in group if finding.probe is best]
    return chosen


def _advise(finding: _Finding) -> None:
    line, one = finding.line, finding.probe
    click.echo(f"\nFor the configuration ({one.identity.manufacturer} {one.identity.model} at {one.device}):\n")
    click.echo(advice.configuration(one.device, one.identity.imei, line.by_id if line else None))
    if line is not None and line.usb is not None:
        click.echo("As a udev rule (then: udevadm control --reload, and plug the modem in again):\n")
        click.echo(advice.udev_rule(line.usb, line.interface))


# -- at and trace -----------------------------------------------------------------------------------------------------


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
