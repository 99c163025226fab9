"""The log on stderr: one line a record, numbers masked, nothing in it that a terminal or the journal would obey.

No text of a message, no password and no PIN is ever given to the log; that is for those who call it. Standard library only.
"""

import logging
import re
import sys

#: systemd's journal reads a priority from the start of each line (sd-daemon(3)).
_PRIORITY = {"DEBUG": "<7>", "INFO": "<6>", "WARNING": "<4>", "ERROR": "<3>", "CRITICAL": "<2>"}
#: Numbers as they are dialled, with whatever people put between digits: international, or national with their zero.
_NUMBER = re.compile(
    r"\+[0-9](?:[ ()/.-]{0,2}[0-9]){6,14}"
    r"|(?<![\w:.+-])(?:00[1-9][0-9]{6,14}(?!\w)|0[1-9](?:[ ()/.-]?[0-9]){7,12}(?![\w:]))"
)


def masked(line: str) -> str:
    """A line without whole phone numbers: +44770*****22."""
    return _NUMBER.sub(lambda found: _mask(found[0]), line)


def _mask(number: str) -> str:
    return number[:6] + "*" * max(len(number) - 8, 1) + number[-2:]


def one_line(text: str) -> str:
    """A text with everything that is no printable character written as Python would."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


class LineFormatter(logging.Formatter):
    """One safe line a record, a traceback included; with a priority for the journal or the time for people."""

    def __init__(self, *, journal: bool) -> None:
        super().__init__("%(name)s %(message)s" if journal else "%(asctime)s %(levelname)s %(name)s %(message)s")
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        priority = _PRIORITY.get(record.levelname, "") if self._journal else ""
        return priority + masked(one_line(super().format(record)))


def set_up_logging(level: str, *, journal: bool) -> None:
    """Send the log to stderr: with journal priorities under systemd, with the time for people."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter(journal=journal))
    # What no line of ours shows is not looked up for each of them.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
