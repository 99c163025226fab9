"""What becomes of a segment: sent, refused, not sent, or in doubt; never anything else."""

import pytest

from omsmodem.modem.errors import InDoubt, NotSent, PortLost, Refused, Restarted, Unresponsive
from omsmodem.modem.gsm import Gsm
from omsmodem.modem.port import Pace
from omsmodem.modem.session import PROMPT_TIMEOUT_S, RESULT_TIMEOUT_S
from tests.modem.stick import ERROR, OK, REPORT, TPDU, Stick, answer, lines, pdu, talking


def test_a_submit_tells_the_reference() -> None:
    """The TP-MR of the answer is returned; the length counts the TPDU only."""
    stick = Stick()
    with talking(stick) as (session, _):
        assert Gsm(session).submit(TPDU) == 7
    assert stick.heard == [f"AT+CMGS={len(TPDU)}"]
    assert stick.submitted == [pdu(TPDU)]


@pytest.mark.parametrize("reference", ["+CMGS: 7", "+CMGS:7", '+CMGS: 7,"0100"', "+CMGS: 263"])
def test_every_form_of_a_reference_is_read(reference: str) -> None:
    """With or without blank and acknowledgement PDU; a counter that ran over is taken modulo 256."""
    stick = Stick()
    stick.result = answer(reference)
    with talking(stick) as (session, _):
        assert Gsm(session).submit(TPDU) == 7


def test_indications_inside_the_exchange_disturb_nothing() -> None:
    """A report and an arrival between Ctrl-Z and the result are kept for afterwards."""
    stick = Stick()
    stick.prompt = lines("^RSSI:18") + b"\r\n> "
    stick.result = lines("+CDS: 25", pdu(REPORT), '+CMTI: "SM",1') + answer("+CMGS: 7")
    with talking(stick) as (session, _):
        assert Gsm(session).submit(TPDU) == 7
        assert len(session.indications()) == 3


@pytest.mark.parametrize(("said", "kind", "code"), [(lines("+CMS ERROR: 302"), "cms", 302), (ERROR, None, None)])
def test_an_error_instead_of_the_prompt_means_not_sent(said: bytes, kind: str | None, code: int | None) -> None:
    """Before the prompt nothing can have been sent, whatever the code."""
    stick = Stick()
    stick.prompt = said
    with talking(stick) as (session, _), pytest.raises(NotSent) as caught:
        Gsm(session).submit(TPDU)
    assert (caught.value.kind, caught.value.code) == (kind, code)
    assert stick.submitted == []


def test_without_a_prompt_esc_is_sent_and_nothing_else() -> None:
    """When the prompt never comes the TPDU is not written; ESC frees a modem whose prompt was lost."""
    stick = Stick()
    stick.prompt = [(60.0, b"\r\n> ")]
    with talking(stick) as (session, line):
        with pytest.raises(NotSent):
            Gsm(session).submit(TPDU)
        assert PROMPT_TIMEOUT_S <= line.now < PROMPT_TIMEOUT_S + 5
        assert stick.escapes == 1
        stick.prompt = b"\r\n> "
        assert Gsm(session).submit(TPDU) == 7
    assert stick.submitted == [pdu(TPDU)]


def test_noise_never_extends_the_wait_for_a_prompt() -> None:
    """A flood of indications does not keep a submit waiting."""
    stick = Stick()
    stick.prompt = [(half / 2, lines("^RSSI:18")) for half in range(400)]
    with talking(stick) as (session, line):
        with pytest.raises(NotSent):
            Gsm(session).submit(TPDU)
        assert line.now < PROMPT_TIMEOUT_S + 5


def test_noise_never_extends_the_wait_for_the_result() -> None:
    """The 180 s for the result are absolute."""
    stick = Stick()
    stick.result = [(float(moment), lines("^RSSI:18")) for moment in range(400)]
    with talking(stick) as (session, line):
        with pytest.raises(InDoubt):
            Gsm(session).submit(TPDU)
        assert line.now == pytest.approx(RESULT_TIMEOUT_S)


@pytest.mark.parametrize("after_s", [36.0, 179.0])
def test_a_result_within_three_minutes_counts(after_s: float) -> None:
    """Modems may take up to 180 s on the air."""
    stick = Stick()
    stick.result = [(after_s, answer("+CMGS: 7"))]
    with talking(stick) as (session, _):
        assert Gsm(session).submit(TPDU) == 7


@pytest.mark.parametrize("rest", [b"", b"\r\nO\x7fK\r\n", b"\r\n0\r\n"])
def test_a_reference_without_its_ok_is_a_success(rest: bytes) -> None:
    """+CMGS is only said of what the network took: an OK that never comes is waited for some seconds, and not missed."""
    stick = Stick()
    stick.result = [(1.0, lines("+CMGS: 7") + rest), *((float(moment), lines("^RSSI:18")) for moment in range(2, 100))]
    with talking(stick) as (session, line):
        assert Gsm(session).submit(TPDU) == 7
        assert line.now < 10
        stick.result = answer("+CMGS: 8")
        assert Gsm(session).submit(TPDU) == 8


