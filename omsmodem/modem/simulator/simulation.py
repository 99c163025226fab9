"""A whole simulated world: one network, its modems on their lines, scripts and a control socket."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from omsmodem.modem.simulator import script
from omsmodem.modem.simulator.control import SimulatorControl
from omsmodem.modem.simulator.modem import SimulatedModem
from omsmodem.modem.simulator.network import Network
from omsmodem.modem.simulator.profile import Profile
from omsmodem.modem.simulator.shell import PtyShell, TcpShell
from omsmodem.modem.simulator.sim import Sim

_FIRST_NUMBER, _FIRST_IMSI, _FIRST_ICCID = 447700900100, 234159876543210, 8944110065123456789


class Simulation:
    """Modems plugged in for the length of a `with`. Set it up before."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.modems: list[SimulatedModem] = []
        self._stack = ExitStack()

    def modem(self, profile: Profile) -> SimulatedModem:
        """One more modem with its own IMEI and SIM, on no line yet."""
        order = len(self.modems)
        sim = Sim(f"+{_FIRST_NUMBER + order}", str(_FIRST_IMSI + order), str(_FIRST_ICCID + order))
        modem = SimulatedModem(
            self.network,
            replace(profile, imei=another_imei(profile.imei, order)),
            sim=sim,
            name="modem" if not order else f"modem{order + 1}",
        )
        self.modems.append(modem)
        return modem

    def on_pty(self, profile: Profile, link: Path | None = None, *, pace: float = 1.0) -> PtyShell:
        """A modem behind a path that programs open."""
        shell = PtyShell(self.modem(profile), link, pace=pace)
        self._stack.callback(shell.close)
        return shell.start()

    def on_tcp(self, profile: Profile, port: int = 0, *, pace: float = 1.0) -> TcpShell:
        """A modem on a TCP port of this machine."""
        shell = TcpShell(self.modem(profile), port, pace=pace)
        self._stack.callback(shell.close)
        return shell.start()

    def listen(self, path: Path) -> None:
        """Answer on a control socket."""
        control = SimulatorControl(self.network, path)
        self._stack.callback(control.close)
        control.start()

    def run_script(self, path: Path) -> int:
        """Arm a fault script; how many lines. Raises BadRequest."""
        return script.arm(self.network, path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()


def another_imei(imei: str, order: int) -> str:
    """The IMEI `order` further on, with its check digit (TS 23.003 annex B)."""
    body = str(int(imei[:14]) + order).zfill(14)
    digits = [int(digit) * (2 if position % 2 else 1) for position, digit in enumerate(body)]
    total = sum(digit // 10 + digit % 10 for digit in digits)
    return body + str(-total % 10)
