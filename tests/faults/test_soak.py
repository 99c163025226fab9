"""A short soak: the long one is `make soak`."""

from pathlib import Path

import pytest

from tests.faults.soak import Soak


@pytest.mark.parametrize(("seed", "modems"), [(1, 1), (2, 2), (3, 3)])
def test_random_trouble_ends_with_every_book_balanced(seed: int, modems: int, tmp_path: Path) -> None:
    """Hundreds of messages out and in with faults at random: nothing lost, nothing repeated silently."""
    verdict, wrong = Soak(tmp_path, seed, 150, modems).run()
    assert not wrong, "\n".join([f"seed {seed}", *wrong])
    assert verdict.promised == 150
