"""Signal strength: what +CSQ and +CESQ say, in dBm and words (TS 27.007 §8.5, §8.69)."""

import re
from dataclasses import dataclass

from omsmodem.modem import ask
from omsmodem.modem.session import Session

_CSQ = re.compile(r"(\d{1,3})\s*,\s*(\d{1,2})")
_UNKNOWN_CSQ = 99
_UNKNOWN_CESQ = 255
#: Lower bounds in dBm, for the received power of GSM and UMTS, and for LTE's RSRP, which is a lower figure for the same air.
_WORDS = ((-70, "excellent"), (-85, "good"), (-93, "fair"), (-103, "weak"))
_LTE_WORDS = ((-85, "excellent"), (-97, "good"), (-107, "fair"), (-117, "weak"))


@dataclass(frozen=True, slots=True)
class Strength:
    """Received power in dBm, None when the modem does not know; `words` for people. Below *fair*, sending gets slow."""

    dbm: int | None = None
    words: str = "unknown"


def ask_strength(session: Session) -> Strength:
    """Ask with +CSQ, and with +CESQ where that knows nothing, as on LTE. Raises Unresponsive, PortLost."""
    for value in ask.information(session, "AT+CSQ", "+CSQ:"):
        match = _CSQ.fullmatch(value)
        if match is not None and int(match[1]) not in {_UNKNOWN_CSQ, 199}:
            return _of_csq(int(match[1]))
    for value in ask.information(session, "AT+CESQ", "+CESQ:"):
        fields = [int(field) for field in re.findall(r"\d+", value)]
        if len(fields) >= 6:
            return _of_cesq(fields)
    return Strength()


def _of_csq(rssi: int) -> Strength:
    if rssi >= 100:  # some makers' scale for TD-SCDMA and LTE
        return _strength(rssi - 100 - 116, _LTE_WORDS)
    return _strength(-113 + 2 * min(rssi, 31), _WORDS)


def _of_cesq(fields: list[int]) -> Strength:
    rxlev, _, rscp, _, _, rsrp = fields[:6]
    if rsrp != _UNKNOWN_CESQ:
        return _strength(rsrp - 141, _LTE_WORDS)
    if rscp != _UNKNOWN_CESQ:
        return _strength(rscp - 121, _WORDS)
    return Strength() if rxlev == _UNKNOWN_CSQ else _strength(rxlev - 111, _WORDS)


def _strength(dbm: int, scale: tuple[tuple[int, str], ...]) -> Strength:
    return Strength(dbm, next((words for bound, words in scale if dbm >= bound), "very weak"))
