"""The configuration file of a new service."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ServiceValues:
    """What set-up must know to write a configuration."""

    host: str
    port: int
    modem: str  # a device or URL; empty when `imei` finds it
    country: str | None = None
    imei: str = ""
    pin_file: str = ""  # a path, or credential:NAME
    mail_host: str = ""
    mail_to: str = ""  # who gets alarms and what is nobody's
    state: Path | None = None  # where what changes is kept; None: beside the configuration
    runtime: Path | None = None  # where what ends with the machine is kept


def render(values: ServiceValues) -> str:
    """The text of a configuration file for a new service; every other key keeps its default."""
    host = f"[{values.host}]" if ":" in values.host else values.host
    parts = [
        f"""# omsmodem: what differs from the defaults. Every key is explained in config.example.yaml.
service:
  # Outlook compares this, character for character, with the address people type.
  uri: "https://{host}:{values.port}/oms/service.asmx"

listen:
  port: {values.port}
""",
        _modem(values),
        f"""numbers:
  # Where numbers without + are; null refuses them.
  country: {values.country or "null"}
""",
        _mail(values),
        _places(values),
    ]
    return "\n".join(part for part in parts if part)


def _modem(values: ServiceValues) -> str:
    lines = ["modems:", "  - name: modem1"]
    if values.imei:
        lines += ["    # The modem with this IMEI, on whichever port it is.", f"    imei: {quoted(values.imei)}"]
    if values.modem:
        lines.append(f"    device: {quoted(values.modem)}")
    if values.pin_file:
        lines.append(f"    pin_file: {quoted(values.pin_file)}")
    return "\n".join(lines) + "\n"


def _mail(values: ServiceValues) -> str:
    if not values.mail_host:
        return ""
    sender = quoted(f"omsmodem@{values.mail_to.partition('@')[2] or values.host}")
    lines = [
        "mail:",
        f"  host: {quoted(values.mail_host)}",
        "  # `starttls` and a user where the server wants them.",
        "  security: none" if values.mail_host in {"localhost", "127.0.0.1", "::1"} else "  security: starttls",
        f"  sender: {sender}",
    ]
    if values.mail_to:
        lines += [
            f"  default_mailbox: {quoted(values.mail_to)}",
            "",
            "alarms:",
            f"  mail_to: [{quoted(values.mail_to)}]",
        ]
    return "\n".join(lines) + "\n"


def _places(values: ServiceValues) -> str:
    """Where a service that is installed for a machine keeps what changes: its configuration may not be written to."""
    if values.state is None:
        return ""
    runtime = values.runtime or values.state
    return f"""storage:
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
