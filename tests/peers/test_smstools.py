"""Debian's smstools on our modem."""

from pathlib import Path

import pytest

from bench._peers import SMSTOOLS_EAGER, smstools
from tests.peers.conftest import PHONE, SENDER, desk_with, require, running, wait_until


@pytest.mark.parametrize("profile", ["sim800", "quectel-ec25"])
def test_smstools_sends_and_receives(profile: str, tmp_path: Path) -> None:
    """Its daemon takes a file from `outgoing` to the phone, and a phone's text into `incoming`."""
    daemon = require("smsd")
    with desk_with(profile, tmp_path) as desk:
        configuration = smstools(tmp_path, [desk.device], SMSTOOLS_EAGER, "incoming = yes\n")
        incoming = tmp_path / "incoming"
        text = "hello from smstools " + "y" * 200
        (tmp_path / "outgoing" / "one").write_text(f"To: {PHONE.removeprefix('+')}\n\n{text}")
        desk.network.send_text(SENDER, "and back")
        with running(daemon, f"-c{configuration}", "-t"):
            assert wait_until(lambda: desk.texts and list(incoming.iterdir())), (tmp_path / "smsd.log").read_text()[
                -2000:
            ]
        assert desk.texts == [(PHONE, text)]
        (received,) = incoming.iterdir()
        head, _, body = received.read_text().partition("\n\n")
        assert f"From: {SENDER.removeprefix('+')}" in head
        assert body == "and back"
