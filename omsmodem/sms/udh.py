"""The user data header (TS 23.040 §9.2.3.24)."""

from dataclasses import dataclass

from omsmodem.sms.errors import DecodeError, EncodeError
from omsmodem.sms.fields import WAITING_KINDS, Waiting, WaitingKind

CONCATENATION = 0x00
SPECIAL_INDICATION = 0x01
PORTS = 0x04
PORTS_WIDE = 0x05
CONCATENATION_WIDE = 0x08
SINGLE_SHIFT = 0x24
LOCKING_SHIFT = 0x25


@dataclass(frozen=True, slots=True)
class InformationElement:
    """One element: its identifier and its data."""

    iei: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Concatenation:
    """Which segment of which message this is (§9.2.3.24.1, §9.2.3.24.8 when `wide`)."""

    reference: int
    total: int
    number: int
    wide: bool = False

    def element(self) -> InformationElement:
        """The element that says so."""
        reference = self.reference.to_bytes(2 if self.wide else 1, "big")
        iei = CONCATENATION_WIDE if self.wide else CONCATENATION
        return InformationElement(iei, reference + bytes([self.total, self.number]))


@dataclass(frozen=True, slots=True)
class Ports:
    """Which program the message is for and from (§9.2.3.24.3, §9.2.3.24.4 when `wide`): not one for a person."""

    destination: int
    source: int
    wide: bool = True

    def element(self) -> InformationElement:
        """The element that says so."""
        size = 2 if self.wide else 1
        data = self.destination.to_bytes(size, "big") + self.source.to_bytes(size, "big")
        return InformationElement(PORTS_WIDE if self.wide else PORTS, data)


def encode(elements: tuple[InformationElement, ...]) -> bytes:
    """UDHL and the elements; nothing for no elements. Raises EncodeError over 140 octets."""
    if not elements:
        return b""
    body = b"".join(bytes([e.iei, len(e.data)]) + e.data for e in elements)
    if len(body) > 139:
        raise EncodeError(f"the user data header has {len(body) + 1} octets; a TPDU holds 140")
    return bytes([len(body)]) + body


def decode(octets: bytes) -> tuple[tuple[InformationElement, ...], int]:
    """The elements of the header at the start of `octets`, and the octet behind it.

    A last element that is too short makes the whole header ignored, its octets skipped; a UDHL beyond the user data is
    malformed: DecodeError.
    """
    if not octets or octets[0] + 1 > len(octets):
        raise DecodeError("header", 0, "the header is longer than the user data")
    end = octets[0] + 1
    elements: list[InformationElement] = []
    at = 1
    while at < end:
        if at + 2 > end or at + 2 + octets[at + 1] > end:
            return (), end
        elements.append(InformationElement(octets[at], octets[at + 2 : at + 2 + octets[at + 1]]))
        at += 2 + octets[at + 1]
    return tuple(elements), end


def concatenation(elements: tuple[InformationElement, ...]) -> Concatenation | None:
    """The last well-formed concatenation element; one with an impossible number is ignored (§9.2.3.24.1)."""
    for element in reversed(elements):
        wide = element.iei == CONCATENATION_WIDE
        if element.iei not in (CONCATENATION, CONCATENATION_WIDE) or len(element.data) != (4 if wide else 3):
            continue
        total, number = element.data[-2:]
        if 1 <= number <= total:
            return Concatenation(int.from_bytes(element.data[:-2], "big"), total, number, wide)
    return None


def ports(elements: tuple[InformationElement, ...]) -> Ports | None:
    """The last well-formed port addressing element."""
    for element in reversed(elements):
        size = {PORTS: 1, PORTS_WIDE: 2}.get(element.iei)
        if size is not None and len(element.data) == 2 * size:
            destination, source = element.data[:size], element.data[size:]
            return Ports(int.from_bytes(destination, "big"), int.from_bytes(source, "big"), size == 2)
    return None


def waiting(elements: tuple[InformationElement, ...]) -> tuple[Waiting, ...]:
    """The special message indications, one for each kind that is told of (§9.2.3.24.2); 255 means *or more*."""
    return tuple(
        Waiting(_waiting_kind(element.data[0]), bool(element.data[1]), bool(element.data[0] & 0x80), element.data[1])
        for element in elements
        if element.iei == SPECIAL_INDICATION and len(element.data) == 2
    )


def _waiting_kind(octet: int) -> WaitingKind:
    video = octet & 0x1F == 0x07  # the extended kind 1 of *other*
    return WaitingKind.VIDEO if video else WAITING_KINDS[octet & 3]


def language(elements: tuple[InformationElement, ...], iei: int) -> int:
    """The national language named by the last element `iei`, or 0 for the default."""
    for element in reversed(elements):
        if element.iei == iei and len(element.data) == 1:
            return element.data[0]
    return 0
