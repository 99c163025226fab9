"""Every cell of the matrix, written into docs/reliability.md: `python -m tests.faults.matrix` (make faults)."""

import platform
import sqlite3
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from omsmodem import __version__
from tests.faults.cells import FAULTS, MOMENTS, Fault, Result, run
from tests.faults.pages import insert
from tests.faults.world import World, make_template

_LABELS = {
    "single": "a message of one segment",
    "middle": "the second segment of three",
    "incoming": "an incoming answer of two",
    "report": "between message and report",
}


def main() -> int:
    """Run all, two at a time, and write the table; exit code 1 when a cell is not good."""
    with tempfile.TemporaryDirectory(prefix="omsmodem-faults-") as directory:
        template = make_template(Path(directory) / "template")
        cells = [(fault, moment) for fault in FAULTS for moment in MOMENTS]

        def one(numbered: tuple[int, tuple[Fault, str]]) -> Result:
            number, (fault, moment) = numbered
            with World(Path(directory) / f"office{number}", template, factor=fault.factor) as world:
                result = run(fault, moment, world)
            print(f"{'ok ' if result.good else 'BAD'} {fault.name}, {_LABELS[moment]}: {_words(result)}", flush=True)
            return result

        with ThreadPoolExecutor(2) as pool:
            results = list(pool.map(one, enumerate(cells)))
    insert("matrix", _table(results))
    return 0 if all(result.good for result in results) else 1


def _words(result: Result) -> str:
    verdict = result.verdict
    said = []
    if verdict.lost:
        said.append(f"**{len(verdict.lost)} lost**")
    if verdict.repeated:
        said.append(f"**{len(verdict.repeated)} repeated silently**")
    if verdict.marked:
        said.append(f"{verdict.marked} sent again, marked")
    if verdict.uncertain:
        said.append(f"{verdict.uncertain} held")
    if verdict.unsettled and not verdict.uncertain:
        said.append("**not settled**")
    return f"{', '.join(said) or 'nothing'}; {result.recovered_s:.0f} s"


def _table(results: list[Result]) -> str:
    rows: dict[str, dict[str, str]] = {}
    for result in results:
        rows.setdefault(result.fault, {})[result.moment] = _words(result)
    lines = ["| fault | " + " | ".join(_LABELS[moment] for moment in MOMENTS) + " |", "|---" * (len(MOMENTS) + 1) + "|"]
    lines += [f"| {fault} | " + " | ".join(cells[moment] for moment in MOMENTS) + " |" for fault, cells in rows.items()]
    promised = sum(result.verdict.promised for result in results)
    lost = sum(len(result.verdict.lost) for result in results)
    repeated = sum(len(result.verdict.repeated) for result in results)
    when = f"{datetime.now(UTC):%Y-%m-%d}, omsmodem {__version__}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    summary = f"{when}: {promised} messages promised, {lost} lost, {repeated} repeated silently."
    return "\n".join([summary, "", *lines])


if __name__ == "__main__":
    sys.exit(main())