def test_a_reference_is_a_success_though_the_port_goes_before_its_ok() -> None:
    """What was told stands; the loss is told by the next command."""
    stick = Stick()
    stick.result = lines("+CMGS: 7")
    with talking(stick) as (session, line):
        line.unplug(after_s=1)
        assert Gsm(session).submit(TPDU) == 7
        with pytest.raises(PortLost):
            Gsm(session).submit(TPDU)


def test_no_answer_is_doubt() -> None:
    """After Ctrl-Z silence says nothing about the segment."""
    stick = Stick()
    stick.result = None
    with talking(stick) as (session, _), pytest.raises(InDoubt):
        Gsm(session).submit(TPDU)


def test_a_bare_ok_is_no_success() -> None:
    """OK without +CMGS may be anything, such as an aborted prompt."""
    stick = Stick()
    stick.result = OK
    with talking(stick) as (session, _), pytest.raises(InDoubt):
        Gsm(session).submit(TPDU)


def test_a_network_timeout_is_doubt() -> None:
    """CMS 332 leaves open whether the network took it."""
    stick = Stick()
    stick.result = lines("+CMS ERROR: network timeout")
    with talking(stick) as (session, _), pytest.raises(InDoubt) as caught:
        Gsm(session).submit(TPDU)
    assert caught.value.code == 332


@pytest.mark.parametrize(
    ("result", "code"),
    [("+CMS ERROR: 38", 38), ("+CMS ERROR: Unknown error", 500), ("+CME ERROR: 30", 30), ("ERROR", None)],
)
def test_an_error_after_ctrl_z_is_a_refusal(result: str, code: int | None) -> None:
    """The network or the modem said no: the code tells which."""
    stick = Stick()
    stick.result = lines(result)
    with talking(stick) as (session, _), pytest.raises(Refused) as caught:
        Gsm(session).submit(TPDU)
    assert caught.value.code == code
    assert stick.escapes == 0


@pytest.mark.parametrize("code", [31, 34, 301, 314])
def test_a_busy_modem_is_told_apart(code: int) -> None:
    """Codes that mean "a previous send is still running" or "the SIM is busy" say so."""
    stick = Stick()
    stick.prompt = lines(f"+CMS ERROR: {code}")
    with talking(stick) as (session, _), pytest.raises(NotSent) as caught:
        Gsm(session).submit(TPDU)
    assert caught.value.busy


def test_a_prompt_left_open_by_304_is_left() -> None:
    """Some modems refuse a TPDU and go on waiting for one: ESC, after the result."""
    stick = Stick()
    stick.result = lines("+CMS ERROR: 304")
    with talking(stick) as (session, _), pytest.raises(Refused):
        Gsm(session).submit(TPDU)
    assert stick.escapes == 1


@pytest.mark.parametrize("stage", ["prompt", "result"])
def test_a_modem_in_text_mode_is_set_right(stage: str) -> None:
    """CMS 305 means +CMGF=1, and that nothing was sent: PDU mode again, and once more."""
    stick = Stick()
    if stage == "prompt":
        stick.prompt = [lines("+CMS ERROR: 305"), b"\r\n> "]
    else:
        stick.result = [lines("+CMS ERROR: 305"), answer("+CMGS: 7")]
    with talking(stick) as (session, _):
        assert Gsm(session).submit(TPDU) == 7
    assert "AT+CMGF=0" in stick.heard


def test_the_port_lost_before_the_prompt_means_not_sent() -> None:
    """Nothing was handed over."""
    stick = Stick()
    stick.prompt = None
    with talking(stick) as (session, line):
        line.unplug(after_s=1)
        with pytest.raises(PortLost):
            Gsm(session).submit(TPDU)


def test_the_port_lost_while_the_tpdu_is_written_means_not_sent() -> None:
    """Without Ctrl-Z a modem sends nothing."""
    with talking(Stick()) as (session, line):
        line.lose_on = pdu(TPDU).encode()
        with pytest.raises(PortLost):
            Gsm(session).submit(TPDU)


@pytest.mark.parametrize("moment", ["at Ctrl-Z", "behind it"])
def test_the_port_lost_from_ctrl_z_on_is_doubt(moment: str) -> None:
    """Once Ctrl-Z may have been taken, only evidence can tell."""
    stick = Stick()
    stick.result = None
    with talking(stick) as (session, line):
        if moment == "at Ctrl-Z":
            line.lose_on = b"\x1a"
        else:
            line.unplug(after_s=1)
        with pytest.raises(InDoubt):
            Gsm(session).submit(TPDU)


