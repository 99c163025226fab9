"""A Unix socket on which the command line talks to the running service: one JSON line asked, one answered.

A question is an object with `command` and the command's arguments; an answer is an object, with `error` in words when the
command was not carried out.
"""

import contextlib
import inspect
import json
import logging
import os
import pwd
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

_log = logging.getLogger(__name__)

_MAX_LINE_OCTETS = 64 * 1024
_TIMEOUT_S = 5.0
#: Commands that wait for a modem take longer.
_ANSWER_TIMEOUT_S = 60.0
_AT_ONCE = 8
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid (unix(7), SO_PEERCRED)


class ServiceNotRunning(Exception):
    """The service does not run."""


class ControlServer:
    """Answers commands of the service's own user and of root; `by` is filled in for them where they leave it out."""

    def __init__(self, path: Path, handlers: Mapping[str, Callable[..., object]]) -> None:
        self._path = path
        self._handlers = handlers
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._thread = threading.Thread(target=self._run, name="control", daemon=True)
        self._places = threading.Semaphore(_AT_ONCE)
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
        self._socket.listen(_AT_ONCE)
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
            self._places.acquire()
            threading.Thread(target=self._serve, args=(connection,), name="control-command", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, contextlib.suppress(OSError):
                connection.settimeout(_TIMEOUT_S)
                answer = self._answer(_read_line(connection), _user_of(connection))
                connection.sendall(json.dumps(answer).encode() + b"\n")
        finally:
            self._places.release()

    def _answer(self, line: bytes, user: str | None) -> object:
        if user is None:
            return {"error": "this socket answers the service's own user and root only"}
        try:
            arguments: dict[str, Any] = dict(json.loads(line))
            handler = self._handlers[arguments.pop("command")]
        except (ValueError, KeyError, TypeError):
            return {"error": "unknown command"}
        if "by" in inspect.signature(handler).parameters:
            arguments.setdefault("by", user)
        try:
            return handler(**arguments)
        except (TypeError, ValueError) as error:
            return {"error": str(error)}
        except Exception:  # noqa: BLE001 - a failing question must not end the thread that answers
            _log.exception("control command failed")
            return {"error": "the service could not answer; its log says why"}


def _user_of(connection: socket.socket) -> str | None:
    """The name of the user at the other end, None when that is neither ours nor root."""
    octets = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, uid, _ = _CREDENTIALS.unpack(octets)
    if uid not in {0, os.geteuid()}:
        return None
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _read_line(connection: socket.socket) -> bytes:
    line = b""
    while not line.endswith(b"\n") and len(line) < _MAX_LINE_OCTETS:
        octets = connection.recv(4096)
        if not octets:
            break
        line += octets
    return line


def call(path: Path, command: str, /, timeout_s: float = _ANSWER_TIMEOUT_S, **arguments: object) -> object:
    """Ask the running service. Raises ServiceNotRunning."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout_s)
        try:
            connection.connect(str(path))
            connection.sendall(json.dumps({"command": command, **arguments}).encode() + b"\n")
            return json.loads(_read_line(connection))
        except (OSError, ValueError) as error:
            raise ServiceNotRunning(ServiceNotRunning.__doc__) from error
