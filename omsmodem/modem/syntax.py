"""Octets → lines and prompts. No I/O; the same events however the stream is cut."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

#: Longer lines are noise: the longest real one is a PDU of 176 octets in hexadecimal.
MAX_LINE_OCTETS = 4096
_NOISE = b"\x00\xff"
_PROMPT = b">"
_LINE_ENDS = re.compile(rb"[\r\n]+")
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
        *ended, rest = _LINE_ENDS.split(octets.translate(None, _NOISE))
        for piece in ended:
            yield from self._add(piece)
            yield from self._end_line()
        yield from self._add(rest)

    def _add(self, piece: bytes) -> Iterator[Prompt]:
        """More of the line at hand; a prompt in front of it is one by itself."""
        if self.expect_prompt and _PROMPT in piece:
            before, _, behind = piece.partition(_PROMPT)
            if not (self._buffer + before).strip(_NO_TEXT):
                self._buffer.clear()
                self._overflow = self.expect_prompt = False
                yield Prompt()
                piece = behind
        room = MAX_LINE_OCTETS - len(self._buffer)
        self._overflow = self._overflow or len(piece) > room
        self._buffer += piece[:room]

    def _end_line(self) -> Iterator[Line]:
        if not self._buffer:
            return
        text = self._buffer.decode("latin-1").strip(" \t")
        overflow, self._overflow = self._overflow, False
        self._buffer.clear()
        if text and not overflow:
            yield Line(text)
