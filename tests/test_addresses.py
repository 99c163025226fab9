"""Address lists as people write them."""

import pytest

from omsmodem.addresses import AddressList, plain


@pytest.mark.parametrize(
    "address", ["10.1.2.3", "172.31.0.1", "192.168.1.1", "127.0.0.1", "::1", "fd00::1", "fe80::1%eth0"]
)
def test_private_is_the_office_and_this_machine(address: str) -> None:
    """RFC 1918, RFC 4193, link-local and loopback; IPv4 also in its IPv6 dress."""
    private = AddressList.parse(["private"])
    assert address in private
    assert ":" in address or f"::ffff:{address}" in private


@pytest.mark.parametrize("address", ["8.8.8.8", "172.32.0.1", "2001:db8::1", "0.0.0.0", "", "localhost", "10.0.0.1.x"])
def test_the_rest_of_the_world_is_not(address: str) -> None:
    """Nor is what is no address."""
    assert address not in AddressList.parse(["private"])


def test_networks_addresses_and_any() -> None:
    """A network may be written from any address in it."""
    listed = AddressList.parse(["203.0.113.7/24", "2001:db8::1"])
    assert "203.0.113.200" in listed
    assert "2001:db8::1" in listed
    assert "2001:db8::2" not in listed
    assert "198.51.100.1" in AddressList.parse(["any"])
    assert "198.51.100.1" not in AddressList()


@pytest.mark.parametrize("entry", ["office", "10.0.0.0/33", "10.0.0", ""])
def test_what_is_no_address_is_refused(entry: str) -> None:
    """With the entry in the sentence."""
    with pytest.raises(ValueError):
        AddressList.parse([entry])


def test_only_private_lists_are_private() -> None:
    """`any`, a public network or a public address make a list public."""
    assert AddressList.parse(["private"]).is_private()
    assert AddressList.parse(["192.168.10.31", "fd00::/8"]).is_private()
    for entry in ("any", "192.0.2.1", "10.0.0.0/7", "::/0"):
        assert not AddressList.parse(["192.168.10.31", entry]).is_private()


def test_an_address_is_written_as_people_know_it() -> None:
    """IPv4 in its own form, no zone."""
    assert [plain(each) for each in ("::ffff:192.0.2.1", "192.0.2.1", "fe80::1%eth0", "::ffff:1")] == [
        *("192.0.2.1", "192.0.2.1", "fe80::1", "::ffff:1")
    ]
