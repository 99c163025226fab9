"""Why a text did not arrive, and what its sender can do: decided by the codes that modem and network gave. Pure."""

import re
from enum import StrEnum

from omsmodem.message import Outcome, State
from omsmodem.sms import causes
from omsmodem.sms.causes import Cause, Reaction
from omsmodem.store.optouts import WHY as OPTED_OUT

_CODE = re.compile(r"\+CM([SE]) ERROR: (\d+)")
_NO_SUCH_NUMBER = {("S", 1), ("S", 195)}
_BARRED = {("S", 8), ("S", 10), ("S", 196), ("E", 56), ("E", 62)}
_SWITCHED_OFF = {("S", 27)}
_OTHER_ALPHABET = {("S", 144)}
_WRONG_KIND = {0x41, 0x45}  # TP-ST: incompatible destination, no interworking


class Remedy(StrEnum):
    """What the sender can do."""

    CHECK_NUMBER = "check_number"
    TRY_LATER = "try_later"
    UNREACHABLE = "unreachable"
    PLAINER = "plainer"
    BARRED = "barred"
    OPERATOR = "operator"
    RESPECT = "respect"


def remedy(outcome: Outcome, status: int | None) -> Remedy:
    """What the sender of a text that did not arrive can do; `status` is the TP-ST of its report."""
    if outcome.detail == OPTED_OUT:
        return Remedy.RESPECT
    if outcome.state is State.UNDELIVERED:
        return Remedy.CHECK_NUMBER if status in _WRONG_KIND else Remedy.UNREACHABLE
    match = _CODE.search(outcome.detail)
    if match is None:
        return Remedy.TRY_LATER if outcome.state is State.EXPIRED else Remedy.OPERATOR
    return _of_code(match[1], int(match[2]))


def _of_code(family: str, code: int) -> Remedy:
    for codes, found in (
        (_NO_SUCH_NUMBER, Remedy.CHECK_NUMBER),
        (_BARRED, Remedy.BARRED),
        (_SWITCHED_OFF, Remedy.UNREACHABLE),
        (_OTHER_ALPHABET, Remedy.PLAINER),
    ):
        if (family, code) in codes:
            return found
    patient = {Reaction.RETRY, Reaction.SLOW, Reaction.UNKNOWN, Reaction.BUSY}
    return Remedy.TRY_LATER if _cause(family, code).reaction in patient else Remedy.OPERATOR


def _cause(family: str, code: int) -> Cause:
    return causes.cms(code) if family == "S" else causes.cme(code)


def advice(outcome: Outcome) -> str:
    """What whoever looks after the service can do, in a sentence; empty where there is nothing."""
    match = _CODE.search(outcome.detail)
    return _cause(match[1], int(match[2])).advice if match is not None else ""


def status_words(status: int) -> str:
    """A final TP-ST in words, with the octet for whoever looks it up."""
    return f"{causes.report(status).meaning} (status 0x{status:02X})"
