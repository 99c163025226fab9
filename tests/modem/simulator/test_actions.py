"""Faults strike where they were told to, and the network's book says what truly went out."""

import json
from pathlib import Path
from typing import Any

import pytest

from omsmodem.modem.simulator import script
from omsmodem.modem.simulator.actions import BadRequest, names, perform
from omsmodem.modem.simulator.network import Network
from omsmodem.modem.simulator.phones import Phones
from omsmodem.sms import segment
from tests.modem.simulator.conftest import PHONE, World


def _book(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"do": "lost"}, []),
        ({"do": "bare_ok"}, ["OK"]),
        ({"do": "refuse", "on": "taken", "code": 500}, ["+CMS ERROR: 500"]),
        ({"do": "interleave", "count": 2}, ["+CMGS: 1", "^RSSI:18", "^RSSI:18", "OK"]),
        ({"do": "late", "by_s": 100}, []),
        ({"do": "unplug", "on": "taken"}, []),
        ({"do": "hang", "on": "taken", "for_s": 30}, []),
        ({"do": "reboot", "on": "taken"}, []),
    ],
)
def test_the_network_took_it_whatever_is_answered(world: World, request_: dict[str, Any], said: list[str]) -> None:
    """A fault on `taken` changes the answer, not what the phone got."""
    perform(world.network, request_)
    assert world.send() == said
    assert [whole.text for whole in world.network.phones.received] == ["hello"]


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"do": "lost", "on": "submit"}, []),
        ({"do": "refuse", "code": 38}, ["+CMS ERROR: 38"]),
        ({"do": "unplug", "on": "submit"}, []),
        ({"do": "hang", "on": "submit"}, []),
        ({"do": "network", "on": "submit"}, ["+CMS ERROR: 331"]),
    ],
)
def test_nothing_went_out(world: World, request_: dict[str, Any], said: list[str]) -> None:
    """A fault on `submit` keeps the TPDU from the network."""
    perform(world.network, request_)
    assert world.send() == said
    assert world.network.submissions == []


def test_a_late_answer_comes(world: World) -> None:
    """The answer of a late submission is said when it is due, and the modem answers other things meanwhile."""
    perform(world.network, {"do": "late", "by_s": 100})
    assert world.send() == []
    assert world.ask("AT") == ["OK"]
    assert world.hear(99) == []
    assert world.hear(2) == ["+CMGS: 1", "OK"]


def test_the_third_and_fourth(world: World) -> None:
    """`nth` and `times` choose submissions, counted from now."""
    perform(world.network, {"do": "refuse", "code": 42, "nth": 3, "times": 2})
    assert [world.send()[0] for _ in range(5)] == ["+CMGS: 1", "+CMGS: 2", *["+CMS ERROR: 42"] * 2, "+CMGS: 3"]


def test_a_command_is_chosen_by_what_it_holds(world: World) -> None:
    """On `command` only a line that matches is struck, and what it asks for is not done."""
    perform(world.network, {"do": "hang", "on": "command", "matching": "+CSQ", "for_s": 30})
    assert world.ask("AT+CREG?")[-1] == "OK"
    assert world.ask("AT+CSQ") == []
    assert world.ask("AT") == []
    world.hear(31)
    assert world.ask("AT") == ["OK"]


def test_a_moment_in_time(world: World) -> None:
    """`at_s` does it when so many seconds have passed."""
    perform(world.network, {"do": "unplug", "at_s": 12, "for_s": 5, "tty": "ttyUSB4"})
    world.hear(11)
    assert world.modem.plugged
    world.hear(2)
    assert not world.modem.plugged
    world.hear(5)
    assert world.modem.plugged
    assert world.modem.tty_name == "ttyUSB4"


def test_an_answer_fault_can_wait_for_its_time(world: World) -> None:
    """`at_s` with an act of the answer arms it then."""
    perform(world.network, {"do": "bare_ok", "at_s": 10})
    assert world.send() == ["+CMGS: 1", "OK"]
    world.hear(11)
    assert world.send() == ["OK"]


