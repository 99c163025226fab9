"""READY and WATCHDOG reach the service manager, and only from a service that lives."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from omsmodem.notify import notify, watchdog_s
from omsmodem.watchdog import Watchdog


@contextmanager
def manager(address: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(address)
        listening.settimeout(10)
        yield listening


@pytest.mark.parametrize("abstract", [False, True])
def test_the_service_manager_is_told(tmp_path: Path, abstract: bool) -> None:
    """By a path, or by a name in the abstract namespace."""
    name = f"omsmodem-test-{os.getpid()}"
    given, bound = (f"@{name}", f"\0{name}") if abstract else (str(tmp_path / "notify"),) * 2
    with manager(bound) as listening:
        assert notify("READY=1\nSTATUS=serving", {"NOTIFY_SOCKET": given})
        assert listening.recv(100) == b"READY=1\nSTATUS=serving"


@pytest.mark.parametrize("address", ["", "relative", "/nowhere/at/all", "@nobody-listens-here"])
def test_without_a_service_manager_nothing_happens(address: str) -> None:
    """Neither an error nor a wait."""
    assert not notify("READY=1", {"NOTIFY_SOCKET": address} if address else {})


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({"WATCHDOG_USEC": "60000000"}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_limit_is_for_this_process(environ: dict[str, str], seconds: float | None) -> None:
    """Another process's watchdog is not ours."""
    assert watchdog_s(environ) == seconds


def test_one_dead_part_starves_the_watchdog(caplog: pytest.LogCaptureFixture) -> None:
    """It is named; a part that raises is dead as well; when all live it is fed again."""
    alive = {"https": True, "store": True}
    fed: list[bool] = []

    def store() -> bool:
        if not alive["store"]:
            raise OSError("no space left")
        return True

    watchdog = Watchdog(60, {"https": lambda: alive["https"], "store": store}, lambda: fed.append(True))
    assert watchdog.look()
    alive["https"] = False
    assert not watchdog.look()
    assert "not alive: https" in caplog.text
    alive["https"], alive["store"] = True, False
    assert not watchdog.look()
    assert "not alive: store" in caplog.text
    alive["store"] = True
    assert watchdog.look()
    assert len(fed) == 2


def test_a_part_that_hangs_starves_it_too() -> None:
    """No answer is no sign of life, and a stop does not wait for it."""
    go, fed = threading.Event(), threading.Event()
    watchdog = Watchdog(0.3, {"hangs": lambda: go.wait(30)}, fed.set)
    watchdog.start()
    assert not fed.wait(0.5)
    go.set()
    assert fed.wait(10)
    watchdog.stop()


def test_nobody_asks_where_nobody_waits() -> None:
    """Without a limit there is no thread."""
    asked = threading.Event()
    watchdog = Watchdog(None, {"part": lambda: asked.set() or True}, lambda: None)
    watchdog.start()
    assert not asked.wait(0.2)
    watchdog.stop()
