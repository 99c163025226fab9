"""Writes a dialogue down for people and for replay: one JSON object a line, `{"at": seconds, "dir": ">" or "<", "octets": latin-1}`.

`>` is what we said. PINs, texts of messages and of USSD are masked; identities and the beginnings of numbers are not.
"""

import json
import re
import time
from collections.abc import Callable
from typing import TextIO

_COMMAND_ENDS = b"\r\x1a\x1b"
_PIN = re.compile(r"(?<=CPIN=)[^\r]*")
_QUOTED = re.compile(r'(?<=\+CUSD[:=])([^"]*")([^"]*)')
#: Anything hexadecimal and longer than an IMEI or a serial number.
_PDU = re.compile(r"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{2}){12,}")
#: Of a TPDU the first octets stay: type, reference, length and type of the number. The rest of it becomes zeros, which
#: still reads as a TPDU: another number, no time, an empty text.
_KEPT_OCTETS = 4


class Recorder:
    """A `Session` trace that writes to `out`, a line of the dialogue at a time."""

    def __init__(self, out: TextIO, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._out = out
        self._monotonic = monotonic
        self._start = monotonic()
        self._pending: dict[str, tuple[float, bytearray]] = {}

    def __call__(self, direction: str, octets: bytes) -> None:
        """Take octets that were written (`>`) or read (`<`)."""
        self._end_prompt(direction)
        at, line = self._pending.pop(direction, (self._monotonic() - self._start, bytearray()))
        for octet in octets:
            line.append(octet)
            if _is_whole(direction, line):
                self._write(at, direction, line)
                at, line = self._monotonic() - self._start, bytearray()
        if line:
            self._pending[direction] = (at, line)

    def close(self) -> None:
        """Write what has no line end yet."""
        for direction, (at, line) in self._pending.items():
            self._write(at, direction, line)
        self._pending.clear()
        self._out.flush()

    def _end_prompt(self, direction: str) -> None:
        """A prompt has no line end: it is over when we answer."""
        at, line = self._pending.get("<", (0.0, bytearray()))
        if direction == ">" and line.strip() == b">":
            self._write(at, "<", line)
            del self._pending["<"]

    def _write(self, at: float, direction: str, line: bytes | bytearray) -> None:
        entry = {"at": round(at, 4), "dir": direction, "octets": masked(line.decode("latin-1"))}
        self._out.write(json.dumps(entry) + "\n")
        self._out.flush()


def _is_whole(direction: str, line: bytearray) -> bool:
    if direction == ">":
        return line[-1] in _COMMAND_ENDS
    return line.endswith(b"\n") and bool(line.strip())


def masked(line: str) -> str:
    """A line of the dialogue without what is nobody's business; its length and form stay."""
    line = _PIN.sub(lambda match: re.sub(r"\d", "0", match[0]), line)
    line = _QUOTED.sub(lambda match: match[1] + "x" * len(match[2]), line)
    return _PDU.sub(lambda match: _without_body(match[0]), line)


def _without_body(digits: str) -> str:
    kept = 2 * (1 + int(digits[:2], 16) + _KEPT_OCTETS)
    return digits[:kept] + "0" * (len(digits) - kept) if kept < len(digits) else "0" * len(digits)
