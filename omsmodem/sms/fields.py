"""The fields TPDUs are made of: addresses, data coding, times, validity (TS 23.040 §9.1, §9.2.3)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

from omsmodem.sms import gsm7
from omsmodem.sms.errors import DecodeError, EncodeError

INTERNATIONAL = 0x91
UNKNOWN = 0x81
ALPHANUMERIC = 0xD0
_TYPE_OF_NUMBER = 0x70
_DIALLABLE = re.compile(r"\+?[0-9*#]{1,20}")
_DIGITS = "0123456789*#abc"
_CODES = {digit: code for code, digit in enumerate(_DIGITS)}


@dataclass(frozen=True, slots=True)
class Address:
    """A TP-DA, TP-OA or TP-RA (TS 23.040 §9.1.2.5): digits as sent, or the letters of an alphanumeric sender."""

    value: str
    type_of_address: int = UNKNOWN

    @classmethod
    def of(cls, number: str) -> "Address":
        """The address to send to: `+…` is international, anything else is dialled as it stands. Raises EncodeError."""
        if _DIALLABLE.fullmatch(number) is None:
            raise EncodeError(f"{number!r} is no number that can be dialled")
        if number.startswith("+"):
            return cls(number[1:], INTERNATIONAL)
        return cls(number, UNKNOWN)

    @property
    def alphanumeric(self) -> bool:
        """Whether this is a name, which cannot be answered."""
        return self.type_of_address & _TYPE_OF_NUMBER == ALPHANUMERIC & _TYPE_OF_NUMBER

    @property
    def number(self) -> str:
        """As a person writes it: `+` before an international number."""
        international = self.type_of_address & _TYPE_OF_NUMBER == INTERNATIONAL & _TYPE_OF_NUMBER
        return "+" + self.value if international and self.value else self.value

    def encode(self) -> bytes:
        """Length in semi-octets, type of address, digits. Raises EncodeError."""
        if self.alphanumeric:
            septets = gsm7.encode(self.value)
            return bytes([(7 * len(septets) + 3) // 4, self.type_of_address]) + gsm7.pack(septets)
        return bytes([len(self.value), self.type_of_address]) + _swap_digits(self.value)


def _swap_digits(digits: str) -> bytes:
    codes = [_CODES[digit] for digit in digits]
    if len(codes) % 2:
        codes.append(0xF)
    return bytes(low | high << 4 for low, high in zip(codes[::2], codes[1::2], strict=True))


def decode_address(octets: bytes, start: int, field: str) -> tuple[Address, int]:
    """The address at `start`, and the octet behind it. Raises DecodeError naming `field`."""
    if start + 2 > len(octets):
        raise DecodeError(field, start, "the TPDU ends here")
    semi_octets, type_of_address = octets[start], octets[start + 1]
    end = start + 2 + (semi_octets + 1) // 2
    if semi_octets > 20:
        raise DecodeError(field, start, f"{semi_octets} semi-octets; an address has at most 20")
    if end > len(octets):
        raise DecodeError(field, start, f"{semi_octets} semi-octets are promised, the TPDU ends before")
    body = octets[start + 2 : end]
    if type_of_address & _TYPE_OF_NUMBER == ALPHANUMERIC & _TYPE_OF_NUMBER:
        septets = gsm7.unpack(body, semi_octets * 4 // 7)
        return Address(gsm7.decode(septets), type_of_address), end
    nibbles = [nibble for octet in body for nibble in (octet & 0xF, octet >> 4)][:semi_octets]
    return Address("".join(_DIGITS[n] for n in nibbles if n != 0xF), type_of_address), end


class Alphabet(StrEnum):
    """How user data is written."""

    GSM7 = "gsm7"
    OCTETS = "8bit"
    UCS2 = "ucs2"


@dataclass(frozen=True, slots=True)
class DataCoding:
    """What a TP-DCS octet means (TS 23.038 §4)."""

    alphabet: Alphabet
    message_class: int | None = None
    compressed: bool = False
    waiting: str | None = None  # voicemail, fax, mail, other
    discard: bool = False


_BY_BITS = {0: Alphabet.GSM7, 1: Alphabet.OCTETS, 2: Alphabet.UCS2, 3: Alphabet.GSM7}
_WAITING = ("voicemail", "fax", "mail", "other")


def data_coding(octet: int) -> DataCoding:
    """Read a TP-DCS. Reserved groups and alphabets are read as the 7-bit default."""
    group = octet >> 4
    if group < 0x8:
        has_class = octet & 0x10
        return DataCoding(_BY_BITS[octet >> 2 & 3], octet & 3 if has_class else None, bool(octet & 0x20))
    if group in (0xC, 0xD, 0xE):
        alphabet = Alphabet.UCS2 if group == 0xE else Alphabet.GSM7
        return DataCoding(alphabet, waiting=_WAITING[octet & 3], discard=group == 0xC)
    if group == 0xF:
        return DataCoding(Alphabet.OCTETS if octet & 4 else Alphabet.GSM7, octet & 3)
    return DataCoding(Alphabet.GSM7)


def decode_time(octets: bytes) -> datetime | None:
    """A TP-SCTS or TP-DT of 7 octets with the centre's own offset; None when its digits are no date (§9.2.3.11)."""
    digits = [10 * (octet & 0xF) + (octet >> 4) for octet in octets[:6]]
    if any(octet & 0xF > 9 or octet >> 4 > 9 for octet in octets[:6]):
        return None
    zone = octets[6]
    quarters = (zone & 7) * 10 + (zone >> 4)
    try:
        offset = timezone(timedelta(minutes=15 * (-quarters if zone & 8 else quarters)))
        return datetime(2000 + digits[0], *digits[1:], tzinfo=offset)  # type: ignore[misc,arg-type]  # five ints
    except ValueError:
        return None


def encode_time(moment: datetime | None) -> bytes:
    """Seven octets for an aware datetime, in its own zone; zeros for None."""
    if moment is None:
        return bytes(7)
    offset = moment.utcoffset()
    quarters = round((offset or timedelta()).total_seconds() / 900)
    fields = (moment.year % 100, moment.month, moment.day, moment.hour, moment.minute, moment.second)
    zone = abs(quarters)
    sign = 8 if quarters < 0 else 0
    return bytes(value % 10 << 4 | value // 10 for value in fields) + bytes([zone % 10 << 4 | zone // 10 | sign])


def utc(moment: datetime | None) -> datetime | None:
    """The same moment in UTC."""
    return None if moment is None else moment.astimezone(UTC)


#: Relative TP-VP (§9.2.3.12.1): (first value, last value, period of the value before the first, step).
_VALIDITY = (
    (0, 143, timedelta(0), timedelta(minutes=5)),
    (144, 167, timedelta(hours=12), timedelta(minutes=30)),
    (168, 196, timedelta(days=1), timedelta(days=1)),
    (197, 255, timedelta(weeks=4), timedelta(weeks=1)),
)


def encode_validity(period: timedelta) -> int:
    """The smallest relative TP-VP that lasts at least `period`, clamped to 5 minutes … 63 weeks."""
    for first, last, before, step in _VALIDITY:
        value = first + max(0, -((before - period) // step) - 1)
        if value <= last:
            return value
    return 255


def decode_validity(octet: int) -> timedelta:
    """The period of a relative TP-VP."""
    for first, last, before, step in _VALIDITY:
        if octet <= last:
            return before + (octet - first + 1) * step
    raise DecodeError("validity_period", 0, f"{octet} is no octet")
