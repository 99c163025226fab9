"""What holds for the whole run of the tests: whatever omsmodem logged in it holds no secret, no text and no whole number."""

import logging
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from omsmodem.logs import LineFormatter

#: Passwords, PINs and beginnings of texts that the tests use everywhere.
SECRETS = (
    "a tide table by heart",
    "tide&74",
    "tide&amp;74",
    "Fish at 15:30",
    "Fish delivery moved",
    "Half past four is fine",
)
_NUMBER = re.compile(r"\+44770090\d{4}")


@pytest.fixture(scope="session", autouse=True)
def log_of_the_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Every line that omsmodem logs, in this process and in those that the tests start; searched at the end."""
    directory = Path(tempfile.mkdtemp(dir=tmp_path_factory.getbasetemp(), prefix="logs"))
    os.environ["OMSMODEM_TEST_LOGS"] = str(directory)
    with (directory / "tests.log").open("w", encoding="utf-8") as file:
        handler = logging.StreamHandler(file)
        handler.setFormatter(LineFormatter(journal=False))
        logger = logging.getLogger("omsmodem")
        logger.setLevel(logging.INFO)
        logger.addHandler(handler)
        yield directory
        logger.removeHandler(handler)
    written = [(path, line) for path in directory.iterdir() for line in path.read_text(errors="replace").splitlines()]
    told = [line for _, line in written if _NUMBER.search(line) or any(secret in line for secret in SECRETS)]
    assert not told, told[:10]
