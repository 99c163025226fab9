"""Patients of the doctor."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from omsmodem.doctor import Patient
from omsmodem.doctor.rounds import Check
from omsmodem.facts import Facts, Finding
from tests.modem.tree import Tree

NOW = datetime(2026, 11, 23, 7, 20, tzinfo=UTC)
FACTS = Facts(now=NOW, uri="https://localhost:8443/oms/service.asmx", pid=1000)


def the(check: Check, patient: Patient) -> Finding:
    """The one finding of a check."""
    (finding,) = check(patient)
    return finding


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    tree = Tree(tmp_path)
    yield tree
    tree.close()
