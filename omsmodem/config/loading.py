"""YAML → typed configuration; every problem at once, with file, line, key and what would be right."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from omsmodem.config.schema import Config, keys


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
    absolute: Config = _absolute(config, path.resolve().parent)
    return absolute


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


def _absolute(value: Any, home: Path) -> Any:
    """A value of the configuration with every path in it below `home` unless it is absolute."""
    if isinstance(value, Path):
        return home / value
    if isinstance(value, tuple):
        return tuple(_absolute(entry, home) for entry in value)
    if isinstance(value, BaseModel):
        return value.model_copy(update={name: _absolute(entry, home) for name, entry in value})
    return value
