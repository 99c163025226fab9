"""Command lines are read as V.250 wants, and what is none is refused."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omsmodem.modem.simulator.errors import Refusal
from omsmodem.modem.simulator.grammar import Command, Form, parse


@pytest.mark.parametrize(
    ("line", "commands"),
    [
        ("", []),
        ("E0", [Command("E", Form.RUN, ("0",))]),
        ("e0v1&f", [Command("E", Form.RUN, ("0",)), Command("V", Form.RUN, ("1",)), Command("&F")]),
        ("+csq", [Command("+CSQ")]),
        ("+CREG?", [Command("+CREG", Form.READ)]),
        ("+CNMI=?", [Command("+CNMI", Form.TEST)]),
        ("+CNMI=2,1,,1", [Command("+CNMI", Form.SET, ("2", "1", "", "1"))]),
        ("+CMGD=1, 4", [Command("+CMGD", Form.SET, ("1", "4"))]),
        ('+CPMS="SM","ME"', [Command("+CPMS", Form.SET, ("SM", "ME"))]),
        ('+CUSD=1,"*1;2#",15;+CSQ', [Command("+CUSD", Form.SET, ("1", "*1;2#", "15")), Command("+CSQ")]),
        (
            "E0+CMEE=1;+CREG=1",
            [Command("E", Form.RUN, ("0",)), Command("+CMEE", Form.SET, ("1",)), Command("+CREG", Form.SET, ("1",))],
        ),
        ("S0=1S3?", [Command("S0", Form.SET, ("1",)), Command("S3", Form.READ)]),
        ("D*99#;+CSQ", [Command("D", Form.SET, ("*99#",)), Command("+CSQ")]),
        ("^CURC=0", [Command("^CURC", Form.SET, ("0",))]),
        ("+CMGS=", [Command("+CMGS", Form.SET, ("",))]),
    ],
)
def test_a_line_is_its_commands(line: str, commands: list[Command]) -> None:
    """Basic commands stand together, extended ones between semicolons, quotes protect."""
    assert parse(line) == commands


@pytest.mark.parametrize("line", ["=", "+", "1", '+CPMS="SM', "+CSQ+CREG?", "?", "+CSQ??", "é"])
def test_nonsense_is_refused(line: str) -> None:
    """What is no command line gets ERROR."""
    with pytest.raises(Refusal):
        parse(line)


@settings(max_examples=200)
@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_any_line_is_read_or_refused(line: str) -> None:
    """Nothing else ever happens."""
    with contextlib.suppress(Refusal):
        assert all(command.name == command.name.upper() for command in parse(line))
