"""Fault scripts: one JSON object a line, as `actions` reads them; lines that begin with # are for people."""

import json
from pathlib import Path
from typing import Any

from omsmodem.modem.simulator.actions import BadRequest, perform
from omsmodem.modem.simulator.network import Network


def arm(network: Network, path: Path) -> int:
    """Perform or arm every line of a script; returns how many. Raises BadRequest naming file and line."""
    count = 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            perform(network, read(line))
        except BadRequest as error:
            raise BadRequest(f"{path}:{number}: {error}") from error
        count += 1
    return count


def read(line: str) -> dict[str, Any]:
    """One request. Raises BadRequest."""
    try:
        request = json.loads(line)
    except ValueError as error:
        raise BadRequest(f"no JSON: {error}") from error
    if not isinstance(request, dict):
        raise BadRequest("a request is a JSON object")
    return request
