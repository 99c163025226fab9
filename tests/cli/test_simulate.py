"""The simulator as a product: the real process, its sockets and its books."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from omsmodem.cli import main
from omsmodem.modem.simulator.actions import BadRequest
from omsmodem.modem.simulator.control import SimulatorNotRunning, ask
from omsmodem.sms import segment
from tests.modem.simulator.test_shell import opened, read_until, wait_until

PHONE = "+447700900222"


def omsmodem(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))


@contextmanager
def simulator(home: Path, *options: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """The process, from the first line it prints to its end."""
    command = [
        sys.executable,
        "-m",
        "omsmodem",
        "simulate-modem",
        "--link",
        home / "modem",
        "--control",
        home / "control",
    ]
    process = subprocess.Popen([*map(str, command), *map(str, options)], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert b"answers on" in process.stdout.readline()
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        assert process.stdout is not None
        process.stdout.close()


def send(home: Path, tpdu: bytes, until: bytes = b"OK\r\n") -> bytes:
    """One +CMGS exchange on the line."""
    with opened(home / "modem") as line:
        os.write(line, b"ATE0\r")
        read_until(line, b"OK\r\n")
        os.write(line, f"AT+CMGS={len(tpdu)}\r".encode())
        read_until(line, b"> ")
        os.write(line, b"00" + tpdu.hex().encode() + b"\x1a")
        return read_until(line, until)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_phone_writes_and_a_person_meddles(tmp_path: Path) -> None:
    """`phone` sends a text to the modem, `simulated` does the rest, and both say what is wrong."""
    with simulator(tmp_path):
        sent = omsmodem("phone", "--control", tmp_path / "control", "--from", "+447700900333", "x" * 200)
        assert (sent.exit_code, sent.stdout) == (0, "sent, 2 segments\n")
        state = json.loads(omsmodem("simulated", "--control", tmp_path / "control", "state").stdout)
        assert (state["stored"]["SM"], state["plugged"]) == (2, True)
        assert (tmp_path / "control").stat().st_mode & 0o777 == 0o600
        wrong = omsmodem("simulated", "--control", tmp_path / "control", "unplug", "four_s=5")
        assert (wrong.exit_code, wrong.stderr) == (1, "Error: four_s: unknown (known: for_s, tty)\n")
        assert ask(tmp_path / "control", {"do": "unplug"}) == {"done": True}
        assert wait_until(lambda: not (tmp_path / "modem").exists())
        with pytest.raises(BadRequest):
            ask(tmp_path / "control", {"do": "dance"})
    gone = omsmodem("phone", "--control", tmp_path / "control", "--from", "+447700900333", "hello")
    assert gone.exit_code == 1
    assert "omsmodem simulate-modem --control" in gone.stderr
    with pytest.raises(SimulatorNotRunning):
        ask(tmp_path / "control", {"do": "state"})


def test_books_survive_a_kill(tmp_path: Path) -> None:
    """A segment before and one after a kill -9 of the simulator are two lines of one book, and one text on the phone."""
    logs = ("--log", tmp_path / "phones", "--network-log", tmp_path / "network", "--air-time", "0")
    first, second = segment.cut("y" * 200, PHONE, 7)
    with simulator(tmp_path, *logs) as process:
        assert b"+CMGS: 1" in send(tmp_path, first)
        process.kill()
        process.wait(20)
    assert lines(tmp_path / "phones") == []
    with simulator(tmp_path, *logs):
        assert b"+CMGS: 2" in send(tmp_path, second)
    assert [entry["tpdu"] for entry in lines(tmp_path / "network")] == [first.hex().upper(), second.hex().upper()]
    (text,) = lines(tmp_path / "phones")
    assert text == {"at": text["at"], "phone": PHONE, "text": "y" * 200, "segments": 2, "reference": 7}


def test_a_fault_script_is_followed(tmp_path: Path) -> None:
    """The second submission's answer is lost, and the book says so at once."""
    script = tmp_path / "faults"
    script.write_text(
        '# one bad day\n{"do": "lost", "nth": 2}\n{"do": "send", "at_s": 0, "from": "Bank", "text": "hi"}\n'
    )
    (tpdu,) = segment.cut("hello", PHONE, 1)
    with simulator(tmp_path, "--faults", script, "--network-log", tmp_path / "network", "--air-time", "0"):
        assert b"+CMGS: 1" in send(tmp_path, tpdu)
        with opened(tmp_path / "modem") as line:
            os.write(line, f"AT+CMGS={len(tpdu)}\r".encode())
            read_until(line, b"> ")
            os.write(line, b"00" + tpdu.hex().encode() + b"\x1a")
            assert wait_until(lambda: len(lines(tmp_path / "network")) == 2)
            os.write(line, b"AT+CMGR=1\r")
            assert b"+CMGS" not in read_until(line, b"OK\r\n")
    assert [entry["answer_suppressed"] for entry in lines(tmp_path / "network")] == [False, True]


def test_mistakes_are_said(tmp_path: Path) -> None:
    """No line to answer on, a script that is none, a record that is none."""
    nowhere = omsmodem("simulate-modem")
    assert "say where the modem answers" in nowhere.stderr
    script = tmp_path / "faults"
    script.write_text("lost\n")
    bad = omsmodem("simulate-modem", "--link", tmp_path / "modem", "--faults", script)
    assert f"Error: {script}:1: no JSON" in bad.stderr
    record = omsmodem("simulate-modem", "--link", tmp_path / "modem", "--replay", script)
    assert f"{script}:1: no line of a dialogue" in record.stderr
    assert not (tmp_path / "modem").is_symlink()


def test_modems_on_pty_and_tcp(tmp_path: Path) -> None:
    """`--link` and `--tcp` each add one, with a number of its own."""
    with simulator(tmp_path, "--tcp", "0", "--profile", "telit") as process:
        assert process.stdout is not None
        assert b"telit modem (+447700900101) answers on socket://127.0.0.1:" in process.stdout.readline()


def test_a_recorded_dialogue_is_played(tmp_path: Path) -> None:
    """With `--replay` the line plays a record; the exit code says whether the host kept to it."""
    record = tmp_path / "dialogue"
    entries = [{"at": 0, "dir": ">", "octets": "AT\r"}, {"at": 0, "dir": "<", "octets": "\r\nOK\r\n"}]
    record.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    command = [sys.executable, "-m", "omsmodem", "simulate-modem", "--link", tmp_path / "modem", "--replay", record]
    for typed, code in ((b"AT\r", 0), (b"ATZ\r", 1)):
        process = subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            assert process.stdout is not None
            process.stdout.readline()
            with opened(tmp_path / "modem") as line:
                os.write(line, typed)
                if not code:
                    assert read_until(line, b"OK\r\n") == b"\r\nOK\r\n"
                else:
                    time.sleep(0.2)
        finally:
            process.terminate()
            _, said = process.communicate(timeout=20)
        assert process.returncode == code
        assert (b"expected" in said) == bool(code)


def test_a_place_where_no_modem_can_be_is_said(tmp_path: Path) -> None:
    """A directory that is not there, a port that is taken: one sentence."""

    def told(*arguments: str | Path) -> tuple[int, str]:
        command = [sys.executable, "-m", "omsmodem", "simulate-modem", *map(str, arguments)]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return result.returncode, result.stderr

    code, words = told("--link", tmp_path / "none" / "modem")
    assert (code, "No such file or directory" in words, "Traceback" in words) == (1, True, False)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, words = told("--tcp", str(taken.getsockname()[1]))
    assert (code, "Address already in use" in words, "Traceback" in words) == (1, True, False)
