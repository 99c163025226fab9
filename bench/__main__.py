"""Run the benchmarks named, or all, and print one table. Exit code 1 when a limit is missed or a benchmark breaks."""

import argparse
import importlib
import os
import pkgutil
import platform
import sys
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import bench
from bench import Row
from bench._peers import PEERS

#: Whose versions explain a figure.
PACKAGES = (
    *("cheroot", "lxml", "pyserial", "argon2-cffi"),
    *("python-gsmmodem-new", "python-gammu", "python-messaging", "smspdudecoder"),
)
HEADINGS = ("", "value", "unit", "spread", "baseline", "ratio", "limit", "")


def main() -> int:
    """Run and print."""
    known = sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if not module.name.startswith("_"))
    parser = argparse.ArgumentParser(prog="python -m bench", description="Benchmarks beside their baselines.")
    parser.add_argument("name", nargs="*", help=f"which ones: {', '.join(known)} (default: all)")
    parser.add_argument(
        "--markdown", action="store_true", help="print the tables as Markdown, as in docs/performance.md"
    )
    parser.add_argument("--page", type=Path, help="write them there as well, between the marks of `tables`")
    options = parser.parse_args()
    names = options.name or known
    if unknown := sorted(set(names) - set(known)):
        parser.error(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(known)}")
    said = [f"{datetime.now(UTC):%Y-%m-%d} · {machine()}", versions()]
    print(*said, sep="\n\n", flush=True)
    kept = True
    for name in names:
        text, mine = run(name, markdown if options.markdown or options.page else table)
        kept = kept and mine
        said.append(text)
        print(f"\n{text}", flush=True)
    if options.page:
        insert(options.page, "\n\n".join(said))
    return 0 if kept else 1


def run(name: str, draw: Callable[[list[Row]], str]) -> tuple[str, bool]:
    """Run one benchmark; its table, and whether it kept its limits."""
    started = time.monotonic()
    try:
        module = importlib.import_module(f"bench.{name}")
        rows: list[Row] = module.run()
    except Exception:  # noqa: BLE001 - the others still run
        return f"### {name}: broken\n\n{traceback.format_exc()}", False
    taken = f"`python -m bench {name}`, {time.monotonic() - started:.0f} s"
    return f"### {module.NAME}\n\n{draw(rows)}\n\n{taken}", all(row.ok is not False for row in rows)


def insert(page: Path, text: str) -> None:
    """Replace what stands between the marks of a page."""
    before, begin, rest = page.read_text(encoding="utf-8").partition("<!-- tables -->\n")
    _, end, after = rest.partition("<!-- /tables -->")
    page.write_text(f"{before}{begin}\n{text}\n\n{end}{after}", encoding="utf-8")


def table(rows: list[Row]) -> str:
    """The rows under their headings, figures to the right."""
    cells = [HEADINGS, *map(_cells, rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEADINGS))]
    return "\n".join("  ".join(_aligned(row, widths)).rstrip() for row in cells)


def markdown(rows: list[Row]) -> str:
    """The same for a page."""
    cells = [HEADINGS, *map(_cells, rows)]
    lines = [
        "| " + " | ".join(cell.strip() if n else cell.replace("  ", "· ") for n, cell in enumerate(row)) + " |"
        for row in cells
    ]
    lines.insert(1, "|---|" + "--:|---|" + "--:|" * 4 + "---|")
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, ...]:
    spread = "" if row.spread is None else "..".join(map(_figure, row.spread))
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}×"
    figures = (_figure(row.value), row.unit, spread, _figure(row.baseline), ratio)
    return (row.name, *figures, row.target, _said(row))


def _said(row: Row) -> str:
    verdict = {True: "ok", False: "MISSED", None: ""}[row.ok]
    return "; ".join(filter(None, (verdict, row.note)))


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _aligned(row: tuple[str, ...], widths: list[int]) -> list[str]:
    left = {0, 2, 7}
    return [cell.ljust(w) if n in left else cell.rjust(w) for n, (cell, w) in enumerate(zip(row, widths, strict=True))]


def machine() -> str:
    """Processor, cores, memory, system."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    model = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine()
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return f"{model} · {os.cpu_count()} cores · {memory:.1f} GiB · {platform.system()} {platform.release()} · load {load:.1f}"


def versions() -> str:
    """Python and the packages that matter."""
    found = [f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            found.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            found.append(f"{package} not installed")
    found += [f"{peer.name} {peer.version or 'not installed'}" for peer in PEERS]
    return " · ".join(found)


if __name__ == "__main__":
    sys.exit(main())
