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
