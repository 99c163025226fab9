"""Examines the machine, the stick, the service and its clients; every line is well or says what to do."""

from omsmodem.doctor.patient import ModemPort, Patient, Relay
from omsmodem.doctor.rounds import examine

__all__ = ["ModemPort", "Patient", "Relay", "examine"]
