"""Finding a modem, talking to it, writing its dialogue down."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from omsmodem.app import Application
from omsmodem.modem.serial_port import open_port
from omsmodem.modem.sim import pin_digest
from omsmodem.store import Control
from tests.cli.conftest import Home
from tests.modem.stick import OK, PtyStick, Stick, answer, lines

IMEI = "356938035643809"


@pytest.fixture
def stick(home: Home) -> Iterator[Stick]:
    """A stick where the configuration of `home` says."""
    replies = {"AT+CNMI=?": answer("+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)"), "AT+CSQ": answer("+CSQ: 18,99")}
    stick = Stick(dict(replies))
    device = json_device(home)
    with PtyStick(stick, device):
        yield stick


def json_device(home: Home) -> Path:
    """The device of the configuration: it was provisioned in another directory, so the link is made there anew."""
    text = home.config.read_text()
    device = home.directory / "modem"
    line = next(line for line in text.splitlines() if "device:" in line)
    home.config.write_text(text.replace(line, f'    device: "{device}"'))
    return device


def test_probe_tells_what_to_configure(home: Home, stick: Stick) -> None:
    """A table with the modem, and the lines for the configuration by IMEI."""
    result = home.run("modem", "probe", "--device", home.directory / "modem")
    assert result.exit_code == 0
    assert "Maker Stick 1" in result.output
    assert f'imei: "{IMEI}"' in result.output


def test_probe_as_json(home: Home, stick: Stick) -> None:
    """One object a port, for scripts."""
    result = home.run("modem", "probe", "--json", "--device", home.directory / "modem")
    found = json.loads(result.output)
    assert found["identity"]["imei"] == IMEI
    assert found["pdu_mode"] is True
    assert found["sim"] == "READY"


def test_probe_of_nothing_fails(home: Home, tmp_path: Path) -> None:
    """A port that is not there is said, and the exit code tells."""
    result = home.run("modem", "probe", "--device", tmp_path / "ttyUSB9")
    assert result.exit_code == 1
    assert "is not there" in result.output


def test_probe_names_who_has_the_port(home: Home, stick: Stick) -> None:
    """A port in use is not probed, and its holder is shown."""
    port = open_port(str(home.directory / "modem"))
    try:
        result = home.run("modem", "probe", "--device", home.directory / "modem")
    finally:
        port.close()
    assert result.exit_code == 1
    assert "in use by" in result.output


def test_at_shows_the_answer(home: Home, stick: Stick) -> None:
    """Information lines and the final result."""
    result = home.run("modem", "at", "AT+CSQ")
    assert result.output.splitlines() == ["+CSQ: 18,99", "OK"]
    assert result.exit_code == 0


def test_at_tells_a_refusal(home: Home, stick: Stick) -> None:
    """The modem's words, and exit code 1."""
    stick.replies["AT+X"] = lines("+CME ERROR: operation not supported")
    result = home.run("modem", "at", "AT+X")
    assert result.output.strip() == "+CME ERROR: operation not supported"
    assert result.exit_code == 1


@pytest.mark.parametrize("command", ["AT+CMGS=20", "at+cmgs=20", "AT+CMGW=20", "AT+CMSS=1", "AT;+CMGS=20"])
def test_at_sends_no_message(home: Home, stick: Stick, command: str) -> None:
    """What would pass by the queue and its ledger is not run."""
    result = home.run("modem", "at", command)
    assert result.exit_code == 1
    assert "omsmodem send" in result.output
    assert stick.heard == []


def test_at_says_when_the_service_has_the_modem(home: Home, stick: Stick) -> None:
    """One sentence, no traceback."""
    port = open_port(str(home.directory / "modem"))
    try:
        result = home.run("modem", "at", "AT")
    finally:
        port.close()
    assert result.exit_code == 1
    assert "in use by" in result.output


def in_use(home: Home) -> bool:
    """Whether the service has brought the modem up."""
    return any(modem["state"] == "ready" for modem in json.loads(home.run("status", "--json").output)["modems"])


def test_at_is_asked_by_a_running_service(home: Home, stick: Stick, serving: Callable[[], Application]) -> None:
    """The service has the port; it asks for us between two segments, and the answer is whole."""
    serving()
    wait_for(lambda: in_use(home))
    result = home.run("modem", "at", "AT+CSQ")
    assert result.output.splitlines() == ["+CSQ: 18,99", "OK"]
    assert home.run("modem", "at", "AT+NONSENSE").exit_code == 1


