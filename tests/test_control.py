"""The control socket: a real Unix socket, real peers."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from omsmodem.control import ControlServer, ServiceNotRunning, call


def echo(*, name: str, by: str) -> object:
    if name == "wrong":
        raise ValueError("no modem 'wrong' is configured")
    return {"name": name, "by": by}


def slow() -> object:
    time.sleep(1.0)
    return {}


def broken() -> object:
    raise ZeroDivisionError


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    server = ControlServer(
        tmp_path / "s", {"status": lambda: {"up": True}, "echo": echo, "slow": slow, "broken": broken}
    )
    server.start()
    yield tmp_path / "s"
    server.close()
    assert not (tmp_path / "s").exists()


def test_a_command_gets_its_arguments_and_an_answer(path: Path) -> None:
    """One JSON line asked, one answered."""
    assert call(path, "status") == {"up": True}
    assert call(path, "echo", name="front", by="dana") == {"name": "front", "by": "dana"}


def test_who_asks_is_known_by_the_kernel(path: Path) -> None:
    """A command that wants to know gets the peer's user where the client does not say."""
    answer = call(path, "echo", name="front")
    assert isinstance(answer, dict)
    assert answer["by"]


def test_mistakes_are_said_in_words(path: Path) -> None:
    """Unknown command, wrong arguments, a fault of ours: always an answer."""
    assert call(path, "nonsense") == {"error": "unknown command"}
    assert call(path, "echo", name="wrong") == {"error": "no modem 'wrong' is configured"}
    assert "error" in dict(call(path, "echo", colour="red"))
    assert call(path, "broken") == {"error": "the service could not answer; its log says why"}


@pytest.mark.parametrize(
    "line", [b"\n", b"[]\n", b"{}\n", b"\xff\xfe\n", b'"status"\n', b'{"command": []}\n', b"x" * 70_000]
)
def test_any_line_gets_an_answer(path: Path, line: bytes) -> None:
    """Broken JSON ends in an error, not in a dead thread."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(20)
        connection.connect(str(path))
        connection.sendall(line)
        connection.shutdown(socket.SHUT_WR)
        assert "error" in json.loads(connection.recv(4096))
    assert call(path, "status") == {"up": True}


def test_a_slow_command_holds_up_no_other(path: Path) -> None:
    """Waiting for a modem must not silence status."""
    thread = threading.Thread(target=lambda: call(path, "slow"))
    thread.start()
    started = time.monotonic()
    call(path, "status")
    assert time.monotonic() - started < 0.9
    thread.join()


def test_the_socket_is_for_the_service_and_root_only(path: Path) -> None:
    """Nobody else may open it."""
    assert path.stat().st_mode & 0o777 == 0o600


def test_no_service_is_said_plainly(tmp_path: Path) -> None:
    """Nothing listens."""
    with pytest.raises(ServiceNotRunning):
        call(tmp_path / "nowhere", "status")
