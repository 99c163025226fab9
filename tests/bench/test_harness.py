"""The benchmarks' harness; the figures themselves are not tested."""

import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import bench
from bench import Row, __main__, at_least, at_most

ROOT = Path(__file__).parent.parent.parent
MODULES = [module.name for module in pkgutil.iter_modules(bench.__path__) if not module.name.startswith("_")]


@pytest.mark.parametrize("name", MODULES)
def test_every_benchmark_can_be_run(name: str) -> None:
    """It has a title and a `run`."""
    module = importlib.import_module(f"bench.{name}")
    assert isinstance(module.NAME, str)
    assert callable(module.run)


@pytest.mark.parametrize(
    ("row", "ratio", "target", "ok"),
    [
        (at_most("x", 3.0, "µs", 1.0, baseline=4.0), 0.75, "≤ 1×", True),
        (at_most("x", 5.0, "µs", 1.0, baseline=4.0), 1.25, "≤ 1×", False),
        (at_most("x", 5.0, "MB", 60), None, "≤ 60", True),
        (at_least("x", 150.0, "1/s", 150), None, "≥ 150", True),
        (at_least("x", 98.0, "1/s", 0.99, baseline=100.0), 0.98, "≥ 0.99×", False),
    ],
)
def test_limits(row: Row, ratio: float | None, target: str, ok: bool) -> None:
    """On the figure itself, or on its ratio where there is a baseline."""
    assert (row.ratio, row.target, row.ok) == (ratio, target, ok)


def test_the_table_has_a_line_for_each_row() -> None:
    """Figures stand under their headings and a missed limit shouts."""
    rows = [Row("idle", 0.25, "%"), at_most("slow", 2500.0, "µs", 1.0, baseline=1000.0)]
    heading, idle, slow = __main__.table(rows).splitlines()
    assert idle.split() == ["idle", "0.25", "%"]
    assert slow.split() == ["slow", "2,500", "µs", "1,000", "2.50×", "≤", "1×", "MISSED"]
    assert heading.index("unit") == slow.index("µs")


def test_the_table_as_markdown() -> None:
    """Every row is a row of the page, with its spread and its note; what could not be measured says why."""
    rows = [
        Row("ours", 12.0, "ms", spread=(10.0, 15.0)),
        Row("  theirs", None, "", note="not installed: Debian package kannel"),
    ]
    heading, rule, ours, theirs = __main__.markdown(rows).splitlines()
    assert heading.count("|") == rule.count("|") == ours.count("|") == theirs.count("|")
    assert ours.startswith("| ours | 12 | ms | 10..15 |")
    assert theirs.startswith("| · theirs |  |")
    assert theirs.endswith("| not installed: Debian package kannel |")


def test_an_unknown_name_lists_the_known_ones() -> None:
    """On the error stream, with the usual exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "bench", "nothing"], cwd=ROOT, capture_output=True, text=True, timeout=50, check=False
    )
    assert done.returncode == 2
    assert "no benchmark is called nothing" in done.stderr
    assert "codec" in done.stderr
