"""The plain form of typographic characters."""

import pytest
from hypothesis import given

from omsmodem.sms import gsm7
from omsmodem.sms.transliterate import smart

from .strategies import any_texts, gsm7_texts


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("“Don’t” – she said…", '"Don\'t" - she said...'),
        ("„Grüße“ — ‚so‘", "\"Grüße\" - 'so'"),
        ("«\u00a0Été\u202f»", '" Été "'),
        ("10\u202f000\u00a0€", "10 000 €"),
        ("co\u00adoperate", "cooperate"),
        ("• one\n• two", "- one\n- two"),
        ("5′ 3″", "5' 3\""),
        ("−3", "-3"),
    ],
)
def test_smart(text: str, plain: str) -> None:
    """Quotes, dashes, ellipsis and blanks of word processors."""
    assert smart(text) == plain
    assert gsm7.is_encodable(plain)


@given(gsm7_texts)
def test_plain_texts_stay(text: str) -> None:
    """Nothing of the default alphabet is touched."""
    assert smart(text) == text


@pytest.mark.parametrize("text", ["“Привет”", "Don’t 😀", "‘ç’", "back`tick’"])
def test_what_needs_ucs2_anyway_keeps_its_typography(text: str) -> None:
    """Nothing is given up where nothing is gained."""
    assert smart(text) == text


@given(any_texts)
def test_smart_twice_is_smart(text: str) -> None:
    """And it never makes a text need UCS-2."""
    once = smart(text)
    assert smart(once) == once
    assert gsm7.is_encodable(once) or once == text
