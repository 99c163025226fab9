"""What the simulated modem understands, area by area. A command that is not in the table gets ERROR, as on a real one."""

from omsmodem.modem.simulator.commands import general, identity, messages, radio, sim, stored
from omsmodem.modem.simulator.commands.handler import Handler

COMMANDS: dict[str, Handler] = {
    **general.COMMANDS,
    **identity.COMMANDS,
    **sim.COMMANDS,
    **radio.COMMANDS,
    **messages.COMMANDS,
    **stored.COMMANDS,
}
COMMANDS["+CLAC"] = identity.lister(COMMANDS)
