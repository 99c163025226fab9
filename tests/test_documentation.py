"""The documentation keeps up with the schema."""

from pathlib import Path

import pytest

from omsmodem import blueprint
from omsmodem.config import Config, keys, load
from omsmodem.config.reference import example, reference
from omsmodem.config.schema import section_of

ROOT = Path(__file__).parent.parent


def test_every_key_says_why_one_would_change_it() -> None:
    """The schema is the reference, so no key of it is without a sentence."""
    assert len(list(keys())) > 30
    for section in (section_of(info.annotation) for info in Config.model_fields.values()):
        assert section is not None
        assert section.__doc__
        assert all(info.description for info in section.model_fields.values())


def test_the_architecture_is_that_of_the_source() -> None:
    """Rooms, states and kill points are what `make docs` writes today."""
    page = (ROOT / blueprint.PAGE).read_text(encoding="utf-8")
    assert blueprint.draw(page) == page, "run `make docs`"
    assert page.count("<!-- end -->") == 5


@pytest.mark.parametrize(("path", "text"), [("config.example.yaml", example()), ("docs/configuration.md", reference())])
def test_the_documents_are_those_of_the_schema(path: str, text: str) -> None:
    """Example and reference are what `make docs` writes today."""
    assert (ROOT / path).read_text(encoding="utf-8") == text


def test_the_example_shows_the_defaults() -> None:
    """The example is a valid configuration and, but for the keys without a default, the default one."""
    loaded = load(ROOT / "config.example.yaml")
    bare = Config.model_validate({"service": {"uri": loaded.service.uri}})
    for name in Config.model_fields:
        if name not in (
            "tls",
            "storage",
            "modems",
            "backup",
            "webhooks",
        ):  # paths are absolute after loading, a modem needs a device
            assert getattr(loaded, name) == getattr(bare, name)
