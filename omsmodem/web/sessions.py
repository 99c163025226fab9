"""Who is signed in: kept in memory only, so a restart signs everybody out and no copy of a cookie lies on a disk."""

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

#: However busy a browser is, its owner signs in again after this.
LONGEST_S = 12 * 3600.0
MOST = 1000


@dataclass(slots=True)
class Session:
    """One signed-in browser. `stamp` changes with the account's password; `said` is shown on the next page, once."""

    account: str
    stamp: str
    began: float
    seen: float
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    said: str = ""


class Sessions:
    """Sessions by a digest of their cookies."""

    def __init__(self, idle_s: float, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._idle_s = idle_s
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._sessions: dict[bytes, Session] = {}

    def begin(self, account: str, stamp: str) -> str:
        """Sign a browser in; returns its cookie's value."""
        token, now = secrets.token_urlsafe(32), self._monotonic()
        with self._lock:
            self._drop_old(now)
            self._sessions[_digest(token)] = Session(account, stamp, now, now)
        return token

    def find(self, token: str) -> Session | None:
        """The session of a cookie, which is not idle any more."""
        now = self._monotonic()
        with self._lock:
            session = self._sessions.get(_digest(token))
            if session is None or self._over(session, now):
                return None
            session.seen = now
            return session

    def end(self, token: str) -> None:
        """Sign a browser out."""
        with self._lock:
            self._sessions.pop(_digest(token), None)

    def _over(self, session: Session, now: float) -> bool:
        return now - session.seen > self._idle_s or now - session.began > LONGEST_S

    def _drop_old(self, now: float) -> None:
        self._sessions = {key: session for key, session in self._sessions.items() if not self._over(session, now)}
        while len(self._sessions) >= MOST:
            del self._sessions[min(self._sessions, key=lambda key: self._sessions[key].seen)]


def same(one: str, other: str) -> bool:
    """Whether two secrets are equal, in a time that tells nothing of where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
