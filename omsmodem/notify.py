"""Tell the service manager how we are (sd_notify(3)). Standard library only."""

import contextlib
import os
import socket
from collections.abc import Mapping


def notify(message: str, environ: Mapping[str, str] | None = None) -> bool:
    """Send `READY=1` and the like; whether somebody asked for it and it went out."""
    address = (os.environ if environ is None else environ).get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.sendto(message.encode(), address.replace("@", "\0", 1) if address[0] == "@" else address)
        return True
    return False


def watchdog_s(environ: Mapping[str, str] | None = None) -> float | None:
    """How long the service manager waits for a sign of life (WATCHDOG_USEC); None where it does not."""
    given = os.environ if environ is None else environ
    microseconds, pid = given.get("WATCHDOG_USEC", ""), given.get("WATCHDOG_PID", "")
    if not microseconds.isdecimal() or int(microseconds) == 0 or pid not in ("", str(os.getpid())):
        return None
    return int(microseconds) / 1e6
