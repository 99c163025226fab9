"""What users of gateways complain of, where the codec is the cure."""

import os
import subprocess
import sys

import pytest

from omsmodem.sms import segment
from omsmodem.sms.reassembly import join
from omsmodem.sms.tpdu import decode_submit

TEXTS = {
    "default alphabet": "Ärger über 5 € für Ñandú? £3 ¿Sí! ÆØÅ àèìòù Δ_Φ",
    "beyond it": "ça coûte 5 €, à l'hôtel; Łódź, Čeština, Привет, 漢字, ‘quotes’ – and dashes…",
    "look-alikes": "Α is not A, µ is not μ, Ω is not Ω",
}
#: Cuts the text whose UTF-8 is given in hexadecimal, and writes the TPDUs down.
_CUT = """
import sys
from omsmodem.sms import segment
print(*(tpdu.hex() for tpdu in segment.cut(bytes.fromhex(sys.argv[1]).decode(), "+447700900222", 7)))
"""


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("locale", ["C", "de_DE.ISO-8859-1"])
def test_pain_16_no_letter_is_lost_or_replaced_whatever_the_locale(text: str, locale: str) -> None:
    """The phone shows what was typed, letter by letter, also where the process was started without UTF-8."""
    environment = {**os.environ, "LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = (sys.executable, "-c", _CUT, text.encode().hex())
    cut = subprocess.run(command, env=environment, capture_output=True, check=True, timeout=60).stdout.split()
    read = [decode_submit(bytes.fromhex(tpdu.decode())) for tpdu in cut]
    assert join([one.user_data for one in read]).text == text
    assert [bytes.fromhex(tpdu.decode()) for tpdu in cut] == list(segment.cut(text, "+447700900222", 7))


@pytest.mark.parametrize("alone", ["😀", "👩‍👩‍👧", "🇩🇪", "é"])
def test_pain_17_an_emoji_at_every_place_of_a_text_comes_back(alone: str) -> None:
    """Wherever the border of a segment falls."""
    for before in range(60, 72):
        text = "ж" * before + alone + "ж" * 70
        read = [decode_submit(tpdu).user_data for tpdu in segment.cut(text, "+447700900222", 7)]
        assert join(read).text == text
        assert any(alone in one.text for one in read), before
