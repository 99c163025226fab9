"""Figures are said as people say them."""

from datetime import timedelta

import pytest

from omsmodem import figures


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (-5, "0 s"),
        (40, "40 s"),
        (119, "119 s"),
        (121, "2 min"),
        (7199, "119 min"),
        (7200, "2 h"),
        (1_100_000, "12 d"),
    ],
)
def test_a_span_is_said_in_its_largest_whole_unit(seconds: int, words: str) -> None:
    """From two of a unit on, that unit."""
    assert figures.span(timedelta(seconds=seconds)) == words


def test_sizes_counts_and_texts_are_said_shortly() -> None:
    """Decimal sizes, a plural where it belongs, one line."""
    assert [figures.octets(n) for n in (90_000, 480_000_000, 12_500_000_000)] == ["90 kB", "480 MB", "12.5 GB"]
    assert [figures.plural(n, "message") for n in (1, 2, 1200)] == ["1 message", "2 messages", "1,200 messages"]
    assert figures.short("a\n b  c", 10) == "a b c"
    assert figures.short("abcdefgh", 5) == "abcd…"
