"""The points at which tests end the process: all listed, all placed, and off by default."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from omsmodem import killpoints

SOURCE = Path(killpoints.__file__).parent


def test_the_list_is_what_the_source_reaches() -> None:
    """A point that was moved away is missed here, not in a crash test that silently kills nothing."""
    placed = {
        name
        for file in SOURCE.rglob("*.py")
        for name in re.findall(r'killpoints\.reach\("([a-z_.]+)"\)', file.read_text("utf-8"))
    }
    assert placed == set(killpoints.POINTS)


@pytest.mark.parametrize(("asked", "ends"), [("", False), ("b", False), ("a", True), ("a:2", True), ("a:3", False)])
def test_a_process_ends_at_the_point_that_was_asked_for(asked: str, ends: bool) -> None:
    """By SIGKILL, at the nth time."""
    program = "from omsmodem.killpoints import reach; reach('c'); reach('a'); reach('a'); print('alive')"
    environment = {**os.environ, "OMSMODEM_KILL_AT": asked}
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=False)
    assert run.returncode == (-signal.SIGKILL if ends else 0)
