"""Certificates and the account of every office under test, made once."""

from pathlib import Path

import pytest

from tests.faults.world import make_template


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("template"))
