"""What the doctor looks at: everything it may touch is a field here, so that a test can lay out any patient."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from omsmodem.facts import Facts


@dataclass(frozen=True, slots=True)
class ModemPort:
    """A modem as the configuration names it."""

    name: str
    device: str  # a path or a URL
    imei: str = ""


@dataclass(frozen=True, slots=True)
class Relay:
    """The mail server that replies and alarms go through."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Patient:
    """One service on one machine. `root` is where /sys, /proc, /dev, /run and /etc are looked for."""

    facts: Facts
    modems: tuple[ModemPort, ...] = ()
    root: Path = Path("/")
    user: str = "omsmodem"  # whom the service runs as
    database: Path = Path("omsmodem.db")
    private_files: tuple[Path, ...] = ()  # that nobody else may read
    certificate: Path = Path("server.crt")
    key: Path = Path("server.key")
    authority: Path = Path("ca.crt")
    listen_port: int = 8443
    accounts: int = 0
    relay: Relay | None = None
    unit: Callable[[], Mapping[str, str]] = field(default=dict)  # properties systemd has of the service
    kernel_log: Callable[[], list[str]] = field(default=list)

    def path(self, absolute: str) -> Path:
        """An absolute path under this patient's root."""
        return self.root / absolute.lstrip("/")
