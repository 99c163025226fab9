"""Addresses: who a message is to, who it is from (TS 23.040 §9.1.2.5)."""

import re
from dataclasses import dataclass

from omsmodem.sms import gsm7
from omsmodem.sms.errors import DecodeError, EncodeError

INTERNATIONAL = 0x91
UNKNOWN = 0x81
ALPHANUMERIC = 0xD0
_TYPE_OF_NUMBER = 0x70
_MAX_SEMI_OCTETS = 20
_DIALLABLE = re.compile(r"\+?[0-9*#]{1,20}")
#: A semi-octet is one hexadecimal digit; these stand for what is on a telephone (§9.1.2.3), F fills the last octet.
_TO_HEX = str.maketrans("*#abc", "abcde")
_FROM_HEX = str.maketrans("abcde", "*#abc", "f")
_SWAPPED = bytes((octet << 4 | octet >> 4) & 0xFF for octet in range(256))


@dataclass(frozen=True, slots=True)
class Address:
    """A TP-DA, TP-OA or TP-RA: digits as sent, or the letters of an alphanumeric sender."""

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
            semi_octets, body = (7 * len(septets) + 3) // 4, gsm7.pack(septets)
        else:
            semi_octets, body = len(self.value), swap(bytes.fromhex(_hexadecimal(self.value)))
        if semi_octets > _MAX_SEMI_OCTETS:
            raise EncodeError(f"{self.value!r} is longer than an address")
        return bytes((semi_octets, self.type_of_address)) + body


def swap(octets: bytes) -> bytes:
    """The two semi-octets of every octet the other way round, as digits travel."""
    return octets.translate(_SWAPPED)


def _hexadecimal(digits: str) -> str:
    """The digits with the stand-ins for what is no digit, filled to whole octets."""
    if not digits.isdecimal():
        digits = digits.translate(_TO_HEX)
    return digits + "f" if len(digits) % 2 else digits


def decode_address(octets: bytes, start: int, field: str) -> tuple[Address, int]:
    """The address at `start`, and the octet behind it. Raises DecodeError naming `field`."""
    if start + 2 > len(octets):
        raise DecodeError(field, start, "the TPDU ends here")
    semi_octets, type_of_address = octets[start], octets[start + 1]
    end = start + 2 + (semi_octets + 1) // 2
    if semi_octets > _MAX_SEMI_OCTETS:
        raise DecodeError(field, start, f"{semi_octets} semi-octets; an address has at most {_MAX_SEMI_OCTETS}")
    if end > len(octets):
        raise DecodeError(field, start, f"{semi_octets} semi-octets are promised, the TPDU ends before")
    body = octets[start + 2 : end]
    if type_of_address & _TYPE_OF_NUMBER == ALPHANUMERIC & _TYPE_OF_NUMBER:
        return Address(_name(body, semi_octets), type_of_address), end
    digits = swap(body).hex()[:semi_octets]
    return Address(digits if digits.isdecimal() else digits.translate(_FROM_HEX), type_of_address), end


def _name(body: bytes, semi_octets: int) -> str:
    """The letters of an alphanumeric address.

    Some networks count whole octets, so that a name of seven letters seems to have eight, the last of them `@` (code 0);
    a name whose real eighth letter is an at sign is much rarer, and shown without it.
    """
    septets = gsm7.unpack(body, semi_octets * 4 // 7)
    if len(septets) == 8 and septets[-1] == 0:
        septets = septets[:-1]
    return gsm7.decode(septets)
