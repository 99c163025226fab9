"""Tells people what came back: replies in Outlook's form, failures and doubts, alarms; by SMTP from a spool on the store."""

from omsmodem.mail.composer import Composer, Mailboxes
from omsmodem.mail.letter import Letterhead
from omsmodem.mail.relay import Relay
from omsmodem.mail.spool import Spool, SpoolSettings, SpoolStatus

__all__ = ["Composer", "Letterhead", "Mailboxes", "Relay", "Spool", "SpoolSettings", "SpoolStatus"]
