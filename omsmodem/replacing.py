"""A file replaced whole: whoever reads sees the old one or the new one. Standard library only."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A private file (0600) for the block to write; at its end it is on disk and in the place of `path`. Raises OSError.

    Nothing is left of it where the block or the replacing fails.
    """
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as new:
        try:
            yield new
            new.flush()
            os.fsync(new.fileno())
            Path(new.name).replace(path)
        except BaseException:
            Path(new.name).unlink(missing_ok=True)
            raise
