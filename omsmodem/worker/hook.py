"""The operator's recovery hook: a program that may, for instance, switch the power of a USB port. No shell, bounded time."""

import contextlib
import logging
import os
import signal
import subprocess
from collections.abc import Callable, Sequence

_log = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.5


def run(
    argv: Sequence[str], environment: dict[str, str], *, timeout_s: float, stopping: Callable[[], bool] = lambda: False
) -> str:
    """Run `argv` to its end, at most for `timeout_s` and not beyond `stopping`; returns in words what became of it.

    `environment` is added to this process's own. Whatever the program started is ended with it.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - argv is the operator's own, from the configuration
            list(argv),
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        return f"cannot be run: {error}"
    left_s = timeout_s
    while left_s > 0 and not stopping():
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = process.wait(min(_LOOK_EVERY_S, left_s))
            return "done" if code == 0 else f"ended with {code}"
        left_s -= _LOOK_EVERY_S
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return "was ended, for the service stops" if left_s > 0 else f"was ended after {timeout_s:g} s"
