"""Cutting a text into segments, once (TS 23.040 §9.2.3.24.1).

A segment never ends between an escape and its code or between two surrogates, and not inside a grapheme cluster where the
cluster fits into a segment. Filling greedily is optimal.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from omsmodem.sms import gsm7
from omsmodem.sms.errors import EncodeError
from omsmodem.sms.fields import Address, Alphabet
from omsmodem.sms.tpdu import Submit, UserData
from omsmodem.sms.udh import Concatenation, InformationElement

MAX_SEGMENTS = 255
#: Septets or UTF-16 units of a message in one segment, and of each segment of a longer one (8-bit reference).
_ALONE = {Alphabet.GSM7: 160, Alphabet.UCS2: 70}
_CONCATENATED = {Alphabet.GSM7: 153, Alphabet.UCS2: 67}
_DCS = {Alphabet.GSM7: 0x00, Alphabet.UCS2: 0x08}

_JOINER = "\u200d"
_REGIONAL = range(0x1F1E6, 0x1F200)
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_JAMO = range(0x1100, 0x1200)


@dataclass(frozen=True, slots=True)
class Count:
    """What a text costs: segments, the alphabet it needs, and its septets or UTF-16 units."""

    segments: int
    alphabet: Alphabet
    units: int


def alphabet_of(text: str) -> Alphabet:
    """The default alphabet where it holds every character, else UCS-2. Nothing is ever replaced."""
    return Alphabet.GSM7 if gsm7.is_encodable(text) else Alphabet.UCS2


def count(text: str) -> Count:
    """What `text` costs. Raises EncodeError for half a surrogate pair."""
    alphabet = alphabet_of(text)
    return Count(len(_split(text, alphabet)), alphabet, _units(text, alphabet))


def cut(
    text: str,
    recipient: str,
    reference: int,
    *,
    validity: timedelta | None = None,
    status_report: bool = True,
) -> tuple[bytes, ...]:
    """The SMS-SUBMIT TPDUs of one text to one recipient.

    `reference` names the message among others to the same recipient (its low 8 bits are sent); `validity` is rounded up to
    a relative TP-VP. Raises EncodeError for a text without a form, a number that cannot be dialled, or over 255 segments.
    """
    alphabet = alphabet_of(text)
    destination = Address.of(recipient)
    pieces = _split(text, alphabet)
    if len(pieces) > MAX_SEGMENTS:
        raise EncodeError(f"the text needs {len(pieces)} segments; a message has at most {MAX_SEGMENTS}")
    return tuple(
        Submit(
            destination,
            UserData(piece, _DCS[alphabet], _header(reference, len(pieces), number)),
            validity_period=validity,
            status_report_request=status_report,
        ).encode()
        for number, piece in enumerate(pieces, 1)
    )


def _header(reference: int, total: int, number: int) -> tuple[InformationElement, ...]:
    if total == 1:
        return ()
    return (Concatenation(reference % 256, total, number).element(),)


def _units(text: str, alphabet: Alphabet) -> int:
    if alphabet is Alphabet.GSM7:
        return sum(map(gsm7.septets_of, text))
    return len(text) + sum(character > "\uffff" for character in text)


def _split(text: str, alphabet: Alphabet) -> list[str]:
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise EncodeError("the text holds half of a surrogate pair, which is no character")
    if _units(text, alphabet) <= _ALONE[alphabet]:
        return [text]
    return list(_fill(_pieces(text, alphabet), alphabet))


def _fill(pieces: Iterable[str], alphabet: Alphabet) -> Iterator[str]:
    room, held = _CONCATENATED[alphabet], ""
    used = 0
    for piece in pieces:
        size = _units(piece, alphabet)
        if used + size > room:
            yield held
            held, used = "", 0
        held += piece
        used += size
    if held:
        yield held


def _pieces(text: str, alphabet: Alphabet) -> Iterator[str]:
    """What may not be cut: clusters, or single characters of a cluster that is longer than a segment."""
    for cluster in clusters(text):
        if _units(cluster, alphabet) <= _CONCATENATED[alphabet]:
            yield cluster
        else:
            yield from cluster


def clusters(text: str) -> Iterator[str]:
    """The text in what a person sees as one character: combining marks, joined emoji, flags, jamo stay together."""
    start = 0
    for index in range(1, len(text)):
        if not _joined(text, start, index):
            yield text[start:index]
            start = index
    if text:
        yield text[start:]


def _joined(text: str, start: int, index: int) -> bool:
    before, here = text[index - 1], text[index]
    if before == "\r" and here == "\n":
        return True
    if here < "\u0300":
        return False
    if here == _JOINER or before == _JOINER or ord(here) in _SKIN_TONES:
        return True
    if ord(here) in _REGIONAL and ord(before) in _REGIONAL:
        return (index - start) % 2 == 1
    if ord(here) in _JAMO and ord(before) in _JAMO:
        return True
    return unicodedata.category(here).startswith("M")
