"""What fits into a segment, and what user data tells besides its text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omsmodem.sms import gsm7, udh
from omsmodem.sms.errors import DecodeError
from omsmodem.sms.fields import Alphabet, Waiting, WaitingKind
from omsmodem.sms.udh import Concatenation, InformationElement, Ports
from omsmodem.sms.user_data import UserData, capacity, decode_user_data

NARROW, WIDE = Concatenation(1, 2, 1).element(), Concatenation(1, 2, 1, wide=True).element()
LOCKING, SINGLE = InformationElement(udh.LOCKING_SHIFT, b"\1"), InformationElement(udh.SINGLE_SHIFT, b"\1")
PORTS = Ports(2948, 9200).element()


@pytest.mark.parametrize(
    ("header", "septets", "units", "octets"),
    [
        ((), 160, 70, 140),
        ((NARROW,), 153, 67, 134),
        ((WIDE,), 152, 66, 133),
        ((SINGLE,), 155, 68, 136),
        ((SINGLE, LOCKING), 152, 66, 133),
        ((NARROW, SINGLE), 149, 65, 131),
        ((NARROW, SINGLE, LOCKING), 146, 64, 128),
        ((WIDE, SINGLE), 148, 65, 130),
        ((WIDE, SINGLE, LOCKING), 145, 63, 127),
        ((PORTS,), 152, 66, 133),
        ((PORTS, NARROW), 146, 64, 128),
    ],
)
def test_capacity(header: tuple[InformationElement, ...], septets: int, units: int, octets: int) -> None:
    """The table of headers: exactly so much fits and no more."""
    size = len(udh.encode(header))
    assert capacity(Alphabet.GSM7, size) == septets
    assert capacity(Alphabet.UCS2, size) == units
    assert capacity(Alphabet.OCTETS, size) == octets
    for data in (
        UserData("a" * septets, 0, header),
        UserData("я" * units, 8, header),
        UserData("", 4, header, bytes(octets)),
    ):
        encoded = data.encode()
        assert len(encoded) <= 141
        assert decode_user_data(encoded, 0, data.dcs, bool(header)) == (data, len(encoded))
    for data in (UserData("a" * septets + "a", 0, header), UserData("я" * units + "я", 8, header)):
        with pytest.raises(ValueError, match="a segment holds"):
            data.encode()


@pytest.mark.parametrize(("fill_bits", "header"), [(1, NARROW), (0, WIDE), (3, SINGLE)])
def test_fill_bits(fill_bits: int, header: InformationElement) -> None:
    """Text starts on a septet boundary behind the header (TS 23.040 §9.2.3.24)."""
    size = len(udh.encode((header,)))
    encoded = UserData("@@a", 0, (header,)).encode()
    assert encoded[1 + size :] == gsm7.pack(b"\0\0a", fill_bits)


@given(st.lists(st.sampled_from(list("ABCabc ğıİşŞçĞ€@\n")), max_size=60).map("".join))
def test_national_tables_work_both_ways(text: str) -> None:
    """A header that names the Turkish tables lets their letters travel in seven bits."""
    data = UserData(text, 0, (SINGLE, LOCKING))
    encoded = data.encode()
    assert decode_user_data(encoded, 0, 0, True) == (data, len(encoded))


@pytest.mark.parametrize("language", [4, 13, 14, 255])
def test_unknown_languages_are_the_default_alphabet(language: int) -> None:
    """An unknown table leaves the text readable (TS 23.038 §6.2.1.2)."""
    header = tuple(InformationElement(iei, bytes([language])) for iei in (udh.SINGLE_SHIFT, udh.LOCKING_SHIFT))
    data = UserData("[abc] €", 0, header)
    assert decode_user_data(data.encode(), 0, 0, True)[0].text == "[abc] €"


def test_ports_are_seen() -> None:
    """Data for a program is told from a message for a person."""
    assert UserData("x", 0, (PORTS, NARROW)).ports == Ports(2948, 9200)
    assert UserData("x", 0, (NARROW,)).ports is None


def test_waiting_is_told_by_header_or_data_coding() -> None:
    """The header counts more: it has the number."""
    voicemail = Waiting(WaitingKind.VOICEMAIL, active=True, store=False)
    element = InformationElement(udh.SPECIAL_INDICATION, b"\x80\x05")
    assert UserData("", 0xC8).waiting == (voicemail,)
    assert UserData("", 0xC8, (element,)).waiting == (Waiting(WaitingKind.VOICEMAIL, active=True, store=True, count=5),)
    assert UserData("x").waiting == ()


def test_an_empty_header_is_a_header() -> None:
    """A length of zero: no elements, and the text behind it."""
    assert decode_user_data(bytes.fromhex("0400") + gsm7.pack(gsm7.encode("Hi"), 6), 0, 0, True)[0].text == "Hi"


def test_odd_octets_of_ucs2() -> None:
    """Half a unit at the end is shown as lost, the rest is kept."""
    assert decode_user_data(bytes.fromhex("03044F04"), 0, 8, False)[0].text == "я\ufffd"


@given(st.binary(max_size=150), st.integers(0, 255), st.booleans())
def test_any_octets_are_user_data_or_our_error(octets: bytes, dcs: int, has_header: bool) -> None:
    """Nothing else is ever raised, and what is read says where it ends."""
    try:
        data, end = decode_user_data(octets, 0, dcs, has_header)
    except DecodeError:
        return
    assert end <= len(octets)
    assert data.dcs == dcs
