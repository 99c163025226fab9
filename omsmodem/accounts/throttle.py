"""Stops a guesser, and never an office behind one address.

Counted are *different* wrong passwords per source: a PC with a stale password asks the same thing again and again and is no
attack. A source with too many of them is paused, longer each time: nothing from there is compared any more, except

- a password that is known to be right, for a user who has signed in from there before: that costs nothing and stops nobody;
- one try now and then for each of a few names, so that a newcomer on the same address gets in within a minute;
- tries of a user who has signed in from there before, which are counted for themselves.
"""

import ipaddress
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from omsmodem.accounts.errors import SourcePaused
from omsmodem.accounts.known import KnownPairs

_log = logging.getLogger(__name__)

_MAX_BUCKETS = 5000
_MAX_TRIES = 500


@dataclass(frozen=True, slots=True)
class ThrottleRules:
    """When a source is paused, and for how long."""

    failures: int = 10  # different wrong passwords …
    window_s: float = 600.0  # … within this time
    pauses_s: tuple[float, ...] = (30.0, 60.0, 120.0, 300.0, 900.0)
    reserve_s: tuple[float, ...] = (5.0, 10.0, 20.0, 40.0, 60.0)  # between tries of one name during such a pause
    reserve_names: int = 10
    alarm_failures: int = 50
    alarm_window_s: float = 3600.0


@dataclass(slots=True)
class _Bucket:
    """What is remembered of one source, or of one user at one source."""

    failures: dict[bytes, float] = field(default_factory=dict)  # keyed digest of name and password → when
    reserve: dict[str, float] = field(default_factory=dict)  # name → when its next try is compared
    tries: dict[bytes, float] = field(default_factory=dict)  # wrong or paused ones, for the alarm
    paused_until: float = 0.0
    level: int = 0
    last_failure: float = float("-inf")
    alarmed: float = float("-inf")


class Throttle:
    """Who may try a password."""

    def __init__(
        self,
        rules: ThrottleRules | None = None,
        known: KnownPairs | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rules = rules or ThrottleRules()
        self._known = known or KnownPairs()
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._buckets: OrderedDict[tuple[str, str], _Bucket] = OrderedDict()

    def trusts(self, source: str, name: str) -> bool:
        """Whether a password that is known to be right may pass: always, but for a stranger at a paused source."""
        place = network_of(source)
        with self._lock:
            return self._known.has(place, name) or self._bucket(place, "").paused_until <= self._monotonic()

    def admit(self, source: str, name: str, attempt: bytes) -> None:
        """Let a password be compared. Raises SourcePaused. `attempt` names user and password without telling them."""
        place = network_of(source)
        with self._lock:
            now = self._monotonic()
            bucket = self._bucket(place, name if self._known.has(place, name) else "")
            if now >= bucket.paused_until or self._take_reserve(bucket, name, now):
                return
            self._note_try(place, attempt, now)
        raise SourcePaused(SourcePaused.__doc__)

    def failed(self, source: str, name: str, attempt: bytes) -> None:
        """Count a wrong password."""
        place = network_of(source)
        with self._lock:
            now = self._monotonic()
            bucket = self._bucket(place, name if self._known.has(place, name) else "")
            self._count(bucket, name, attempt, now, place)
            self._note_try(place, attempt, now)

    def succeeded(self, source: str, name: str) -> None:
        """Remember that this user signs in from there."""
        with self._lock:
            self._known.add(network_of(source), name)

    def paused(self) -> list[dict[str, object]]:
        """The sources and users that are paused now, for people."""
        with self._lock:
            now = self._monotonic()
            return [
                {
                    "source": place,
                    "user": name,
                    "failures": len(bucket.failures),
                    "seconds": round(bucket.paused_until - now),
                }
                for (place, name), bucket in self._buckets.items()
                if bucket.paused_until > now
            ]

    def attackers(self) -> list[str]:
        """The sources of attacks within the last hour."""
        with self._lock:
            since = self._monotonic() - self._rules.alarm_window_s
            return [place for (place, _), bucket in self._buckets.items() if bucket.alarmed > since]

    def clear(self) -> None:
        """Forget every failure; who signs in from where stays known."""
        with self._lock:
            self._buckets.clear()

    # -- under the lock ---------------------------------------------------------------------------------------------

    def _bucket(self, place: str, name: str) -> _Bucket:
        key = (place, name.casefold())
        bucket = self._buckets.setdefault(key, _Bucket())
        self._buckets.move_to_end(key)
        while len(self._buckets) > _MAX_BUCKETS:
            self._buckets.popitem(last=False)
        return bucket

    def _level(self, bucket: _Bucket, ladder: tuple[float, ...]) -> float:
        return ladder[min(max(bucket.level - 1, 0), len(ladder) - 1)]

    def _take_reserve(self, bucket: _Bucket, name: str, now: float) -> bool:
        """A try in spite of the pause: a few names, each now and then."""
        due = bucket.reserve.get(name.casefold())
        if due is None and len(bucket.reserve) >= self._rules.reserve_names:
            return False
        if due is not None and now < due:
            return False
        bucket.reserve[name.casefold()] = now + self._level(bucket, self._rules.reserve_s)
        return True

    def _count(self, bucket: _Bucket, name: str, attempt: bytes, now: float, place: str) -> None:
        if now - bucket.last_failure > self._rules.alarm_window_s:
            bucket.level = 0
        bucket.last_failure = now
        bucket.failures = {each: when for each, when in bucket.failures.items() if now - when < self._rules.window_s}
        bucket.failures[attempt] = now
        if len(bucket.failures) < self._rules.failures:
            return
        if now >= bucket.paused_until:
            bucket.level += 1
            bucket.paused_until = now + self._level(bucket, self._rules.pauses_s)
            bucket.reserve.clear()
            _log.warning(
                "sign-ins from=%s paused for %.0f s after %d different wrong passwords",
                place,
                bucket.paused_until - now,
                len(bucket.failures),
            )
        bucket.reserve[name.casefold()] = now + self._level(bucket, self._rules.reserve_s)

    def _note_try(self, place: str, attempt: bytes, now: float) -> None:
        """So many different ones within an hour are an attack, which is said once an hour."""
        bucket = self._bucket(place, "")
        if len(bucket.tries) >= self._rules.alarm_failures or attempt not in bucket.tries:
            recent = now - self._rules.alarm_window_s
            bucket.tries = {each: when for each, when in bucket.tries.items() if when > recent}
        if len(bucket.tries) < _MAX_TRIES:
            bucket.tries[attempt] = now
        if len(bucket.tries) >= self._rules.alarm_failures and now - bucket.alarmed >= self._rules.alarm_window_s:
            bucket.alarmed = now
            _log.error("password attack from=%s: %d different passwords within an hour", place, len(bucket.tries))


@lru_cache(maxsize=1024)  # asked several times for every request
def network_of(source: str) -> str:
    """What one household or PC has: an IPv4 address, an IPv6 /64; anything else stays as it is."""
    try:
        address = ipaddress.ip_address(source.partition("%")[0])
    except ValueError:
        return source or "local"
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.ip_network((address, 64), strict=False))
