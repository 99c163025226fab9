"""Examines the machine, the stick, the service and its clients; every line is well or says what to do."""

from omsmodem.doctor.patient import MailServer, ModemPort, Patient
from omsmodem.doctor.rounds import examine

__all__ = ["MailServer", "ModemPort", "Patient", "examine"]
