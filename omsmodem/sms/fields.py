"""Fields of one octet or a few: protocol identifier, data coding, times, validity (TS 23.040 §9.2.3, TS 23.038 §4)."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from functools import cache

from omsmodem.sms.address import swap
from omsmodem.sms.errors import DecodeError

# -- TP-PID (TS 23.040 §9.2.3.9) -------------------------------------------------------------------------------------

_TYPE_0 = 0x40
_REPLACE = range(0x41, 0x48)
_DOWNLOAD = range(0x7D, 0x80)  # ME data download, ME de-personalisation, (U)SIM data download


def replace_type(protocol_identifier: int) -> int | None:
    """1..7 for a message that replaces an older one of the same type and originator; None for any other."""
    return protocol_identifier - _TYPE_0 if protocol_identifier in _REPLACE else None


def is_silent(protocol_identifier: int) -> bool:
    """Whether nobody is to see the message: type 0, and data for the modem or its SIM."""
    return protocol_identifier == _TYPE_0 or protocol_identifier in _DOWNLOAD


# -- TP-DCS (TS 23.038 §4) -------------------------------------------------------------------------------------------


class Alphabet(StrEnum):
    """How user data is written."""

    GSM7 = "gsm7"
    OCTETS = "8bit"
    UCS2 = "ucs2"


class WaitingKind(StrEnum):
    """What waits for the subscriber elsewhere."""

    VOICEMAIL = "voicemail"
    FAX = "fax"
    MAIL = "mail"
    OTHER = "other"
    VIDEO = "video"


#: The kinds two bits can name.
WAITING_KINDS = (WaitingKind.VOICEMAIL, WaitingKind.FAX, WaitingKind.MAIL, WaitingKind.OTHER)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message waiting indication: of what, whether any (or how many, where told) wait, whether its text is to be kept."""

    kind: WaitingKind
    active: bool
    store: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class DataCoding:
    """What a TP-DCS octet means."""

    alphabet: Alphabet
    message_class: int | None = None  # 0 flash, 1 modem, 2 SIM, 3 terminal
    compressed: bool = False
    automatic_deletion: bool = False
    waiting: Waiting | None = None


_BY_BITS = (Alphabet.GSM7, Alphabet.OCTETS, Alphabet.UCS2, Alphabet.GSM7)


def _read_coding(octet: int) -> DataCoding:
    group = octet >> 4
    if group < 0x8:
        message_class = octet & 3 if octet & 0x10 else None
        return DataCoding(_BY_BITS[octet >> 2 & 3], message_class, bool(octet & 0x20), bool(octet & 0x40))
    if group in (0xC, 0xD, 0xE):
        alphabet = Alphabet.UCS2 if group == 0xE else Alphabet.GSM7
        waiting = Waiting(WAITING_KINDS[octet & 3], active=bool(octet & 8), store=group != 0xC)
        return DataCoding(alphabet, waiting=waiting)
    if group == 0xF:
        return DataCoding(Alphabet.OCTETS if octet & 4 else Alphabet.GSM7, octet & 3)
    return DataCoding(Alphabet.GSM7)


_CODINGS = tuple(map(_read_coding, range(256)))


def data_coding(octet: int) -> DataCoding:
    """Read a TP-DCS. Reserved groups and alphabets are read as the 7-bit default."""
    return _CODINGS[octet]


def broadcast_alphabet(octet: int) -> Alphabet:
    """The alphabet of a cell broadcast data coding scheme, which USSD uses, too (TS 23.038 §5); a reserved one is the default."""
    group = octet >> 4
    if octet == 0x11:
        return Alphabet.UCS2
    if 0x4 <= group < 0x8 or group == 0x9:
        return _BY_BITS[octet >> 2 & 3]
    return Alphabet.OCTETS if group == 0xF and octet & 4 else Alphabet.GSM7


# -- TP-SCTS, TP-DT (TS 23.040 §9.2.3.11) ----------------------------------------------------------------------------

TIME_OCTETS = 7


