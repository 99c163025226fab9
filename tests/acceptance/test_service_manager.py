"""The real process under a service manager's eyes."""

import signal
import socket
from pathlib import Path

from tests.acceptance.conftest import Office


def test_ready_alive_and_stopping_are_told(office: Office, tmp_path: Path) -> None:
    """READY when it serves, signs of life while it lives, STOPPING when it ends; a socket that is not for it is left alone."""
    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(address))
        manager.settimeout(30)
        process = office.start(NOTIFY_SOCKET=str(address), WATCHDOG_USEC="3000000", LISTEN_PID="1", LISTEN_FDS="1")
        told = [manager.recv(1000).decode() for _ in range(3)]
        assert sorted(told) == [f"READY=1\nSTATUS=serving {office.uri}", "WATCHDOG=1", "WATCHDOG=1"]
        assert office.open("").status == 200
        process.send_signal(signal.SIGTERM)
        while (word := manager.recv(1000).decode()) == "WATCHDOG=1":
            pass
        assert word == "STOPPING=1"
        assert process.wait(30) == 0
