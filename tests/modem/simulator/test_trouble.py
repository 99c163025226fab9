"""Whatever is done to the simulated world in whatever order, it stands, and its books agree."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from omsmodem.modem.simulator.actions import perform
from omsmodem.modem.simulator.devices import PROFILES
from omsmodem.modem.simulator.network import Network
from omsmodem.modem.simulator.phones import Phones
from omsmodem.sms import segment
from tests.modem.simulator.conftest import PHONE, World

_ACTS: list[dict[str, Any]] = [
    {"do": "lost"},
    {"do": "late", "by_s": 20},
    {"do": "bare_ok", "times": 2},
    {"do": "refuse", "code": 38},
    {"do": "refuse", "code": 500, "on": "taken", "nth": 2},
    {"do": "garble"},
    {"do": "interleave", "on": "command", "matching": "CSQ"},
    {"do": "noise", "octets": 20},
    {"do": "split", "gap_s": 0.01},
    {"do": "silence", "for_s": 5},
    {"do": "hold", "for_s": 5},
    {"do": "hang", "for_s": 5},
    {"do": "hang", "on": "taken"},
    {"do": "unplug", "for_s": 3},
    {"do": "unplug", "on": "submit", "for_s": 3, "tty": "ttyUSB7"},
    {"do": "unplug"},
    {"do": "plug"},
    {"do": "reboot", "on": "taken"},
    {"do": "reboot"},
    {"do": "prompt"},
    {"do": "sim", "state": "SIM PIN"},
    {"do": "sim", "state": "READY"},
    {"do": "sim", "state": "absent", "on": "command"},
    {"do": "network", "state": "searching", "for_s": 4},
    {"do": "network", "state": "denied", "at_s": 3, "for_s": 4},
    {"do": "fill", "storage": "SM"},
    {"do": "empty", "storage": "SM"},
    {"do": "reports", "copies": 2, "delay_s": 3},
    {"do": "send", "from": "Bank", "text": "z" * 200, "order": [2, 1, 1]},
    {"do": "inject", "tpdu": "0401"},
]
_TYPED = [
    "AT",
    "ATZ",
    "AT+CSQ",
    "AT+CNMI=2,2,0,1,0",
    "AT+CSMS=1",
    "AT+CNMA",
    "AT+CMGL=4",
    "AT+CMGD=1,4",
    "AT+CMGF=1",
    "AT+CFUN=1,1",
]
(_TPDU,) = segment.cut("hello", PHONE, 1)
_SEND = f"AT+CMGS={len(_TPDU)}\r".encode(), b"00" + _TPDU.hex().encode() + b"\x1a"

_STEPS = st.one_of(
    st.sampled_from(_ACTS), st.sampled_from(_TYPED), st.just(_SEND), st.floats(0.0, 6.0, allow_nan=False)
)


def _do(world: World, step: object) -> None:
    if isinstance(step, dict):
        perform(world.network, step)
    elif isinstance(step, float):
        world.hear(step)
    elif isinstance(step, str):
        world.ask(step)
    elif isinstance(step, tuple):
        for octets in step:
            world.type(octets)


@settings(max_examples=100, deadline=None)
@given(st.lists(_STEPS, max_size=25), st.sampled_from(sorted(PROFILES)))
def test_the_world_stands(steps: list[object], profile: str) -> None:
    """After any trouble the modem answers once it has power and time, each TPDU taken is one line of the book, and the
    phones got exactly those."""
    with TemporaryDirectory() as directory:
        book = Path(directory) / "book"
        world = World()
        world.network = Network(Phones(world.clock), world.clock, now=lambda: world.seconds, log=book)
        world.with_modem(PROFILES[profile])
        for step in steps:
            _do(world, step)
        perform(world.network, {"do": "disarm"})
        world.modem.plug()
        world.hear(120)
        assert "OK" in world.ask("AT", 5)
        entries = [json.loads(line) for line in book.read_text().splitlines()]
    assert [bytes.fromhex(entry["tpdu"]) for entry in entries] == world.network.submissions
    assert len(world.network.phones.received) == len(entries)
    assert [entry["reference"] for entry in entries] == list(range(1, len(entries) + 1))
