"""Users and their passwords: one JSON file, argon2id hashes, a cache of verified passwords."""

import hashlib
import json
import os
import secrets
import string
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

#: Outlook sends the password with every call; one argon2id costs tens of milliseconds, so a success is remembered.
CACHE_S = 600.0
CACHE_ENTRIES = 1000
#: Each verification needs 19 MiB; more than two at once would press a small box.
_AT_ONCE = 2
_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_ALPHABET = string.ascii_letters.translate(str.maketrans("", "", "lIO")) + "23456789"
MAX_PASSWORD_CHARACTERS = 128


class AccountError(Exception):
    """The account file cannot be changed as asked."""


@dataclass(frozen=True, slots=True)
class Account:
    """One user. What is empty or None follows the service's configuration."""

    name: str
    password_hash: str = ""
    enabled: bool = True
    sms: bool = True  # may send
    operator: bool = False  # may see everybody's messages and decide about them
    reply_phone: str = ""
    smtp_address: str = ""
    when_uncertain: str = ""  # resend or hold
    delivery_confirmation: str = "failures"  # off, failures or all
    segments_per_minute: int | None = None  # 0 is no limit
    segments_per_day: int | None = None
    segments_per_month: int | None = None
    countries_allowed: tuple[str, ...] = ()  # in place of the service's
    allow_prefixes: tuple[str, ...] = ()  # beside the service's
    deny_prefixes: tuple[str, ...] = ()
    blocked_sources: tuple[str, ...] = ()  # reminder, calSummary, ruleBased, other, xmsInspector
    quiet_hours: str = ""  # 22:00-06:00
    footer: str = ""
    transliterate: str = ""  # off or smart
    keywords: tuple[str, ...] = ()  # incoming messages that start so are this account's
    owns_numbers: tuple[str, ...] = ()  # so are those from numbers that start so
    oms_headers: bool = True  # replies carry Outlook's headers
    contacts: dict[str, str] = field(default_factory=dict)  # name → number


def generate_password() -> str:
    """Twenty characters without look-alikes, about 115 bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(20))


class Accounts:
    """The accounts of one file; changes by other processes are seen at the next call."""

    def __init__(self, path: Path, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._hashing = threading.BoundedSemaphore(_AT_ONCE)
        self._key = secrets.token_bytes(32)
        self._verified: dict[bytes, float] = {}
        self._stamp: tuple[int, int, int] | None = None
        self._accounts: dict[str, Account] = {}
        self._dummy_hash = ""

    # -- asking -----------------------------------------------------------------------------------------------------

    def get(self, name: str) -> Account | None:
        """The account of that name, whatever its case."""
        return self._read().get(name.casefold())

    def all(self) -> list[Account]:
        """Every account, by name."""
        return sorted(self._read().values(), key=lambda account: account.name.casefold())

    def verify(self, name: str, password: str) -> Account | None:
        """The account if the password is its own. An unknown name takes as long as a wrong password."""
        account = self.get(name)
        if len(password) > MAX_PASSWORD_CHARACTERS:
            return None
        key = self._cache_key(account, password) if account is not None else b""
        if account is not None and self._remembered(key):
            return account
        if not self._matches(account.password_hash if account is not None else self._dummy(), password):
            return None
        if account is not None:
            self._remember(key)
        return account

    def _cache_key(self, account: Account, password: str) -> bytes:
        """Names this account with this hash and this password; changing the hash forgets by construction."""
        parts = json.dumps([account.name, account.password_hash, password]).encode()
        return hashlib.blake2b(parts, key=self._key, digest_size=32).digest()

    def _remembered(self, key: bytes) -> bool:
        with self._lock:
            return self._verified.get(key, 0.0) > self._monotonic()

    def _remember(self, key: bytes) -> None:
        with self._lock:
            while len(self._verified) >= CACHE_ENTRIES:
                del self._verified[next(iter(self._verified))]
            self._verified[key] = self._monotonic() + CACHE_S

    def _matches(self, password_hash: str, password: str) -> bool:
        with self._hashing:
            try:
                return _HASHER.verify(password_hash, password)
            except (Argon2Error, InvalidHashError):
                return False

    def _dummy(self) -> str:
        if not self._dummy_hash:
            self._dummy_hash = _HASHER.hash(generate_password())
        return self._dummy_hash

    # -- changing ---------------------------------------------------------------------------------------------------

    def add(self, account: Account, password: str) -> None:
        """Add an account. Raises AccountError when the name is taken, or name or password will not do."""
        if not account.name.strip() or not account.name.isprintable():
            raise AccountError("an account needs a name of printable characters")
        if self.get(account.name) is not None:
            raise AccountError(f"the account {account.name!r} exists already")
        self._write({**self._read(), account.name.casefold(): replace(account, password_hash=_hash(password))})

    def set_password(self, name: str, password: str) -> None:
        """Change a password. Raises AccountError."""
        account = self._known(name)
        self._write({**self._read(), name.casefold(): replace(account, password_hash=_hash(password))})

    def remove(self, name: str) -> None:
        """Remove an account. Raises AccountError."""
        self._known(name)
        self._write({key: account for key, account in self._read().items() if key != name.casefold()})

    def _known(self, name: str) -> Account:
        account = self.get(name)
        if account is None:
            raise AccountError(f"there is no account {name!r}")
        return account

    # -- the file ---------------------------------------------------------------------------------------------------

    def _read(self) -> dict[str, Account]:
        """The accounts as the file has them now; a missing file has none. Raises AccountError."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return {}
        stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
        with self._lock:
            if stamp != self._stamp:
                self._accounts = _parse(self._path)
                self._stamp = stamp
            return self._accounts

    def _write(self, accounts: dict[str, Account]) -> None:
        """Replace the file whole: a reader sees the old one or the new one."""
        text = json.dumps(
            {"accounts": [asdict(account) for account in accounts.values()]}, indent=2, ensure_ascii=False
        )
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=self._path.parent, delete=False, encoding="utf-8") as new:
            new.write(text + "\n")
            new.flush()
            os.fsync(new.fileno())
        Path(new.name).replace(self._path)  # NamedTemporaryFile made it 0600


def _parse(path: Path) -> dict[str, Account]:
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))["accounts"]
        accounts = [Account(**{key: _frozen(value) for key, value in entry.items()}) for entry in listed]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AccountError(f"{path} is no account file: {error}") from error
    return {account.name.casefold(): account for account in accounts}


def _frozen(value: object) -> Any:
    """JSON has no tuples."""
    return tuple(value) if isinstance(value, list) else value


def _hash(password: str) -> str:
    if not password or len(password) > MAX_PASSWORD_CHARACTERS:
        raise AccountError(f"a password has 1 to {MAX_PASSWORD_CHARACTERS} characters")
    return _HASHER.hash(password)
