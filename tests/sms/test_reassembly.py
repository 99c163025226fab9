"""Segments back to messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omsmodem.sms import segment, udh
from omsmodem.sms.reassembly import GAP, Joined, Key, Reassembly, Whole, join, key_of
from omsmodem.sms.tpdu import decode_submit
from omsmodem.sms.udh import Concatenation, InformationElement
from omsmodem.sms.user_data import UserData, decode_user_data

from .strategies import any_texts

PEER = "+447700900123"


def cut(text: str, reference: int = 7, *, wide: bool = False) -> list[UserData]:
    return [decode_submit(tpdu).user_data for tpdu in segment.cut(text, PEER, reference, wide=wide)]


def part(text: str, number: int, total: int = 2, reference: int = 7, *, wide: bool = False) -> UserData:
    return UserData(text, 0, (Concatenation(reference, total, number, wide).element(),))


def raw(octets: bytes, number: int, dcs: int = 8, *more: InformationElement) -> UserData:
    """A segment as a sender wrote it, its text already in UTF-16."""
    header = (Concatenation(7, 2, number).element(), *more)
    body = udh.encode(header) + octets
    return decode_user_data(bytes([len(body)]) + body, 0, dcs, True)[0]


# -- join ------------------------------------------------------------------------------------------------------------


@given(any_texts, st.randoms(use_true_random=False))
def test_any_order_with_repeats_is_the_text(text: str, random: object) -> None:
    """Segments shuffled and some of them twice."""
    segments = cut(text) + cut(text)[::2]
    random.shuffle(segments)
    assert join(segments) == Joined(text)


@pytest.mark.parametrize(
    ("there", "text", "missing"),
    [
        ([1, 2, 3, 4], "ABCD", ()),
        ([1, 2, 4], f"AB {GAP} D", (3,)),
        ([2, 3], f"{GAP} BC {GAP}", (1, 4)),
        ([4], f"{GAP} D", (1, 2, 3)),
    ],
)
def test_holes_are_shown(there: list[int], text: str, missing: tuple[int, ...]) -> None:
    """One mark for each hole, and the numbers that never came."""
    assert join([part("ABCD"[n - 1], n, 4) for n in there]) == Joined(text, b"", missing)


def test_of_two_with_one_number_the_first_counts() -> None:
    """A copy that differs changes nothing."""
    assert join([part("a", 1), part("x", 1), part("b", 2)]) == Joined("ab")


def test_a_message_of_its_own_is_its_only_segment() -> None:
    """No header, nothing missing; the same for data."""
    assert join([UserData("Hi")]) == Joined("Hi")
    assert join([UserData("", 4, (), b"\x01\x02")]) == Joined("", b"\x01\x02")


def test_data_is_joined_as_octets() -> None:
    """8-bit segments, in their order."""
    assert join([raw(b"cd", 2, 4), raw(b"ab", 1, 4)]) == Joined("", b"abcd")


def test_characters_cut_in_two_by_the_sender_are_whole_again() -> None:
    """A surrogate pair, and an escape with its code, over a border."""
    assert join([raw(b"\x00a\xd8\x3d", 1), raw(b"\xde\x00\x00b", 2)]).text == "a😀b"
    first = UserData("a", 0, (Concatenation(7, 2, 1).element(),), coded=b"a\x1b")
    second = UserData("eb", 0, (Concatenation(7, 2, 2).element(),), coded=b"eb")
    assert join([second, first]).text == "a€b"


def test_an_odd_octet_spoils_only_its_own_segment() -> None:
    """Segments of whole units behind it are read by themselves."""
    assert join([raw(b"\x00a\x00", 1), raw(b"\x00b", 2)]).text == "a\ufffdb"


def test_segments_may_differ_in_alphabet_and_tables() -> None:
    """Each run is read under its own."""
    turkish = InformationElement(udh.SINGLE_SHIFT, b"\x01")
    header = (Concatenation(7, 3, 3).element(), turkish)
    segments = [part("a€", 1, 3), UserData("я", 8, part("", 2, 3).header), UserData("ğ", 0, header)]
    read = [decode_user_data(data.encode(), 0, data.dcs, True)[0] for data in segments]
    assert join(read).text == "a€яğ"


# -- keys ------------------------------------------------------------------------------------------------------------


def test_keys_tell_messages_apart() -> None:
    """Originator, reference, its width and the total; none without a header or with an impossible one."""
    keys = [
        key_of(PEER, part("", 1)),
        key_of("60600", part("", 1)),
        key_of(PEER, part("", 1, reference=8)),
        key_of(PEER, part("", 1, wide=True)),
        key_of(PEER, part("", 1, 3)),
    ]
    assert keys[0] == Key(PEER, 7, False, 2)
    assert len(set(keys)) == len(keys)
    assert key_of(PEER, part("", 2)) == keys[0]
    assert key_of(PEER, UserData("x")) is None
    assert key_of(PEER, UserData("x", 0, (InformationElement(0, b"\x07\x02\x03"),))) is None


# -- reassembly ------------------------------------------------------------------------------------------------------


@given(st.lists(any_texts, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_messages_mixed_in_any_order_arrive_once(texts: list[str], random: object) -> None:
    """Each text once, with references of both widths, though segments come out of order and twice before the end."""
    arriving = [(n, data) for n, text in enumerate(texts) for data in cut(text, n, wide=bool(n % 2))]
    random.shuffle(arriving)
    reassembly, whole = Reassembly(), []
    for n, data in arriving:
        whole += [(n, reassembly.add(PEER, data))]
        if data.concatenation and whole[-1][1] is None:
            assert reassembly.add(PEER, data) is None
    found = {n: message.text for n, message in whole if message}
    assert found == dict(enumerate(texts))
    assert sum(message is not None for _, message in whole) == len(texts)


def test_a_whole_message_says_what_it_is() -> None:
    """Peer, text, number of segments and reference."""
    reassembly = Reassembly()
    assert reassembly.add(PEER, UserData("Hi")) == Whole(PEER, "Hi", 1, None)
    assert reassembly.add(PEER, part("b", 2)) is None
    assert reassembly.add(PEER, part("a", 1)) == Whole(PEER, "ab", 2, 7)


@pytest.mark.parametrize(
    "other",
    [
        ("60600", part("b", 2)),
        (PEER, part("b", 2, 3)),
        (PEER, part("b", 2, reference=8)),
        (PEER, part("b", 2, wide=True)),
    ],
)
def test_what_does_not_belong_together_stays_apart(other: tuple[str, UserData]) -> None:
    """Another originator, total, reference or width of reference is another message."""
    reassembly = Reassembly()
    assert reassembly.add(PEER, part("a", 1)) is None
    assert reassembly.add(*other) is None


def test_a_reference_used_again_starts_anew() -> None:
    """Another text under a number in hand is of a newer message; nothing old is mixed in."""
    reassembly = Reassembly()
    for data in (part("old", 1, 3), part("old", 2, 3), part("new", 1, 3), part("new", 2, 3)):
        assert reassembly.add(PEER, data) is None
    assert reassembly.add(PEER, part("new", 3, 3)) == Whole(PEER, "newnewnew", 3, 7)


def test_a_late_copy_never_gets_into_a_newer_message() -> None:
    """A copy that came after its message was whole is forgotten before its reference comes round."""
    reassembly = Reassembly()
    reassembly.add(PEER, part("old", 1))
    assert reassembly.add(PEER, part("old", 2)) is not None
    assert reassembly.add(PEER, part("old", 2)) is None  # the copy
    for _ in range(Reassembly.STALE):
        reassembly.add(PEER, UserData("x"))
    assert reassembly.add(PEER, part("new", 1)) is None
    assert reassembly.add(PEER, part("new", 2)) == Whole(PEER, "newnew", 2, 7)


def test_unfinished_messages_are_bounded() -> None:
    """The oldest go first, and a segment makes its message young again."""
    reassembly = Reassembly(limit=2)
    for reference in (1, 2, 1, 3):
        number = 2 if reference == 1 else 1
        reassembly.add(PEER, part("a", number, 3, reference))
    assert reassembly.add(PEER, part("b", 2, 3, 2)) is None  # 2 was forgotten
    assert reassembly.add(PEER, part("c", 3, 3, 2)) is None
