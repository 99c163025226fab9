"""What carries messages between one modem and the store."""

from omsmodem.worker.carrier import ModemState, ModemStatus, Sending, Worker

__all__ = ["ModemState", "ModemStatus", "Sending", "Worker"]
