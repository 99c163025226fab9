"""The operator's recovery hook: a real program, no shell, bounded in time."""

import sys
import time
from pathlib import Path

from omsmodem.worker import hook


def test_the_hook_gets_its_arguments_and_why(tmp_path: Path) -> None:
    """Arguments as configured, reason and modem in the environment, no shell in between."""
    out = tmp_path / "out"
    program = f"import os, sys; open({str(out)!r}, 'w').write(os.environ['OMSMODEM_REASON'] + '|' + sys.argv[1])"
    said = hook.run([sys.executable, "-c", program, "$HOME; rm"], {"OMSMODEM_REASON": "dead"}, timeout_s=30)
    assert said == "done"
    assert out.read_text() == "dead|$HOME; rm"


def test_a_hook_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    """The worker goes on after the time that was allowed."""
    started = time.monotonic()
    program = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    assert hook.run([sys.executable, "-c", program], {}, timeout_s=1.0) == "was ended after 1 s"
    assert time.monotonic() - started < 30


def test_a_hook_that_fails_or_is_missing_is_said() -> None:
    """In words for the log."""
    assert hook.run([sys.executable, "-c", "raise SystemExit(3)"], {}, timeout_s=30) == "ended with 3"
    assert "cannot be run" in hook.run(["/no/such/program"], {}, timeout_s=1)


def test_a_stop_ends_the_hook() -> None:
    """Stopping the service waits for no hook."""
    started = time.monotonic()
    hook.run([sys.executable, "-c", "import time; time.sleep(60)"], {}, timeout_s=60, stopping=lambda: True)
    assert time.monotonic() - started < 30
