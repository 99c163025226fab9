"""A store in a real file, under a clock that stands until it is moved."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from omsmodem.store import Store, open_store
from tests.store.parts import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    opened = open_store(tmp_path / "omsmodem.db", clock)
    yield opened
    opened.close()
