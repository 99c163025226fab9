"""A recorded dialogue plays the modem it was recorded from."""

import io
import json
from pathlib import Path

import pytest

from omsmodem.modem.recorder import Recorder
from omsmodem.modem.simulator.replay import Replay, Spoken, read
from tests.modem.simulator.conftest import World


def _record(path: Path) -> None:
    """A short talk with a simulated modem, written down as `modem trace` does."""
    world, out = World().with_modem(), io.StringIO()
    recorder = Recorder(out, monotonic=lambda: world.seconds)
    for line in (b"AT+CSQ\r", b'AT+CPIN="1234"\r', b"AT+CMGS=21\r"):
        world.seconds += 1
        recorder(">", line)
        world.modem.feed(line)
        recorder("<", world.modem.due())
    recorder.close()
    path.write_text(out.getvalue())


def test_it_answers_as_then(tmp_path: Path) -> None:
    """Each command gets the octets it got, another PIN too, and then it is finished."""
    _record(tmp_path / "dialogue.jsonl")
    replay = Replay.of(tmp_path / "dialogue.jsonl", lambda: 0.0, pace=0)
    replay.feed(b"AT+CSQ\r")
    assert replay.due() == b"\r\n+CSQ: 20,99\r\n\r\nOK\r\n"
    replay.feed(b'AT+CPIN="9')
    assert replay.due() == b""
    replay.feed(b'876"\r')
    assert replay.due() == b"\r\n+CME ERROR: 3\r\n"
    assert not replay.finished
    replay.feed(b"AT+CMGS=21\r")
    assert replay.due() == b"\r\n> "
    assert replay.finished
    assert replay.mismatch is None


def test_it_takes_its_time() -> None:
    """With pace 1 an answer comes as late as it came, an indication too."""
    seconds = [0.0]
    dialogue = [Spoken(2.0, True, b"AT\r"), Spoken(2.5, False, b"\r\nOK\r\n"), Spoken(9.0, False, b"\r\nRING\r\n")]
    replay = Replay(dialogue, lambda: seconds[0])
    replay.feed(b"AT\r")
    assert replay.due() == b""
    assert replay.next_due() == 0.5
    seconds[0] = 0.5
    assert replay.due() == b"\r\nOK\r\n"
    seconds[0] = 7.0
    assert replay.due() == b"\r\nRING\r\n"


def test_another_command_gets_no_answer() -> None:
    """What was not said then is named, and nothing more is answered."""
    replay = Replay([Spoken(0.0, True, b"AT\r"), Spoken(0.0, False, b"\r\nOK\r\n")], lambda: 0.0)
    replay.feed(b"ATZ\rAT\r")
    assert replay.due() == b""
    assert replay.mismatch == r"line 1: expected b'AT\r', heard b'ATZ\r'"


@pytest.mark.parametrize("line", ["no json", '{"at": 0}', json.dumps({"at": 0, "dir": "up", "octets": ""}), "[]"])
def test_a_broken_record_is_named(tmp_path: Path, line: str) -> None:
    """File and line of what is no dialogue."""
    path = tmp_path / "dialogue.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(ValueError, match=f"{path}:1: no line of a dialogue"):
        read(path)
