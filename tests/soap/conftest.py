"""An office for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.soap.office import Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office.open(tmp_path)
    yield made
    made.store.close()
