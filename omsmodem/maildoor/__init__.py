"""The door for mail programs: SMTP in, for those who write to `<number>@domain`, and for trusted mail servers."""

from omsmodem.maildoor.handler import House
from omsmodem.maildoor.listener import Listener, MailListener
from omsmodem.maildoor.recipients import Book
from omsmodem.maildoor.senders import Relays
from omsmodem.maildoor.session import Limits

__all__ = ["Book", "House", "Limits", "Listener", "MailListener", "Relays"]
