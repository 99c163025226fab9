"""What is deployed is pinned by hash and listed: the lock fits pyproject.toml, the bill of materials fits the lock."""

import json
import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import sbom  # noqa: E402 - a tool, not a module of the package

COMPONENTS = sbom.read_lock(sbom.LOCK.read_text())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.mark.parametrize("wanted", PROJECT["dependencies"])
def test_every_dependency_is_locked_within_its_bounds(wanted: str) -> None:
    """A bound that was changed wants a new lock: `make lock`."""
    requirement = Requirement(wanted)
    (found,) = [each for each in COMPONENTS if each.name == canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(found.version)


def test_every_file_is_pinned_by_hash() -> None:
    """Each component is exact, has hashes, and is needed by something that is listed; no index is named."""
    names = {component.name for component in COMPONENTS} | {"omsmodem"}
    assert len(COMPONENTS) > 20
    for component in COMPONENTS:
        assert component.hashes
        assert component.needed_by
        assert set(component.needed_by) <= names
    for line in sbom.LOCK.read_text().splitlines():
        assert re.fullmatch(r"#.*|    # .*|[a-z0-9.-]+==[^ ]+ \\|    --hash=sha256:[0-9a-f]{64}( \\)?|", line)
        assert "://" not in line


def test_the_bill_of_materials_is_that_of_the_lock() -> None:
    """What `make sbom` writes today, and what the package carries."""
    assert sbom.SBOM.read_text() == sbom.write(sbom.LOCK.read_text())


def test_the_bill_of_materials_is_whole() -> None:
    """CycloneDX: unique references, every edge lands, everything is reached from omsmodem."""
    bill = json.loads(sbom.SBOM.read_text())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    root = bill["metadata"]["component"]["bom-ref"]
    references = [root, *(component["bom-ref"] for component in bill["components"])]
    edges = {entry["ref"]: entry["dependsOn"] for entry in bill["dependencies"]}
    assert len(set(references)) == len(references)
    assert set(edges) == set(references)
    reached, ahead = set(), [root]
    while ahead:
        reference = ahead.pop()
        if reference not in reached:
            reached.add(reference)
            ahead += edges[reference]
    assert reached == set(references)
    assert all(component["licenses"] and component["hashes"] for component in bill["components"])
