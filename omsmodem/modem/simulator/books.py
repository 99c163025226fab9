"""The network's own book: every TPDU it took, written at once. The witness that nobody who sends can argue with."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from omsmodem.sms.errors import DecodeError
from omsmodem.sms.tpdu import Submit, decode_submit


@dataclass(frozen=True, slots=True)
class Taken:
    """One SMS-SUBMIT the network took; `answer` says what a fault made of the modem's answer to it."""

    at: str
    modem: str
    reference: int
    destination: str
    tpdu: str
    answer: str = "given"
    answer_suppressed: bool = False


class NetworkLog:
    """One JSON object a line, appended: it goes on where an earlier simulator stopped."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.touch()

    def write(self, taken: Taken) -> None:
        """Append one line; it is with the operating system when this returns."""
        with self._path.open("a", encoding="utf-8") as log:
            log.write(json.dumps(asdict(taken)) + "\n")

    def earlier(self) -> Iterator[tuple[int, Submit]]:
        """References and submissions of the lines already there; a torn or strange line is passed over."""
        for line in self._path.read_text(encoding="utf-8").splitlines():
            try:
                entry = json.loads(line)
                yield int(entry["reference"]), decode_submit(bytes.fromhex(entry["tpdu"]))
            except (ValueError, KeyError, TypeError, DecodeError):
                continue
