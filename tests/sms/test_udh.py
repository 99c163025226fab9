"""The user data header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omsmodem.sms import udh
from omsmodem.sms.errors import DecodeError, EncodeError
from omsmodem.sms.fields import Waiting, WaitingKind
from omsmodem.sms.udh import Concatenation, InformationElement, Ports

elements = st.lists(st.builds(InformationElement, st.integers(0, 255), st.binary(max_size=10)), min_size=1, max_size=6)


@given(elements.map(tuple))
def test_headers_come_back(header: tuple[InformationElement, ...]) -> None:
    """Any elements, known or not, in their order."""
    octets = udh.encode(header)
    assert udh.decode(octets + b"text") == (header, len(octets))


def test_no_elements_are_no_header() -> None:
    """Not even a length octet."""
    assert udh.encode(()) == b""


def test_a_header_longer_than_a_tpdu_is_refused() -> None:
    """139 octets behind the length."""
    with pytest.raises(EncodeError, match="141 octets"):
        udh.encode((InformationElement(0x70, bytes(138)),))


def test_concatenation_in_octets() -> None:
    """§9.2.3.24.1 with 8 bits, §9.2.3.24.8 with 16."""
    assert udh.encode((Concatenation(0x2A, 2, 1).element(),)).hex() == "0500032a0201"
    assert udh.encode((Concatenation(0x12AB, 3, 2, wide=True).element(),)).hex() == "06080412ab0302"


@given(st.booleans(), st.data())
def test_concatenation_comes_back(wide: bool, data: st.DataObject) -> None:
    """Reference, total and number of both forms."""
    total = data.draw(st.integers(1, 255))
    number = data.draw(st.integers(1, total))
    segment = Concatenation(data.draw(st.integers(0, 0xFFFF if wide else 0xFF)), total, number, wide)
    assert udh.concatenation((segment.element(),)) == segment


@pytest.mark.parametrize("data", ["070000", "070002", "070203", "0702", "07020101", ""])
def test_impossible_concatenation_is_ignored(data: str) -> None:
    """Total 0, number 0 or over the total, a wrong length: the element counts for nothing."""
    assert udh.concatenation((InformationElement(0x00, bytes.fromhex(data)),)) is None


def test_of_two_the_last_counts() -> None:
    """Also when they are of different kinds: they exclude each other (§9.2.3.24)."""
    first, second = Concatenation(1, 2, 1), Concatenation(300, 3, 2, wide=True)
    assert udh.concatenation((first.element(), second.element())) == second
    assert udh.concatenation((second.element(), first.element())) == first


@pytest.mark.parametrize("octets", ["0300032A", "0400042A0201", "0125"])
def test_a_last_element_that_is_too_short_hides_the_header(octets: str) -> None:
    """Its octets are still skipped (§9.2.3.24)."""
    header = bytes.fromhex(octets)
    assert udh.decode(header[: header[0] + 1] + b"text") == ((), header[0] + 1)


def test_a_short_last_element_takes_the_good_one_with_it() -> None:
    """Concatenation, then one octet of the next element."""
    assert udh.decode(bytes.fromhex("0600032A020125") + b"text") == ((), 7)
    assert udh.decode(bytes.fromhex("0800032A0201250301") + b"text") == ((), 9)


@pytest.mark.parametrize("octets", ["", "01", "0500032A02", "FF00"])
def test_a_header_beyond_the_user_data_is_malformed(octets: str) -> None:
    """The length octet points behind the end."""
    with pytest.raises(DecodeError) as caught:
        udh.decode(bytes.fromhex(octets))
    assert (caught.value.field, caught.value.octet) == ("header", 0)


def test_languages() -> None:
    """The last element counts; a wrong length counts for nothing."""
    one, two, broken = (InformationElement(udh.SINGLE_SHIFT, bytes(data)) for data in ((1,), (2,), (3, 3)))
    assert udh.language((one, two, broken), udh.SINGLE_SHIFT) == 2
    assert udh.language((one,), udh.LOCKING_SHIFT) == 0


@given(st.binary(max_size=145))
def test_any_octets_are_a_header_or_our_error(octets: bytes) -> None:
    """Nothing else is ever raised."""
    try:
        header, end = udh.decode(octets)
    except DecodeError:
        assert len(octets) < (octets[:1] or b"\1")[0] + 1
        return
    assert end == octets[0] + 1
    for read in (udh.concatenation, udh.ports, udh.waiting):
        read(header)


def test_ports_in_octets() -> None:
    """§9.2.3.24.3 with 8 bits, §9.2.3.24.4 with 16; the destination comes first."""
    assert Ports(2948, 9200).element() == InformationElement(0x05, bytes.fromhex("0b8423f0"))
    assert Ports(240, 0, wide=False).element() == InformationElement(0x04, bytes.fromhex("f000"))
    assert udh.ports((Ports(1, 2).element(), Ports(240, 241, wide=False).element())) == Ports(240, 241, wide=False)
    assert udh.ports((InformationElement(0x05, b"abc"), Concatenation(1, 2, 1).element())) is None


@pytest.mark.parametrize(
    ("data", "waiting"),
    [
        ("0003", Waiting(WaitingKind.VOICEMAIL, active=True, store=False, count=3)),
        ("8000", Waiting(WaitingKind.VOICEMAIL, active=False, store=True, count=0)),
        ("01FF", Waiting(WaitingKind.FAX, active=True, store=False, count=255)),
        ("8201", Waiting(WaitingKind.MAIL, active=True, store=True, count=1)),
        ("0301", Waiting(WaitingKind.OTHER, active=True, store=False, count=1)),
        ("0701", Waiting(WaitingKind.VIDEO, active=True, store=False, count=1)),
        ("2001", Waiting(WaitingKind.VOICEMAIL, active=True, store=False, count=1)),  # of another profile
    ],
)
def test_special_indications(data: str, waiting: Waiting) -> None:
    """Kind, storage and number of what waits (§9.2.3.24.2)."""
    assert udh.waiting((InformationElement(0x01, bytes.fromhex(data)),)) == (waiting,)


def test_special_indications_of_several_kinds() -> None:
    """Each element counts; a broken one does not."""
    indications = [InformationElement(0x01, data) for data in (b"\x00\x01", b"\x01\x02", b"\x02")]
    assert [waiting.kind for waiting in udh.waiting(tuple(indications))] == [WaitingKind.VOICEMAIL, WaitingKind.FAX]
