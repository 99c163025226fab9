"""The accounts of a service: asked for, verified, changed."""

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from omsmodem.accounts import passwords
from omsmodem.accounts.account import Account, changed
from omsmodem.accounts.errors import AccountError
from omsmodem.accounts.file import AccountFile
from omsmodem.accounts.throttle import Throttle

#: Outlook sends the password with every call, and one argon2id costs tens of milliseconds: an outcome is remembered.
_REMEMBERED = 2000
#: How long a wrong password is answered from memory.
_WRONG_S = 600.0


class Accounts:
    """The accounts of one file; changes by other processes are seen at the next call."""

    def __init__(
        self,
        path: Path,
        *,
        throttle: Throttle | None = None,
        hasher: passwords.Hasher | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._file = AccountFile(path)
        self.throttle = throttle or Throttle(monotonic=monotonic)
        self._hasher = hasher or passwords.Argon2()
        self._gate = passwords.Gate(self._hasher)
        self._questions = passwords.Questions()
        self._monotonic = monotonic
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._right: OrderedDict[bytes, float] = OrderedDict()
        self._wrong: OrderedDict[bytes, float] = OrderedDict()

    # -- asking -----------------------------------------------------------------------------------------------------

    def get(self, name: str) -> Account | None:
        """The account of that name, whatever its case."""
        return self._file.read().get(name.casefold())

    def all(self) -> list[Account]:
        """Every account, by name."""
        return sorted(self._file.read().values(), key=lambda account: account.name.casefold())

    def verify(self, name: str, password: str, source: str = "") -> Account | None:
        """The account if the password is its own; `source` is the address it came from.

        An unknown name takes as long as a wrong password. Raises NotVerified when nothing was compared: too many wrong
        passwords came from there, or too many wait.
        """
        account = self.get(name)
        if len(password) > passwords.MAX_CHARACTERS:
            return None
        attempt = self._digest(name, account, password)
        right = self._recalled(account, attempt, name, source)
        if right is None:
            with self._questions.turn(attempt):
                right = self._recalled(account, attempt, name, source)
                if right is None:
                    right = self._compare(account, attempt, name, password, source)
        if right:
            self.throttle.succeeded(source, name)
        return account if right else None

    def _recalled(self, account: Account | None, attempt: bytes, name: str, source: str) -> bool | None:
        """What an earlier comparison of the same said; None where it must be compared."""
        if account is not None and self._recall(self._right, attempt) and self.throttle.trusts(source, name):
            return True
        return False if self._recall(self._wrong, attempt) else None

    def _compare(self, account: Account | None, attempt: bytes, name: str, password: str, source: str) -> bool:
        self.throttle.admit(source, name, attempt)
        right = self._gate.matches(account.password_hash if account is not None else None, password)
        if right:
            self._remember(self._right, attempt, float("inf"))
        else:
            self._remember(self._wrong, attempt, self._monotonic() + _WRONG_S)
            self.throttle.failed(source, name, attempt)
        return right

    def _digest(self, name: str, account: Account | None, password: str) -> bytes:
        """Names this user with this hash and this password; changing the hash forgets by construction."""
        parts = (name.casefold(), account.password_hash if account is not None else "", password)
        return hashlib.blake2b(repr(parts).encode(), key=self._key, digest_size=32).digest()

    def _recall(self, memory: OrderedDict[bytes, float], attempt: bytes) -> bool:
        with self._lock:
            if memory.get(attempt, 0.0) <= self._monotonic():
                return False
            memory.move_to_end(attempt)
            return True

    def _remember(self, memory: OrderedDict[bytes, float], attempt: bytes, until: float) -> None:
        with self._lock:
            memory[attempt] = until
            while len(memory) > _REMEMBERED:
                memory.popitem(last=False)

    # -- changing ---------------------------------------------------------------------------------------------------

    def add(self, account: Account, password: str) -> None:
        """Add an account. Raises AccountError when the name is taken, or name or password will not do."""
        if not account.name.strip() or not account.name.isprintable():
            raise AccountError("an account needs a name of printable characters")
        if self.get(account.name) is not None:
            raise AccountError(f"the account {account.name!r} exists already")
        self._put(replace(account, password_hash=self._hash(password)))

    def set_password(self, name: str, password: str) -> None:
        """Change a password. Raises AccountError."""
        self._put(replace(self._known(name), password_hash=self._hash(password)))

    def set(self, name: str, key: str, text: str) -> Account:
        """Change one key of an account from what a person typed, and return the account. Raises AccountError."""
        account = changed(self._known(name), key, text)
        self._put(account)
        return account

    def remove(self, name: str) -> None:
        """Remove an account. Raises AccountError."""
        self._known(name)
        self._file.write({key: account for key, account in self._file.read().items() if key != name.casefold()})

    def _put(self, account: Account) -> None:
        self._file.write({**self._file.read(), account.name.casefold(): account})

    def _known(self, name: str) -> Account:
        account = self.get(name)
        if account is None:
            raise AccountError(f"there is no account {name!r}")
        return account

    def _hash(self, password: str) -> str:
        passwords.require_usable(password)
        return self._hasher.hash(password)
