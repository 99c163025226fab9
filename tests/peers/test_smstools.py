"""Debian's smstools on our modem."""

from pathlib import Path

import pytest

from tests.peers.conftest import PHONE, SENDER, desk_with, require, running, wait_until

_CONFIGURATION = """devices = GSM1
outgoing = {home}/outgoing
checked = {home}/checked
failed = {home}/failed
incoming = {home}/incoming
sent = {home}/sent
logfile = {home}/smsd.log
loglevel = 7
infofile = {home}/info
pidfile = {home}/pid
delaytime = 1
delaytime_mainprocess = 1
[GSM1]
device = {device}
incoming = yes
"""


@pytest.mark.parametrize("profile", ["sim800", "quectel-ec25"])
def test_smstools_sends_and_receives(profile: str, tmp_path: Path) -> None:
    """Its daemon takes a file from `outgoing` to the phone, and a phone's text into `incoming`."""
    daemon = require("smsd")
    with desk_with(profile, tmp_path) as desk:
        outgoing, incoming, *_ = desk.directories("outgoing", "incoming", "checked", "failed", "sent")
        configuration = tmp_path / "smsd.conf"
        configuration.write_text(_CONFIGURATION.format(home=tmp_path, device=desk.device))
        text = "hello from smstools " + "y" * 200
        (outgoing / "one").write_text(f"To: {PHONE.removeprefix('+')}\n\n{text}")
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
