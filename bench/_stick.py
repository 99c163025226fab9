"""Simulated modems as a process of their own: `python -m bench._stick LINK AIR_S COMMAND_S [MODEMS]`, until standard input ends.

The second modem's path is LINK with 2 behind it, and so on. Each `AT+CMGS` is told on standard output as it comes: the modem,
the moment (CLOCK_MONOTONIC, which all processes share), and what was said until then: commands and octets of the host, octets of
the modem, and those of delivery reports among them. A line on standard input is answered with the number of commands.
"""

import os
import re
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from omsmodem.modem.simulator.modem import SimulatedModem
from omsmodem.modem.simulator.network import Network
from omsmodem.modem.simulator.phones import Phones
from omsmodem.modem.simulator.shell import PtyShell

_ENDS = re.compile(rb"[\r\x1a]")  # of a command, and of the TPDU behind a prompt
_REPORT = re.compile(rb"\r\n\+CDS: \d+\r\n[0-9A-F]+\r\n")


class WatchedModem(SimulatedModem):
    """A modem that tells what it hears."""

    order = 0
    commands_heard = octets_heard = octets_said = octets_of_reports = 0
    _unfinished = b""

    def feed(self, octets: bytes) -> None:
        """Hear octets, and tell of a submission before it is obeyed."""
        self.octets_heard += len(octets)
        *whole, self._unfinished = _ENDS.split(self._unfinished + octets)
        for command in (line.strip().upper() for line in whole):
            self.commands_heard += command.startswith(b"AT")
            if command.startswith(b"AT+CMGS="):
                counts = (self.commands_heard, self.octets_heard, self.octets_said, self.octets_of_reports)
                line = " ".join(map(str, (self.order, time.monotonic(), *counts)))
                os.write(1, f"{line}\n".encode())  # whole, whatever other modems tell at the same time
        super().feed(octets)

    def due(self) -> bytes:
        """What is said by now."""
        octets = super().due()
        self.octets_said += len(octets)
        self.octets_of_reports += sum(map(len, _REPORT.findall(octets)))
        return octets


def links(link: Path, modems: int) -> list[Path]:
    """The paths of so many modems."""
    return [link.with_name(link.name + (str(n) if n > 1 else "")) for n in range(1, modems + 1)]


def main(link: str, air_s: str, command_s: str, modems: str = "1") -> None:
    """Serve."""
    network = Network(Phones(lambda: datetime.now(UTC)), air_time_s=float(air_s))
    plugged: list[WatchedModem] = []
    shells = []
    for order, path in enumerate(links(Path(link), int(modems))):
        modem = WatchedModem(network, command_delay_s=float(command_s), name=f"modem{order + 1}")
        modem.order = order
        plugged.append(modem)
        shells.append(PtyShell(modem, path).start())
    for _ in sys.stdin:  # each line asks how many commands there were
        os.write(1, f"{sum(modem.commands_heard for modem in plugged)}\n".encode())
    for shell in shells:
        shell.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