def test_octet_by_octet(world: World) -> None:
    """A split line says one octet at a time, a gap apart, and loses none."""
    perform(world.network, {"do": "split", "gap_s": 0.001})
    world.modem.feed(b"AT\r")
    pieces = []
    for _ in range(8):
        pieces.append(world.modem.due())
        world.seconds += 0.0011
    assert [len(piece) for piece in pieces] == [1] * 6 + [0, 0]
    assert b"".join(pieces) == b"\r\nOK\r\n"


def test_reports_can_be_missing_or_come_twice(world: World) -> None:
    """The fate of reports is dealt out submission by submission."""
    world.ask("AT+CNMI=2,1,0,1,0")
    perform(world.network, {"do": "reports", "copies": 0})
    perform(world.network, {"do": "reports", "copies": 2, "delay_s": 5, "count": 1})
    perform(world.network, {"do": "report_status", "number": PHONE, "status": [0x20, 0x46]})
    assert len(world.send() + world.hear(10)) == 2
    assert len(world.send() + world.hear(10)) == 2 + 2 * 4


def test_noise_is_within_the_answer_or_alone(world: World) -> None:
    """`garble` puts noise before the final result, `noise` says it now; neither holds a result."""
    perform(world.network, {"do": "garble", "octets": 50})
    (tpdu,) = segment.cut("hello", PHONE, 1)
    world.ask(f"AT+CMGS={len(tpdu)}")
    world.modem.feed(b"00" + tpdu.hex().encode() + b"\x1a")
    said = world.modem.due()
    assert said.startswith(b"\r\n+CMGS: 1\r\n\x80")
    assert said.endswith(b"\r\nOK\r\n")
    assert len(said) == len(b"\r\n+CMGS: 1\r\n\r\nOK\r\n") + 50
    perform(world.network, {"do": "noise", "octets": 300})
    noise = world.modem.due()
    assert len(noise) == 300
    assert not any(word in noise for word in (b"OK", b"ERROR", b"+", b">"))


def test_storage_is_filled_and_emptied(world: World) -> None:
    """`fill` leaves as many slots as asked, what finds no room waits, `empty` lets it in."""
    perform(world.network, {"do": "fill", "storage": "SM", "leave": 1})
    for text in ("one", "two"):
        world.network.send_text("+447700900333", text)
    assert perform(world.network, {"do": "state"})["waiting"] == 1
    perform(world.network, {"do": "empty"})
    state = perform(world.network, {"do": "state"})
    assert isinstance(state, dict)
    assert (state["waiting"], state["stored"]["SM"]) == (0, 1)
    for act in ("fill", "empty"):
        with pytest.raises(BadRequest, match="no storage XX"):
            perform(world.network, {"do": act, "storage": "XX"})


def test_the_network_s_knobs(world: World) -> None:
    """Numbers are refused until they are not, air takes its time, the signal and the reports are as told."""
    perform(world.network, {"do": "refuse_number", "number": PHONE, "code": 28})
    assert world.send() == ["+CMS ERROR: 28"]
    perform(world.network, {"do": "refuse_number", "number": PHONE, "code": 0})
    perform(world.network, {"do": "air", "time_s": 2})
    assert world.send() == []
    assert world.hear(3)[-1] == "OK"
    perform(world.network, {"do": "signal", "level": 3})
    assert world.ask("AT+CSQ")[0] == "+CSQ: 3,99"
    perform(world.network, {"do": "report_status", "status": [70]})
    world.ask("AT+CNMI=2,1,0,1,0")
    assert world.send(wait_s=5)[-1].endswith("46")
    perform(world.network, {"do": "indicate", "line": "RING", "count": 2})
    assert world.hear() == ["RING", "RING"]
    perform(world.network, {"do": "inject", "tpdu": "00"})
    assert world.network.waiting(world.modem) == 0


