"""What holds for every test: how many run at once, and that nothing private is logged in any of them."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from omsmodem import certificates
from tests.leaks import Ear, kept, leaks, named_secrets

_ear = Ear()


def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as there are cores: a third of the time tests wait, for a process to start or a stick to answer."""
    cores = len(os.sched_getaffinity(0))
    return cores + (cores + 1) // 2


def pytest_sessionstart(session: pytest.Session) -> None:
    """Listen to all the product logs; what `caplog` shows to a test stays as it is without that, WARNING and above."""
    logging.getLogger("omsmodem").addHandler(_ear)
    session.config.pluginmanager.getplugin("logging-plugin").caplog_handler.setLevel(logging.WARNING)


@pytest.fixture(autouse=True)
def nothing_private_is_logged(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test makes the service write a whole number, a password, a PIN or a text at INFO or above."""
    logging.getLogger().setLevel(logging.INFO)
    yield
    lines = _ear.take()
    if lines:
        home = getattr(request.node, "funcargs", {}).get("tmp_path")
        assert not leaks(lines, named_secrets() | (kept(home) if home else set()))


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates of this machine, made once for all tests that leave them as they are: a key takes up to a second."""
    directory = tmp_path_factory.mktemp("tls")
    certificates.init(certificates.Files.within(directory), ["localhost", "127.0.0.1"])
    return directory
