"""What is said of a refusal: its meaning and the reaction to it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Reaction(StrEnum):
    """What a refusal asks for."""

    RETRY = "retry"  # this message again soon
    SLOW = "slow"  # this message again, from a quarter of an hour on
    FAIL = "fail"  # this recipient never
    STOP = "stop"  # every message would fail: hold the queue, probe
    SIM = "sim"  # look at the SIM again
    MODEM = "modem"  # resynchronise or reset the modem; nothing was sent
    BUG = "bug"  # our TPDU is wrong: fail, log the octets
    UNKNOWN = "unknown"  # it may have been sent
    SENT = "sent"  # the service centre has it from an earlier try
    BUSY = "busy"  # SIM or modem are busy with themselves: this message again in seconds, no attempt
    REGISTRATION = "registration"  # wait for the network, then this message again, no attempt
    PURGE = "purge"  # the storage is full: empty it, then this message again
    WITHOUT_CLASS = "without class"  # this message again without its message class (flash)
    WITHOUT_VALIDITY = "without validity"  # this message again without its validity period
    IGNORE = "ignore"  # no reason against the message: skip the command where it is optional, else as RETRY


@dataclass(frozen=True, slots=True)
class Cause:
    """A code, its meaning in words and the reaction to it."""

    code: int | None
    meaning: str
    reaction: Reaction
    #: Tries of one message that the reaction is worth; None for as many as any message gets. Then comes `then`.
    tries: int | None = None
    then: Reaction = Reaction.FAIL
    #: The reaction when message after message, to different recipients, meets this cause.
    for_all: Reaction | None = None
    #: One sentence for the office: what a person can do. Empty where nothing can be done but wait.
    advice: str = ""


Table = dict[int, Cause]


def table(*causes: Cause) -> Table:
    """The causes by their codes, each of which stands once."""
    by_code = {cause.code: cause for cause in causes if cause.code is not None}
    assert len(by_code) == len(causes)
    return by_code


def each(codes: Iterable[int], cause: Cause) -> Iterable[Cause]:
    """The same cause for several codes."""
    return (replace(cause, code=code) for code in codes)
