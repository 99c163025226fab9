"""Addresses: numbers as dialled, and names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omsmodem.sms import gsm7
from omsmodem.sms.address import ALPHANUMERIC, Address, decode_address
from omsmodem.sms.errors import DecodeError, EncodeError

from .strategies import numbers


@pytest.mark.parametrize(
    ("number", "octets"),
    [
        ("+447700900123", "0C91447700091032"),
        ("+12025550143", "0B912120550541F3"),
        ("12345", "05812143F5"),
        ("0112", "04811021"),
        ("*100#", "05811A00FB"),
    ],
)
def test_numbers_in_octets(number: str, octets: str) -> None:
    """International with a plus; short codes and national numbers as dialled, type unknown (TS 23.040 §9.1.2.5)."""
    assert Address.of(number).encode().hex().upper() == octets


@given(numbers)
def test_numbers_come_back(number: str) -> None:
    """A number is the same after encoding and decoding."""
    octets = Address.of(number).encode()
    address, end = decode_address(octets, 0, "destination")
    assert (address.number, end) == (number, len(octets))
    assert not address.alphanumeric


@pytest.mark.parametrize(
    "number",
    [
        "",
        "+",
        "+44 7700",
        "4255-5501",
        "abc",
        "+4477009001234567890123",
        "١٢٣",
        "²³",
        "12\n",
        "12\r",
        '1"',
        "++1",
        "1+",
        "\x1a",
    ],
)
def test_what_cannot_be_dialled_is_refused(number: str) -> None:
    """Only ASCII digits, star, hash and one leading plus; at most 20."""
    with pytest.raises(EncodeError, match="no number that can be dialled"):
        Address.of(number)


@pytest.mark.parametrize(
    ("octets", "name"),
    [
        ("0BD0CDE6DB5DCE03", "MMoney"),
        ("14D0C4F23C7D760390EF7619", "Design@Home"),
        ("0DD0C8329BFD06DD01", "Hello w"),
        ("04D09B32", "€"),
    ],
)
def test_names_in_octets(octets: str, name: str) -> None:
    """An alphanumeric sender is packed text whose length counts semi-octets (§9.1.2.5)."""
    address, end = decode_address(bytes.fromhex(octets), 0, "originator")
    assert (address.number, address.alphanumeric, end) == (name, True, len(octets) // 2)


@given(st.text(st.sampled_from([c for c in gsm7.DEFAULT if c != "\x1b"]), min_size=1, max_size=11))
def test_names_come_back(name: str) -> None:
    """Up to eleven characters of the default alphabet, but for the one ambiguous case."""
    if len(name) == 8 and name.endswith("@"):
        return
    octets = Address(name, ALPHANUMERIC).encode()
    assert decode_address(octets, 0, "originator")[0].value == name


@pytest.mark.parametrize(
    ("octets", "octet"),
    [("", 0), ("0B", 0), ("0B91", 0), ("0B9121", 0), ("15910000000000000000000000", 0), ("FF91", 0), ("0BD0CD", 0)],
)
def test_broken_addresses_are_named(octets: str, octet: int) -> None:
    """The error names the field and the octet."""
    with pytest.raises(DecodeError) as caught:
        decode_address(bytes.fromhex(octets), 0, "originator")
    assert (caught.value.field, caught.value.octet) == ("originator", octet)


def test_an_empty_address_is_one() -> None:
    """Some centres send no digits at all; the message is kept."""
    assert decode_address(b"\x00\x81\xff", 0, "originator") == (Address("", 0x81), 2)


@pytest.mark.parametrize(
    ("type_of_address", "number"), [(0xA1, "7700900123"), (0x91, "+7700900123"), (0x81, "7700900123")]
)
def test_only_international_numbers_get_a_plus(type_of_address: int, number: str) -> None:
    """TON 1; anything else stands as it came."""
    assert Address("7700900123", type_of_address).number == number


def test_a_length_rounded_up_to_octets_adds_no_letter() -> None:
    """Seven letters counted as eight end in code 0, which is no at sign here; the eighth letter of text still is."""
    assert decode_address(bytes.fromhex("0ED0C8329BFD06DD01"), 0, "originator")[0].value == "Hello w"
    assert decode_address(bytes.fromhex("0ED0C8329BFD06DDDF"), 0, "originator")[0].value == "Hello wo"


@pytest.mark.parametrize("name", ["a@", "Home@", "@", "Office@12", "abcdefghij@"])
def test_at_signs_of_names_are_kept(name: str) -> None:
    """Wherever they cannot be a matter of rounding."""
    octets = Address(name, ALPHANUMERIC).encode()
    assert decode_address(octets, 0, "originator")[0].value == name


def test_what_is_longer_than_an_address_is_refused() -> None:
    """Eleven septets, twenty digits."""
    for address in (Address("abcdefghijkl", ALPHANUMERIC), Address("1" * 21)):
        with pytest.raises(EncodeError, match="longer than an address"):
            address.encode()


@given(st.binary(max_size=14), st.integers(0, 2))
def test_any_octets_are_an_address_or_our_error(octets: bytes, start: int) -> None:
    """Nothing else is ever raised."""
    try:
        address, end = decode_address(octets, start, "originator")
    except DecodeError as error:
        where = (error.field, error.octet)
    else:
        where = ("originator", start)
        assert end == start + 2 + (octets[start] + 1) // 2
        assert len(address.number) <= 21
    assert where == ("originator", start)
