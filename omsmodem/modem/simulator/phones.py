"""The phones: they reassemble what they get and write it down for people and tests."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from omsmodem.sms.reassembly import Reassembly, Whole
from omsmodem.sms.tpdu import Submit


class Phones:
    """Every phone of the network. `log` gets one JSON object a line for each whole message."""

    def __init__(self, clock: Callable[[], datetime], log: Path | None = None) -> None:
        self._clock = clock
        self._log = log
        self._reassembly = Reassembly()
        self.received: list[Whole] = []
        if log is not None:
            log.touch()

    def deliver(self, submit: Submit) -> None:
        """A phone gets one segment."""
        whole = self._reassembly.add(submit.destination.number, submit.user_data)
        if whole is None:
            return
        self.received.append(whole)
        if self._log is not None:
            with self._log.open("a", encoding="utf-8") as log:
                log.write(json.dumps(self._entry(whole), ensure_ascii=False) + "\n")

    def remember(self, submit: Submit) -> None:
        """A segment that a phone got before the simulator was started again: what it made whole is written already."""
        self._reassembly.add(submit.destination.number, submit.user_data)

    def _entry(self, whole: Whole) -> dict[str, object]:
        return {
            "at": self._clock().isoformat(),
            "phone": whole.peer,
            "text": whole.text,
            "segments": whole.segments,
            "reference": whole.reference,
        }
