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
    """What to write instead, for a person who knows no schema."""
    kind, facts = found["type"], found.get("ctx", {})
    if kind == "extra_forbidden":
        near = _meant(tuple(part for part in at if isinstance(part, str)))
        return "is no key of omsmodem" + (f"; did you mean {near}?" if near else "")
    if kind == "string_pattern_mismatch":
        form = _FORMS.get(facts["pattern"], "in the form that config.example.yaml shows")
        return f"must be {form}, not {found['input']!r}"
    if kind in _SHAPES:
        return _SHAPES[kind].format(**facts)
    message = str(found["msg"]).removeprefix("Value error, ")
    return message[0].lower() + message[1:]


#: What pydantic calls an error → the same for people.
_SHAPES = {
    "missing": "is missing and has no default",
    "int_parsing": "must be a whole number",
    "float_parsing": "must be a number",
    "bool_parsing": "must be true or false",
    "literal_error": "must be {expected}",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "string_type": "must be one value",
    "tuple_type": "must be a list, e.g. [one, another]",
    "model_type": "must have its keys below it, one a line and indented; or leave it out",
}
#: The form a pattern of the schema asks for.
_FORMS = {
    "^[A-Z]{2}$": "two capital letters, e.g. GB",
    r"^\+[0-9]+$": "a + and digits, e.g. +44900",
    r"^\+[0-9]{7,15}$": "a + and the country code, e.g. +447700900123",
    "^[0-9]{14,16}$": "the 15 digits that `omsmodem modem probe` shows",
    "^[A-Za-z0-9_-]+$": "letters, digits, - and _",
    r"^[^@\s]+@[^@\s]+$": "one mail address",
    r"^[^@\s,;<>]+@[^@\s,;<>]+$": "one mail address without a name",
}


def _meant(at: tuple[str, ...]) -> str:
    """The key that was probably meant: one of the same section, else one elsewhere, with its section; or none."""
    known = list(keys())
    beside = {key[len(at) - 1] for key in known if key[: len(at) - 1] == at[:-1]}
    if near := difflib.get_close_matches(at[-1], beside, 1):
        return near[0]
    elsewhere = {key[-1]: ".".join(key) for key in known}
    near = difflib.get_close_matches(at[-1], elsewhere, 1, cutoff=0.8)
    return elsewhere[near[0]] if near else ""


def _absolute(value: Any, home: Path) -> Any:
    """A value of the configuration with every path in it below `home` unless it is absolute."""
    if isinstance(value, Path):
        return home / value
    if isinstance(value, tuple):
        return tuple(_absolute(entry, home) for entry in value)
    if isinstance(value, BaseModel):
        return value.model_copy(update={name: _absolute(entry, home) for name, entry in value})
    return value
