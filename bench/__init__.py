"""Benchmarks: each prints what it measured beside a baseline measured in the same run. `python -m bench [name …]`.

A benchmark is a module of this package with a `NAME` and a `run() -> list[Row]`. Figures of different runs or machines say
little; ratios within a run do.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: what was measured, the same of the baseline, their ratio, and the limit it is held to."""

    name: str
    value: float | None  # None where it could not be measured
    unit: str
    baseline: float | None = None
    ratio: float | None = None
    target: str = ""
    ok: bool | None = None  # None where there is no limit
    note: str = ""
    spread: tuple[float, float] | None = None  # the lowest and the highest of what `value` stands for


def at_most(name: str, value: float, unit: str, limit: float, baseline: float | None = None) -> Row:
    """A figure that may not exceed `limit`: itself, or its ratio to the baseline where there is one."""
    ratio = None if baseline is None else value / baseline
    return Row(
        name, value, unit, baseline, ratio, _limit("≤", limit, ratio), (value if ratio is None else ratio) <= limit
    )


def at_least(name: str, value: float, unit: str, limit: float, baseline: float | None = None) -> Row:
    """A figure that has to reach `limit`: itself, or its ratio to the baseline where there is one."""
    ratio = None if baseline is None else value / baseline
    return Row(
        name, value, unit, baseline, ratio, _limit("≥", limit, ratio), (value if ratio is None else ratio) >= limit
    )


def _limit(sign: str, limit: float, ratio: float | None) -> str:
    return f"{sign} {limit:g}" + ("" if ratio is None else "×")
