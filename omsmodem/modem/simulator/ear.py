"""Octets from the host → command lines, entered text, escapes (ITU-T V.250 §5, TS 27.005 §4.3). No I/O."""

from dataclasses import dataclass

_CTRL_Z, _ESC, _CR, _LF, _BACKSPACE = 0x1A, 0x1B, 0x0D, 0x0A, 0x08
MAX_LINE_OCTETS = 2048


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A whole line, with its `AT`."""

    text: str


@dataclass(frozen=True, slots=True)
class Entered:
    """What was typed at the prompt, up to Ctrl-Z."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class Escaped:
    """ESC at the prompt."""


Heard = CommandLine | Entered | Escaped


class Ear:
    """Hears octet by octet. `prompt` is open while a text or TPDU is awaited."""

    def __init__(self) -> None:
        self.prompt = False
        self._buffer = bytearray()
        self._last = ""

    @property
    def begun(self) -> bool:
        """Whether a line has been begun and not ended."""
        return bool(self._buffer)

    def clear(self) -> None:
        """Forget the line begun and close the prompt."""
        self.prompt = False
        self._buffer.clear()

    def open_prompt(self) -> None:
        """The next octets are text."""
        self.clear()
        self.prompt = True

    def hear(self, octet: int) -> Heard | None:
        """What this octet completes."""
        return self._hear_text(octet) if self.prompt else self._hear_command(octet)

    def _hear_text(self, octet: int) -> Heard | None:
        if octet == _ESC:
            self.clear()
            return Escaped()
        if octet == _CTRL_Z:
            entered = Entered(bytes(self._buffer))
            self.clear()
            return entered
        self._type(octet)
        return None

    def _hear_command(self, octet: int) -> Heard | None:
        if octet == _CR:
            line = self._buffer.decode("latin-1").strip("\n ")
            self._buffer.clear()
            return self._line(line)
        if octet != _ESC:
            self._type(octet)
        return None

    def _type(self, octet: int) -> None:
        if octet == _BACKSPACE:
            del self._buffer[-1:]
        elif len(self._buffer) < MAX_LINE_OCTETS and (octet != _LF or self._buffer):
            self._buffer.append(octet)

    def _line(self, line: str) -> CommandLine | None:
        """A line counts from its `AT` on, so noise before it does no harm; `A/` repeats the last."""
        if line.upper() == "A/":
            return CommandLine(self._last) if self._last else None
        start = line.upper().find("AT")
        if start < 0:
            return None
        self._last = line[start:]
        return CommandLine(self._last)
