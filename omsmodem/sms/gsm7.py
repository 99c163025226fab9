"""The GSM 7-bit default alphabet, its extension and national tables, and septet packing (TS 23.038 §6)."""

import re
from codecs import charmap_decode, charmap_encode
from functools import lru_cache
from struct import Struct

from omsmodem.sms.errors import EncodeError

ESCAPE = 0x1B
_ESCAPE = bytes([ESCAPE])

#: TS 23.038 §6.2.1, in order of code; the escape stands as itself.
DEFAULT = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: TS 23.038 §6.2.1.1.
EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
TURKISH, SPANISH, PORTUGUESE = 1, 2, 3

#: National single shift tables: they replace the extension table (TS 23.038 §A.2).
SINGLE_SHIFT: dict[int, dict[int, str]] = {
    TURKISH: EXTENSION | {0x47: "Ğ", 0x49: "İ", 0x53: "Ş", 0x63: "ç", 0x67: "ğ", 0x69: "ı", 0x73: "ş"},
    SPANISH: EXTENSION
    | {0x09: "ç", 0x41: "Á", 0x49: "Í", 0x4F: "Ó", 0x55: "Ú", 0x61: "á", 0x69: "í", 0x6F: "ó", 0x75: "ú"},
    PORTUGUESE: EXTENSION
    | {0x05: "ê", 0x09: "ç", 0x0B: "Ô", 0x0C: "ô", 0x0E: "Á", 0x0F: "á", 0x12: "Φ", 0x13: "Γ", 0x15: "Ω", 0x16: "Π"}
    | {0x17: "Ψ", 0x18: "Σ", 0x19: "Θ", 0x1F: "Ê", 0x41: "À", 0x49: "Í", 0x4F: "Ó", 0x55: "Ú", 0x5B: "Ã", 0x5C: "Õ"}
    | {0x61: "Â", 0x69: "í", 0x6F: "ó", 0x75: "ú", 0x7B: "ã", 0x7C: "õ", 0x7F: "â"},
}
_LOCKING_CHANGES: dict[int, dict[int, str]] = {
    TURKISH: {0x04: "€", 0x07: "ı", 0x0B: "Ğ", 0x0C: "ğ", 0x1C: "Ş", 0x1D: "ş", 0x40: "İ", 0x60: "ç"},
    PORTUGUESE: {0x04: "ê", 0x06: "ú", 0x07: "í", 0x08: "ó", 0x09: "ç", 0x0B: "Ô", 0x0C: "ô", 0x0E: "Á", 0x0F: "á"}
    | {0x12: "ª", 0x13: "Ç", 0x14: "À", 0x15: "∞", 0x16: "^", 0x17: "\\", 0x18: "€", 0x19: "Ó", 0x1A: "|", 0x1C: "Â"}
    | {0x1D: "â", 0x1E: "Ê", 0x24: "º", 0x40: "Í", 0x5B: "Ã", 0x5C: "Õ", 0x5D: "Ú", 0x60: "~", 0x7B: "ã", 0x7C: "õ"}
    | {0x7D: "`"},
}
#: National locking shift tables: they replace the default alphabet (TS 23.038 §A.3).
LOCKING_SHIFT: dict[int, str] = {
    language: "".join(changes.get(code, character) for code, character in enumerate(DEFAULT))
    for language, changes in _LOCKING_CHANGES.items()
}

_ENCODABLE = re.compile(f"[{re.escape(DEFAULT.replace(chr(ESCAPE), '') + ''.join(EXTENSION.values()))}]*")


@lru_cache
def _codes(locking: int, single: int) -> dict[int, bytes]:
    """Character → its septets, one or an escape pair."""
    main = LOCKING_SHIFT.get(locking, DEFAULT)
    extension = SINGLE_SHIFT.get(single, EXTENSION)
    pairs = {ord(character): bytes([ESCAPE, code]) for code, character in extension.items()}
    return pairs | {ord(character): bytes([code]) for code, character in enumerate(main) if code != ESCAPE}


@lru_cache
def _characters(locking: int, single: int) -> str:
    """Code → character: the main table, and behind it (bit 7 set) what each code means after an escape."""
    main = LOCKING_SHIFT.get(locking, DEFAULT)
    return main + "".join(map(_behind_escape(single).get, range(128), main))


