"""One command at a time; answers and indications kept apart (TS 27.007 §4). No I/O.

A command says which prefix its information lines have. Every other line is an indication, also in the middle of an answer.
"""

import re
from dataclasses import dataclass

from omsmodem.modem.syntax import Prompt, Syntax

CTRL_Z = b"\x1a"
ESC = b"\x1b"
_FINAL = re.compile(
    r"OK|ERROR|\+CM[SE] ERROR:.*|NO CARRIER|NO DIALTONE|NO ANSWER|BUSY|COMMAND NOT SUPPORT|TOO MANY PARAMETERS",
    re.IGNORECASE,
)
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
#: Indications whose TPDU comes on the next line (TS 27.005 §3.4.1).
_WITH_PDU = ("+CMT:", "+CDS:", "+CBM:")
#: Answers whose TPDU comes on the next line.
_LISTING = ("+CMGR:", "+CMGL:")
#: A bare information line (a maker's name, an IMEI) is none of these.
_UNSOLICITED = re.compile(r"[+^*#$].*|RING|Call Ready|SMS Ready|UNDER-VOLTAGE.*|DST:.*|RDY")


@dataclass(frozen=True, slots=True)
class Answer:
    """A final result and the information lines before it."""

    final: str
    lines: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the command was carried out."""
        return self.final == "OK"


@dataclass(frozen=True, slots=True)
class Indication:
    """What the modem said unasked: one line, or a header and its TPDU."""

    lines: tuple[str, ...]


class Chat:
    """The state of one dialogue. Owned by one thread."""

    def __init__(self) -> None:
        self._syntax = Syntax()
        self._command: str | None = None
        self._prefix: str | None = None
        self._bare = False
        self._lines: list[str] = []
        self._header: str | None = None  # an indication that waits for its TPDU

    def begin(self, command: str, *, prefix: str | None = None, bare: bool = False, prompt: bool = False) -> bytes:
        """Start a command; returns the octets to write. `bare` takes lines without a prefix as information."""
        self._command, self._prefix, self._bare, self._lines = command, prefix, bare, []
        self._syntax.expect_prompt = prompt
        return command.encode("ascii") + b"\r"

    def abandon(self) -> None:
        """Forget the command in progress; what still comes of it is treated as indications."""
        self._command = None
        self._syntax.expect_prompt = False

    def feed(self, octets: bytes) -> list[Answer | Indication | Prompt]:
        """The events these octets complete."""
        events: list[Answer | Indication | Prompt] = []
        for event in self._syntax.feed(octets):
            if isinstance(event, Prompt):
                events.append(event)
            else:
                self._line(event.text, events)
        return events

    def _line(self, text: str, events: list[Answer | Indication | Prompt]) -> None:
        if self._header is not None:
            header, self._header = self._header, None
            if _HEX.fullmatch(text):
                events.append(Indication((header, text)))
                return
            events.append(Indication((header,)))
        if text.startswith(_WITH_PDU):
            self._header = text
        elif self._command is None:
            events.append(Indication((text,)))
        elif _FINAL.fullmatch(text):
            self._command = None
            self._syntax.expect_prompt = False
            events.append(Answer(text, tuple(self._lines)))
        elif self._is_information(text):
            self._lines.append(text)
        elif not self._is_echo(text):
            events.append(Indication((text,)))

    def _is_information(self, text: str) -> bool:
        if self._prefix is not None and text.startswith(self._prefix):
            return True
        if self._lines and self._lines[-1].startswith(_LISTING) and _HEX.fullmatch(text):
            return True
        return self._bare and not self._is_echo(text) and _UNSOLICITED.fullmatch(text) is None

    def _is_echo(self, text: str) -> bool:
        return text == self._command or bool(re.fullmatch(r"(?:[0-9A-Fa-f]{2})+\x1a?|AT.*", text))
