"""Every cell of the matrix, and every kill by every door, written into docs/reliability.md.

`python -m tests.faults.matrix [part of a name …]` (make faults). With names only those faults are tried, and `kills`; a table is
written when all of it was.
"""

import platform
import sqlite3
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from omsmodem import __version__
from omsmodem.killpoints import POINTS
from tests.faults import kills
from tests.faults.cells import FAULTS, MOMENTS, Fault, Result, run
from tests.faults.disk import why_not
from tests.faults.doors import DOORS
from tests.faults.kills import ANSWER_BACK, BACK, OUT, REPORT, REPORT_BACK, SIGTERM, Killed
from tests.faults.pages import insert
from tests.faults.world import World, make_template

_LABELS = {
    "single": "a message of one segment",
    "middle": "the second segment of three",
    "incoming": "an incoming answer of two",
    "report": "between message and report",
}


def main() -> int:
    """Run what is wanted, two at a time, and write its tables; exit code 1 when a cell is not good."""
    wanted = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="omsmodem-faults-") as directory, ThreadPoolExecutor(2) as pool:
        template = make_template(Path(directory) / "template")
        cells = [(fault, moment) for fault in _faults(wanted) for moment in MOMENTS]
        results = list(pool.map(partial(_cell, Path(directory), template), cells))
        if len(cells) == len(FAULTS) * len(MOMENTS):
            insert("matrix", _table(results))
        which = KILLS if not wanted or "kills" in wanted else []
        killed = list(pool.map(partial(_kill, Path(directory), template), which))
        if killed:
            insert("kills", _kill_table(killed))
    return 0 if all(result.good for result in (*results, *killed)) else 1


def _faults(wanted: list[str]) -> list[Fault]:
    found = [fault for fault in FAULTS if not wanted or any(word in fault.name for word in wanted)]
    why = why_not()
    if why:
        print(f"left out, and so no table: {', '.join(fault.name for fault in found if fault.own_disk)}: {why}")
    return [fault for fault in found if not (why and fault.own_disk)]


def _cell(directory: Path, template: Path, which: tuple[Fault, str]) -> Result:
    fault, moment = which
    home = directory / f"office{FAULTS.index(fault)}-{moment}"
    with World(home, template, factor=fault.factor, own_disk=fault.own_disk) as world:
        result = run(fault, moment, world)
    print(f"{'ok ' if result.good else 'BAD'} {fault.name}, {_LABELS[moment]}: {_words(result)}", flush=True)
    return result


_WAYS = {ANSWER_BACK: kills.back, REPORT_BACK: kills.report}
#: Point, and the door that the message came in by, or what is on its way back.
KILLS = [(point, door) for point in (*OUT, SIGTERM) for door in DOORS]
KILLS += [(point, ANSWER_BACK) for point in BACK] + [(point, REPORT_BACK) for point in REPORT]


def _kill(directory: Path, template: Path, which: tuple[str, str]) -> Killed:
    point, door = which
    with World(directory / f"{point} {door}".replace(" ", "-"), template) as world:
        killed = _WAYS[door](world, point) if door in _WAYS else kills.out(world, point, door)
    print(f"{'ok ' if killed.good else 'BAD'} {point} {door}: {_kill_words(killed)}", flush=True)
    return killed


def _kill_words(killed: Killed) -> str:
    verdict = killed.verdict
    if not killed.good:
        return f"**{verdict}, {killed.states}, {killed.mails} mails**"
    if killed.door == ANSWER_BACK:
        return "mailed once" if killed.replies == 1 else f"mailed {killed.replies} times under one Message-ID"
    if killed.door == REPORT_BACK:
        return killed.states[0]
    return "sent again, marked" if verdict.marked else "nothing"


def _kill_table(killed: list[Killed]) -> str:
    rows: dict[str, dict[str, str]] = {}
    for one in killed:
        rows.setdefault(one.point, {})[one.door] = _kill_words(one)
    return "\n\n".join((_rows(rows, (*OUT, SIGTERM), DOORS), _rows(rows, BACK, (ANSWER_BACK, REPORT_BACK))))


def _rows(cells: dict[str, dict[str, str]], points: tuple[str, ...], ways: tuple[str, ...]) -> str:
    lines = ["| killed at | on disk then | " + " | ".join(ways) + " |", "|---" * (len(ways) + 2) + "|"]
    for point in points:
        found = " | ".join(cells[point].get(way, "") for way in ways)
        lines.append(f"| {point} | {POINTS.get(point, 'what it has done until then')} | {found} |")
    return "\n".join(lines)


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
    if result.unreported:
        return f"{', '.join([*said, 'the report was lost'])}"
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
