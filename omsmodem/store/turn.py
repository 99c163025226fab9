"""Whose turn it is to write: one process at a time, from before the first statement until after the commit."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from omsmodem.store.errors import StoreBusy

_RETRY_S = 0.002


@contextmanager
def service_of(directory: Path) -> Iterator[None]:
    """Be the one service on a directory for the block: a second one would take the first one's messages in hand for left
    ones. Raises StoreBusy, OSError.
    """
    descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise StoreBusy(f"another service works on {directory}: `omsmodem status` tells of it") from error
    finally:
        os.close(descriptor)


class Turn:
    """A lock among processes, held by a file beside the database; it ends with the process that holds it."""

    def __init__(self, path: Path, patience_s: float) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._patience_s = patience_s

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for the turn, keep it for the block. Raises StoreBusy when others keep it too long."""
        deadline = time.monotonic() + self._patience_s
        while not self._try():
            if time.monotonic() > deadline:
                raise StoreBusy(StoreBusy.__doc__)
            time.sleep(_RETRY_S)
        try:
            yield
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def _try(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Give up the file."""
        os.close(self._descriptor)
