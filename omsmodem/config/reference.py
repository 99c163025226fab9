"""The reference of the configuration, written from its schema: `python -m omsmodem.config.reference`, or `make docs`."""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from omsmodem.config.schema import Config, section_of
from omsmodem.config.writing import quoted

_EXAMPLE_HEAD = """\
# omsmodem: every key, with its default and why one would change it. `omsmodem setup` writes a shorter file.
# Relative paths start at the directory of this file. `omsmodem check-config FILE` says what is wrong in a file.
"""
_REFERENCE_HEAD = """\
# Configuration

One YAML file, written by `omsmodem setup`, checked by `omsmodem check-config FILE`: every mistake at once, with file, line,
key and what would be right. Numbers and PINs are read as text, so `+44…` keeps its plus and `0123` its zero. Relative paths
start at the directory of the file.
"""
_WIDTH = 118


def example() -> str:
    """The text of config.example.yaml: every key with its default, or an example where it has none."""
    sections = []
    for name, info in Config.model_fields.items():
        section = section_of(info.annotation)
        assert section is not None
        listed = get_origin(info.annotation) is tuple
        lines = [f"# {section.__doc__}", f"{name}:", *_example_keys(section, listed)]
        sections.append("\n".join(lines))
    return _EXAMPLE_HEAD + "\n" + "\n\n".join(sections) + "\n"


def _example_keys(section: type[BaseModel], listed: bool) -> Iterator[str]:
    indent = "    " if listed else "  "
    for number, (name, info) in enumerate(section.model_fields.items()):
        yield from textwrap.wrap(
            info.description or "", _WIDTH, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# "
        )
        start = "  - " if listed and number == 0 else indent
        value = info.examples[0] if info.examples else info.get_default()
        yield f"{start}{name}: {_yaml(value)}"


def reference() -> str:
    """The text of docs/configuration.md."""
    parts = [_REFERENCE_HEAD]
    for name, info in Config.model_fields.items():
        section = section_of(info.annotation)
        assert section is not None
        rows = [
            f"| `{name}.{field}` | {_default_words(field_info)} | {field_info.description} |"
            for field, field_info in section.model_fields.items()
        ]
        head = f"\n## {name}\n\n{section.__doc__}\n\n| key | default | what it is |\n|---|---|---|\n"
        parts.append(head + "\n".join(rows) + "\n")
    return "".join(parts)


def _default_words(info: FieldInfo) -> str:
    if info.is_required():
        return "none"
    value = info.get_default()
    if value is None or value in ("", ()):
        return {None: "none", "": "empty", (): "none"}[value]
    return f"`{_yaml(value)}`" if not isinstance(value, tuple) else f"`{', '.join(map(_yaml, value))}`"


def _yaml(value: object) -> str:
    """One value as YAML on one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_yaml(name)}: {_yaml(entry)}" for name, entry in value.items()) + "}"
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    text = str(value)
    return text if re.fullmatch(r"[A-Za-z./][A-Za-z0-9 ./_@-]*", text) else quoted(text)


if __name__ == "__main__":
    Path("config.example.yaml").write_text(example(), encoding="utf-8")
    Path("docs/configuration.md").write_text(reference(), encoding="utf-8")
