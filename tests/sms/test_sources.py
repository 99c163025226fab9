"""The page of clauses points at files that are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_every_file_named_is_there() -> None:
    """And the codec's modules are all named."""
    named = set(re.findall(r"`(omsmodem/[a-z0-9_/]+\.py)`", (ROOT / "docs" / "sources.md").read_text("utf-8")))
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []
    speaking = {"errors", "transliterate", "cause", "reference", "__init__"}  # of no clause
    modules = {path for path in (ROOT / "omsmodem" / "sms").rglob("*.py") if path.stem not in speaking}
    assert {str(path.relative_to(ROOT)) for path in modules} <= named
