"""simulate-modem, simulated, phone: a modem, its network and its phones for trying things without them."""

import json
import signal
import threading
import time
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import click

from omsmodem.modem.simulator.actions import BadRequest
from omsmodem.modem.simulator.control import SimulatorNotRunning, ask
from omsmodem.modem.simulator.devices import PROFILES
from omsmodem.modem.simulator.network import Network
from omsmodem.modem.simulator.phones import Phones
from omsmodem.modem.simulator.replay import Replay
from omsmodem.modem.simulator.shell import PtyShell
from omsmodem.modem.simulator.simulation import Simulation


def _now() -> datetime:
    return datetime.now(UTC)


class SimulatedStick:
    """A simulated modem on a PTY, plugged in for the length of a `with`."""

    def __init__(
        self, link: Path, log: Path | None, *, profile: str = "generic", air_time_s: float = 0.3, report_s: float = 0.5
    ) -> None:
        network = Network(Phones(_now, log), _now, air_time_s=air_time_s, report_delay_s=report_s)
        self._simulation = Simulation(network)
        self.path = self._simulation.on_pty(PROFILES[profile], link).path
        self.modem = self._simulation.modems[0]

    def __enter__(self) -> Self:
        self._simulation.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._simulation.__exit__(kind, error, trace)


def _file(**attributes: Any) -> click.Path:
    return click.Path(path_type=Path, dir_okay=False, **attributes)


@click.command("simulate-modem")
@click.option(
    "--link", "links", multiple=True, type=_file(), help="The path that programs open; again: one more modem."
)
@click.option("--tcp", "ports", multiple=True, type=click.IntRange(0, 65535), help="A modem on a port of this machine.")
@click.option("--log", type=_file(), help="What phones receive, one JSON object a line.")
@click.option("--network-log", type=_file(), help="Every TPDU the network took, one JSON object a line; appended to.")
@click.option(
    "--profile",
    type=click.Choice(sorted(PROFILES)),
    default="generic",
    show_default=True,
    help="Which device it is like.",
)
@click.option("--air-time", type=float, default=0.3, show_default=True, help="Seconds a segment is on the air.")
@click.option("--report-delay", type=float, default=0.5, show_default=True, help="Seconds until a phone confirms.")
@click.option("--faults", type=_file(exists=True), help="What goes wrong and when: docs/simulator.md.")
@click.option("--control", type=_file(), help="A socket for the commands `simulated` and `phone`.")
@click.option("--replay", type=_file(exists=True), help="Play this recorded dialogue instead (`modem trace`).")
def simulate_modem(
    links: tuple[Path, ...],
    ports: tuple[int, ...],
    log: Path | None,
    network_log: Path | None,
    profile: str,
    air_time: float,
    report_delay: float,
    faults: Path | None,
    control: Path | None,
    replay: Path | None,
) -> None:
    """Be a modem with a network and phones until Ctrl-C."""
    if not links and not ports:
        raise click.UsageError("say where the modem answers: --link PATH or --tcp PORT")
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    if replay is not None:
        _play(replay, links, done)
        return
    network = Network(Phones(_now, log), _now, air_time_s=air_time, report_delay_s=report_delay, log=network_log)
    with ExitStack() as stack:
        simulation = stack.enter_context(Simulation(network))
        try:
            places = [str(simulation.on_pty(PROFILES[profile], link).path) for link in links]
            places += [simulation.on_tcp(PROFILES[profile], port).url for port in ports]
            if control is not None:
                simulation.listen(control)
        except OSError as error:
            where = f"{error.filename2 or error.filename}: " if error.filename else ""
            raise click.ClickException(f"the modem cannot be there: {where}{error.strerror}") from error
        if faults is not None:
            _arm(simulation, faults)
        for place, modem in zip(places, simulation.modems, strict=True):
            click.echo(f"a simulated {profile} modem ({modem.sim.number}) answers on {place}")
        done.wait()


def _play(dialogue: Path, links: tuple[Path, ...], done: threading.Event) -> None:
    if len(links) != 1:
        raise click.UsageError("a dialogue is played on one --link")
    try:
        replay = Replay.of(dialogue, time.monotonic)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    with closing(PtyShell(replay, links[0]).start()) as shell:
        click.echo(f"a recorded dialogue is played on {shell.path}")
        done.wait()
    if not replay.finished:
        raise click.ClickException(replay.mismatch or "the dialogue was not finished")


def _arm(simulation: Simulation, faults: Path) -> None:
    try:
        simulation.run_script(faults)
    except BadRequest as error:
        raise click.ClickException(str(error)) from error


def _ask(control: Path, request: dict[str, Any]) -> dict[str, Any]:
    try:
        return ask(control, request)
    except (BadRequest, SimulatorNotRunning) as error:
        raise click.ClickException(str(error)) from error


@click.command()
@click.option("--control", required=True, type=_file(), help="The socket of `simulate-modem --control`.")
@click.argument("action")
@click.argument("arguments", nargs=-1, metavar="[NAME=VALUE]...")
def simulated(control: Path, action: str, arguments: tuple[str, ...]) -> None:
    """Do something to a running simulated modem: unplug, hang, lost, send …

    Values are JSON where they can be, else text: `simulated --control S lost on=taken nth=3`.
    """
    request: dict[str, Any] = {"do": action}
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if not equals:
            raise click.UsageError(f"{argument}: write NAME=VALUE")
        request[name] = _value(value)
    click.echo(json.dumps(_ask(control, request), ensure_ascii=False))


def _value(text: str) -> object:
    if text.startswith("+"):  # a number in the sense of telephones
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


@click.command()
@click.option("--control", required=True, type=_file(), help="The socket of `simulate-modem --control`.")
@click.option("--from", "sender", required=True, help="The phone's number, or a name.")
@click.option("--to", default=None, help="The modem's number or name (default: the first).")
@click.argument("text")
def phone(control: Path, sender: str, to: str | None, text: str) -> None:
    """Send a text from a phone to the simulated modem."""
    request = {"do": "send", "from": sender, "text": text} | ({"modem": to} if to else {})
    segments = _ask(control, request)["segments"]
    click.echo(f"sent, {segments} segment{'s' if segments > 1 else ''}")
