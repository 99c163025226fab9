"""What must never be read in the service's log: whole numbers, passwords, PINs, and what people wrote to one another."""

import ast
import logging
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from functools import cache
from pathlib import Path

from omsmodem.logs import LineFormatter

#: A constant of the tests that is named so holds what no log may have.
_SECRET = re.compile(r"""^[A-Z_]*(?:PASSWORD|SECRET|TEXT)[A-Z_]* = ("[^"]+"|'[^']+')$""", re.MULTILINE)
_PINS = ("1234", "2468", "4321", "4711", "7391")
#: Any international number; and +447700900xxx, those of the examples, in whatever form it is left when spaces are taken
#: out: with or without its country, or as the semi-octets of a TPDU (TS 23.040 §9.1.2.3).
_NUMBER = re.compile(r"\+[0-9]{7,15}|7700900[0-9]{3}|77000920[0-9]{2}")
_BETWEEN_DIGITS = re.compile(r"(?<=[0-9])[ ()/.-]+(?=[0-9])")
#: Shorter texts are words that any line of a log may have.
_TELLING = 9
_TEXTS = ("SELECT text, recipient FROM message", "SELECT text, originator FROM incoming")


class Ear(logging.Handler):
    """Keeps what the service would write at INFO, as it would write it."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(LineFormatter(journal=True))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line."""
        self.lines.append(self.format(record))

    def take(self) -> list[str]:
        """The lines since the last time."""
        taken, self.lines = self.lines, []
        return taken


def leaks(lines: Iterable[str], secrets: Iterable[str]) -> list[str]:
    """The lines with a number or a secret, each with what it tells."""
    telling = [secret for secret in secrets if secret]
    return [f"{found!r} in: {line}" for line in lines if (found := _told(line, telling))]


def _told(line: str, secrets: list[str]) -> str:
    number = _NUMBER.search(_BETWEEN_DIGITS.sub("", line))
    return number[0] if number else next((secret for secret in secrets if _stands_in(secret, line)), "")


def _stands_in(secret: str, line: str) -> bool:
    if secret.isdigit():  # a PIN is no part of a longer number, nor the number of something
        return re.search(rf"(?<![\w:.-]){secret}(?![\w:.-])", line) is not None
    return secret in line


# -- what the tests keep secret -------------------------------------------------------------------------------------------


@cache
def named_secrets() -> frozenset[str]:
    """The PINs of the tests' SIMs, and what constants hold whose names call them a password, a secret or a text."""
    sources = (path.read_text() for path in Path(__file__).parent.rglob("*.py"))
    return frozenset(_PINS) | {ast.literal_eval(found) for source in sources for found in _SECRET.findall(source)}


def kept(directory: Path) -> set[str]:
    """The texts and numbers in every store below a directory."""
    return {words for path in directory.rglob("*.db") for words in _words(path) if len(words) >= _TELLING}


def _words(path: Path) -> Iterator[str]:
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        for question in _TEXTS:
            for row in connection.execute(question):
                yield from row
