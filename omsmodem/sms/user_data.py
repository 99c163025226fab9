"""TP-UD: header and text, or header and octets (TS 23.040 §9.2.3.24)."""

from dataclasses import dataclass, field

from omsmodem.sms import gsm7, ucs2, udh
from omsmodem.sms.errors import DecodeError, EncodeError
from omsmodem.sms.fields import Alphabet, Waiting, data_coding
from omsmodem.sms.udh import Concatenation, InformationElement, Ports

MAX_OCTETS = 140
MAX_SEPTETS = 160


def capacity(alphabet: Alphabet, header_octets: int = 0) -> int:
    """What fits behind a header of that many octets (its length octet counted): septets, UTF-16 units or octets."""
    if alphabet is Alphabet.GSM7:
        return MAX_SEPTETS - _septets(header_octets)
    room = MAX_OCTETS - header_octets
    return room // 2 if alphabet is Alphabet.UCS2 else room


def _septets(header_octets: int) -> int:
    """How many septets a header takes with the fill bits behind it."""
    return (8 * header_octets + 6) // 7


#: By TP-DCS; compressed text is not undone (TS 23.042), so it is octets.
_ALPHABETS = tuple(Alphabet.OCTETS if coding.compressed else coding.alphabet for coding in map(data_coding, range(256)))


@dataclass(frozen=True, slots=True)
class UserData:
    """TP-UD with what TP-DCS says of it: text, or octets for 8-bit data, behind a header."""

    text: str = ""
    dcs: int = 0
    header: tuple[InformationElement, ...] = ()
    octets: bytes = b""  # 8-bit data and compressed text, as received
    #: The text as received, septets one an octet or UTF-16 octets: a sender may have cut a character in two.
    coded: bytes = field(default=b"", compare=False, repr=False)

    @property
    def alphabet(self) -> Alphabet:
        """How the text is written; compressed text is octets."""
        return _ALPHABETS[self.dcs]

    @property
    def concatenation(self) -> Concatenation | None:
        """Which segment this is, or None for a message of its own."""
        return udh.concatenation(self.header)

    @property
    def ports(self) -> Ports | None:
        """The program this is for, or None where it is for a person."""
        return udh.ports(self.header)

    @property
    def waiting(self) -> tuple[Waiting, ...]:
        """What waits elsewhere: as the header says, else as TP-DCS says."""
        told = udh.waiting(self.header)
        coded = data_coding(self.dcs).waiting
        return told or (() if coded is None else (coded,))

    def encode(self) -> bytes:
        """TP-UDL and TP-UD. Raises EncodeError when the text does not fit or has no form."""
        alphabet = self.alphabet
        if alphabet is Alphabet.GSM7:
            locking, single = _languages(self.header)
            coded = gsm7.encode(self.text, locking=locking, single=single)
        else:
            coded = ucs2.encode(self.text) if alphabet is Alphabet.UCS2 else self.octets
        return lay_out(coded, alphabet, udh.encode(self.header))


def lay_out(coded: bytes, alphabet: Alphabet, header: bytes = b"") -> bytes:
    """TP-UDL and TP-UD of septets (one an octet), UTF-16 or other octets behind an encoded header. Raises EncodeError."""
    if alphabet is Alphabet.GSM7:
        length, limit, unit = _septets(len(header)) + len(coded), MAX_SEPTETS, "septets"
        coded = gsm7.pack(coded, -8 * len(header) % 7)
    else:
        length, limit, unit = len(header) + len(coded), MAX_OCTETS, "octets"
    if length > limit:
        raise EncodeError(f"{length} {unit} of user data; a segment holds {limit}")
    return bytes((length,)) + header + coded


def read_text(coded: bytes, alphabet: Alphabet, header: tuple[InformationElement, ...]) -> str:
    """The text of septets or UTF-16 octets, under the national tables the header names; nothing for octets."""
    if alphabet is Alphabet.GSM7:
        locking, single = _languages(header)
        return gsm7.decode(coded, locking=locking, single=single)
    return ucs2.decode(coded) if alphabet is Alphabet.UCS2 else ""


def decode_user_data(octets: bytes, start: int, dcs: int, has_header: bool) -> tuple[UserData, int]:
    """TP-UDL and TP-UD at `start`, and the octet behind them. Raises DecodeError."""
    if start >= len(octets):
        raise DecodeError("user_data_length", start, "the TPDU ends here")
    length, alphabet = octets[start], _ALPHABETS[dcs]
    size = (7 * length + 7) // 8 if alphabet is Alphabet.GSM7 else length
    end = start + 1 + size
    if size > MAX_OCTETS:
        raise DecodeError("user_data_length", start, f"{length} is more than a TPDU holds")
    if end > len(octets):
        raise DecodeError("user_data", start + 1, f"{size} octets are promised, {len(octets) - start - 1} are there")
    header, behind = _header(octets[start + 1 : end], start + 1) if has_header else ((), 0)
    coded = octets[start + 1 + behind : end]
    if alphabet is Alphabet.OCTETS:
        return UserData("", dcs, header, coded), end
    if alphabet is Alphabet.GSM7:
        count = length - _septets(behind)
        if count < 0:
            raise DecodeError("user_data_length", start, "the header is longer than the user data")
        coded = gsm7.unpack(coded, count, -8 * behind % 7)
    return UserData(read_text(coded, alphabet, header), dcs, header, coded=coded), end


def _languages(header: tuple[InformationElement, ...]) -> tuple[int, int]:
    if not header:
        return 0, 0
    return udh.language(header, udh.LOCKING_SHIFT), udh.language(header, udh.SINGLE_SHIFT)


def _header(body: bytes, start: int) -> tuple[tuple[InformationElement, ...], int]:
    try:
        return udh.decode(body)
    except DecodeError as error:
        raise error.inside("user_data", start) from error
