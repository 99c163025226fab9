"""A recorded dialogue as a modem: it hears what the host said then, and says what the modem said then.

The record is what `omsmodem modem trace` writes: `{"at": seconds, "dir": ">" or "<", "octets": latin-1}`, one line of the
dialogue a line. What is masked there (PINs, texts) may be anything of the same form and length.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from omsmodem.modem.recorder import masked
from omsmodem.modem.simulator.voice import Voice

_COMMAND_ENDS = b"\r\x1a\x1b"


@dataclass(frozen=True, slots=True)
class Spoken:
    """One line of a dialogue, by the host or by the modem."""

    at_s: float
    by_host: bool
    octets: bytes


def read(path: Path) -> list[Spoken]:
    """The lines of a record. Raises ValueError naming the line that is none."""
    spoken = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            entry = json.loads(line)
            octets = entry["octets"].encode("latin-1")
            spoken.append(Spoken(float(entry["at"]), {">": True, "<": False}[entry["dir"]], octets))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{path}:{number}: no line of a dialogue ({error})") from error
    return spoken


class Replay:
    """Plays a dialogue once; `pace` 0 says everything at once, 1 takes the time it took.

    A host that says something else is told nothing more: `mismatch` says what was expected.
    """

    def __init__(self, dialogue: Iterable[Spoken], now: Callable[[], float], *, pace: float = 1.0) -> None:
        self.now = now
        self.wake: Callable[[], None] = lambda: None
        self.plugged = True
        self.tty_name = ""
        self.mismatch: str | None = None
        self._dialogue = list(dialogue)
        self._position = 0
        self._pace = pace
        self._voice = Voice(now)
        self._heard = bytearray()
        self._speak(self._dialogue[0].at_s if self._dialogue else 0.0)

    @classmethod
    def of(cls, path: Path, now: Callable[[], float], *, pace: float = 1.0) -> Self:
        """A recorded file. Raises ValueError, OSError."""
        return cls(read(path), now, pace=pace)

    @property
    def finished(self) -> bool:
        """Whether the host said all that was expected, and heard the rest."""
        return self._position == len(self._dialogue) and self._voice.next_due() is None

    def feed(self, octets: bytes) -> None:
        """Hear the host."""
        for octet in octets:
            self._heard.append(octet)
            if octet in _COMMAND_ENDS and self.mismatch is None:
                self._compare(bytes(self._heard))
                self._heard.clear()

    def due(self) -> bytes:
        """The octets to be said by now."""
        return self._voice.due()

    def next_due(self) -> float | None:
        """When there is something to say, or None."""
        return self._voice.next_due()

    def _compare(self, heard: bytes) -> None:
        expected = self._dialogue[self._position].octets if self._position < len(self._dialogue) else b""
        if masked(heard.decode("latin-1")) != masked(expected.decode("latin-1")):
            self.mismatch = f"line {self._position + 1}: expected {expected!r}, heard {heard!r}"
            return
        at_s = self._dialogue[self._position].at_s
        self._position += 1
        self._speak(at_s)

    def _speak(self, since_s: float) -> None:
        """Say what the modem said until the host spoke again."""
        while self._position < len(self._dialogue) and not self._dialogue[self._position].by_host:
            spoken = self._dialogue[self._position]
            self._voice.say(spoken.octets, max(0.0, spoken.at_s - since_s) * self._pace)
            self._position += 1
