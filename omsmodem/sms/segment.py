"""Cutting a text into segments, once (TS 23.040 §9.2.3.24.1).

A segment never ends between an escape and its code or between two surrogates, and not inside a grapheme cluster where the
cluster fits into a segment. Filling greedily is optimal.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from omsmodem.sms import gsm7, ucs2, udh
from omsmodem.sms.address import Address
from omsmodem.sms.errors import EncodeError
from omsmodem.sms.fields import Alphabet
from omsmodem.sms.graphemes import last_boundary
from omsmodem.sms.tpdu import submit_head
from omsmodem.sms.udh import Concatenation
from omsmodem.sms.user_data import capacity, lay_out

MAX_SEGMENTS = 255
_DCS = {Alphabet.GSM7: 0x00, Alphabet.UCS2: 0x08}
_UNIT_OCTETS = {Alphabet.GSM7: 1, Alphabet.UCS2: 2}
_ALONE = {alphabet: capacity(alphabet) * octets for alphabet, octets in _UNIT_OCTETS.items()}
_FLASH = 0x10  # message class 0 in the general group, which both alphabets have (TS 23.038 §4)


@dataclass(frozen=True, slots=True)
class Count:
    """What a text costs: segments, the alphabet it needs, and its septets or UTF-16 units."""

    segments: int
    alphabet: Alphabet
    units: int


def alphabet_of(text: str) -> Alphabet:
    """The default alphabet where it holds every character, else UCS-2. Nothing is ever replaced."""
    return Alphabet.GSM7 if gsm7.is_encodable(text) else Alphabet.UCS2


def count(text: str, *, wide: bool = False) -> Count:
    """What `text` costs, `wide` with a 16-bit reference. Raises EncodeError for half a surrogate pair."""
    alphabet, coded = _encode(text)
    units = len(coded) // _UNIT_OCTETS[alphabet]
    return Count(len(_split(text, alphabet, coded, wide)), alphabet, units)


def cut(
    text: str,
    recipient: str,
    reference: int,
    *,
    validity: timedelta | None = None,
    status_report: bool = True,
    flash: bool = False,
    wide: bool = False,
) -> tuple[bytes, ...]:
    """The SMS-SUBMIT TPDUs of one text to one recipient.

    `reference` names the message among others to the same recipient (its low 8 bits are sent, 16 when `wide`); `validity`
    is rounded up to a relative TP-VP; a `flash` text is shown at once and not stored. Raises EncodeError for a text without
    a form, a number that cannot be dialled, or over 255 segments.
    """
    destination = Address.of(recipient)
    alphabet, coded = _encode(text)
    pieces = _split(text, alphabet, coded, wide)
    total = len(pieces)
    if total > MAX_SEGMENTS:
        raise EncodeError(f"the text needs {total} segments; a message has at most {MAX_SEGMENTS}")
    dcs = _DCS[alphabet] | (_FLASH if flash else 0)
    head = submit_head(
        destination, dcs, validity_period=validity, status_report_request=status_report, has_header=total > 1
    )
    return tuple(
        [head + lay_out(piece, alphabet, _header(reference, total, n, wide)) for n, piece in enumerate(pieces, 1)]
    )


def _encode(text: str) -> tuple[Alphabet, bytes]:
    if gsm7.is_encodable(text):
        return Alphabet.GSM7, gsm7.encode(text)
    return Alphabet.UCS2, ucs2.encode(text)


def _header(reference: int, total: int, number: int, wide: bool) -> bytes:
    if total == 1:
        return b""
    return udh.encode((Concatenation(reference % (0x10000 if wide else 0x100), total, number, wide).element(),))


def _split(text: str, alphabet: Alphabet, coded: bytes, wide: bool) -> list[bytes]:
    """The coded text in pieces for one segment each; one piece where all fits alone, also for an empty text."""
    if len(coded) <= _ALONE[alphabet]:
        return [coded]
    room = capacity(alphabet, len(_header(0, 2, 1, wide)))
    return list(_split_septets(coded, room) if alphabet is Alphabet.GSM7 else _split_units(text, coded, room))


def _split_septets(septets: bytes, room: int) -> Iterator[bytes]:
    start = 0
    while start < len(septets):
        end = start + room
        if end < len(septets) and (septets[end - 1] == gsm7.ESCAPE or septets[end - 1 : end + 1] == b"\r\n"):
            end -= 1
        yield septets[start:end]
        start = end


def _split_units(text: str, coded: bytes, room: int) -> Iterator[bytes]:
    start, at = 0, 0  # in characters of the text, in octets of its UTF-16
    while start < len(text):
        fitting = coded[at : at + 2 * room].decode("utf-16-be", "ignore")  # without half a pair at the end
        end = last_boundary(text, start, start + len(fitting))
        piece = text[start:end].encode("utf-16-be")
        yield piece
        start, at = end, at + len(piece)
