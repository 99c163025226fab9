"""What texts, numbers and moments the properties are tried with."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from omsmodem.sms.gsm7 import DEFAULT, ESCAPE, EXTENSION

GSM7_CHARACTERS = tuple(c for code, c in enumerate(DEFAULT) if code != ESCAPE) + tuple(EXTENSION.values())

#: Texts of the default alphabet, long enough for several segments now and then.
gsm7_texts = st.text(st.sampled_from(GSM7_CHARACTERS), max_size=700)
#: Escape pairs where segments end: the repeated filler moves them over every boundary.
dense_gsm7_texts = st.builds(
    lambda filler, tail: "a" * filler + tail, st.integers(140, 330), st.text(st.sampled_from("{}€[]a\r\n"), max_size=40)
)
#: Any character but a byte order mark, which is none at the start of a text.
characters = st.characters(exclude_categories=("Cs",), exclude_characters="\ufeff")
#: What people write: emoji with modifiers and joiners, flags, combining marks, Hangul jamo, any plane.
clusters = st.sampled_from(
    (
        "👩🏽‍💻",
        "👨‍👩‍👧‍👦",
        "🇩🇪",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "e\u0301",
        "각",
        "1️⃣",
        "😀",
        "é",
        "\r\n",
        "ש",
        "a",
    )
)
any_texts = st.one_of(
    gsm7_texts,
    dense_gsm7_texts,
    st.text(characters, max_size=300),
    st.lists(st.one_of(clusters, characters), max_size=150).map("".join),
)
numbers = st.one_of(
    st.from_regex(r"\A\+[0-9]{1,20}\Z"),
    st.from_regex(r"\A[0-9*#]{1,20}\Z"),
)
#: Moments a TP-SCTS can hold: whole seconds, this century, offsets of quarter hours.
moments = st.builds(
    lambda moment, quarters: moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=15 * quarters))),
    st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30)),  # noqa: DTZ001 - the zone is put on above
    st.integers(-79, 79),
)
EPOCH = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
