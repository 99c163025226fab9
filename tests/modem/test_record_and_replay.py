"""A dialogue recorded with one modem plays that modem to the same driver."""

import io
from pathlib import Path

import pytest

from omsmodem.modem.gsm import Gsm
from omsmodem.modem.recorder import Recorder
from omsmodem.modem.session import Session
from omsmodem.modem.simulator.devices import PROFILES
from omsmodem.modem.simulator.replay import Replay
from tests.modem.simulated import SimulatedLine, World, tpdus


def converse(world: World, recorder: Recorder | None = None) -> tuple[object, int]:
    """Bring-up and one submit; what the driver found."""
    line = SimulatedLine(world)
    session = Session(line, line, monotonic=lambda: world.seconds, trace=recorder)
    try:
        gsm = Gsm(session)
        gsm.bring_up()
        return gsm.ready, gsm.submit(*tpdus("hello"))
    finally:
        session.close()


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_a_recorded_modem_is_found_the_same(name: str, tmp_path: Path) -> None:
    """Identity, storages, indications, reference: all as with the modem that was recorded."""
    recorded = World(PROFILES[name], command_delay_s=0.02)
    out = io.StringIO()
    recorder = Recorder(out, monotonic=lambda: recorded.seconds)
    found = converse(recorded, recorder)
    recorder.close()
    (tmp_path / "dialogue.jsonl").write_text(out.getvalue())

    replayed = World()
    replay = Replay.of(tmp_path / "dialogue.jsonl", lambda: replayed.seconds)
    replayed.modem = replay
    assert converse(replayed) == found
    assert replay.mismatch is None
