"""What keys take, and what they do not."""

from pathlib import Path

import pytest

from omsmodem.config import Config, ConfigError, load

SERVICE = "service:\n  uri: https://sms.harbour.example/oms/service.asmx\n"


def loaded(tmp_path: Path, text: str) -> Config:
    path = tmp_path / "config.yaml"
    path.write_text(SERVICE + text)
    return load(path)


@pytest.mark.parametrize("pauses", ["[0, 1]", "[-1]", "[]"])
@pytest.mark.parametrize("section", ["sending", "mail"])
def test_between_two_tries_there_is_a_pause(tmp_path: Path, section: str, pauses: str) -> None:
    """Without one a message that is refused would be tried again and again at once."""
    with pytest.raises(ConfigError, match=f"{section}.retry_minutes"):
        loaded(tmp_path, f"{section}:\n  retry_minutes: {pauses}\n")


@pytest.mark.parametrize("entry", ["192.0.2.7", "192.0.2.0/24", "private"])
def test_addresses_are_written_alike_everywhere(tmp_path: Path, entry: str) -> None:
    """Who may ask for numbers is said as who may connect is."""
    config = loaded(tmp_path, f"metrics:\n  allow_from: [{entry}]\nlisten:\n  allow_from: [{entry}]\n")
    assert config.metrics.allow_from == config.listen.allow_from == (entry,)
