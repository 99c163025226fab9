"""The words for people."""

import string

import pytest

from omsmodem.message import Notice, Reason
from omsmodem.wording import _SENTENCES, LANGUAGES, Language, sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_and_notice_has_a_sentence_in_every_language(language: Language) -> None:
    """No refusal is left without words, whatever the language, and each names the same facts as in English."""
    for what in (*Reason, *Notice):
        assert _facts(_SENTENCES[language][what]) == _facts(_SENTENCES["en"][what])
        said = sentence(what, language, **dict.fromkeys(_facts(_SENTENCES[language][what]), "7"))
        assert said
        assert "{" not in said
        assert len(said) < 200
        assert "\n" not in said


def test_facts_are_in_the_sentence() -> None:
    """A limit is named with its value."""
    assert sentence(Reason.TOO_MANY_RECIPIENTS, "de", most=50, given=63) == (
        "Höchstens 50 Empfänger sind erlaubt; es waren 63."
    )
    assert sentence(Reason.QUOTA_DAY, segments=200) == "200 SMS"


def _facts(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}
