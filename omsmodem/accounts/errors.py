"""What the room of accounts raises."""


class AccountError(Exception):
    """The account file cannot be changed as asked."""


class NotVerified(Exception):
    """The password was not looked at; the same try may succeed a minute later."""


class SourcePaused(NotVerified):
    """Too many different wrong passwords came from there."""


class HashingBusy(NotVerified):
    """Too many passwords wait to be verified."""
