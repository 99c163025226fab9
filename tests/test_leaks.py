"""The search of the logs finds what it is for, and the run in which something was told is red."""

import logging
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from omsmodem.message import Door, Submission
from omsmodem.store import Wanted, open_store
from tests.leaks import Ear, kept, leaks, named_secrets


@pytest.mark.parametrize(
    "line",
    [
        "to=447700900222",
        "07700 900 222x",
        "tpdu 0001000C914477009002220000",
        "(+4915112345678)",
        'AT+CPIN="4711"',
        "pin=4711",
        "dana:a tide table by heart",
        "text='The safe opens with 7-3-9'",
    ],
)
def test_what_a_log_may_not_have_is_found(line: str) -> None:
    """Numbers in any form, PINs, and what constants of the tests call a password, a secret or a text."""
    assert leaks([line], named_secrets())


@pytest.mark.parametrize(
    "line",
    [
        "to=+44770*****22 account=dana",
        "message=1234567 segment=1/3 reference=07",
        "serving https://localhost:4711/oms/service.asmx",
        "imei 356938035643809",
        "2026-03-02 09:00:01,123",
    ],
)
def test_what_a_log_may_have_is_left_alone(line: str) -> None:
    """Masked numbers, identities, addresses and times."""
    assert not leaks([line], named_secrets())


def test_the_texts_in_a_store_are_looked_for(tmp_path: Path) -> None:
    """Whatever a test lets people write is secret, without being named."""
    store = open_store(tmp_path / "omsmodem.db", lambda: datetime.now(UTC))
    wanted = Submission("dana", Door.OMS, ("+447700900222",), ("Nobody named this",))
    store.accepting.accept(
        Wanted(wanted, wanted.recipients, validity=timedelta(hours=1), fingerprint=b"", duplicate_window=timedelta(0))
    )
    found = kept(tmp_path)
    store.close()
    assert leaks(["text=Nobody named this"], found)


def test_lines_are_kept_as_the_service_would_write_them() -> None:
    """INFO and above, numbers masked, a traceback with its line."""
    ear = Ear()
    logger = logging.getLogger("omsmodem.test")
    try:
        raise ValueError("dana")
    except ValueError:
        record = logger.makeRecord(logger.name, logging.INFO, "", 0, "to %s", ("+447700900222",), sys.exc_info())
    ear.handle(record)
    (line,) = ear.take()
    assert line.startswith("<6>omsmodem.test to +44770*****22\\nTraceback")
    assert not ear.take()


def test_a_run_that_tells_a_secret_is_red(tmp_path: Path) -> None:
    """The test that made the service log it is named, with the line; what is no secret passes."""
    (tmp_path / "test_two.py").write_text(
        "import logging\n"
        "def test_discreet():\n    logging.getLogger('omsmodem.door').info('%s', '+447700900222')\n"
        "def test_told():\n    logging.getLogger('omsmodem.door').info('447700900222')\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider", tmp_path]
    run = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert "2 passed, 1 error" in run.stdout
    assert "ERROR" in run.stdout
    assert "7700900222' in: <6>omsmodem.door 447700900222" in run.stdout
