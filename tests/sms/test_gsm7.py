"""The default alphabet, the tables of languages, and septets in octets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omsmodem.sms import gsm7
from omsmodem.sms.errors import EncodeError

from .strategies import GSM7_CHARACTERS, gsm7_texts

septets = st.lists(st.integers(0, 127), max_size=170).map(bytes)


def test_the_alphabet_has_every_code_once() -> None:
    """128 codes, 127 characters and the escape; ten more behind it (TS 23.038 §6.2.1)."""
    assert len(gsm7.DEFAULT) == len(set(gsm7.DEFAULT)) == 128
    assert gsm7.DEFAULT[gsm7.ESCAPE] == "\x1b"
    assert len(gsm7.EXTENSION) == 10
    assert not set(gsm7.EXTENSION.values()) & set(gsm7.DEFAULT)


@pytest.mark.parametrize(
    ("character", "code"),
    [
        *(("@", 0x00), ("$", 0x02), ("Ç", 0x09), ("\n", 0x0A), ("\r", 0x0D), ("Δ", 0x10), ("_", 0x11), ("Ξ", 0x1A)),
        *(("É", 0x1F), (" ", 0x20), ("¤", 0x24), ("0", 0x30), ("¡", 0x40), ("A", 0x41), ("§", 0x5F), ("¿", 0x60)),
        *(("a", 0x61), ("z", 0x7A), ("ä", 0x7B), ("ö", 0x7C), ("ñ", 0x7D), ("ü", 0x7E), ("à", 0x7F)),
    ],
)
def test_characters_have_the_codes_of_the_specification(character: str, code: int) -> None:
    """Corners of the table, among them the ones that other codecs confuse."""
    assert gsm7.encode(character) == bytes([code])


@pytest.mark.parametrize(
    ("character", "code"),
    [
        *(("\f", 0x0A), ("^", 0x14), ("{", 0x28), ("}", 0x29), ("\\", 0x2F)),
        *(("[", 0x3C), ("~", 0x3D), ("]", 0x3E), ("|", 0x40), ("€", 0x65)),
    ],
)
def test_the_extension_costs_two_septets(character: str, code: int) -> None:
    """An escape and a code."""
    assert gsm7.encode(character) == bytes([0x1B, code])


@pytest.mark.parametrize("character", list("`\tçáíóú‘’“”–—\u00a0αÿ\x1b\x00\u0391\u2126"))
def test_look_alikes_are_not_in_the_alphabet(character: str) -> None:
    """Nothing is replaced silently: such a character is refused, with its name in the sentence."""
    assert not gsm7.is_encodable(character)
    with pytest.raises(EncodeError, match="not in the GSM 7-bit alphabet"):
        gsm7.encode("a" + character)


@given(gsm7_texts)
def test_texts_come_back(text: str) -> None:
    """Whatever is in the alphabet is the same after encoding and decoding."""
    assert gsm7.is_encodable(text)
    assert gsm7.decode(gsm7.encode(text)) == text


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"a\x1b\x65b", "a€b"),
        (b"a\x1bAb", "aAb"),  # no entry: the main table's character
        (b"a\x1b\x0db", "a\rb"),  # reserved: CR2
        (b"a\x1b\x1bb", "a b"),  # two escapes: a space
        (b"\x1b\x1b\x1b\x65", " €"),
        (b"a\x1b", "a"),  # nothing behind the escape
        (b"\x1b", ""),
        (b"\x1b\x0a", "\f"),
    ],
)
def test_escapes_are_read_as_handsets_read_them(octets: bytes, text: str) -> None:
    """TS 23.038 §6.2.1.1 and the note to it."""
    assert gsm7.decode(octets) == text


@given(septets, st.integers(0, 5), st.integers(0, 5))
def test_any_septets_are_text(octets: bytes, locking: int, single: int) -> None:
    """Decoding never fails, under any table."""
    assert len(gsm7.decode(octets, locking=locking, single=single)) <= len(octets)


SINGLE = {
    0: "\f^{}\\[~]|€",
    1: "\f^{}\\[~]|ĞİŞç€ğış",
    2: "ç\f^{}\\[~]|ÁÍÓÚá€íóú",
    3: "êç\fÔôÁá^Ê{}\\[~]|ÀÍÓÚÃÕÂ€íóúãõâ",
}


@pytest.mark.parametrize("language", SINGLE)
def test_single_shift_tables_are_whole(language: int) -> None:
    """TS 23.038 §A.2.1 to §A.2.3, in order of code: what differs from the main table (the Greek letters of §A.2.3 do not)."""
    shown = "".join(gsm7.decode(bytes([0x1B, code]), single=language) for code in range(128) if code != 0x1B)
    plain = "".join(c for code, c in enumerate(gsm7.DEFAULT) if code != 0x1B)
    assert "".join(c for c, main in zip(shown, plain, strict=True) if c != main) == SINGLE[language]


LOCKING = {
    1: (
        "@£$¥€éùıòÇ\nĞğ\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bŞşßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
        "İABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§çabcdefghijklmnopqrstuvwxyzäöñüà"
    ),
    2: gsm7.DEFAULT,
    3: (
        "@£$¥êéúíóç\nÔô\rÁáΔ_ªÇÀ∞^\\€Ó|\x1bÂâÊÉ !\"#º%&'()*+,-./0123456789:;<=>?"
        "ÍABCDEFGHIJKLMNOPQRSTUVWXYZÃÕÚÜ§~abcdefghijklmnopqrstuvwxyzãõ`üà"
    ),
    14: gsm7.DEFAULT,
}


@pytest.mark.parametrize("language", LOCKING)
def test_locking_shift_tables_are_whole(language: int) -> None:
    """TS 23.038 §A.3.1 and §A.3.3; Spanish has none and an unknown language means the default."""
    codes = bytes(code for code in range(128) if code != 0x1B)
    assert gsm7.decode(codes, locking=language) == LOCKING[language].replace("\x1b", "")


def test_an_escape_under_a_locking_table_falls_back_to_that_table() -> None:
    """The main table is the one that is locked."""
    assert gsm7.decode(b"\x1b\x07", locking=gsm7.TURKISH) == "ı"


@pytest.mark.parametrize(
    ("text", "packed"),
    [
        ("", ""),
        ("@", "00"),
        ("Test 1 €", "D4F29C0E8A813665"),
        ("hellohello", "E8329BFD4697D9EC37"),
        ("AAAAAAA", "C16030180C0601"),
    ],
)
def test_packing(text: str, packed: str) -> None:
    """Least significant bit first, zeros at the end (TS 23.038 §6.1.2.1.1)."""
    assert gsm7.pack(gsm7.encode(text)).hex().upper() == packed


@given(septets, st.integers(0, 6))
def test_septets_come_back(octets: bytes, fill_bits: int) -> None:
    """Unpacking undoes packing, behind any number of fill bits, also for zeros at the end."""
    packed = gsm7.pack(octets, fill_bits)
    assert len(packed) == (fill_bits + 7 * len(octets) + 7) // 8
    assert gsm7.unpack(packed, len(octets), fill_bits) == octets


@given(septets, st.integers(0, 6))
def test_packing_puts_septet_i_at_bit_7i(octets: bytes, fill_bits: int) -> None:
    """The definition itself, bit by bit."""
    stream = sum(septet << 7 * index for index, septet in enumerate(octets)) << fill_bits
    assert gsm7.pack(octets, fill_bits) == stream.to_bytes((fill_bits + 7 * len(octets) + 7) // 8, "little")


def test_every_character_survives_at_every_place() -> None:
    """Each character at each of the eight bit positions."""
    for character in GSM7_CHARACTERS:
        for before in range(8):
            text = "a" * before + character
            encoded = gsm7.encode(text)
            assert gsm7.decode(gsm7.unpack(gsm7.pack(encoded), len(encoded))) == text
