"""What carries messages between the modems and the store: one worker, one thread, for each modem."""

from omsmodem.worker.budget import Caps
from omsmodem.worker.care import Care, Clocks
from omsmodem.worker.carrier import Worker
from omsmodem.worker.receiver import Reception
from omsmodem.worker.sender import Sending
from omsmodem.worker.status import ModemState, ModemStatus
from omsmodem.worker.switchboard import Switchboard
from omsmodem.worker.watch import Watching

__all__ = [
    "Caps",
    "Care",
    "Clocks",
    "ModemState",
    "ModemStatus",
    "Reception",
    "Sending",
    "Switchboard",
    "Watching",
    "Worker",
]
