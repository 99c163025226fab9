"""A simulated modem as a process of its own: `python -m bench._stick LINK AIR_S COMMAND_S`, until its standard input ends."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from omsmodem.modem.simulator.modem import SimulatedModem
from omsmodem.modem.simulator.network import Network
from omsmodem.modem.simulator.phones import Phones
from omsmodem.modem.simulator.shell import PtyShell


def main() -> None:
    """Serve."""
    link, air_s, command_s = Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    network = Network(Phones(lambda: datetime.now(UTC)), air_time_s=air_s)
    shell = PtyShell(SimulatedModem(network, command_delay_s=command_s), link).start()
    sys.stdin.read()
    shell.close()


if __name__ == "__main__":
    main()
