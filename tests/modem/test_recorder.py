"""A dialogue written down."""

import io
import json

import pytest

from omsmodem.modem.errors import CommandFailed
from omsmodem.modem.gsm import Gsm
from omsmodem.modem.recorder import Recorder, masked
from tests.modem.stick import DELIVER, TPDU, Stick, answer, lines, pdu, talking


def recorded(out: io.StringIO) -> list[tuple[str, str]]:
    return [(entry["dir"], entry["octets"]) for entry in map(json.loads, out.getvalue().splitlines())]


def test_a_dialogue_is_written_line_by_line() -> None:
    """Direction, moment and octets; a prompt is an entry of its own."""
    out = io.StringIO()
    stick = Stick({"AT+CSQ": [(1.5, answer("+CSQ: 18,99"))]})
    clock = [lambda: 0.0]
    recorder = Recorder(out, monotonic=lambda: clock[0]())
    with talking(stick, recorder) as (session, line):
        clock[0] = line.monotonic
        session.execute("AT+CSQ", prefix="+CSQ:")
        Gsm(session).submit(TPDU)
    recorder.close()
    entries = recorded(out)
    assert entries[:3] == [(">", "AT+CSQ\r"), ("<", "\r\n+CSQ: 18,99\r\n"), ("<", "\r\nOK\r\n")]
    assert entries[3:5] == [(">", f"AT+CMGS={len(TPDU)}\r"), ("<", "\r\n> ")]
    assert json.loads(out.getvalue().splitlines()[1])["at"] == 1.5


def test_nothing_is_lost_or_added() -> None:
    """Put together again, each direction is what was on the line, but for the masks."""
    out = io.StringIO()
    said = b"\r\n^RSSI:1" + b"8\r\n\r\n+CSQ: 18,99\r\n\r\nOK\r\n"
    recorder = Recorder(out)
    for cut in range(0, len(said), 5):
        recorder("<", said[cut : cut + 5])
        if cut == 10:
            recorder(">", b"AT\r")
    recorder.close()
    assert "".join(octets for direction, octets in recorded(out) if direction == "<").encode() == said


def test_a_pin_is_masked() -> None:
    """In the command and in its echo."""
    out = io.StringIO()
    stick = Stick()
    stick.echo = True
    recorder = Recorder(out)
    with talking(stick, recorder) as (session, _), pytest.raises(CommandFailed):
        session.execute('AT+CPIN="4711"')
    recorder.close()
    assert "4711" not in out.getvalue()
    assert out.getvalue().count('CPIN=\\"0000\\"') == 2


def test_texts_are_masked_and_the_form_stays() -> None:
    """Bodies both ways become zeros of the same length; type, reference and kind of number can still be read."""
    out = io.StringIO()
    recorder = Recorder(out)
    with talking(Stick(), recorder) as (session, line):
        Gsm(session).submit(TPDU)
        line.say(lines(f"+CMT: ,{len(DELIVER)}", pdu(DELIVER)))
        Gsm(session).incoming()
    recorder.close()
    entries = [octets.strip("\r\n\x1a") for _, octets in recorded(out)]
    assert pdu(TPDU)[:10] + "0" * (len(pdu(TPDU)) - 10) in entries
    assert pdu(DELIVER)[:10] + "0" * (len(pdu(DELIVER)) - 10) in entries
    assert pdu(TPDU) not in out.getvalue()


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('+CUSD: 0,"Credit 5.00",15', '+CUSD: 0,"xxxxxxxxxxx",15'),
        ("356938035643809", "356938035643809"),
        ("+CCID: 8944110065123456789", "+CCID: 8944110065123456789"),
        ("+CPIN: SIM PIN", "+CPIN: SIM PIN"),
        ('AT+CPIN="1234","5678"\r', 'AT+CPIN="0000","0000"\r'),
    ],
)
def test_only_what_is_nobodys_business_is_masked(line: str, shown: str) -> None:
    """Balances, PINs; identities stay, as a replay needs them."""
    assert masked(line) == shown
