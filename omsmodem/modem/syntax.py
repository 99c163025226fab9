"""Octets → lines and prompts. No I/O; the same events however the stream is cut."""

from collections.abc import Iterator
from dataclasses import dataclass

#: Longer lines are noise: the longest real one is a PDU of 176 octets in hexadecimal.
MAX_LINE_OCTETS = 4096
_NOISE = b"\x00\xff"
_PROMPT = 0x3E
_LINE_ENDS = b"\r\n"
#: What may stand before a prompt without making it something else: blanks and what is no text at all.
_NO_TEXT = bytes(octet for octet in range(256) if not 0x21 <= octet <= 0x7E)


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

    def feed(self, octets: bytes) -> Iterator[Line | Prompt]:
        """The events these octets complete, one by one, so that `expect_prompt` may change between two of them.

        NUL and 0xFF, which ports make at power-up, are dropped. The iterator has to be run to its end.
        """
        for octet in octets.translate(None, _NOISE):
            if octet in _LINE_ENDS:
                yield from self._end_line()
            elif octet == _PROMPT and self.expect_prompt and not self._buffer.strip(_NO_TEXT):
                self._buffer.clear()
                self.expect_prompt = False
                yield Prompt()
            elif len(self._buffer) < MAX_LINE_OCTETS:
                self._buffer.append(octet)
            else:
                self._overflow = True

    def _end_line(self) -> Iterator[Line]:
        text = self._buffer.decode("latin-1").strip(" \t")
        overflow, self._overflow = self._overflow, False
        self._buffer.clear()
        if text and not overflow:
            yield Line(text)
