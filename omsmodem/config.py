"""YAML → typed configuration; every problem at once, with file, line, key and what would be right."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class ServiceConfig(_Section):
    """What clients are told of the service."""

    uri: str
    provider: str = "omsmodem"
    local_name: str = "Office SMS"
    english_name: str = "Office SMS"
    sign_up_page: str = ""
    target_locale: Annotated[int, Field(ge=0, le=65535)] = 0

    @field_validator("uri")
    @classmethod
    def _is_https(cls, value: str) -> str:
        address = urlsplit(value)
        if address.scheme != "https" or not address.hostname:
            raise ValueError("must be an https:// address, e.g. https://sms.harbour.example:8443/oms/service.asmx")
        return value


class ListenConfig(_Section):
    """Where the HTTPS listener is."""

    address: str = "::"
    port: Annotated[int, Field(ge=0, le=65535)] = 8443


class TlsConfig(_Section):
    """The server's certificate."""

    certificate: Path = Path("tls/server.crt")
    key: Path = Path("tls/server.key")


class StorageConfig(_Section):
    """Where state is kept."""

    database: Path = Path("omsmodem.db")
    accounts: Path = Path("accounts.json")
    control_socket: Path = Path("control.sock")


class ModemConfig(_Section):
    """One modem."""

    name: Annotated[str, Field(min_length=1, pattern=r"^[A-Za-z0-9_-]+$")] = "modem1"
    device: Annotated[str, Field(min_length=1)]
    baudrate: Annotated[int, Field(ge=300)] = 115200
    pin_file: Path | None = None


class LimitsConfig(_Section):
    """What one message may be."""

    recipients_per_message: Annotated[int, Field(ge=1)] = 50
    texts_per_send: Annotated[int, Field(ge=1)] = 20
    texts_per_calendar_summary: Annotated[int, Field(ge=1)] = 50
    segments_per_text: Annotated[int, Field(ge=1, le=255)] = 10
    max_single_byte: Annotated[int, Field(ge=1)] = 160
    max_double_byte: Annotated[int, Field(ge=1)] = 70


class SendingConfig(_Section):
    """How messages are sent, retried and given up."""

    validity_hours: Annotated[float, Field(gt=0)] = 48
    evidence_seconds: Annotated[float, Field(ge=0)] = 120
    when_uncertain: Literal["resend", "hold"] = "resend"
    retry_minutes: Annotated[tuple[float, ...], Field(min_length=1)] = (0.5, 2, 5, 15, 30)
    duplicate_seconds: Annotated[float, Field(ge=0)] = 60


class NumbersConfig(_Section):
    """Which numbers may be texted."""

    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    countries_allowed: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = ()
    deny_prefixes: tuple[Annotated[str, Field(pattern=r"^\+[0-9]+$")], ...] = ()
    allow_prefixes: tuple[Annotated[str, Field(pattern=r"^\+[0-9]+$")], ...] = ()
    short_codes: tuple[Annotated[str, Field(pattern=r"^[0-9]{3,6}$")], ...] = ()


class LoggingConfig(_Section):
    """What is logged to stderr."""

    level: Literal["debug", "info", "warning", "error"] = "info"


class Config(_Section):
    """The whole configuration, its paths absolute."""

    service: ServiceConfig
    listen: ListenConfig = ListenConfig()
    tls: TlsConfig = TlsConfig()
    storage: StorageConfig = StorageConfig()
    modems: tuple[ModemConfig, ...] = ()
    limits: LimitsConfig = LimitsConfig()
    sending: SendingConfig = SendingConfig()
    numbers: NumbersConfig = NumbersConfig()
    logging: LoggingConfig = LoggingConfig()

    @field_validator("modems")
    @classmethod
    def _names_differ(cls, modems: tuple[ModemConfig, ...]) -> tuple[ModemConfig, ...]:
        if len({modem.name for modem in modems}) < len(modems):
            raise ValueError("every modem needs a name of its own")
        return modems


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a configuration file."""

    file: Path
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        return f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"


class ConfigError(Exception):
    """The configuration cannot be used; `problems` has all of them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


_Path = tuple[str | int, ...]


def load(path: Path) -> Config:
    """Read a configuration file. Raises ConfigError with every problem in it."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([Problem(path, 0, "", f"cannot be read: {error}")]) from error
    lines: dict[_Path, int] = {}
    problems: list[Problem] = []
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or str(error)
        raise ConfigError([Problem(path, mark.line + 1 if mark else 0, "", f"is not YAML: {what}")]) from error
    values = _plain(node, (), lines, problems, path) if node is not None else {}
    if not isinstance(values, dict):
        raise ConfigError([Problem(path, 1, "", "must be keys and values, e.g. service: …")])
    try:
        config = Config.model_validate(values)
    except ValidationError as error:
        problems += [_problem(path, lines, found) for found in error.errors()]
    if problems:
        raise ConfigError(sorted(problems, key=lambda problem: problem.line))
    return _with_absolute_paths(config, path.resolve().parent)


def _plain(node: yaml.Node, at: _Path, lines: dict[_Path, int], problems: list[Problem], file: Path) -> Any:
    """The values of a node as text, lists and dicts: no implicit types, so that +44… and 0123 stay what they are."""
    lines[at] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in values:
                where = _name((*at, key))
                problems.append(Problem(file, key_node.start_mark.line + 1, where, "is given twice; keep one"))
            values[key] = _plain(value_node, (*at, key), lines, problems, file)
            lines[(*at, key)] = key_node.start_mark.line + 1
        return values
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, (*at, index), lines, problems, file) for index, child in enumerate(node.value)]
    if node.tag == "tag:yaml.org,2002:null":
        return None
    return node.value


def _name(at: _Path) -> str:
    return ".".join(str(part) for part in at)


def _problem(file: Path, lines: Mapping[_Path, int], found: Any) -> Problem:
    at: _Path = tuple(found["loc"])
    line = next((lines[at[:size]] for size in range(len(at), -1, -1) if at[:size] in lines), 0)
    return Problem(file, line, _name(at), _words(found, at))


def _words(found: Any, at: _Path) -> str:
    kind = found["type"]
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(at[-1]), [str(key[-1]) for key in keys()], 1)
        return "is no key of omsmodem" + (f"; did you mean {near[0]}?" if near else "")
    if kind == "missing":
        return "is missing and has no default"
    message = str(found["msg"]).removeprefix("Value error, ")
    return message[0].lower() + message[1:]


def keys(model: type[BaseModel] = Config, at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every key of the schema; the entries of a list share one path."""
    for name, info in model.model_fields.items():
        section = _section(info.annotation)
        if section is None:
            yield (*at, name)
        else:
            yield from keys(section, (*at, name))


def _section(annotation: Any) -> type[BaseModel] | None:
    inner = getattr(annotation, "__args__", (annotation,))[0]
    return inner if isinstance(inner, type) and issubclass(inner, BaseModel) else None


def _with_absolute_paths(config: Config, home: Path) -> Config:
    tls = {name: home / value for name, value in config.tls}
    storage = {name: home / value for name, value in config.storage}
    modems = tuple(
        modem.model_copy(update={"pin_file": home / modem.pin_file}) if modem.pin_file else modem
        for modem in config.modems
    )
    update = {"tls": TlsConfig(**tls), "storage": StorageConfig(**storage), "modems": modems}
    return config.model_copy(update=update)


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
    device: {_quoted(values.modem)}

numbers:
  # Where numbers without + are; null refuses them.
  country: {country}
"""


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
