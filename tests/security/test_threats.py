"""The threat model's proofs exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8").partition("## Threats")[2].partition("\n## ")[0]


def test_every_threat_has_tests_that_exist() -> None:
    """Each row of the table names a file, or a test in it, or a rule of the linter."""
    rows = [line for line in TABLE.splitlines() if line.startswith("| ") and not line.startswith("| threat")]
    assert len(rows) >= 20
    for row in rows:
        proofs = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", row)
        assert proofs or "S608" in row, row
        for path, test in proofs:
            assert (ROOT / path).is_file(), row
            assert f"def {test or 'test_'}" in (ROOT / path).read_text(encoding="utf-8"), row


def test_the_linter_minds_formatted_sql() -> None:
    """Family S is on, and S608 is nowhere switched off for the package."""
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert '"S"' in settings.partition("select = [")[2].partition("]")[0]
    assert "S608" not in settings
