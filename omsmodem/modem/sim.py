"""The SIM's PIN and identity (TS 27.007 §8.3). A PIN is tried once per value and SIM, and never when few tries are left."""

import contextlib
import hashlib
import logging
import re
from dataclasses import dataclass
from typing import Protocol

from omsmodem.modem import ask
from omsmodem.modem.errors import Blocked, BlockReason, CommandFailed
from omsmodem.modem.quirks import STANDARD_COUNTER, PinCounter
from omsmodem.modem.session import Session

_log = logging.getLogger(__name__)

#: A SIM needs this long after power-up or after its PIN.
SIM_WAIT_S = 20.0
#: Three wrong PINs ask for the PUK. With this many left or fewer the PIN is for a person to type.
FEW_TRIES = 2
_PIN = re.compile(r"[0-9]{4,8}")
_ICCID = re.compile(r"\d{18,22}F?", re.IGNORECASE)
_ICCID_COMMANDS = ("AT+CCID", "AT+CCID?", "AT+ICCID", "AT^ICCID?")
_ICCID_PREFIXES = ("+CCID:", "+ICCID:", "+QCCID:", "+ZGETICCID:", "^ICCID:", "#CCID:")
_USABLE = {"READY", "SIM PIN2", "SIM PUK2"}


class PinMemory(Protocol):
    """Which PINs were entered into which SIM without success; has to survive a restart."""

    def tried(self, iccid: str, pin_digest: str) -> bool:
        """Whether this PIN was entered into this SIM and is not known to be right."""

    def remember(self, iccid: str, pin_digest: str) -> None:
        """Keep durably that this PIN is about to be entered."""

    def forget(self, iccid: str, pin_digest: str) -> None:
        """The PIN was right: it may be entered again after the next start."""


class MemoryOfProcess:
    """A PinMemory that ends with the process: for one-off commands and tests."""

    def __init__(self) -> None:
        self._tried: set[tuple[str, str]] = set()

    def tried(self, iccid: str, pin_digest: str) -> bool:
        """See PinMemory."""
        return (iccid, pin_digest) in self._tried

    def remember(self, iccid: str, pin_digest: str) -> None:
        """See PinMemory."""
        self._tried.add((iccid, pin_digest))

    def forget(self, iccid: str, pin_digest: str) -> None:
        """See PinMemory."""
        self._tried.discard((iccid, pin_digest))


_PROCESS = MemoryOfProcess()


@dataclass(frozen=True, slots=True)
class Unlock:
    """How to open a SIM: the PIN, if any, and where its use is remembered (by default for as long as the process runs)."""

    pin: str | None = None
    memory: PinMemory = _PROCESS


NO_PIN = Unlock()


def pin_digest(iccid: str, pin: str) -> str:
    """What is remembered of a PIN. It hides the digits from a glance only: there are too few of them to hide from a search."""
    return hashlib.blake2b(pin.encode(), key=iccid.encode()[:64], digest_size=12).hexdigest()


def iccid(session: Session, command: str | None = None) -> str:
    """The SIM's serial number, which can be read before the PIN; empty when the modem does not tell.

    `command` is the make's own, asked before the common ones.
    """
    for each in (command, *_ICCID_COMMANDS):
        with contextlib.suppress(CommandFailed):
            lines = session.execute(each, prefix=_ICCID_PREFIXES, bare=True).lines if each else ()
            for match in map(_ICCID.search, lines):
                if match is not None:
                    return match[0].upper().removesuffix("F")
    return ""


def tries_left(session: Session, counter: PinCounter | None) -> int | None:
    """The tries left for the PIN, or None when the modem does not tell."""
    for each in (counter, STANDARD_COUNTER):
        for value in ask.information(session, each.command, each.prefix) if each is not None else ():
            match = re.fullmatch(each.pattern, value) if each is not None else None
            if match is not None:
                return int(match[1])
    return None


def open_sim(session: Session, unlock: Unlock, *, counter: PinCounter | None, serial: str) -> None:
    """Wait for the SIM and enter its PIN if it asks for one. `serial` is its ICCID or what else tells SIMs apart.

    Raises Blocked, Unresponsive, PortLost.
    """
    state = _state(session)
    if state == "SIM PIN":
        _enter_pin(session, unlock, counter, serial)
        state = _state_after_pin(session)
    if state not in _USABLE:
        raise _unusable(state)
    _forgive(unlock, serial)


