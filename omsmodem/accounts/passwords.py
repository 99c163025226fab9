"""Passwords: made, judged, hashed (argon2id) and compared, few at once."""

import contextlib
import secrets
import string
import threading
from collections.abc import Iterator
from typing import Protocol

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from omsmodem.accounts.errors import AccountError, HashingBusy

MAX_CHARACTERS = 128
#: What a password that a person chose should have [ASVS 5.0.0-6.2.1]; ours are 20 random characters.
ADVISED_CHARACTERS = 15
_ALPHABET = string.ascii_letters.translate(str.maketrans("", "", "lIO")) + "23456789"

#: Each comparison needs 19 MiB; more than two at once would press a small box, and a long queue would hold every thread.
_AT_ONCE = 2
_WAITING = 6
_WAIT_S = 5.0


def generate() -> str:
    """Twenty characters without look-alikes, about 115 bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(20))


class Hasher(Protocol):
    """What hashes and compares; the tests count its work."""

    def hash(self, password: str) -> str:
        """A new salted hash."""

    def matches(self, password_hash: str, password: str) -> bool:
        """Whether the hash was made of the password."""


class Argon2:
    """argon2id with 19 MiB and two passes."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)

    def hash(self, password: str) -> str:
        """A new salted hash."""
        return self._hasher.hash(password)

    def matches(self, password_hash: str, password: str) -> bool:
        """Whether the hash was made of the password; a text that is no hash was made of none."""
        try:
            return self._hasher.verify(password_hash, password)
        except (Argon2Error, InvalidHashError):
            return False


class Gate:
    """Compares passwords, few at once; a name without a hash costs as much as one with."""

    def __init__(self, hasher: Hasher) -> None:
        self._hasher = hasher
        self._turns = threading.BoundedSemaphore(_AT_ONCE)
        self._places = threading.BoundedSemaphore(_AT_ONCE + _WAITING)
        self._dummy = ""
        self._making_dummy = threading.Lock()

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether the password fits; None is the hash of an unknown name. Raises HashingBusy."""
        dummy = self._dummy_hash()
        if not self._places.acquire(blocking=False):
            raise HashingBusy(HashingBusy.__doc__)
        try:
            if not self._turns.acquire(timeout=_WAIT_S):
                raise HashingBusy(HashingBusy.__doc__)
            try:
                fits = self._hasher.matches(password_hash or dummy, password)
            finally:
                self._turns.release()
        finally:
            self._places.release()
        return fits and password_hash is not None

    def _dummy_hash(self) -> str:
        """A hash of nothing anybody knows, made before the first comparison whoever asks for it."""
        with self._making_dummy:
            if not self._dummy:
                self._dummy = self._hasher.hash(generate())
            return self._dummy


class Questions:
    """Lets one thread at a time ask the same question, so that fifty PCs switched on together cost one hash each user."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: dict[bytes, tuple[threading.Lock, int]] = {}

    @contextlib.contextmanager
    def turn(self, question: bytes) -> Iterator[None]:
        """Wait for one's turn. Raises HashingBusy."""
        with self._lock:
            mine, askers = self._asked.get(question, (threading.Lock(), 0))
            self._asked[question] = (mine, askers + 1)
        try:
            if not mine.acquire(timeout=_WAIT_S):
                raise HashingBusy(HashingBusy.__doc__)
            try:
                yield
            finally:
                mine.release()
        finally:
            with self._lock:
                askers = self._asked[question][1] - 1
                if askers:
                    self._asked[question] = (mine, askers)
                else:
                    del self._asked[question]


def require_usable(password: str) -> None:
    """Raises AccountError for a password that cannot be kept."""
    if not password or len(password) > MAX_CHARACTERS:
        raise AccountError(f"a password has 1 to {MAX_CHARACTERS} characters")


def weakness(password: str, name: str, least: int = ADVISED_CHARACTERS) -> str:
    """Why a password that a person chose is easy to guess, in words that follow "the password"; empty when it is not."""
    if len(password) < least:
        return f"has {len(password)} characters; {least} or more are advised"
    if len(_surprising(password, name)) < least // 2:
        return "is made of a common word, a name or a row of keys"
    return ""


#: What guessers try first, whatever is hung onto it. Leet spelling is undone before the comparison.
_COMMON_WORDS = (
    *("password", "passwort", "kennwort", "passphrase", "geheim", "secret", "letmein", "welcome", "willkommen"),
    *("iloveyou", "sunshine", "princess", "dragon", "monkey", "football", "baseball", "superman", "batman"),
    *("master", "admin", "administrator", "root", "user", "login", "default", "changeme", "test", "guest", "demo"),
    *("outlook", "sharepoint", "exchange", "microsoft", "windows", "office", "omsmodem", "modem", "mobile", "sms"),
    *("summer", "winter", "spring", "autumn", "sommer", "herbst", "monday", "january", "company", "computer"),
    *("hello", "hallo", "whatever", "trustno", "shadow", "michael", "jesus", "ninja", "starwars", "pokemon"),
)
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "abcdefghijklmnopqrstuvwxyz", "01234567890")
_LEET = str.maketrans("@4310$57!", "aaeiosstl")


def _surprising(password: str, name: str) -> str:
    """The characters that are left when common words, the user's name, runs and repeats are taken out."""
    rest = _without_runs(password.casefold())
    for spelling in (rest, rest.translate(_LEET)):
        left = spelling
        for word in sorted((*_COMMON_WORDS, name.casefold()), key=len, reverse=True):
            left = left.replace(word, "") if word else left
        rest = min(rest, left, key=len)
    return "".join(dict.fromkeys(rest))


def _without_runs(text: str) -> str:
    """The text without parts of four or more that walk along a row of keys, either way."""
    for row in (*_ROWS, *(row[::-1] for row in _ROWS)):
        for size in range(len(row), 3, -1):
            for start in range(len(row) - size + 1):
                text = text.replace(row[start : start + size], "")
    return text
