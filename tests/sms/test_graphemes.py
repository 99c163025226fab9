"""Where a text may be cut."""

import pytest

from omsmodem.sms.graphemes import last_boundary


@pytest.mark.parametrize(
    "cluster",
    [
        "\r\n",
        "e\u0301",
        "a\u0308\u0323",
        "👍🏽",
        "👩‍💻",
        "👨‍👩‍👧‍👦",
        "👩🏽‍💻",
        "❤\ufe0f",
        "1\ufe0f\u20e3",
        "🇩🇪",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "\u1112\u1161\u11ab",  # 한 in jamo
        "\ud558\u11ab",  # 하 and a trailing consonant
        "กำ",
        "நி",
        "क्ष",
        "क्\u200dष",
        "\uff76\uff9e",  # half-width ka with a sound mark
        "a\u200c",
    ],
)
def test_clusters_are_whole(cluster: str) -> None:
    """No cut inside, one on either side (UAX #29)."""
    text = "x" + cluster + "x"
    for end in range(2, 1 + len(cluster)):
        assert last_boundary(text, 0, end) == 1
    assert last_boundary(text, 0, 1 + len(cluster)) == 1 + len(cluster)


@pytest.mark.parametrize(
    "text", ["ab", "\n\r", "\r\r", "éa", "яы", "中文", "😀😀", "\n\u0301", "\u11ab\u1112", "각각", "Ωα"]
)
def test_other_neighbours_may_be_cut(text: str) -> None:
    """Two characters that a person sees as two."""
    assert last_boundary(text, 0, 1) == 1
    assert last_boundary("x" + text, 0, 2) == 2


def test_flags_go_in_pairs() -> None:
    """A row of regional indicators is cut between flags only."""
    text = "🇩🇪🇫🇷🇬🇧"
    assert [last_boundary(text, 0, end) for end in range(1, 7)] == [1, 2, 2, 4, 4, 6]
    assert last_boundary(text, 2, 3) == 3


def test_where_nothing_fits_the_cut_is_where_it_was() -> None:
    """A cluster longer than a segment is broken."""
    assert last_boundary("e" + "\u0301" * 100, 0, 67) == 67
