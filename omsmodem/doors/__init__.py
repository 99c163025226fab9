"""Doors for programs that already send texts: spool directories as gammu-smsd and smstools have them, and Kannel's URL."""

from omsmodem.doors.sendsms import SendSms
from omsmodem.doors.spool import Spool
from omsmodem.doors.watching import SpoolWatch

__all__ = ["SendSms", "Spool", "SpoolWatch"]
