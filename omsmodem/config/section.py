"""What keys and sections of the configuration are made of."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


def key(default: Any, why: str, **limits: Any) -> Any:
    """A key: its default (`...` for none), a sentence for people, and what its value must keep to."""
    return Field(default, description=why, **limits)


class Section(BaseModel):
    """A group of keys: frozen, and an unknown key in it is a mistake."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid", str_strip_whitespace=True)
