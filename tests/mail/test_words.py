"""Every language says everything, and names the same facts."""

import re

import pytest

from omsmodem.mail import words
from omsmodem.mail.reasons import Remedy
from omsmodem.wording import LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_every_sentence_with_its_facts(language: str) -> None:
    """No key is missing, and no fact is dropped or asked for that is not given."""
    english, other = words._WORDS["en"], words._WORDS[language]
    assert set(other) == set(english)
    assert set(Remedy) <= set(english)
    for key, sentence in english.items():
        assert set(re.findall(r"{(\w+)}", other[key])) == set(re.findall(r"{(\w+)}", sentence)), key
