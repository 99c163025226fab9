"""A Unix socket on which the command line talks to the running service: one JSON line asked, one answered."""

import contextlib
import json
import logging
import os
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

_log = logging.getLogger(__name__)

_MAX_LINE_OCTETS = 64 * 1024
_TIMEOUT_S = 5.0


class ServiceNotRunning(Exception):
    """The service does not run."""


class ControlServer:
    """Answers commands of this machine's users who may open the socket (0600: the service's own user and root)."""

    def __init__(self, path: Path, handlers: Mapping[str, Callable[[], object]]) -> None:
        self._path = path
        self._handlers = handlers
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._thread = threading.Thread(target=self._run, name="control", daemon=True)
        self._closing = False

    def start(self) -> None:
        """Listen. A socket file that a killed service left is replaced."""
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
        mask = os.umask(0o177)
        try:
            self._socket.bind(str(self._path))
        finally:
            os.umask(mask)
        self._socket.listen(8)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._closing = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        if self._thread.is_alive():
            self._thread.join(_TIMEOUT_S)
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()

    def _run(self) -> None:
        while not self._closing:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.settimeout(_TIMEOUT_S)
                connection.sendall(json.dumps(self._answer(_read_line(connection))).encode() + b"\n")

    def _answer(self, line: bytes) -> object:
        try:
            handler = self._handlers[json.loads(line)["command"]]
        except (ValueError, KeyError, TypeError):
            return {"error": "unknown command"}
        try:
            return handler()
        except Exception:  # noqa: BLE001 - a failing question must not end the thread that answers
            _log.exception("control command failed")
            return {"error": "the service could not answer; its log says why"}


def _read_line(connection: socket.socket) -> bytes:
    line = b""
    while not line.endswith(b"\n") and len(line) < _MAX_LINE_OCTETS:
        octets = connection.recv(4096)
        if not octets:
            break
        line += octets
    return line


def call(path: Path, command: str, timeout_s: float = _TIMEOUT_S) -> object:
    """Ask the running service. Raises ServiceNotRunning."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout_s)
        try:
            connection.connect(str(path))
            connection.sendall(json.dumps({"command": command}).encode() + b"\n")
            return json.loads(_read_line(connection))
        except (OSError, ValueError) as error:
            raise ServiceNotRunning(ServiceNotRunning.__doc__) from error
