"""Cutting texts: what fits, what is never cut, and that everything comes back."""

import itertools
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omsmodem.sms import gsm7, segment
from omsmodem.sms.address import Address
from omsmodem.sms.errors import EncodeError
from omsmodem.sms.fields import Alphabet, data_coding
from omsmodem.sms.reassembly import join
from omsmodem.sms.tpdu import Submit, decode_submit

from .strategies import any_texts, gsm7_texts, numbers

TO = "+447700900123"


def submits(text: str, **options: object) -> list[Submit]:
    """The text cut and read again."""
    return [decode_submit(tpdu) for tpdu in segment.cut(text, TO, 7, **options)]


def texts(text: str, **options: object) -> list[str]:
    return [submit.user_data.text for submit in submits(text, **options)]


def units(submit: Submit) -> int:
    coded = submit.user_data.coded
    return len(coded) // 2 if submit.user_data.alphabet is Alphabet.UCS2 else len(coded)


@given(any_texts, numbers, st.integers(0, 0xFFFF), st.booleans(), st.booleans())
def test_any_text_to_any_recipient_arrives(text: str, number: str, reference: int, wide: bool, flash: bool) -> None:
    """Whatever is cut joins to the same text, in segments that hold 140 octets at most and are never empty."""
    tpdus = segment.cut(text, number, reference, wide=wide, flash=flash)
    read = [decode_submit(tpdu) for tpdu in tpdus]
    text = text.removeprefix("\ufeff")  # a byte order mark is no character
    assert join([submit.user_data for submit in reversed(read)]).text == text
    assert "".join(submit.user_data.text for submit in read) == text
    assert all(submit.destination == Address.of(number) for submit in read)
    assert all(data_coding(submit.user_data.dcs).message_class == (0 if flash else None) for submit in read)
    assert len(read) == 1 or all(submit.user_data.text for submit in read)
    assert len({submit.user_data.alphabet for submit in read}) == 1


@given(any_texts, st.booleans())
def test_the_count_is_what_cutting_gives(text: str, wide: bool) -> None:
    """Segments, alphabet and units, without an encoder."""
    counted = segment.count(text, wide=wide)
    read = submits(text, wide=wide)
    assert counted.segments == len(read)
    assert counted.alphabet is read[0].user_data.alphabet
    assert counted.units >= sum(map(units, read))
    assert counted.alphabet is segment.alphabet_of(text)


@given(gsm7_texts, st.booleans())
def test_septets_are_filled_as_far_as_they_go(text: str, wide: bool) -> None:
    """Every segment but the last is full, or one short for an escape pair or a line end."""
    room = 152 if wide else 153
    read = submits(text, wide=wide)
    for submit, following in itertools.pairwise(read):
        first = gsm7.encode(following.user_data.text)[0]
        assert units(submit) == room or (units(submit) == room - 1 and first in b"\x1b\r")


@pytest.mark.parametrize(
    ("character", "alone", "room"), [("a", 160, 153), ("€", 80, 76), ("я", 70, 67), ("😀", 35, 33), ("é", 160, 153)]
)
def test_segments_needed(character: str, alone: int, room: int) -> None:
    """One up to the limit, then as many as the smaller room behind the header makes."""
    assert segment.count("").segments == 1
    assert segment.count(character * alone).segments == 1
    assert segment.count(character * (alone + 1)).segments == 2
    assert segment.count(character * 2 * room).segments == 2
    assert segment.count(character * (2 * room + 1)).segments == 3


@pytest.mark.parametrize(("text", "count"), [("€" * 10, 20), ("a\f", 3), ("я😀", 3), ("", 0)])
def test_units_are_septets_or_utf16_units(text: str, count: int) -> None:
    """Escape pairs and surrogate pairs cost two."""
    assert segment.count(text).units == count


