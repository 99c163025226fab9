"""What can go wrong between a notice and a mailbox, told apart by what is to be done."""


class MailError(Exception):
    """A mail could not be sent."""


class RelayDown(MailError):
    """The mail server cannot be used now; no single mail is to blame."""


class Deferred(MailError):
    """The mail server does not take this mail now."""


class Dropped(Deferred):
    """The connection ended in the middle of this mail; the server may have taken it."""


class Rejected(MailError):
    """The mail will never be taken."""


class NobodyToTell(MailError):
    """There is no mailbox this mail could go to."""
