"""From an address to numbers: a number in any form, a group, or a name that the account has for a number."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from omsmodem.accounts import Account
from omsmodem.maildoor.answers import Rejected

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_APART = re.compile(r"[\s._-]+")


@dataclass(frozen=True, slots=True)
class Book:
    """Whose addresses are ours. `groups` are names for several numbers."""

    domain: str
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def numbers(self, address: str, account: Account) -> tuple[str, ...]:
        """The numbers, as typed, that an address stands for; the gate judges them. Raises Rejected."""
        local, _, domain = address.rpartition("@")
        if domain.lower() != self.domain.lower() or not local:
            raise Rejected("550 5.7.1", f"Only mail for {self.domain} is taken here.")
        if _QUOTED.fullmatch(local):
            local = re.sub(r"\\(.)", r"\1", local[1:-1])
        groups = {_known_as(name): numbers for name, numbers in self.groups.items()}
        contacts = {_known_as(name): (number,) for name, number in account.contacts.items()}
        return contacts.get(_known_as(local)) or groups.get(_known_as(local)) or (local,)


def _known_as(name: str) -> str:
    """Names are typed with dots, dashes or blanks, large or small."""
    return _APART.sub("", name).casefold()