def test_a_reset_is_done_by_a_running_service(home: Home, stick: Stick, serving: Callable[[], Application]) -> None:
    """And by ourselves where none runs."""
    stick.replies["AT+CFUN=1,1"] = OK
    assert home.run("modem", "reset").exit_code == 0
    assert stick.heard.count("AT+CFUN=1,1") == 1
    serving()
    wait_for(lambda: in_use(home))
    assert home.run("modem", "reset").exit_code == 0
    assert stick.heard.count("AT+CFUN=1,1") == 2


@pytest.mark.parametrize(("command", "control"), [("hold", Control.HELD), ("drain", Control.DRAINING)])
def test_a_modem_is_held_until_it_is_opened(home: Home, command: str, control: Control) -> None:
    """Whether or not the service runs, the word is kept."""
    assert home.run("modem", command, "modem1").exit_code == 0
    with contextlib.closing(home.store()) as store:
        assert store.modems.word("modem1").control is control
    assert home.run("modem", "open", "modem1").exit_code == 0
    with contextlib.closing(home.store()) as store:
        assert store.modems.word("modem1").control is Control.OPEN


def test_a_word_on_an_unknown_modem_is_refused(home: Home) -> None:
    """With the names there are."""
    result = home.run("modem", "hold", "front")
    assert result.exit_code == 2
    assert "modem1" in result.output


def test_a_pin_that_a_person_knows_to_be_right_is_forgotten(home: Home, stick: Stick) -> None:
    """The configured one only, in whichever SIM; other PINs stay known as tried."""
    assert home.run("modem", "forget-pin", "modem1").exit_code == 1  # none is configured
    (home.directory / "pin").write_text("4711")
    text = home.config.read_text()
    device = next(line for line in text.splitlines() if "device:" in line)
    home.config.write_text(text.replace(device, f"{device}\n    pin_file: {home.directory / 'pin'}"))
    right, wrong = pin_digest("8944", "4711"), pin_digest("8944", "1234")
    with contextlib.closing(home.store()) as store:
        store.modems.remember("8944", right)
        store.modems.remember("8944", wrong)
    assert "entered at the next look" in home.run("modem", "forget-pin", "modem1").output
    with contextlib.closing(home.store()) as store:
        assert not store.modems.tried("8944", right)
        assert store.modems.tried("8944", wrong)
    assert "not held back" in home.run("modem", "forget-pin", "modem1").output
    assert "forget-pin" in home.run("audit").output
    (home.directory / "pin").unlink()
    assert "modems.pin_file names" in home.run("modem", "forget-pin", "modem1").output


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_at_needs_to_know_which_modem(home: Home, stick: Stick) -> None:
    """A name that is not configured is answered with those that are."""
    result = home.run("modem", "at", "--modem", "front", "AT")
    assert result.exit_code == 2
    assert "modem1" in result.output


def test_a_trace_can_be_read_again(home: Home, stick: Stick, tmp_path: Path) -> None:
    """Bring-up, a command and what was said unasked; nobody's PIN is entered and no text is shown."""
    stick.replies["AT+CPIN?"] = answer("+CPIN: SIM PIN")
    stick.replies['AT+CPIN="1234"'] = OK
    (home.directory / "pin").write_text("1234\n")
    text = home.config.read_text()
    home.config.write_text(
        text.replace("modems:\n  - name: modem1\n", "modems:\n  - name: modem1\n    pin_file: pin\n")
    )
    output = tmp_path / "dialogue.jsonl"
    result = home.run("modem", "trace", "--output", output, "--seconds", "0.2", "AT+CSQ")
    assert result.exit_code == 0
    entries = [json.loads(line) for line in output.read_text().splitlines()]
    assert {entry["dir"] for entry in entries} == {"<", ">"}
    assert any(entry["octets"] == "AT+CSQ\r" for entry in entries)
    assert not any("+CPIN=" in entry["octets"] for entry in entries)
    assert not any(command.startswith("AT+CPIN=") for command in stick.heard)
    assert "the SIM asks for its PIN" in result.output
