"""Commands, deadlines and staying in step."""

import pytest

from omsmodem.modem.errors import CommandFailed, PortLost, Unresponsive
from omsmodem.modem.port import NUDGE, Pace, Signal
from omsmodem.modem.session import DRAIN_LIMIT_S, Session
from tests.modem.simulated import World, tpdus
from tests.modem.stick import ERROR, OK, Stick, VirtualLine, answer, lines, talking


def test_an_answer_is_the_lines_with_the_prefix() -> None:
    """A command's information lines are handed over, nothing else."""
    with talking(Stick({"AT+CSQ": answer("^RSSI:18", "+CSQ: 18,99")})) as (session, _):
        assert session.execute("AT+CSQ", prefix="+CSQ:").lines == ("+CSQ: 18,99",)


@pytest.mark.parametrize(
    ("result", "code"),
    [("+CME ERROR: 14", 14), ("+CME ERROR: SIM busy", 14), ("+CMS ERROR: 302", 302), ("ERROR", None)],
)
def test_a_refusal_tells_its_code(result: str, code: int | None) -> None:
    """Numbers, words and plain ERROR are all read."""
    with talking(Stick({"AT+X": lines(result)})) as (session, _), pytest.raises(CommandFailed) as caught:
        session.execute("AT+X")
    assert caught.value.code == code


def test_noise_never_extends_a_deadline() -> None:
    """A stick that chatters all the time is given up at the same moment as a silent one."""
    stick = Stick({"AT+X": [(second / 2, lines("^RSSI:18")) for second in range(200)]})
    with talking(stick) as (session, line):
        with pytest.raises(Unresponsive):
            session.execute("AT+X", timeout_s=10)
        assert line.now == pytest.approx(10)


class Flood(VirtualLine):
    """A line on which there is always something."""

    def get(self, block: bool = True, timeout: float | None = None) -> bytes | Signal:
        self.now += 0.01
        return b"$GPGGA\r\n"

    def qsize(self) -> int:
        return 1


def test_a_line_that_is_never_empty_is_given_up_in_time() -> None:
    """A GPS port talks without end; a probe of it ends all the same."""
    line = Flood(Stick())
    session = Session(line, line, monotonic=line.monotonic)
    try:
        with pytest.raises(Unresponsive):
            session.resynchronise()
        assert line.now < 20
    finally:
        session.close()


def test_a_flood_is_not_drained_for_ever() -> None:
    """A line that never falls quiet is resynchronised all the same."""
    stick = Stick()
    with talking(stick) as (session, line):
        for moment in range(100):
            line.say(lines("+ZUSIMR:2"), after_s=moment / 10)
        session.resynchronise()
        assert line.now <= DRAIN_LIMIT_S + 1


def test_after_a_late_answer_commands_and_answers_still_belong_together() -> None:
    """The answer to a command that was given up is not taken for that of the next one (no off-by-one)."""
    stick = Stick({"AT+SLOW": [(12.0, answer("+SLOW: 1"))], "AT+CGMI": [(0.1, answer("Maker"))]})
    with talking(stick) as (session, line):
        line.one_at_a_time = True
        with pytest.raises(Unresponsive):
            session.execute("AT+SLOW", prefix="+SLOW:", timeout_s=10)
        assert session.execute("AT+CGMI", bare=True).lines == ("Maker",)
        assert session.execute("AT+CMEE?", prefix="+CMEE:").lines == ("+CMEE: 1",)


@pytest.mark.parametrize("delay_s", [0.5, 0.9, 1.2, 1.6, 2.0])
def test_a_slow_port_stays_in_step(delay_s: float) -> None:
    """A port whose every answer takes its time is heard out: each answer belongs to its command."""
    slow = {"AT": OK, "ATV1Q0": OK, "AT+CMEE?": answer("+CMEE: 1"), "AT+WHO": answer("me")}
    with talking(Stick({command: [(delay_s, said)] for command, said in slow.items()})) as (session, _):
        session.resynchronise()
        assert session.execute("AT+WHO", bare=True).lines == ("me",)
        assert session.execute("AT+CMEE?", prefix="+CMEE:").lines == ("+CMEE: 1",)


