"""Which modem takes which message."""

from collections.abc import Mapping
from dataclasses import dataclass

#: A preferred modem that is away for less than this is waited for.
FAILOVER_S = 60.0
_BY_ACCOUNT = 1000


@dataclass(frozen=True, slots=True)
class Claim:
    """What a modem is for: only these recipients, only these accounts; without either, everything.

    `weight` is its share of the messages while several modems could take them.
    """

    prefixes: tuple[str, ...] = ()
    accounts: frozenset[str] = frozenset()
    weight: float = 1.0

    def rank(self, recipient: str, account: str) -> int | None:
        """How well it fits; None: never. An account of its own counts more than any prefix, a longer prefix more than a short."""
        if self.accounts and account not in self.accounts:
            return None
        matching = [len(prefix) for prefix in self.prefixes if recipient.startswith(prefix)]
        if self.prefixes and not matching:
            return None
        return (_BY_ACCOUNT if self.accounts else 0) + max(matching, default=0)


@dataclass(frozen=True, slots=True)
class Seat:
    """One modem at the moment of choice."""

    claim: Claim = Claim()
    able: bool = False  # could take something
    idle: bool = False  # and has nothing to do
    away_s: float = 0.0  # for how long it has not been able
    carried: float = 0.0  # segments it took

    @property
    def load(self) -> float:
        """What it carried in proportion to its weight."""
        return self.carried / self.claim.weight


def may_take(
    seats: Mapping[str, Seat], name: str, recipient: str, account: str, failover_s: float = FAILOVER_S
) -> bool:
    """Whether modem `name` should take a message rather than leave it to another.

    It leaves it to one that fits better and is expected back, and to an idle one that fits as well and carried less.
    """
    mine = seats[name].claim.rank(recipient, account)
    if mine is None:
        return False
    for other, seat in seats.items():
        rank = seat.claim.rank(recipient, account) if other != name else None
        if rank is None or rank < mine:
            continue
        if rank > mine and (seat.able or seat.away_s < failover_s):
            return False
        if rank == mine and seat.able and seat.idle and (seat.load, other) < (seats[name].load, name):
            return False
    return True