def test_faults_are_forgotten_on_request(world: World) -> None:
    """`disarm` leaves nothing armed, and what could not be done at its moment is told by `state`."""
    perform(world.network, {"do": "lost"})
    perform(world.network, {"do": "disarm"})
    perform(world.network, {"do": "network", "state": "elsewhere", "at_s": 1})
    assert world.send() == ["+CMGS: 1", "OK"]
    world.hear(2)
    state = perform(world.network, {"do": "state"})
    assert isinstance(state, dict)
    assert (state["armed"], state["mishaps"]) == (0, ["cannot be done: 'ELSEWHERE'"])


def test_a_script_is_checked_line_by_line(world: World, tmp_path: Path) -> None:
    """A wrong line is named with its file and what would be right."""
    path = tmp_path / "faults"
    path.write_text('# a quiet day\n{"do": "lost", "nth": 2}\n\n{"do": "split"}\n')
    assert script.arm(world.network, path) == 2
    path.write_text("[]\n")
    with pytest.raises(BadRequest, match=rf"{path}:1: a request is a JSON object"):
        script.arm(world.network, path)
    path.write_text('# a bad day\n{"do": "lost", "nth": 2}\n{"do": "unplug", "four_s": 3}\n')
    with pytest.raises(BadRequest, match=rf"{path}:3: four_s: unknown \(known: for_s, tty\)"):
        script.arm(world.network, path)


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        ({"do": "dance"}, "is none of"),
        ({"do": "lost", "on": "Sunday"}, "is none of command, submit, taken"),
        ({"do": "lost", "modem": "third"}, "is none of modem"),
        ({"do": "lost", "nth": "two"}, "is no number"),
        ({"do": "send", "from": "+447700900333"}, "text: missing"),
        ({"do": "send", "from": "+447700900333", "text": "\ud800"}, "cannot be done"),
        ({"do": "inject", "tpdu": "no hex"}, "cannot be done"),
        ({"do": "network", "state": "elsewhere"}, "cannot be done"),
        ({"do": "hang", "for_s": "long"}, "for_s: 'long' is no float"),
        ({"do": "send", "from": "+447700900333", "text": "x", "wide": 1}, "wide: 1 is no bool"),
        ({}, "is none of"),
    ],
)
def test_a_bad_request_says_why(world: World, request_: dict[str, Any], why: str) -> None:
    """Whatever is asked, the answer is a sentence."""
    with pytest.raises(BadRequest, match=why):
        perform(world.network, request_)


def test_the_book_is_the_witness(tmp_path: Path) -> None:
    """Each TPDU the network took is a line with what became of its answer; a new simulator goes on in the same book."""
    path = tmp_path / "network.jsonl"
    world = World()
    world.network = Network(Phones(world.clock), world.clock, now=lambda: world.seconds, log=path)
    world.with_modem()
    perform(world.network, {"do": "lost", "nth": 2})
    perform(world.network, {"do": "refuse", "code": 38, "nth": 3})
    perform(world.network, {"do": "unplug", "on": "taken", "nth": 3})
    for _ in range(4):
        world.send()
    assert [(entry["reference"], entry["answer"], entry["answer_suppressed"]) for entry in _book(path)] == [
        (1, "given", False),
        (2, "lost", True),
        (3, "cut off", True),
    ]
    assert [bytes.fromhex(entry["tpdu"]) for entry in _book(path)] == world.network.submissions
    assert {(entry["destination"], entry["modem"]) for entry in _book(path)} == {(PHONE, "modem")}
    again = Network(Phones(world.clock), world.clock, now=lambda: world.seconds, log=path)
    world.network = again
    world.with_modem().send()
    assert [entry["reference"] for entry in _book(path)] == [1, 2, 3, 4]


def test_every_action_is_documented() -> None:
    """The page names each action."""
    page = (Path(__file__).parents[3] / "docs" / "simulator.md").read_text()
    assert [name for name in names() if f"`{name}`" not in page] == []
