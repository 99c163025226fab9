"""Why a text did not arrive, and what its sender can do: decided by the codes that modem and network gave. Pure."""

import re
from enum import StrEnum

from omsmodem.message import Outcome, State
from omsmodem.sms import causes
from omsmodem.sms.causes import Reaction
from omsmodem.store.optouts import WHY as OPTED_OUT

_CODE = re.compile(r"\+CM([SE]) ERROR: (\d+)")
_NO_SUCH_NUMBER = {("S", 1), ("S", 28), ("S", 30), ("S", 195)}
_BARRED = {("S", 8), ("S", 10), ("S", 21), ("S", 196), ("E", 56), ("E", 62)}
_SWITCHED_OFF = {("S", 27)}
#: TP-ST values of final failures, in words (TS 23.040 §9.2.3.15); bits 5 and 6 only say whether the centre still tries.
_STATUS_WORDS = {
    0x40: "remote procedure error",
    0x41: "incompatible destination",
    0x42: "the phone rejected it",
    0x43: "the phone could not be reached",
    0x44: "quality of service not available",
    0x45: "no interworking available",
    0x46: "its validity ended before the phone was reached",
    0x47: "deleted by its sender",
    0x48: "deleted by the service centre",
    0x49: "the service centre does not know it any more",
    0x60: "congestion",
    0x61: "the phone was busy",
    0x62: "the phone did not answer",
    0x63: "the service was rejected",
    0x64: "quality of service not available",
    0x65: "an error in the phone",
}
_WRONG_KIND = {0x41, 0x45}


class Remedy(StrEnum):
    """What the sender can do."""

    CHECK_NUMBER = "check_number"
    TRY_LATER = "try_later"
    UNREACHABLE = "unreachable"
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
    ):
        if (family, code) in codes:
            return found
    cause = causes.cms(code) if family == "S" else causes.cme(code)
    return Remedy.TRY_LATER if cause.reaction in {Reaction.RETRY, Reaction.SLOW, Reaction.UNKNOWN} else Remedy.OPERATOR


def status_words(status: int) -> str:
    """A final TP-ST in words, with the octet for whoever looks it up."""
    return f"{_STATUS_WORDS.get(status, 'the service centre gave up')} (status 0x{status:02X})"