def _enter_pin(session: Session, unlock: Unlock, counter: PinCounter | None, serial: str) -> None:
    pin = unlock.pin
    if pin is None:
        raise _unusable("SIM PIN")
    if _PIN.fullmatch(pin) is None:
        raise Blocked("the configured PIN is not 4 to 8 digits; it was not tried", BlockReason.PIN)
    left = tries_left(session, counter)
    if left is not None and left <= FEW_TRIES:
        raise Blocked(
            f"only {left} tries are left for the SIM's PIN, so it is not entered here: unlock the SIM in a phone",
            BlockReason.PIN,
        )
    digest = pin_digest(serial, pin)
    if unlock.memory.tried(serial, digest):
        raise Blocked(
            "the configured PIN was entered into this SIM before and did not open it, or the answer was lost; it is not "
            "tried again: configure the right one, or say that it is right with omsmodem modem forget-pin",
            BlockReason.PIN,
        )
    unlock.memory.remember(serial, digest)
    try:
        session.execute(f'AT+CPIN="{pin}"', timeout_s=SIM_WAIT_S)
    except CommandFailed as error:
        raise Blocked(
            f"the SIM refused the configured PIN ({error.result}); it is not tried again: configure the right one",
            BlockReason.PIN,
        ) from error
    _log.info("the SIM's PIN was accepted")


def _forgive(unlock: Unlock, serial: str) -> None:
    """An open SIM has all its tries again: a PIN whose answer was lost may be entered after the next loss of power."""
    if unlock.pin is not None:
        digest = pin_digest(serial, unlock.pin)
        if unlock.memory.tried(serial, digest):
            unlock.memory.forget(serial, digest)


def _state(session: Session) -> str:
    try:
        answer = ask.patiently(session, "AT+CPIN?", prefix="+CPIN:", wait_s=SIM_WAIT_S, wake=("+CPIN:",))
    except CommandFailed as error:
        raise _failed(error) from error
    states = ask.values(answer, "+CPIN:")
    return states[-1].strip('"') if states else "an answer without a state"


def _state_after_pin(session: Session) -> str:
    """The state once the SIM has digested its PIN; some modems tell the old one for a while."""
    for _ in range(int(SIM_WAIT_S / ask.BUSY_PAUSE_S)):
        state = _state(session)
        if state != "SIM PIN":
            return state
        session.expect(("+CPIN:",), ask.BUSY_PAUSE_S)
    return "its PIN again, although it was accepted"


def _unusable(state: str) -> Blocked:
    if state == "SIM PIN":
        return Blocked("the SIM asks for its PIN: put it into the file named by pin_file", BlockReason.PIN)
    if state == "NOT INSERTED":
        return Blocked("no SIM is inserted", BlockReason.NO_SIM)
    if state == "NOT READY":
        return Blocked("the SIM is switched off or still starting", BlockReason.SIM_BUSY)
    if state == "SIM PUK":
        return Blocked(
            "the SIM is locked and asks for its PUK: unlock it in a phone; nothing is tried here", BlockReason.PUK
        )
    if state.startswith("PH-"):
        return Blocked(f"the modem is locked to another SIM or operator (it asks for {state})", BlockReason.SIM_LOCK)
    return Blocked(f"the SIM or the modem asks for {state}", BlockReason.SIM_LOCK)


def _failed(error: CommandFailed) -> Blocked:
    if error.busy:
        return Blocked("the SIM is still starting", BlockReason.SIM_BUSY)
    reason, words = _SIM_ERRORS.get((error.kind, error.code), (BlockReason.SIM_FAILURE, "the SIM cannot be used"))
    return Blocked(f"{words} ({error.result})", reason)


_NO_SIM = (BlockReason.NO_SIM, "no SIM is inserted")
_BROKEN = (BlockReason.SIM_FAILURE, "the SIM failed: reseat it")
_WRONG = (BlockReason.SIM_LOCK, "the modem does not take this SIM")
_SIM_ERRORS: dict[tuple[str | None, int | None], tuple[BlockReason, str]] = {
    ("cme", 10): _NO_SIM,
    ("cms", 310): _NO_SIM,
    ("cme", 13): _BROKEN,
    ("cms", 313): _BROKEN,
    ("cme", 15): _WRONG,
    ("cms", 315): _WRONG,
}
