"""The generated parts of docs/architecture.md: rooms by layer, states and their moves, kill points. `make docs` writes them."""

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from omsmodem import killpoints
from omsmodem.message import NEXT, NEXT_NOTICE, NEXT_SEGMENT, WHY, WHY_SEGMENT

S = TypeVar("S", bound=str)
PAGE = Path("docs/architecture.md")
_ROOT = Path(__file__).parent.parent


def draw(page: str) -> str:
    """The page with its generated parts as the source has them today."""
    parts = {
        "rooms": _rooms(),
        "message states": _diagram(NEXT, WHY, "queued"),
        "segment states": _diagram(NEXT_SEGMENT, WHY_SEGMENT, "pending"),
        "notice states": _diagram(NEXT_NOTICE, {}, "gathering"),
        "kill points": _kill_points(),
    }
    for name, text in parts.items():
        page = re.sub(
            rf"(<!-- {name} -->\n)(?:.*?\n)??(<!-- end -->)", rf"\1{_literal(text)}\n\2", page, flags=re.DOTALL
        )
    return page


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\")


def _rooms() -> str:
    """A row for each room, by the layers of the import contract, highest first; what it is says its own first sentence."""
    rows = ["| layer | room | what it is |", "|---|---|---|"]
    layers = _layers()
    for level, rooms in enumerate(layers):
        rows += [f"| {len(layers) - 1 - level} | `{room}` | {_sentence(room)} |" for room in rooms]
    return "\n".join(rows)


def _layers() -> list[list[str]]:
    with (_ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [[room.strip().removeprefix("omsmodem.") for room in layer.split("|")] for layer in layers]


def _sentence(room: str) -> str:
    file = _ROOT / "omsmodem" / room
    source = (file / "__init__.py" if file.is_dir() else file.with_suffix(".py")).read_text("utf-8")
    summary = " ".join((ast.get_docstring(ast.parse(source)) or "").partition("\n\n")[0].split())
    return re.split(r"(?<=\.)\s", summary)[0].rstrip(".").replace("|", "\\|")


def _diagram(moves: Mapping[S, frozenset[S]], why: Mapping[tuple[S, S], str], start: str) -> str:
    return "\n".join(["```mermaid", "stateDiagram-v2", f"    [*] --> {start}", *_arrows(moves, why), "```"])


def _arrows(moves: Mapping[S, frozenset[S]], why: Mapping[tuple[S, S], str]) -> Iterator[str]:
    for origin, targets in moves.items():
        for target in sorted(targets):
            reason = why.get((origin, target), "")
            yield f"    {origin} --> {target}" + (f": {reason}" if reason else "")
        if not targets:
            yield f"    {origin} --> [*]"


def _kill_points() -> str:
    rows = ["| point | what is on disk there |", "|---|---|"]
    return "\n".join([*rows, *(f"| `{name}` | {what} |" for name, what in killpoints.POINTS.items())])


if __name__ == "__main__":
    PAGE.write_text(draw(PAGE.read_text("utf-8")), encoding="utf-8")
