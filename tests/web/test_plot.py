"""Plots are well-formed pictures with a scale that can be read."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as some

from omsmodem.web import plot

START = datetime(2026, 11, 22, 7, 20, tzinfo=UTC)
DAY = plot.Day(START, START + timedelta(hours=24), UTC)


def elements(picture: str, name: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(picture).iter(name))


def test_bars_are_as_high_as_their_counts() -> None:
    """Zero has none, and the scale ends at a round number."""
    picture = plot.bars(DAY, [0, 7, 14, *[0] * 21], "sent")
    first, second = elements(picture, "rect")
    assert float(second.attrib["height"]) == 2 * float(first.attrib["height"])
    assert "20" in [tick.text for tick in elements(picture, "text")]
    assert [tick.text for tick in elements(picture, "text") if tick.text and ":" in tick.text] == [
        "08:00",
        "12:00",
        "16:00",
        "20:00",
        "00:00",
        "04:00",
    ]


def test_a_silence_is_a_gap_in_the_line() -> None:
    """Unknown levels and hours without a sighting are not painted over."""
    minutes = [0, 10, 20, 200, 210, 220, 230]
    levels = [-73, -75, -71, -80, None, -70, -72]
    points = [(START + timedelta(minutes=m), dbm) for m, dbm in zip(minutes, levels, strict=True)]
    picture = plot.line(DAY, points, "signal")
    assert len(elements(picture, "polyline")) == 2
    assert len(elements(picture, "circle")) == 1


@settings(max_examples=50)
@given(some.lists(some.integers(0, 10**7), max_size=24), some.text(max_size=20))
def test_any_counts_and_any_label_make_a_picture(counts: list[int], label: str) -> None:
    """Nothing is drawn outside, and a label is text."""
    try:
        picture = plot.bars(DAY, counts, label)
        drawn = elements(picture, "rect")
    except ElementTree.ParseError:
        assert any(not c.isprintable() for c in label)  # XML 1.0 has no control characters
        return
    assert all(0 <= float(bar.attrib["y"]) <= plot.HEIGHT for bar in drawn)
    assert all(0 <= float(bar.attrib["x"]) <= plot.WIDTH for bar in drawn)
