"""The golden vectors of tests/golden, read once."""

from pathlib import Path
from typing import Any

import yaml

DIRECTORY = Path(__file__).parent.parent / "golden"


def tpdus(*kinds: str) -> list[dict[str, Any]]:
    """The vectors of these kinds, their octets as bytes."""
    vectors = yaml.safe_load((DIRECTORY / "tpdu.yaml").read_text("utf-8"))
    assert all(vector["source"] for vector in vectors)
    return [vector | {"octets": bytes.fromhex(str(vector["octets"]))} for vector in vectors if vector["kind"] in kinds]


def name(vector: dict[str, Any]) -> str:
    """What a test of this vector is called."""
    return str(vector["name"])


def rows(name: str) -> list[list[str]]:
    """The lines of a table of the golden directory, in cells."""
    lines = (DIRECTORY / name).read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


def numbers(cell: str, base: int = 10) -> list[int]:
    """`1,3-5` → 1, 3, 4, 5."""
    spans = [part.split("-") for part in cell.split(",")]
    return [n for span in spans for n in range(int(span[0], base), int(span[-1], base) + 1)]
