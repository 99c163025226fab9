"""Watching an idle modem: one question a minute, in turns, so that a modem that hangs or lost its network is found out."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from omsmodem.modem.gsm import Gsm
from omsmodem.modem.ussd import UssdAnswer, UssdFailed
from omsmodem.sms import gsm7, ucs2
from omsmodem.sms.fields import Alphabet, broadcast_alphabet
from omsmodem.store import Modems
from omsmodem.worker.status import ModemStatus

_log = logging.getLogger(__name__)

#: A little more than a minute, as the receiver looks into the storage now and then, too.
QUESTION_EVERY_S = 65.0
#: A modem that is never idle is asked all the same, but this seldom.
BUSY_QUESTION_EVERY_S = 600.0
#: No part of a longer number, of a date, a time or a telephone number.
_AMOUNT = re.compile(
    r"(?<!\d)(?<!\d[.,/:-])(?<!\+)(?P<whole>[-+]?(?:[1-9]\d{0,2}(?:[.,]\d{3})+|\d{1,7}))(?:[.,](?P<decimals>\d{1,3}))?"
    r"(?![\d:/-]|[.,]\d)"
)


@dataclass(frozen=True, slots=True)
class Watching:
    """What else is asked: the balance by USSD `balance_code`, every `balance_every_s` seconds; empty: never."""

    balance_code: str = ""
    balance_every_s: float = 86_400.0


class Watch:
    """Asks one modem how it is. `due_s` says when it wants to."""

    def __init__(
        self,
        name: str,
        modems: Modems,
        watching: Watching,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._name = name
        self._modems = modems
        self._watching = watching
        self._clock = clock
        self._monotonic = monotonic
        self._asked_at = 0.0
        self._balance_at: float | None = None
        self._turn = 0

    def begin(self) -> None:
        """The modem has just come up: the first question comes soon, and all of them come round."""
        self._turn = 0
        self._asked_at = self._monotonic() - QUESTION_EVERY_S + 1

    def due_s(self, *, busy: bool = False) -> float:
        """Seconds until the next question."""
        every = BUSY_QUESTION_EVERY_S if busy else QUESTION_EVERY_S
        return max(self._asked_at + every - self._monotonic(), 0.0)

    def ask(self, gsm: Gsm, status: ModemStatus) -> ModemStatus:
        """Ask the next question; returns the status with the answer. Raises Unresponsive, PortLost."""
        turn, self._turn = self._turn, self._turn + 1
        self._asked_at = self._monotonic()
        if self._balance_is_due():
            return self._ask_balance(gsm, status)
        if turn % 60 == 1:
            return replace(status, operator=gsm.operator())
        if turn % 10 == 4:
            return replace(status, fill=gsm.fill() or status.fill)
        if turn % 5 == 2:
            self._asked_at += QUESTION_EVERY_S  # it takes two commands
            return replace(status, registration=gsm.registration())
        return self._ask_strength(gsm, status)

    def _ask_strength(self, gsm: Gsm, status: ModemStatus) -> ModemStatus:
        strength = gsm.signal()
        self._modems.see(self._name, strength.dbm, gsm.network.words)
        weak = strength.words == "very weak"
        return replace(status, strength=strength, weak_since=(status.weak_since or self._clock()) if weak else None)

    def _balance_is_due(self) -> bool:
        if not self._watching.balance_code:
            return False
        return self._balance_at is None or self._monotonic() - self._balance_at >= self._watching.balance_every_s

    def _ask_balance(self, gsm: Gsm, status: ModemStatus) -> ModemStatus:
        self._balance_at = self._monotonic()
        try:
            text = text_of(gsm.ussd(self._watching.balance_code))
        except (UssdFailed, ValueError) as error:
            _log.warning("modem=%s the balance is not known: %s", self._name, error)
            return status
        balance = amount(text)
        _log.info("modem=%s balance=%s (%s)", self._name, balance, text)
        return replace(status, balance=balance if balance is not None else status.balance)


def text_of(answer: UssdAnswer) -> str:
    """What the network said, in characters (TS 23.038 §5)."""
    octets, coding = answer.octets, answer.data_coding
    alphabet = Alphabet.GSM7 if coding is None else broadcast_alphabet(coding)
    if octets is None or (alphabet is Alphabet.GSM7 and answer.text.isdecimal() and not answer.packed):
        return answer.text
    if alphabet is Alphabet.GSM7:
        return gsm7.decode(gsm7.unpack(octets, len(octets) * 8 // 7)).rstrip("\r@")
    return ucs2.decode(octets) if alphabet is Alphabet.UCS2 else octets.decode("latin-1")


def amount(text: str) -> float | None:
    """The first amount of money in an answer: one with decimals before one without."""
    found = list(_AMOUNT.finditer(text))
    chosen = next((each for each in found if each["decimals"]), found[0] if found else None)
    return None if chosen is None else float(re.sub("[.,]", "", chosen["whole"]) + "." + (chosen["decimals"] or "0"))
