"""The documentation keeps up with the schema."""

import re
from pathlib import Path

import pytest
import yaml

from omsmodem.config import Config, keys, load

ROOT = Path(__file__).parent.parent
KEYS = sorted(".".join(key) for key in keys())
#: Keys without a default: the example shows a value of its own.
REQUIRED = {"service.uri", "modems.device", "modems.name"}


def test_every_key_is_known() -> None:
    """The schema is not empty, so the checks below mean something."""
    assert len(KEYS) > 30


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_in_the_reference(key: str) -> None:
    """docs/configuration.md has a row for every key."""
    assert f"| `{key}` |" in (ROOT / "docs/configuration.md").read_text()


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_in_the_example_with_a_reason(key: str) -> None:
    """config.example.yaml has every key, with a comment on the line above."""
    name = key.rpartition(".")[2]
    text = (ROOT / "config.example.yaml").read_text()
    assert re.search(rf"^ +# .+\n +(- )?{name}:", text, re.MULTILINE)


def test_the_example_shows_the_defaults() -> None:
    """The example is a valid configuration and, but for the required keys, the default one."""
    example = load(ROOT / "config.example.yaml")
    values = yaml.load((ROOT / "config.example.yaml").read_text(), yaml.BaseLoader)
    bare = Config.model_validate({"service": {"uri": values["service"]["uri"]}})
    for section in ("service", "listen", "limits", "sending", "numbers", "logging"):
        assert getattr(example, section) == getattr(bare, section)


def test_the_reference_has_no_key_that_is_gone() -> None:
    """A row of the reference names a key of the schema."""
    rows = re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \|", (ROOT / "docs/configuration.md").read_text(), re.MULTILINE)
    assert set(rows) == set(KEYS)
