"""Where certificates lie, who may read them, and how they are written."""

import contextlib
import grp
import os
from dataclasses import dataclass
from pathlib import Path

from omsmodem.replacing import replacing

#: The group of the service where it is installed for a machine; it reads the server's key and never the authority's.
_GROUP = "omsmodem"


class CertificateError(Exception):
    """Certificates cannot be made or used as asked."""


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one service: the server's chain and key (PEM), and the authority's certificate (DER, for Windows)."""

    certificate: Path
    key: Path
    authority: Path

    @classmethod
    def within(cls, directory: Path) -> "Files":
        """The usual names in a directory."""
        return cls(directory / "server.crt", directory / "server.key", directory / "ca.cer")

    @property
    def authority_pem(self) -> Path:
        """The authority's certificate for everything but Windows."""
        return self.authority.with_suffix(".crt")

    @property
    def authority_key(self) -> Path:
        """The authority's key, unless it was put elsewhere."""
        return self.authority.with_suffix(".key")

    @property
    def revocations(self) -> Path:
        """The authority's (empty) revocation list, where one is named."""
        return self.authority.with_suffix(".crl")


def write(path: Path, octets: bytes, mode: int) -> None:
    """Replace a file whole; a reader sees the old one or the new one. What the group may read belongs to the service's."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    _give(path.parent)
    with replacing(path) as new:
        new.write(octets)
        if mode & 0o040:
            _give(Path(new.name))
        os.fchmod(new.fileno(), mode)


def write_private(path: Path, octets: bytes) -> None:
    """Write what only the service and its operator may read."""
    write(path, octets, server_key_mode())


def server_key_mode() -> int:
    """0640 where root keeps the key for the service's group, else 0600."""
    return 0o640 if _service_group() is not None else 0o600


def _give(path: Path) -> None:
    group = _service_group()
    if group is not None:
        with contextlib.suppress(PermissionError):
            os.chown(path, -1, group)


def _service_group() -> int | None:
    if os.geteuid() != 0:
        return None
    try:
        return grp.getgrnam(_GROUP).gr_gid
    except KeyError:
        return None
