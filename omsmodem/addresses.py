"""Lists of network addresses as people write them: `private`, networks, single addresses. Standard library only."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: What `private` means: RFC 1918, RFC 4193, link-local and loopback.
PRIVATE = (
    *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8"),
    *("fc00::/7", "fe80::/10", "::1/128"),
)


def plain(address: str) -> str:
    """An address as people know it: IPv4 in its own form, without a zone."""
    return address.removeprefix("::ffff:") if "." in address else address.partition("%")[0]


@dataclass(frozen=True, slots=True)
class AddressList:
    """Networks; an address is in the list if one of them holds it."""

    networks: tuple[_Network, ...] = ()

    @classmethod
    def parse(cls, entries: Iterable[str]) -> "AddressList":
        """Read `any`, `private`, networks and addresses. Raises ValueError for anything else."""
        networks: list[_Network] = []
        for entry in entries:
            named = {"private": PRIVATE, "any": ("0.0.0.0/0", "::/0")}.get(entry.lower(), (entry,))
            networks += [ipaddress.ip_network(each, strict=False) for each in named]
        return cls(tuple(networks))

    def __contains__(self, address: str) -> bool:
        try:
            found = ipaddress.ip_address(plain(address))
        except ValueError:
            return False
        return any(found in network for network in self.networks if network.version == found.version)

    def is_private(self) -> bool:
        """Whether every network is within what `private` means."""
        private = [ipaddress.ip_network(each) for each in PRIVATE]
        return all(any(_within(network, each) for each in private) for network in self.networks)


def _within(inner: _Network, outer: _Network) -> bool:
    if isinstance(inner, ipaddress.IPv4Network):
        return isinstance(outer, ipaddress.IPv4Network) and inner.subnet_of(outer)
    return isinstance(outer, ipaddress.IPv6Network) and inner.subnet_of(outer)
