"""A command line → its commands (ITU-T V.250 §5.2). No I/O."""

import re
from dataclasses import dataclass
from enum import Enum

from omsmodem.modem.simulator.errors import Refusal

_DIAL = re.compile(r"D([^;]*);?", re.IGNORECASE)
_REGISTER = re.compile(r"S(\d{1,3})(?:=(\d{1,3})|(\?))", re.IGNORECASE)
_BASIC = re.compile(r"(&?[A-Z])(\d*)", re.IGNORECASE)
_EXTENDED = re.compile(r"([+^#*$%][A-Z][A-Z0-9_]*)\s*(?:(=\?|\?)|=((?:\"[^\"]*\"|[^\";])*))?\s*(?:;|$)", re.IGNORECASE)
_ARGUMENT = re.compile(r'\s*(?:"([^"]*)"|([^",]*))\s*(?:,|$)')


class Form(Enum):
    """What is asked of a command."""

    RUN = ""
    READ = "?"
    TEST = "=?"
    SET = "="


@dataclass(frozen=True, slots=True)
class Command:
    """One command: `+CMGS`, its form, and its arguments without quotes (a missing one is empty)."""

    name: str
    form: Form = Form.RUN
    arguments: tuple[str, ...] = ()

    def argument(self, position: int, default: str = "") -> str:
        """An argument, or `default` where it is missing or empty."""
        return self.arguments[position] or default if position < len(self.arguments) else default


def parse(line: str) -> list[Command]:
    """The commands of a line behind its `AT`. Raises Refusal at what is none, as a modem that says ERROR."""
    commands, at = [], 0
    while at < len(line):
        if line[at] in " ;":
            at += 1
            continue
        command, at = _next(line, at)
        commands.append(command)
    return commands


def _next(line: str, at: int) -> tuple[Command, int]:
    if match := _EXTENDED.match(line, at):
        return _extended(match), match.end()
    if match := _DIAL.match(line, at):
        return Command("D", Form.SET, (match[1],)), match.end()
    if match := _REGISTER.match(line, at):
        form = Form.READ if match[3] else Form.SET
        return Command("S" + match[1], form, () if match[3] else (match[2],)), match.end()
    if match := _BASIC.match(line, at):
        return Command(match[1].upper(), Form.RUN, (match[2],) if match[2] else ()), match.end()
    raise Refusal


def _extended(match: re.Match[str]) -> Command:
    name = match[1].upper()
    if match[3] is not None:
        return Command(name, Form.SET, _arguments(match[3]))
    return Command(name, Form(match[2] or ""))


def _arguments(text: str) -> tuple[str, ...]:
    arguments, at = [], 0
    while at <= len(text):
        match = _ARGUMENT.match(text, at)
        if match is None:
            raise Refusal
        arguments.append(match[1] if match[1] is not None else match[2].strip())
        at = match.end()
        if at == len(text) and not match[0].endswith(","):
            break
    return tuple(arguments)
