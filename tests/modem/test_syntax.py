"""Octets → lines and prompts."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omsmodem.modem.syntax import MAX_LINE_OCTETS, Line, Prompt, Syntax


def events(octets: bytes, *, expect_prompt: bool = False) -> list[Line | Prompt]:
    syntax = Syntax()
    syntax.expect_prompt = expect_prompt
    return list(syntax.feed(octets))


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\r\r\n", b"\r\n\r\n"])
def test_every_line_end_ends_one_line(end: bytes) -> None:
    """However a modem ends its lines, no line is doubled and none is empty."""
    assert events(end + b"OK" + end) == [Line("OK")]


@pytest.mark.parametrize("prompt", [b"\r\n> ", b">", b"\r\n>\r\n", b"\x80\x13> ", b"  > "])
def test_a_prompt_is_known_without_a_line_end(prompt: bytes) -> None:
    """A `>` at the start of a line is a prompt, with or without a blank behind it."""
    assert events(prompt, expect_prompt=True) == [Prompt()]


@pytest.mark.parametrize("said", [b"\r\n+CUSD: a > b\r\n", b"a>\r\n"])
def test_a_greater_sign_within_a_line_is_no_prompt(said: bytes) -> None:
    """Only the start of a line counts, even while a prompt is expected."""
    assert Prompt() not in events(said, expect_prompt=True)


def test_a_prompt_nobody_expects_is_text() -> None:
    """Without an open +CMGS a `>` is an ordinary character."""
    assert events(b"> \r\n") == [Line(">")]


def test_an_endless_line_is_noise() -> None:
    """A line longer than any real one is dropped, and the next one is whole."""
    assert events(b"x" * (MAX_LINE_OCTETS + 1) + b"\r\nOK\r\n") == [Line("OK")]


@settings(deadline=None)
@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=10), st.booleans())
def test_any_cutting_gives_the_same_events(octets: bytes, cuts: list[int], expect_prompt: bool) -> None:
    """How the port happens to cut the stream changes nothing."""
    syntax = Syntax()
    syntax.expect_prompt = expect_prompt
    places = [0, *sorted(cut for cut in cuts if cut < len(octets)), len(octets)]
    cut_events = [event for start, end in itertools.pairwise(places) for event in syntax.feed(octets[start:end])]
    assert cut_events == events(octets, expect_prompt=expect_prompt)