def test_a_long_tpdu_is_written_in_pieces() -> None:
    """A UART without flow control gets chunks; Ctrl-Z comes by itself at the end."""
    stick = Stick()
    with talking(stick) as (session, line):
        session.pace = Pace(chunk_octets=16, between_chunks_s=0.02)
        Gsm(session).submit(TPDU * 4)
        assert stick.submitted == [pdu(TPDU * 4)]
        assert max(len(octets) for octets in line.written) == 16
        assert line.written[-1] == b"\x1a"
        assert line.now > 0.1


# -- late answers -----------------------------------------------------------------------------------------------------


def test_a_late_reference_is_evidence() -> None:
    """The +CMGS of an exchange that was given up as in doubt is told afterwards."""
    stick = Stick()
    stick.result = [(200.0, answer("+CMGS: 9"))]
    with talking(stick) as (session, _):
        gsm = Gsm(session)
        with pytest.raises(InDoubt):
            gsm.submit(TPDU)
        assert gsm.late_references() == []
        session.wait(60)
        assert gsm.late_references() == [9]
        assert gsm.late_references() == []


def test_a_late_reference_during_resynchronising_is_evidence() -> None:
    """Also while ESC and AT are tried."""
    stick = Stick()
    stick.result = [(180.2, answer("+CMGS: 9"))]
    with talking(stick) as (session, _):
        gsm = Gsm(session)
        with pytest.raises(InDoubt):
            gsm.submit(TPDU)
        gsm.settle()
        assert gsm.late_references() == [9]


def test_a_late_reference_at_the_next_prompt_is_not_its_own() -> None:
    """A late +CMGS between the next AT+CMGS and its prompt belongs to the earlier segment."""
    stick = Stick()
    stick.prompt = lines("+CMGS: 9") + b"\r\n> "
    with talking(stick) as (session, _):
        gsm = Gsm(session)
        assert gsm.submit(TPDU) == 7
        assert gsm.late_references() == [9]


def test_a_late_answer_instead_of_the_prompt_means_not_sent() -> None:
    """A whole late answer in the prompt's place is evidence for the earlier segment, and this one was not sent."""
    stick = Stick()
    stick.prompt = answer("+CMGS: 9")
    with talking(stick) as (session, _):
        gsm = Gsm(session)
        with pytest.raises(NotSent):
            gsm.submit(TPDU)
        assert gsm.late_references() == [9]
    assert stick.submitted == []


def test_a_reference_of_an_earlier_run_is_evidence() -> None:
    """A modem that was on the air when an earlier process died tells its reference to the next one."""
    stick = Stick()
    with talking(stick) as (session, line):
        line.say(answer("+CMGS: 9"), after_s=0.1)
        gsm = Gsm(session)
        gsm.bring_up()
        assert gsm.late_references() == [9]


def test_evidence_survives_the_port() -> None:
    """A late reference heard just before the port went away is told before the loss is."""
    with talking(Stick()) as (session, line):
        gsm = Gsm(session)
        line.say(answer("+CMGS: 9"))
        line.unplug()
        assert gsm.late_references() == [9]
        with pytest.raises(PortLost):
            gsm.late_references()


# -- staying in step --------------------------------------------------------------------------------------------------


def test_a_submit_on_a_line_out_of_step_resynchronises_first() -> None:
    """After a command that got no answer the next submit starts with ESC and AT."""
    stick = Stick({"AT+X": None})
    with talking(stick) as (session, _):
        with pytest.raises(Unresponsive):
            session.execute("AT+X")
        assert Gsm(session).submit(TPDU) == 7
    assert stick.heard[-3:] == ["AT", "AT+CMEE?", f"AT+CMGS={len(TPDU)}"]


def test_a_modem_gone_deaf_means_not_sent() -> None:
    """When not even AT is answered any more, the TPDU was never written."""
    stick = Stick({"AT+X": None})
    with talking(stick) as (session, _):
        with pytest.raises(Unresponsive):
            session.execute("AT+X")
        stick.deaf = True
        with pytest.raises(NotSent):
            Gsm(session).submit(TPDU)
    assert stick.submitted == []


def test_an_echo_that_comes_back_tells_of_a_restart_before_anything_is_sent() -> None:
    """A modem that restarted may be in text mode, where a TPDU would be sent as somebody's text: ESC instead."""
    stick = Stick()
    with talking(stick) as (session, _):
        gsm = Gsm(session)
        gsm.bring_up()
        stick.echo = True
        with pytest.raises(NotSent):
            gsm.submit(TPDU)
        with pytest.raises(Restarted):
            gsm.incoming()
    assert stick.submitted == []


def test_a_modem_that_always_echoes_is_no_restart() -> None:
    """Some modems ignore ATE0."""
    stick = Stick()
    stick.echo = True
    with talking(stick) as (session, _):
        gsm = Gsm(session)
        gsm.bring_up()
        assert gsm.submit(TPDU) == 7
        assert gsm.incoming() == []
