"""What the end of a +CMGS exchange means for the segment (TS 27.005 §3.5.1). No I/O."""

import re

from omsmodem.modem.chat import Answer
from omsmodem.modem.errors import InDoubt, NotSent, Refused
from omsmodem.modem.results import coded
from omsmodem.modem.syntax import Prompt

_REFERENCE = re.compile(r"\+CMGS:\s*(\d{1,3})\b.*")
_NETWORK_TIMEOUT = ("cms", 332)
#: Some modems refuse a TPDU with this and leave the prompt open (TS 27.005 §3.2.5).
_INVALID_PDU = ("cms", 304)


def message_reference(line: str) -> int | None:
    """The TP-MR that a `+CMGS:` line tells, or None when it is no such line."""
    match = _REFERENCE.fullmatch(line)
    return int(match[1]) % 256 if match else None


def no_prompt(event: Answer | Prompt | None, timeout_s: float) -> NotSent:
    """The error for what came instead of a prompt; nothing was sent."""
    match event:
        case Answer(ok=False):
            return NotSent(f"the modem answered {event.final}", *coded(event.final))
        case Answer():
            return NotSent(f"the modem answered {event.final} instead of a prompt")
        case Prompt():
            return NotSent("the modem has restarted and lost its settings")
        case None:
            return NotSent(f"no prompt within {timeout_s:g} s")


def leaves_prompt(answer: Answer) -> bool:
    """Whether the modem may still wait for a TPDU after this answer."""
    return coded(answer.final) == _INVALID_PDU


def reference(answer: Answer) -> int:
    """The TP-MR of a good answer after Ctrl-Z; raises Refused or InDoubt for any other."""
    if not answer.ok:
        kind, code = coded(answer.final)
        error = InDoubt if (kind, code) == _NETWORK_TIMEOUT else Refused
        raise error(f"the modem answered {answer.final}", kind, code)
    for line in answer.lines:
        number = message_reference(line)
        if number is not None:
            return number
    raise InDoubt("the modem answered OK without a message reference")