def test_resynchronising_leaves_an_open_prompt() -> None:
    """A modem found waiting for a TPDU is freed by ESC before the first command."""
    stick = Stick()
    list(stick.hear(b"AT+CMGS=20\r"))
    with talking(stick) as (session, _):
        session.resynchronise()
        assert session.execute("AT").ok
    assert stick.submitted == []


def test_a_modem_with_numbers_for_results_is_set_right() -> None:
    """A modem left in ATV0 says 0 for OK, one left in ATQ1 nothing; it is told to use words."""
    for said in (b"0\r", None):
        stick = Stick({"AT": [said, said, OK], "ATV1Q0": OK})
        with talking(stick) as (session, _):
            session.resynchronise()
        assert "ATV1Q0" in stick.heard


@pytest.mark.parametrize(
    "saved", [{"V": "0"}, {"Q": "1"}, {"V": "0", "Q": "1"}, {"E": "1", "+CMGF": "1", "+CMEE": "2"}]
)
def test_what_another_program_saved_in_the_modem_costs_seconds(saved: dict[str, str]) -> None:
    """ATZ brings a profile back that suits somebody else; it is set right again, and a message goes out."""
    world = World()
    world.modem.settings.update(saved)
    world.modem.saved_settings.update(saved)
    with world.up() as gsm:
        gsm.submit(tpdus()[0])
        assert world.seconds < 30


def test_a_deaf_modem_is_unresponsive() -> None:
    """No answer to AT at all ends in Unresponsive, within seconds."""
    stick = Stick()
    stick.deaf = True
    with talking(stick) as (session, line):
        with pytest.raises(Unresponsive):
            session.resynchronise()
        assert line.now < 10


def test_a_modem_that_does_not_know_the_marker_is_in_step() -> None:
    """ERROR to AT+CMEE? is our own answer too."""
    with talking(Stick({"AT+CMEE?": ERROR})) as (session, _):
        session.resynchronise()


def test_what_was_heard_before_the_port_went_is_not_lost() -> None:
    """Indications that came just before the unplug are handed over; the loss is told after them."""
    with talking(Stick()) as (session, line):
        line.say(lines('+CMTI: "SM",1'))
        line.unplug()
        assert len(session.indications()) == 1
        with pytest.raises(PortLost):
            session.indications()


def test_a_nudge_wakes() -> None:
    """A wait ends at a nudge, and at nothing when nothing comes."""
    with talking(Stick()) as (session, line):
        line.put(NUDGE)
        assert session.wait(60)
        assert not session.wait(60)
        assert line.now == 60


def test_chatter_wakes_nobody() -> None:
    """An indication that is not heeded neither ends a wait nor is kept."""
    with talking(Stick()) as (session, line):
        session.heeds = lambda indication: indication.lines[0].startswith("+CMTI")
        line.say(lines("^RSSI:18"), after_s=1)
        assert not session.wait(60)
        assert session.indications() == []


def test_the_pace_between_commands_is_kept() -> None:
    """A make that needs 20 ms between a result and the next command gets them."""
    with talking(Stick()) as (session, line):
        session.pace = Pace(between_commands_s=0.02)
        for _ in range(10):
            session.execute("AT")
        assert line.now == pytest.approx(0.2)


def test_a_pin_is_never_told() -> None:
    """The text of an error has no PIN in it."""
    with talking(Stick({'AT+CPIN="1234"': [None]})) as (session, _):
        with pytest.raises(Unresponsive) as unanswered:
            session.execute('AT+CPIN="1234"')
        with pytest.raises(CommandFailed) as refused:
            session.execute('AT+CPIN="1235"')
    assert "123" not in f"{unanswered.value}{refused.value}"