@pytest.mark.parametrize("before", range(150, 154))
def test_escape_pairs_are_never_cut(before: int) -> None:
    """The pair over the border goes to the next segment, which is then one septet short."""
    first, second = texts("a" * before + "€" * 6)
    assert first == "a" * before + "€" * ((153 - before) // 2)
    assert second.strip("€") == ""


@pytest.mark.parametrize("before", range(60, 68))
def test_pain_17_surrogate_pairs_are_never_cut(before: int) -> None:
    """66 units of 67 where the pair would lie over the border."""
    first, _ = texts("я" * before + "😀" * 8)
    assert first == "я" * before + "😀" * ((67 - before) // 2)


@pytest.mark.parametrize("cluster", ["👩🏽‍💻", "👨‍👩‍👧‍👦", "🇩🇪", "e\u0301", "\u1112\u1161\u11ab", "❤\ufe0f", "\r\n"])
def test_pain_17_clusters_are_cut_only_where_they_must_be(cluster: str) -> None:
    """At every place near the border what a person sees as one character stays in one segment."""
    for before in range(50, 70):
        assert all(cluster in piece for piece in texts("я" * before + cluster + "я" * 70) if piece.strip("я"))


def test_line_ends_are_not_cut() -> None:
    """CR LF in the default alphabet too."""
    first, second = texts("a" * 152 + "\r\n" + "b" * 20)
    assert (first, second[:2]) == ("a" * 152, "\r\n")


def test_a_cluster_longer_than_a_segment_is_cut() -> None:
    """It has to be, and nothing is lost."""
    text = "яe" + "\u0301" * 200
    assert "".join(texts(text)) == text


def test_headers_number_the_segments() -> None:
    """The same reference and total in all, numbers from 1; none in a message of one segment."""
    headers = [submit.user_data.concatenation for submit in submits("a" * 400)]
    assert [(h.reference, h.total, h.number, h.wide) for h in headers if h] == [(7, 3, n, False) for n in (1, 2, 3)]
    assert submits("a")[0].user_data.header == ()


@pytest.mark.parametrize(("wide", "reference"), [(False, 0x34), (True, 0x1234)])
def test_references_of_8_and_16_bits(wide: bool, reference: int) -> None:
    """The low bits are sent."""
    read = [decode_submit(tpdu) for tpdu in segment.cut("a" * 200, TO, 0x51234, wide=wide)]
    assert [s.user_data.concatenation and s.user_data.concatenation.reference for s in read] == [reference] * 2


def test_options_of_every_segment() -> None:
    """Validity, report, class and the fields that stay zero are the same in all."""
    read = submits("a" * 400, validity=timedelta(hours=25), status_report=False, flash=True)
    for submit in read:
        assert submit.validity_period == timedelta(days=2)
        assert (submit.status_report_request, submit.reject_duplicates, submit.reply_path) == (False, False, False)
        assert (submit.message_reference, submit.protocol_identifier, submit.user_data.dcs) == (0, 0, 0x10)
    assert submits("я", flash=True)[0].user_data.dcs == 0x18
    assert submits("a")[0].status_report_request
    assert submits("a")[0].validity_period is None


@pytest.mark.parametrize(("character", "room"), [("a", 153), ("я", 67)])
def test_255_segments_are_the_end(character: str, room: int) -> None:
    """One more character is refused with the number in the sentence; counting still works."""
    text = character * 255 * room
    assert len(segment.cut(text, TO, 1)) == 255
    with pytest.raises(EncodeError, match="256 segments; a message has at most 255"):
        segment.cut(text + character, TO, 1)
    assert segment.count(text + character).segments == 256


def test_half_a_surrogate_pair_is_refused() -> None:
    """By the count too, so that the gate sees it."""
    for text in ("\ud83d", "a" * 200 + "\ude00"):
        with pytest.raises(EncodeError, match="surrogate"):
            segment.count(text)
        with pytest.raises(EncodeError, match="surrogate"):
            segment.cut(text, TO, 1)


def test_a_bad_number_is_refused() -> None:
    """Before anything is cut."""
    with pytest.raises(EncodeError, match="no number"):
        segment.cut("a", "+44 7700", 1)
