"""simulate-modem: a modem for trying things without one."""

import signal
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import click

from omsmodem.app import utc_now
from omsmodem.modem.simulator.modem import SimulatedModem
from omsmodem.modem.simulator.network import Network
from omsmodem.modem.simulator.phones import Phones
from omsmodem.modem.simulator.profile import PROFILES
from omsmodem.modem.simulator.shell import PtyShell


class SimulatedStick:
    """A simulated modem on a PTY, plugged in for the length of a `with`."""

    def __init__(
        self, link: Path, log: Path | None, *, profile: str = "generic", air_time_s: float = 0.3, report_s: float = 0.5
    ) -> None:
        network = Network(Phones(utc_now, log), utc_now, air_time_s=air_time_s, report_delay_s=report_s)
        self.modem = SimulatedModem(network, PROFILES[profile], now=time.monotonic)
        self._shell = PtyShell(self.modem, link)
        self.path = self._shell.path

    def __enter__(self) -> Self:
        self._shell.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._shell.close()


@click.command("simulate-modem")
@click.option("--link", required=True, type=click.Path(path_type=Path), help="The path that programs open.")
@click.option(
    "--log", type=click.Path(path_type=Path, dir_okay=False), help="What phones receive, one JSON object a line."
)
@click.option("--profile", type=click.Choice(sorted(PROFILES)), default="generic", show_default=True)
@click.option("--air-time", type=float, default=0.3, show_default=True, help="Seconds a segment is on the air.")
@click.option("--report-delay", type=float, default=0.5, show_default=True, help="Seconds until a phone confirms.")
def simulate_modem(link: Path, log: Path | None, profile: str, air_time: float, report_delay: float) -> None:
    """Be a modem with a network and phones until Ctrl-C."""
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    with SimulatedStick(link, log, profile=profile, air_time_s=air_time, report_s=report_delay) as stick:
        click.echo(f"a simulated {profile} modem answers on {stick.path}")
        done.wait()
