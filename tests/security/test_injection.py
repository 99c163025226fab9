"""Whatever a text or a recipient holds, the modem is told to send octets and nothing else."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from omsmodem.modem.gsm import Gsm
from omsmodem.numbers import NumberPolicy, NumberRefused, normalise
from omsmodem.sms import segment
from omsmodem.sms.errors import SmsError
from omsmodem.sms.tpdu import decode_submit
from tests.modem.stick import Stick, talking

ANYWHERE = NumberPolicy("GB", frozenset({"any"}), short_codes=frozenset({"22922"}))
_COMMANDS = ["\x1aAT+CFUN=0\r", "\x1b", "\r\nAT+CMGD=1,4\r\n", "\r\n> ", "\r\nOK\r\n", "+++", "\x1a", "\0", "A/"]
texts = st.lists(st.one_of(st.sampled_from(_COMMANDS), st.text(max_size=60)), min_size=1, max_size=8).map("".join)
recipients = st.one_of(
    st.sampled_from(["+447700900222", "22922", "07700 900222"]),
    st.sampled_from(["+44770090\r\nAT+CFUN=0", '+447700900222";+CMGD=1', "+447700900222\x1a"]),
    st.text('+0123456789 \r\n\x1a\x1b";,ABCT=', max_size=20),
)


@settings(max_examples=60, deadline=None)
@given(texts, recipients)
def test_only_a_length_and_hexadecimal_reach_the_modem(text: str, typed: str) -> None:
    """`AT+CMGS=<octets>` and then capitals of hexadecimal: no text, no number, no control character of anybody."""
    try:
        number = normalise(typed, ANYWHERE)
        tpdus = segment.cut(text, number, reference=7)
    except (NumberRefused, SmsError):
        return
    stick = Stick()
    with talking(stick) as (session, _):
        for tpdu in tpdus[:2]:
            Gsm(session).submit(tpdu)
    for line in stick.heard:
        assert re.fullmatch(r"AT\+CMGS=[0-9]{1,3}", line)
    for line in stick.submitted:
        assert re.fullmatch(r"[0-9A-F]+", line)
    assert decode_submit(tpdus[0]).destination.number == number
