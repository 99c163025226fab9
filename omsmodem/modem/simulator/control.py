"""A Unix socket to a running simulator: one JSON object asked a line, one answered a line."""

import contextlib
import json
import os
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from omsmodem.modem.simulator.actions import BadRequest, perform
from omsmodem.modem.simulator.network import Network
from omsmodem.modem.simulator.script import read

_MAX_LINE_OCTETS = 1 << 16
_TIMEOUT_S = 10.0


class SimulatorNotRunning(Exception):
    """No simulated modem listens there: start `omsmodem simulate-modem --control PATH`."""


class SimulatorControl:
    """Answers on a socket of mode 0600, each client in its own thread."""

    def __init__(self, network: Network, path: Path) -> None:
        self._network = network
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._thread = threading.Thread(target=self._run, name="simulator-control", daemon=True)
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        mask = os.umask(0o177)
        try:
            self._socket.bind(str(path))
        finally:
            os.umask(mask)
        self._socket.listen(8)

    def start(self) -> "SimulatorControl":
        """Start answering."""
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop listening."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(_TIMEOUT_S)
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), name="simulator-client", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError), connection.makefile("rwb") as stream:
            while line := stream.readline(_MAX_LINE_OCTETS):
                stream.write(json.dumps(self._answer(line)).encode() + b"\n")
                stream.flush()

    def _answer(self, line: bytes) -> object:
        try:
            said = perform(self._network, read(line.decode("utf-8", "replace")))
        except BadRequest as error:
            return {"error": str(error)}
        return {"done": True} | (said if isinstance(said, dict) else {})


def ask(path: Path, request: Mapping[str, Any], timeout_s: float = _TIMEOUT_S) -> dict[str, Any]:
    """Ask a running simulator. Raises BadRequest, SimulatorNotRunning."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout_s)
            connection.connect(str(path))
            connection.sendall(json.dumps(request).encode() + b"\n")
            with connection.makefile("rb") as stream:
                answer: dict[str, Any] = json.loads(stream.readline(_MAX_LINE_OCTETS))
    except (OSError, ValueError) as error:
        raise SimulatorNotRunning(SimulatorNotRunning.__doc__) from error
    if "error" in answer:
        raise BadRequest(answer["error"])
    return answer
