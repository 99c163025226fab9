"""What carries messages between one modem and the store."""

from omsmodem.worker.carrier import ModemState, ModemStatus, Sending, Worker
from omsmodem.worker.receiver import Reception

__all__ = ["ModemState", "ModemStatus", "Reception", "Sending", "Worker"]
