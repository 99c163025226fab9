"""Debian's gammu and gammu-smsd on our modem."""

import subprocess
from pathlib import Path

import pytest

from bench._peers import GAMMU_EAGER, gammu_smsd
from tests.peers.conftest import PHONE, SENDER, desk_with, require, running, wait_until

#: Work looked for every second, and no other questions to the modem.
_BRISK = """receivefrequency = 1
statusfrequency = 0
loopsleep = 1
checksecurity = 0
checkbattery = 0
checksignal = 0
checknetwork = 0
"""


def _run(*command: str | Path) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=40, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_gammu_identifies_sends_and_reads(tmp_path: Path) -> None:
    """`identify`, `sendsms` and `getallsms` do with our modem what they do with a real one."""
    gammu = require("gammu")
    with desk_with("generic", tmp_path) as desk:
        settings = gammu_smsd(tmp_path, desk.device)
        desk.network.send_text(SENDER, "Grüße zurück")
        text = "hello from gammu " + "y" * 200
        batch = tmp_path / "batch"
        batch.write_text(f'identify\nsendsms TEXT {PHONE} -autolen 400 -text "{text}"\ngetallsms\n')
        said = _run(gammu, "-c", settings, "batch", batch)
        assert desk.modem.profile.imei in said
        assert desk.modem.sim.imsi in said
        assert desk.texts == [(PHONE, text)]
        assert f'"{SENDER}"' in said
        assert "Grüße zurück" in said


@pytest.mark.parametrize("profile", ["huawei-e173", "zte-mf"])
def test_gammu_smsd_sends_and_receives(profile: str, tmp_path: Path) -> None:
    """Also on sticks it treats in their makers' ways: a text from `outgoing` to the phone, a phone's into `incoming`."""
    daemon, inject = require("gammu-smsd"), require("gammu-smsd-inject")
    with desk_with(profile, tmp_path) as desk:
        rc = gammu_smsd(tmp_path, desk.device, GAMMU_EAGER + _BRISK)
        incoming = tmp_path / "incoming"
        text = "hello from smsd " + "y" * 200
        _run(inject, "-c", rc, "TEXT", PHONE, "-autolen", "400", "-text", text)
        desk.network.send_text(SENDER, "and back")
        with running(daemon, "-c", rc):
            assert wait_until(lambda: desk.texts and list(incoming.iterdir())), (tmp_path / "smsd.log").read_text()[
                -2000:
            ]
        assert desk.texts == [(PHONE, text)]
        (received,) = incoming.iterdir()
        assert SENDER in received.name
        assert received.read_text() == "and back"
