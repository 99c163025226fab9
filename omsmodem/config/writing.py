"""The configuration file of a new service."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ServiceValues:
    """What set-up must know to write a configuration."""

    host: str
    port: int
    modem: str
    country: str | None = None
    state: Path | None = None  # where what changes is kept; None: beside the configuration
    runtime: Path | None = None  # where what ends with the machine is kept


def render(values: ServiceValues) -> str:
    """The text of a configuration file for a new service; every other key keeps its default."""
    host = f"[{values.host}]" if ":" in values.host else values.host
    country = values.country or "null"
    return f"""# omsmodem: what differs from the defaults. Every key is explained in config.example.yaml.
service:
  # Outlook compares this, character for character, with the address people type.
  uri: "https://{host}:{values.port}/oms/service.asmx"

listen:
  port: {values.port}

modems:
  - name: modem1
    device: {quoted(values.modem)}

numbers:
  # Where numbers without + are; null refuses them.
  country: {country}
{_storage(values)}"""


def _storage(values: ServiceValues) -> str:
    """Where a service that is installed for a machine keeps what changes: its configuration may not be written to."""
    if values.state is None:
        return ""
    runtime = values.runtime or values.state
    return f"""
storage:
  database: {quoted(str(values.state / "omsmodem.db"))}
  accounts: {quoted(str(values.state / "accounts.json"))}
  known_addresses: {quoted(str(values.state / "known-addresses.json"))}
  control_socket: {quoted(str(runtime / "control.sock"))}

backup:
  directory: {quoted(str(values.state / "backup"))}
"""


def quoted(value: str) -> str:
    """A text as a YAML double-quoted scalar."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
