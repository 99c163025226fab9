"""The account file: JSON, replaced whole, read again when another process has changed it."""

import contextlib
import json
import os
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from omsmodem.accounts.account import Account
from omsmodem.accounts.errors import AccountError
from omsmodem.replacing import replacing


class AccountFile:
    """The accounts of one file by their case-folded names."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._stamp: tuple[int, int, int] | None = None
        self._accounts: dict[str, Account] = {}

    def read(self) -> dict[str, Account]:
        """The accounts as the file has them now; a missing file has none. Raises AccountError."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise AccountError(f"{self.path} cannot be read: {error.strerror}") from error
        stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
        with self._lock:
            if stamp != self._stamp:
                self._accounts = _parse(self.path)
                self._stamp = stamp
            return self._accounts

    def write(self, accounts: Mapping[str, Account]) -> None:
        """Replace the accounts. Raises AccountError."""
        try:
            replace_whole(self.path, {"accounts": [asdict(account) for account in accounts.values()]})
        except OSError as error:
            raise AccountError(f"{self.path} cannot be written: {error.strerror}") from error


def replace_whole(path: Path, value: object) -> None:
    """Write a private JSON file so that a reader sees the old one or the new one. Raises OSError.

    The new file is 0600 and belongs to whom the old one (or else the directory) belonged to: an operator who is root
    must not take the file from the service.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(value, indent=2, ensure_ascii=False)
    with replacing(path) as new:
        new.write(f"{text}\n".encode())
        with contextlib.suppress(PermissionError):
            owner = (path if path.exists() else path.parent).stat()
            os.fchown(new.fileno(), owner.st_uid, owner.st_gid)


def _parse(path: Path) -> dict[str, Account]:
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))["accounts"]
        accounts = [Account(**{key: _frozen(value) for key, value in entry.items()}) for entry in listed]
    except OSError as error:
        raise AccountError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AccountError(f"{path} is no account file: {error}") from error
    return {account.name.casefold(): account for account in accounts}


def _frozen(value: object) -> Any:
    """JSON has no tuples."""
    return tuple(value) if isinstance(value, list) else value
