"""How many connections are open, and which one goes when another comes.

A newcomer is not turned away while somebody sits idle: the one that has said least, for longest, makes room. So idle
connections by the thousand from one address hold up nobody, not even behind that address.
"""

import threading
from collections import Counter
from typing import Protocol


class Guest(Protocol):
    """A connection as this room sees it."""

    address: str

    def worth(self) -> int | None:
        """What it has shown: 0 nothing, more for more; None while it is being served and must not go."""

    def make_room(self) -> None:
        """End it in favour of another."""


class Admission:
    """Counts connections, in all and for each address. `trusted` addresses (proxies) count only in all."""

    def __init__(self, in_all: int, per_address: int) -> None:
        self._in_all = in_all
        self._per_address = per_address
        self._lock = threading.Lock()
        self._guests: dict[Guest, str] = {}  # in the order they came
        self._by_address: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._guests)

    def admit(self, guest: Guest, *, trusted: bool = False) -> str:
        """Let a connection in, if need be in another's place; why it must stay out, or nothing."""
        with self._lock:
            refused, victim = "", None
            if not trusted and self._by_address[guest.address] >= self._per_address:
                refused = f"{self._per_address} connections from there are open and busy"
                victim = self._least([each for each, address in self._guests.items() if address == guest.address])
            elif len(self._guests) >= self._in_all:
                refused = f"{self._in_all} connections are open and busy"
                victim = self._least(self._crowd())
            if victim is not None:
                self._remove(victim)
            if not refused or victim is not None:
                refused = ""
                self._guests[guest] = guest.address
                self._by_address[guest.address] += 1
        if victim is not None:
            victim.make_room()
        return refused

    def leave(self, guest: Guest) -> None:
        """A connection is closed; saying so twice does no harm."""
        with self._lock:
            self._remove(guest)

    def _crowd(self) -> list[Guest]:
        """Everybody, those first whose address has most."""
        return sorted(self._guests, key=lambda each: -self._by_address[each.address])

    def _least(self, guests: list[Guest]) -> Guest | None:
        worths = [(worth, guest) for guest in guests if (worth := guest.worth()) is not None]
        return min(worths, key=lambda pair: pair[0])[1] if worths else None

    def _remove(self, guest: Guest) -> None:
        address = self._guests.pop(guest, None)
        if address is None:
            return
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]
