"""One command at a time; answers and indications kept apart (TS 27.007 §4). No I/O.

A command says which prefix its information lines have. Every other line is an indication, also in the middle of an answer.
"""

import re
from dataclasses import dataclass

from omsmodem.modem.results import FINAL
from omsmodem.modem.syntax import Prompt, Syntax

CTRL_Z = b"\x1a"
ESC = b"\x1b"
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
#: Indications whose TPDU comes on the next line (TS 27.005 §3.4.1).
_WITH_PDU = ("+CMT:", "+CDS:", "+CBM:")
#: Answers whose TPDU comes on the next line.
_LISTING = ("+CMGR:", "+CMGL:")
#: An indication whose quoted text may run over several lines (TS 27.007 §7.15).
_WITH_TEXT = "+CUSD:"
_MAX_TEXT_LINES = 16
#: A bare information line (a maker's name, an IMEI) is none of these.
_UNSOLICITED = re.compile(
    r"[+^*#$%].*|RING|RDY|(Call|SMS) Ready|(SMS|PB) DONE|NORMAL POWER DOWN|(UNDER|OVER)-VOLTAGE.*|DST:.*"
    r"|NO CARRIER|NO ANSWER|BUSY"
)
#: A final OK without a line end before or after it.
_GLUED_BEHIND = re.compile(r'([+^*#$%].*[0-9A-F")]|(?:[0-9A-Fa-f]{2})+)OK')
_GLUED_BEFORE = re.compile(r"OK([+^*#$%].+)")


@dataclass(frozen=True, slots=True)
class Answer:
    """A final result and the information lines before it."""

    final: str
    lines: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the command was carried out."""
        return self.final.upper() == "OK"


@dataclass(frozen=True, slots=True)
class Indication:
    """What the modem said unasked: one line, or a header and its TPDU."""

    lines: tuple[str, ...]


Event = Answer | Indication | Prompt
#: How the information lines of a command begin; None: it has none.
Prefix = str | tuple[str, ...] | None


class Chat:
    """The state of one dialogue. Owned by one thread. `echoed` tells whether the modem echoes the last command."""

    def __init__(self) -> None:
        self.echoed = False
        self._syntax = Syntax()
        self._command: str | None = None
        self._body: str | None = None
        self._prefix: Prefix = None
        self._bare = False
        self._before_prompt = False
        self._lines: list[str] = []
        self._unfinished: list[str] = []  # an indication that waits for its TPDU or the end of its text

    @property
    def information(self) -> tuple[str, ...]:
        """The information lines of the command so far."""
        return tuple(self._lines)

    def begin(self, command: str, *, prefix: Prefix = None, bare: bool = False, prompt: bool = False) -> bytes:
        """Start a command; returns the octets to write. `bare` takes lines without a prefix as information."""
        self._command, self._prefix, self._bare, self._lines = command, prefix, bare, []
        self._body, self.echoed = None, False
        self._syntax.expect_prompt = self._before_prompt = prompt
        return command.encode("ascii") + b"\r"

    def body(self, line: str) -> bytes:
        """What follows a prompt, still without Ctrl-Z; returns the octets to write."""
        self._body = line
        return line.encode("ascii")

    def abandon(self) -> None:
        """Forget the command in progress; what still comes of it is treated as indications."""
        self._command = None
        self._syntax.expect_prompt = self._before_prompt = False

    def feed(self, octets: bytes) -> list[Event]:
        """The events these octets complete."""
        events: list[Event] = []
        for part in self._syntax.feed(octets):
            if isinstance(part, Prompt):
                self._before_prompt = False
                events.append(part)
            else:
                events += self._line(part.text)
        return events

    def _line(self, text: str) -> list[Event]:
        events: list[Event] = []
        if self._unfinished:
            continued, event = self._continue(text)
            if event is not None:
                events.append(event)
            if continued:
                return events
        if text.startswith(_WITH_PDU) or (text.startswith(_WITH_TEXT) and text.count('"') == 1):
            self._unfinished = [text]
            return events
        return events + ([Indication((text,))] if self._command is None else self._line_of_command(text))

    def _continue(self, text: str) -> tuple[bool, Indication | None]:
        """Whether the line belongs to the unfinished indication, and that one when it is at its end."""
        begun, self._unfinished = self._unfinished, []
        if begun[0].startswith(_WITH_PDU):
            glued = _GLUED_BEHIND.fullmatch(text)
            if glued is None and _HEX.fullmatch(text):
                return True, Indication((begun[0], text))
            if glued is not None and _HEX.fullmatch(glued[1]) and self._command is not None:
                self._unfinished = begun
                return False, None
            return False, Indication((begun[0],))
        if len(begun) >= _MAX_TEXT_LINES or (self._command is not None and FINAL.fullmatch(text)):
            return False, Indication(("\n".join(begun),))
        if '"' in text:
            return True, Indication(("\n".join([*begun, text]),))
        self._unfinished = [*begun, text]
        return True, None

    def _line_of_command(self, text: str) -> list[Event]:
        if (glued := _GLUED_BEHIND.fullmatch(text)) is not None:
            return self._line(glued[1]) + self._line("OK")
        if (glued := _GLUED_BEFORE.fullmatch(text)) is not None:
            return self._line("OK") + self._line(glued[1])
        if FINAL.fullmatch(text):
            self.abandon()
            return [Answer(text, tuple(self._lines))]
        if self._is_information(text):
            self._lines.append(text)
        elif not self._is_echo(text):
            return [Indication((text,))]
        return []

    def _is_information(self, text: str) -> bool:
        if self._prefix is not None and text.startswith(self._prefix) and not self._before_prompt:
            return True
        if self._lines and self._lines[-1].startswith(_LISTING) and _HEX.fullmatch(text):
            return True
        return self._bare and not self._is_echo(text) and _UNSOLICITED.fullmatch(text) is None

    def _is_echo(self, text: str) -> bool:
        echo = text == self._command or (self._body is not None and text.rstrip("\x1a") == self._body)
        self.echoed = self.echoed or echo
        return echo or text.startswith("AT+")