@lru_cache
def _pairs(single: int) -> tuple[tuple[bytes, bytes], ...]:
    """Escape pairs, and for each its code with bit 7 set; two escapes first: the second one begins no other pair."""
    return tuple((bytes([ESCAPE, code]), bytes([code | 0x80])) for code in _behind_escape(single))


def _behind_escape(single: int) -> dict[int, str]:
    """A second escape shows a space (TS 23.038 §6.2.1.1)."""
    return {ESCAPE: " "} | SINGLE_SHIFT.get(single, EXTENSION)


def is_encodable(text: str) -> bool:
    """Whether every character of `text` is in the default alphabet or its extension."""
    return _ENCODABLE.fullmatch(text) is not None


def encode(text: str, *, locking: int = 0, single: int = 0) -> bytes:
    """Text → septets, one per octet, escape pairs as two, under the national tables named (0 means the default).

    Raises EncodeError naming the character.
    """
    try:
        return charmap_encode(text, "strict", _codes(locking, single))[0]
    except UnicodeEncodeError as error:
        raise EncodeError(f"{text[error.start]!r} is not in the GSM 7-bit alphabet") from error


def decode(septets: bytes, *, locking: int = 0, single: int = 0) -> str:
    """Septets → text under the national tables named (0 and unknown ones mean the default).

    An escape before a code without an entry shows the main table's character, two escapes a space, and an escape at the
    end nothing.
    """
    if ESCAPE in septets:
        for pair, code in _pairs(single):
            septets = septets.replace(pair, code)
        septets = septets.replace(_ESCAPE, b"")  # of pairs without an entry, as handsets do
    return charmap_decode(septets, "strict", _characters(locking, single))[0]


# A run of eight septets fills seven octets. Both directions work on all runs at once, as one long number: neighbours are
# pushed together (apart) in lanes of 2, then 4, then 8 octets.


@lru_cache
def _lanes(runs: int) -> tuple[tuple[int, int, int], ...]:
    """For lanes of 2, 4 and 8 octets: how far the upper half moves, and the masks of the lower and the upper half."""
    steps = []
    for octets, bits in ((2, 7), (4, 14), (8, 28)):
        lower = (1 << bits) - 1
        every = sum(1 << (8 * octets * lane) for lane in range(8 * runs // octets))
        steps.append((4 * octets - bits, lower * every, (lower << 4 * octets) * every))
    return tuple(steps)


@lru_cache
def _apart(runs: int) -> tuple[Struct, tuple[tuple[int, int, int], ...]]:
    """What cuts octets into runs of seven, and the lanes from the widest to the narrowest."""
    return Struct("7s" * runs), _lanes(runs)[::-1]


def pack(septets: bytes, fill_bits: int = 0) -> bytes:
    """Septets → octets, least significant bit first, after `fill_bits` zero bits (TS 23.038 §6.1.2.1.1)."""
    size = (fill_bits + 7 * len(septets) + 7) // 8
    runs = (len(septets) + 7) // 8
    stream = int.from_bytes(septets, "little")
    for distance, lower, upper in _lanes(runs):
        stream = stream & lower | (stream & upper) >> distance
    octets = bytearray(stream.to_bytes(8 * runs, "little"))
    del octets[7::8]
    if fill_bits:
        return (int.from_bytes(octets, "little") << fill_bits).to_bytes(size, "little")
    return bytes(octets[:size])


def unpack(octets: bytes, count: int, fill_bits: int = 0) -> bytes:
    """Octets → `count` septets; the caller has checked that the octets hold that many."""
    runs = (count + 7) // 8
    if fill_bits:
        octets = (int.from_bytes(octets, "little") >> fill_bits).to_bytes(len(octets), "little")
    sevens, lanes = _apart(runs)
    stream = int.from_bytes(b"\0".join(sevens.unpack(octets[: sevens.size].ljust(sevens.size, b"\0"))), "little")
    for distance, lower, upper in lanes:
        stream = stream & lower | (stream << distance) & upper
    return stream.to_bytes(8 * runs, "little")[:count]
