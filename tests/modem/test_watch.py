"""Signal, balance, signs of life and the rungs of recovery."""

import pytest

from omsmodem.modem.errors import Unresponsive
from omsmodem.modem.gsm import Gsm
from omsmodem.modem.strength import Strength
from omsmodem.modem.ussd import UssdAnswer, UssdFailed, pack_septets
from tests.modem.stick import ERROR, OK, Stick, answer, lines, talking


@pytest.mark.parametrize(
    ("csq", "cesq", "strength"),
    [
        ("0,99", None, Strength(-113, "very weak")),
        ("9,99", None, Strength(-95, "weak")),
        ("12,0", None, Strength(-89, "fair")),
        ("18,99", None, Strength(-77, "good")),
        ("31,99", None, Strength(-51, "excellent")),
        ("145,99", None, Strength(-71, "excellent")),
        ("99,99", "99,99,255,255,20,50", Strength(-91, "good")),
        ("99,99", "99,99,40,30,255,255", Strength(-81, "good")),
        ("99,99", "30,0,255,255,255,255", Strength(-81, "good")),
        ("99,99", "99,99,255,255,255,255", Strength()),
        ("99,99", None, Strength()),
    ],
)
def test_the_signal_is_told_in_dbm_and_words(csq: str, cesq: str | None, strength: Strength) -> None:
    """Both commands, every scale, and *unknown* when the modem does not know."""
    stick = Stick({"AT+CSQ": answer(f"+CSQ: {csq}"), "AT+CESQ": answer(f"+CESQ: {cesq}") if cesq else ERROR})
    with talking(stick) as (session, _):
        assert Gsm(session).signal() == strength


ASKED = 'AT+CUSD=1,"*100#",15'


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('+CUSD: 0,"Credit 5.00",15', UssdAnswer("Credit 5.00", None, 15)),
        ('+CUSD: 2,"00420061006C",72', UssdAnswer("00420061006C", bytes.fromhex("00420061006C"), 72)),
        ('+CUSD: 0,"Credit"', UssdAnswer("Credit", None, None)),
        ('+CUSD: 0,"Plan "S": 5.00",15', UssdAnswer('Plan "S": 5.00', None, 15)),
        ('+CUSD:0, "5.00" , 15 ', UssdAnswer("5.00", None, 15)),
        ('+CUSD: 0,"Credit\r\n5.00",15', UssdAnswer("Credit\n5.00", None, 15)),
    ],
)
def test_a_balance_is_asked_for(said: str, expected: UssdAnswer) -> None:
    """The network's answer comes as text or octets with its data coding; decoding is the caller's."""
    with talking(Stick({ASKED: [(0.0, OK), (4.0, lines(said))]})) as (session, _):
        assert Gsm(session).ussd("*100#") == expected


def test_a_terminal_left_at_ucs2_is_asked_in_ucs2() -> None:
    """+CSCS is another program's choice: it is read and never set, and holds for the question and the answer."""
    asked = 'AT+CUSD=1,"002A0031003000300023",15'
    stick = Stick({"AT+CSCS?": answer('+CSCS: "UCS2"'), asked: lines("OK", '+CUSD: 0,"0039002C00350030",15')})
    with talking(stick) as (session, _):
        assert Gsm(session).ussd("*100#") == UssdAnswer("9,50", None, 15)
    assert not [command for command in stick.heard if "CSCS=" in command]


def test_an_answer_before_the_ok_is_taken_too() -> None:
    """Modems differ in the order."""
    with talking(Stick({ASKED: lines('+CUSD: 0,"5.00",15', "OK")})) as (session, _):
        assert Gsm(session).ussd("*100#").text == "5.00"


def test_a_menu_is_closed() -> None:
    """An answer that wants a choice would keep the session open: it is ended."""
    stick = Stick({ASKED: lines("OK", '+CUSD: 1,"1 Balance 2 Help",15'), "AT+CUSD=2": OK})
    with talking(stick) as (session, _):
        Gsm(session).ussd("*100#")
    assert stick.heard[-1] == "AT+CUSD=2"


@pytest.mark.parametrize(
    "reply", [OK, ERROR, lines("OK", "+CUSD: 4"), lines("OK", "+CUSD: ?"), lines("+CME ERROR: 30")]
)
def test_a_balance_that_is_not_told_is_a_failure_in_words(reply: bytes) -> None:
    """No answer, a refusal, a network that does not offer it: one error."""
    with talking(Stick({ASKED: reply})) as (session, _), pytest.raises(UssdFailed):
        Gsm(session).ussd("*100#")


@pytest.mark.parametrize("code", ["", "*100#;+CFUN=0", "balance", '*100#"'])
def test_only_a_ussd_code_is_sent(code: str) -> None:
    """Nothing but digits, * and # reaches the modem."""
    stick = Stick()
    with talking(stick) as (session, _), pytest.raises(ValueError, match="digits"):
        Gsm(session).ussd(code)
    assert stick.heard == []


def test_a_make_that_wants_packed_septets_gets_them() -> None:
    """Huawei takes the code packed and in hexadecimal."""
    stick = Stick(
        {"AT+CGMI": answer("huawei"), "AT^CURC=0": OK, 'AT+CUSD=1,"AA180C3602",15': lines("OK", '+CUSD: 0,"C3",15')}
    )
    with talking(stick) as (session, _):
        gsm = Gsm(session)
        gsm.bring_up()
        assert gsm.ussd("*100#").octets == b"\xc3"


def test_septets_are_packed_for_ussd() -> None:
    """Seven characters get a carriage return behind them, as the last seven bits would read as `@`."""
    assert pack_septets("*100#").hex() == "aa180c3602"
    assert len(pack_septets("*100*1#")) == 7
    assert pack_septets("*100*1#")[-1] >> 1 == 0x0D


def test_a_sign_of_life_is_one_command() -> None:
    """A healthy idle modem is asked once."""
    stick = Stick()
    with talking(stick) as (session, _):
        Gsm(session).check_alive()
    assert stick.heard == ["AT"]


def test_a_hiccup_is_survived() -> None:
    """One answer that does not come is no death."""
    with talking(Stick({"AT": [None, OK]})) as (session, _):
        Gsm(session).check_alive()


def test_a_dead_modem_is_found_within_half_a_minute() -> None:
    """Three misses, and it is said."""
    stick = Stick()
    stick.deaf = True
    with talking(stick) as (session, line):
        with pytest.raises(Unresponsive):
            Gsm(session).check_alive()
        assert line.now < 30


@pytest.mark.parametrize("ending", ["answer", "silence", "unplug", "error"])
def test_a_reset_always_returns(ending: str) -> None:
    """Whatever a modem does when it restarts: answer, fall silent, vanish or refuse."""
    replies = {"answer": OK, "silence": None, "unplug": None, "error": ERROR}
    stick = Stick({"AT+CFUN=1,1": replies[ending]})
    with talking(stick) as (session, line):
        if ending == "unplug":
            line.unplug(after_s=1)
        Gsm(session).reset()
    assert stick.heard == ["AT+CFUN=1,1"]


def test_registering_again_switches_the_radio_off_and_on() -> None:
    """A network lost in silence comes back this way."""
    stick = Stick({"AT+CFUN=4": OK})
    with talking(stick) as (session, _):
        Gsm(session).register_again()
    assert stick.heard == ["AT+CFUN=4", "AT+CFUN=1"]
