"""A few cells of the matrix; all of them are run by `make faults`, which writes docs/reliability.md."""

from pathlib import Path

import pytest

from tests.faults.cells import FAULTS, run
from tests.faults.world import World

_BY_NAME = {fault.name: fault for fault in FAULTS}


@pytest.mark.parametrize(
    ("fault", "moment"),
    [
        ("unplug", "middle"),
        ("late answer (100 s)", "single"),
        ("+CMS ERROR: 42, 5 times", "single"),
        ("modem reboots", "report"),
        ("quota used up (EFBIG)", "middle"),
        ("store locked", "incoming"),
        ("clock a day back", "single"),
        ("mail server dead", "incoming"),
    ],
)
def test_a_fault_costs_no_message(fault: str, moment: str, tmp_path: Path, template: Path) -> None:
    """Nothing lost, nothing repeated silently, an answer mailed once."""
    chosen = _BY_NAME[fault]
    with World(tmp_path / "office", template, factor=chosen.factor) as world:
        result = run(chosen, moment, world)
    assert result.good, result
