"""What a phone on the network writes: texts as SMS-DELIVER TPDUs (TS 23.040 §9.2.2.1)."""

import re
from collections.abc import Iterator
from datetime import datetime

from omsmodem.sms import gsm7, segment
from omsmodem.sms.fields import ALPHANUMERIC, Address, Alphabet
from omsmodem.sms.tpdu import Deliver, UserData
from omsmodem.sms.udh import Concatenation

_NUMBER = re.compile(r"\+?[0-9*#]{1,20}")
_DCS = {Alphabet.GSM7: 0x00, Alphabet.UCS2: 0x08}
_FLASH = 0x10
#: Septets or UTF-16 units: alone, with an 8-bit and with a 16-bit reference.
_ROOM = {Alphabet.GSM7: (160, 153, 152), Alphabet.UCS2: (70, 67, 66)}


def originator_of(sender: str) -> Address:
    """The address of a number, or of a name, which cannot be answered."""
    return Address.of(sender) if _NUMBER.fullmatch(sender) else Address(sender, ALPHANUMERIC)


def segments(
    sender: str, text: str, sent_at: datetime, *, reference: int = 1, wide: bool = False, flash: bool = False
) -> list[bytes]:
    """The TPDUs of one text, in order; `wide` numbers it with 16 bits. Raises EncodeError."""
    alphabet = segment.alphabet_of(text)
    alone, narrow_room, wide_room = _ROOM[alphabet]
    whole = _units(text, alphabet) <= alone
    pieces = [text] if whole else list(_fill(text, alphabet, wide_room if wide else narrow_room))
    dcs = _DCS[alphabet] | (_FLASH if flash else 0)
    return [
        Deliver(
            originator_of(sender),
            UserData(piece, dcs, () if whole else (Concatenation(reference, len(pieces), number, wide).element(),)),
            sent_at,
            more_messages=number < len(pieces),
        ).encode()
        for number, piece in enumerate(pieces, 1)
    ]


def _units(text: str, alphabet: Alphabet) -> int:
    if alphabet is Alphabet.GSM7:
        return len(gsm7.encode(text))
    return len(text.encode("utf-16-be")) // 2


def _fill(text: str, alphabet: Alphabet, room: int) -> Iterator[str]:
    held, used = "", 0
    for character in text:
        size = _units(character, alphabet)
        if used + size > room:
            yield held
            held, used = "", 0
        held += character
        used += size
    yield held
