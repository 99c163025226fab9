"""One queue, several modems: who is able, who is idle, who should take what. Shared by the workers."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from omsmodem.policy import choice
from omsmodem.policy.choice import FAILOVER_S, Claim, Seat


class Switchboard:
    """What each worker knows of the others. Every method may be called by any thread."""

    def __init__(
        self,
        claims: Mapping[str, Claim],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        failover_s: float = FAILOVER_S,
    ) -> None:
        self._lock = threading.Lock()
        self._monotonic = monotonic
        self._failover_s = failover_s
        self._seats = {name: Seat(claim) for name, claim in claims.items()}
        self._away_since = dict.fromkeys(claims, monotonic())
        self._bells: dict[str, Callable[[], None]] = {}
        self.selective = len(claims) > 1 or any(claim.prefixes or claim.accounts for claim in claims.values())

    def listen(self, name: str, bell: Callable[[], None]) -> None:
        """Ring `bell` when another modem comes, goes or gets busy, which may change what `name` should take."""
        self._bells[name] = bell

    def set_able(self, name: str, able: bool) -> None:
        """Modem `name` can, or cannot, take messages from now on."""
        with self._lock:
            before = self._seats[name]
            if before.able == able:
                return
            self._seats[name] = replace(before, able=able, idle=False)
            self._away_since[name] = self._monotonic()
        for other, bell in self._bells.items():
            if other != name:
                bell()

    def set_idle(self, name: str, idle: bool) -> None:
        """Modem `name` waits for something to do, or has found it: what was left to it is for those that still wait."""
        with self._lock:
            found = self._seats[name].idle and not idle
            self._seats[name] = replace(self._seats[name], idle=idle)
            waiting = [other for other, seat in self._seats.items() if seat.idle] if found else []
        for other in waiting:
            self._bells[other]()

    def carried(self, name: str, segments: int) -> None:
        """Modem `name` took a message of so many segments."""
        with self._lock:
            seat = self._seats[name]
            self._seats[name] = replace(seat, carried=seat.carried + segments)

    def may_take(self, name: str, recipient: str, account: str) -> bool:
        """Whether modem `name` should take a message rather than leave it to another."""
        with self._lock:
            now = self._monotonic()
            seats = {
                other: seat if seat.able else replace(seat, away_s=now - self._away_since[other])
                for other, seat in self._seats.items()
            }
        return choice.may_take(seats, name, recipient, account, self._failover_s)

    def next_change_s(self) -> float | None:
        """Seconds until the next modem that is away is no longer waited for; None when none is."""
        with self._lock:
            now = self._monotonic()
            left = [self._failover_s - (now - self._away_since[n]) for n, seat in self._seats.items() if not seat.able]
        coming = [seconds for seconds in left if seconds > 0]
        return min(coming) if coming and self.selective else None
