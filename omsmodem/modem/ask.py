"""Ways to put a command to a modem that may refuse it, be busy, or answer in another form."""

import contextlib
import re

from omsmodem.modem.chat import Answer
from omsmodem.modem.errors import CommandFailed
from omsmodem.modem.session import Session

#: Between two tries of a command that a busy modem refused.
BUSY_PAUSE_S = 2.0
_NAME = re.compile(r"AT([+^*#$%&][A-Z0-9]+)", re.IGNORECASE)
_PROMPTING = re.compile(r"AT.*\+\w*(CMG[SWC]|CMSS|CNMA)=", re.IGNORECASE)
#: A name in the UCS2 of +CSCS, in scripts below U+1000; nobody is called so.
_UCS2 = re.compile(r"(?:0[0-9A-Fa-f]{3}){2,}")
_STARTING = {("cms", 302), ("cms", 500), ("cme", 100)}


def attempt(session: Session, command: str, *, timeout_s: float = 10.0) -> bool:
    """Run a command that may be refused; whether it was carried out. Raises Unresponsive, PortLost."""
    with contextlib.suppress(CommandFailed):
        session.execute(command, timeout_s=timeout_s)
        return True
    return False


def information(session: Session, command: str, prefix: str, *, timeout_s: float = 10.0) -> list[str]:
    """What follows `prefix` on each information line; nothing when refused. Raises Unresponsive, PortLost."""
    with contextlib.suppress(CommandFailed):
        return values(session.execute(command, prefix=prefix, timeout_s=timeout_s), prefix)
    return []


def values(answer: Answer, prefix: str) -> list[str]:
    """What follows `prefix` on an answer's information lines."""
    return [line.removeprefix(prefix).strip() for line in answer.lines if line.startswith(prefix)]


def word(session: Session, command: str) -> str:
    """A one-line answer with or without a prefix and quotes; empty when refused. Raises Unresponsive, PortLost."""
    prefix = command.removeprefix("AT").rstrip("?") + ":"
    try:
        answer = session.execute(command, prefix=prefix, bare=True)
    except CommandFailed:
        return ""
    text = answer.lines[0] if answer.lines else ""
    return text.removeprefix(prefix).strip(' "')


def name(text: str) -> str:
    """A name as a modem tells it, also one that another program left at UCS2 (+CSCS, TS 27.007 §5.5)."""
    return bytes.fromhex(text).decode("utf-16-be", "replace") if _UCS2.fullmatch(text) else text


def verbatim(session: Session, line: str, *, timeout_s: float = 60.0) -> list[str]:
    """Everything a modem answers to a command a person typed, the final result last. Raises Unresponsive, PortLost."""
    named = _NAME.match(line)
    try:
        answer = session.execute(line, prefix=f"{named[1].upper()}:" if named else None, bare=True, timeout_s=timeout_s)
    except CommandFailed as error:
        return [error.result]
    return [*answer.lines, answer.final]


def prompts(line: str) -> bool:
    """Whether a command line would send or store a message, or wait for one behind a prompt."""
    return _PROMPTING.match(line) is not None


def patiently(
    session: Session,
    command: str,
    *,
    prefix: str | None = None,
    wait_s: float,
    starting: bool = False,
    wake: tuple[str, ...] = (),
) -> Answer:
    """Repeat a command while the modem is busy, for about `wait_s`; an indication in `wake` ends a pause early.

    `starting` also waits for what a modem answers to SMS commands before its start is complete.
    Raises CommandFailed (`busy` when it stayed so), Unresponsive, PortLost.
    """
    waited_s = 0.0
    while True:
        try:
            return session.execute(command, prefix=prefix)
        except CommandFailed as error:
            unready = error.busy or (starting and (error.kind, error.code) in _STARTING)
            if not unready or waited_s >= wait_s:
                raise
        session.expect(wake, BUSY_PAUSE_S)
        waited_s += BUSY_PAUSE_S