#: Octet → the number its two swapped digits make; 255 where they are none.
_NUMBERS = bytes(
    10 * (octet & 0xF) + (octet >> 4) if max(octet & 0xF, octet >> 4) < 10 else 255 for octet in range(256)
)


def decode_time(octets: bytes) -> datetime | None:
    """A TP-SCTS or TP-DT of 7 octets with the centre's own offset; None when its digits are no date."""
    year, month, day, hour, minute, second = octets[:6].translate(_NUMBERS)
    zone = _zone(octets[6])
    if zone is None or year > 99:
        return None
    try:
        return datetime(2000 + year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None


@cache
def _zone(octet: int) -> timezone | None:
    """Quarter hours from GMT, negative where bit 3, which is the tens digit's, is set."""
    quarters = _NUMBERS[octet & ~8]
    if quarters > 79:
        return None
    return timezone(timedelta(minutes=15 * (-quarters if octet & 8 else quarters)))


def encode_time(moment: datetime | None) -> bytes:
    """Seven octets for an aware datetime, in its own zone; zeros for None."""
    if moment is None:
        return bytes(TIME_OCTETS)
    quarters = round((moment.utcoffset() or timedelta()) / timedelta(minutes=15))
    octets = swap(bytes.fromhex(f"{moment:%y%m%d%H%M%S}{abs(quarters):02d}"))
    return octets[:6] + bytes([octets[6] | 8]) if quarters < 0 else octets


def utc(moment: datetime | None) -> datetime | None:
    """The same moment in UTC."""
    return None if moment is None else moment.astimezone(UTC)


# -- TP-VP (TS 23.040 §9.2.3.12) -------------------------------------------------------------------------------------

_MINUTE, _HOUR, _DAY, _WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
#: The periods of the relative form, by value (§9.2.3.12.1).
_PERIODS = (
    *((value + 1) * 5 * _MINUTE for value in range(144)),
    *(12 * _HOUR + (value - 143) * 30 * _MINUTE for value in range(144, 168)),
    *((value - 166) * _DAY for value in range(168, 197)),
    *((value - 192) * _WEEK for value in range(197, 256)),
)
#: TP-VPF in the first octet: none, enhanced, relative, absolute (§9.2.3.3).
ENHANCED, RELATIVE, ABSOLUTE = 0x08, 0x10, 0x18
_VALIDITY_OCTETS = {0: 0, ENHANCED: 7, RELATIVE: 1, ABSOLUTE: 7}


def encode_validity(period: timedelta) -> int:
    """The smallest relative TP-VP that lasts at least `period`, clamped to 5 minutes … 63 weeks."""
    return min(bisect_left(_PERIODS, period), 255)


def relative_validity(octet: int) -> timedelta:
    """The period of a relative TP-VP."""
    return _PERIODS[octet]


def decode_validity(octets: bytes, start: int, form: int) -> tuple[timedelta | datetime | None, int]:
    """The TP-VP at `start` in the form of TP-VPF, and the octet behind it: a period, or a moment in the absolute form.

    Raises DecodeError. The enhanced form's *single shot* says nothing about time and is left out.
    """
    end = start + _VALIDITY_OCTETS[form]
    field = octets[start:end]
    if end > len(octets):
        raise DecodeError("validity_period", start, "the TPDU ends here")
    if form == RELATIVE:
        return relative_validity(field[0]), end
    if form == ABSOLUTE:
        moment = decode_time(field)
        if moment is None:
            raise DecodeError("validity_period", start, f"{field.hex()} is no date")
        return moment, end
    return (_enhanced_validity(field, start) if form == ENHANCED else None), end


def _enhanced_validity(field: bytes, start: int) -> timedelta | None:
    """§9.2.3.12.3: the first octet tells how the next ones are written."""
    digits = swap(field[1:4]).hex()
    match field[0] & 0x87:
        case 0:
            return None
        case 1:
            return relative_validity(field[1])
        case 2 if field[1]:
            return timedelta(seconds=field[1])
        case 3 if digits.isdecimal():
            return timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]), seconds=int(digits[4:]))
        case _:
            raise DecodeError("validity_period", start, f"{field.hex()} is no enhanced validity period")
