"""A made-up machine for tests of ports."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.modem.tree import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    tree = Tree(tmp_path)
    yield tree
    tree.close()
