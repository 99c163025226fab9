"""Octets → lines and prompts. No I/O; the same events however the stream is cut."""

from dataclasses import dataclass

#: Longer lines are noise: the longest real one is a PDU of 176 octets in hexadecimal.
MAX_LINE_OCTETS = 4096
_NOISE = b"\x00\xff"
_PROMPT = 0x3E
_LINE_ENDS = b"\r\n"


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end and surrounding blanks; never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """The modem waits for a TPDU (TS 27.005 §4.3)."""


class Syntax:
    """Splits what a modem says. `expect_prompt` arms the recognition of one `>` at the start of a line."""

    def __init__(self) -> None:
        self.expect_prompt = False
        self._buffer = bytearray()
        self._overflow = False

    def feed(self, octets: bytes) -> list[Line | Prompt]:
        """The events these octets complete. NUL and 0xFF, which ports make at power-up, are dropped."""
        events: list[Line | Prompt] = []
        for octet in octets.translate(None, _NOISE):
            if octet in _LINE_ENDS:
                self._end_line(events)
            elif octet == _PROMPT and self.expect_prompt and not self._buffer.strip():
                self._buffer.clear()
                self.expect_prompt = False
                events.append(Prompt())
            elif len(self._buffer) < MAX_LINE_OCTETS:
                self._buffer.append(octet)
            else:
                self._overflow = True
        return events

    def _end_line(self, events: list[Line | Prompt]) -> None:
        text = self._buffer.decode("latin-1").strip(" \t")
        if text and not self._overflow:
            events.append(Line(text))
        self._buffer.clear()
        self._overflow = False
