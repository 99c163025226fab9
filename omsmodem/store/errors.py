"""What can go wrong in the store."""


class StoreError(Exception):
    """The message store could not be used."""


class StoreBusy(StoreError):
    """Another program holds the message store; the request was not carried out."""


class StoreFull(StoreError):
    """The disk with the message store is full; nothing was accepted."""


class StoreDamaged(StoreError):
    """The message store is damaged; restore the newest backup."""


class StoreClosed(StoreError):
    """The message store is closed."""


class KeyReused(StoreError):
    """The key was used for another request before."""


class IllegalMove(StoreError):
    """A message was asked to make a move its state does not allow."""
