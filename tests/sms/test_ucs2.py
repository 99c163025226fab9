"""UCS-2 and its pairs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omsmodem.sms import ucs2
from omsmodem.sms.errors import EncodeError

from .strategies import characters


@given(st.text(characters))
def test_texts_come_back(text: str) -> None:
    """Every plane, as UTF-16 big endian."""
    assert ucs2.decode(ucs2.encode(text)) == text


def test_half_a_pair_is_refused() -> None:
    """A lone surrogate is no character."""
    with pytest.raises(EncodeError, match="surrogate"):
        ucs2.encode("a\ud83d")


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"\xd8\x3d\xde\x00", "😀"),
        (b"\xd8\x3d\x00a", "\ufffda"),
        (b"\xde\x00\x00a", "\ufffda"),
        (b"\x00a\xd8\x3d", "a\ufffd"),
        (b"\x00a\x00", "a\ufffd"),
        (b"\xfe\xff\x00a", "a"),
        (b"", ""),
    ],
)
def test_broken_pairs_become_replacement_characters(octets: bytes, text: str) -> None:
    """A received half is shown as U+FFFD and costs no other character; a byte order mark goes."""
    assert ucs2.decode(octets) == text


@given(st.binary())
def test_any_octets_are_text(octets: bytes) -> None:
    """Decoding never fails and its text can be encoded again."""
    ucs2.decode(octets).encode()
