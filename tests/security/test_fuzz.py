"""A short round of `make fuzz`, the same each time: nothing that reads octets of strangers breaks, hangs or depends on cuts."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))
import fuzz


@pytest.mark.parametrize("name", fuzz.TARGETS)
def test_no_input_breaks_it(name: str) -> None:
    """Only our own refusals are raised, and changed seeds reach well into the code."""
    done, lines, broken = fuzz.fuzz(name, seconds=30, seed=7, runs=250)
    assert broken is None, broken
    assert done == 250
    assert lines >= 3


def test_the_fuzzer_finds_what_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A target that fails for one octet is caught with the input."""

    def fragile(octets: bytes) -> None:
        if b"\x07" in octets:
            raise KeyError("bell")

    monkeypatch.setitem(fuzz.TARGETS, "fragile", fuzz.Target(fragile, (), [b"tide"]))
    _, _, broken = fuzz.fuzz("fragile", seconds=30, seed=7)
    assert broken is not None
    assert b"\x07" in broken
