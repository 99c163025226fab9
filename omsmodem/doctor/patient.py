"""What the doctor looks at: everything it may touch is a field here, so that a test can lay out any patient."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from omsmodem.facts import Facts
from omsmodem.modem.discovery import Probe
from omsmodem.modem.machine import HOST, Machine


@dataclass(frozen=True, slots=True)
class ModemPort:
    """A modem as the configuration names it."""

    name: str
    device: str = ""  # a path or a URL; empty when only the IMEI is known
    imei: str = ""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where replies and alarms go; `sign_in` tries it and says what is wrong, empty when nothing is."""

    host: str
    sign_in: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Patient:
    """One service on one machine. `probe` asks a port who is there; None while the service uses the modems."""

    facts: Facts
    modems: tuple[ModemPort, ...] = ()
    machine: Machine = HOST
    probe: Callable[[str], Probe] | None = None
    user: str = "omsmodem"  # whom the service runs as
    database: Path = Path("omsmodem.db")
    private_files: tuple[Path, ...] = ()  # that nobody else may read
    certificate: Path = Path("server.crt")
    key: Path = Path("server.key")
    authority: Path = Path("ca.crt")
    listen_address: str = "::"
    listen_port: int = 8443
    mail_door: tuple[str, int] | None = None  # address and port, where the configuration wants it
    accounts: int = 0
    accounts_problem: str = ""  # why they cannot be read
    mail_server: MailServer | None = None
    unit: Callable[[], Mapping[str, str]] = field(default=dict)  # properties systemd has of the service
    kernel_log: Callable[[], list[str]] = field(default=list)
