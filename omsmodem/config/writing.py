"""The configuration file of a new service."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServiceValues:
    """What set-up must know to write a configuration."""

    host: str
    port: int
    modem: str
    country: str | None = None


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
"""


def quoted(value: str) -> str:
    """A text as a YAML double-quoted scalar."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
