"""What went wrong in another driver of this family, one test a row (G1 to G23): none of it may happen here.

Rows G11 and G12 (concatenation references, status report requests) are the codec's and the store's.
"""

import queue
import threading
from pathlib import Path

import pytest

from omsmodem.modem.bring_up import Setup
from omsmodem.modem.chat import Chat, Indication
from omsmodem.modem.errors import Blocked, InDoubt, NotSent, PortLost, Refused, Unresponsive
from omsmodem.modem.gsm import Gsm, Incoming
from omsmodem.modem.serial_port import open_port
from omsmodem.modem.session import Session
from omsmodem.modem.sim import MemoryOfProcess, Unlock
from omsmodem.modem.simulator.actions import perform
from omsmodem.sms import tpdu
from tests.modem.simulated import World, tpdus
from tests.modem.stick import (
    DELIVER,
    OK,
    REPORT,
    TPDU,
    PtyStick,
    Stick,
    answer,
    lines,
    pdu,
    talking,
)

LONG = "three segments of a text that has to arrive whole " * 8


def test_g1_a_message_that_arrives_between_segments_disturbs_none() -> None:
    """No command is written into a prompt, and neither text suffers."""
    world = World(command_delay_s=0.03)
    with world.connect() as session:
        gsm = Gsm(session)
        gsm.bring_up()
        arrived: list[Incoming] = []
        for part in tpdus(LONG):
            world.network.send_text("+447700900333", "meanwhile")
            gsm.submit(part)
            arrived += gsm.incoming()
        session.wait(5)
        arrived += gsm.incoming()
    assert world.texts() == [LONG]
    assert len([one for one in arrived if one.kind == "deliver"]) == len(tpdus(LONG))


def test_g2_an_indication_during_any_command_is_neither_lost_nor_part_of_the_answer() -> None:
    """+CMTI in the middle of every answer of a bring-up."""
    replies = {
        command: lines('+CMTI: "SM",3') + said for command, said in Stick().replies.items() if isinstance(said, bytes)
    }
    with talking(Stick(dict(replies) | {"AT+CMGR=3": answer("+CMGR: 0,,24", pdu(DELIVER))})) as (session, _):
        gsm = Gsm(session)
        identity = gsm.bring_up()
        assert (identity.manufacturer, identity.imei) == ("Maker", "356938035643809")
        assert gsm.incoming() == [Incoming("deliver", DELIVER, "SM", 3)]


@pytest.mark.parametrize("octet", [0xFF, 0x00, 0x80, 0x1A])
def test_g3_one_bad_octet_kills_nothing(octet: int) -> None:
    """The next command is answered as ever."""
    with talking(Stick()) as (session, line):
        line.say(bytes([octet]))
        session.rest(0.1)
        line.say(b"\r\n")
        assert session.execute("AT").ok


def test_g4_a_port_that_vanishes_while_a_result_is_awaited_is_told_at_once() -> None:
    """Not after 35 s, and as what it is."""
    stick = Stick()
    stick.result = None
    with talking(stick) as (session, line):
        line.unplug(after_s=2)
        with pytest.raises(InDoubt, match="port went away"):
            Gsm(session).submit(TPDU)
        assert line.now < 3


def test_g5_after_a_late_answer_questions_and_answers_still_belong_together() -> None:
    """Never off by one."""
    stick = Stick({"AT+CSQ": [(11.0, answer("+CSQ: 5,99"))], "AT+CGMI": [(0.1, answer("Maker"))]})
    with talking(stick) as (session, line):
        line.one_at_a_time = True
        with pytest.raises(Unresponsive):
            session.execute("AT+CSQ", prefix="+CSQ:", timeout_s=10)
        assert session.execute("AT+CGMI", bare=True).lines == ("Maker",)


def test_g6_a_result_later_than_35_seconds_is_a_result() -> None:
    """A network may take its time; the text is sent once."""
    world = World()
    world.network.air_time_s = 170.0
    with world.up() as gsm:
        gsm.submit(*tpdus("patience"))
    assert world.texts() == ["patience"]
    assert len(world.network.submissions) == 1


def test_g7_a_refused_segment_is_told_apart_from_those_before_it() -> None:
    """Each segment has an outcome of its own."""
    world = World()
    perform(world.network, {"do": "refuse", "code": 42, "nth": 2})
    first, second, third = tpdus(LONG)[:3]
    with world.up() as gsm:
        gsm.submit(first)
        with pytest.raises(Refused) as caught:
            gsm.submit(second)
        assert caught.value.code == 42
        gsm.submit(second)
        gsm.submit(third)
    assert world.network.submissions == [first, second, third]


def test_g8_a_prompt_that_never_comes_swallows_no_command() -> None:
    """ESC and resynchronisation; the next message is itself."""
    stick = Stick()
    stick.prompt = [b"", b"\r\n> "]
    with talking(stick) as (session, _):
        gsm = Gsm(session)
        with pytest.raises(NotSent):
            gsm.submit(TPDU)
        assert gsm.submit(TPDU) == 7
    assert stick.escapes == 1
    assert stick.submitted == [pdu(TPDU)]


@pytest.mark.parametrize("result", ["+CME ERROR: 515", "+CME ERROR: 14", "+CMS ERROR: 515"])
def test_g9_a_busy_modem_is_asked_a_bounded_number_of_times(result: str) -> None:
    """A submit is asked once and the rest is the caller's policy; a bring-up gives up within a minute."""
    stick = Stick({"AT+CPIN?": lines(result)})
    stick.prompt = lines(result)
    with talking(stick) as (session, line):
        gsm = Gsm(session)
        with pytest.raises(NotSent):
            gsm.submit(TPDU)
        assert len(stick.heard) == 1
        with pytest.raises(Blocked):
            gsm.bring_up()
        assert line.now < 60


def test_g10_no_character_set_is_ever_chosen() -> None:
    """+CSCS means nothing in PDU mode: Cyrillic goes out through a modem that does not have it."""
    world = World()
    with world.up() as gsm:
        for part in tpdus("Привет"):
            gsm.submit(part)
    assert world.texts() == ["Привет"]
    assert not [command for command in world.modem.commands if "CSCS" in command]


def test_g13_every_segment_has_a_report_of_its_own() -> None:
    """The references of all of them come back, not only the last one's."""
    world = World()
    with world.connect() as session:
        gsm = Gsm(session)
        gsm.bring_up()
        references = {gsm.submit(part) for part in tpdus(LONG)}
        while references and session.wait(30):
            for incoming in gsm.incoming():
                references.remove(tpdu.decode_status_report(incoming.tpdu).message_reference)
    assert references == set()


def test_g14_a_report_cut_in_two_reads_is_a_report() -> None:
    """Header and TPDU, and a TPDU in halves."""
    chat = Chat()
    line = pdu(REPORT).encode()
    assert chat.feed(b"\r\n+CDS: 25\r\n" + line[:9]) == []
    assert chat.feed(line[9:] + b"\r\n") == [Indication(("+CDS: 25", pdu(REPORT)))]


def test_g15_octets_that_do_not_decode_are_handed_over_like_any() -> None:
    """What they are is for the caller; the message behind them is not held up, and both can be let go."""
    world = World()
    with world.connect() as session:
        gsm = Gsm(session)
        gsm.bring_up()
        perform(world.network, {"do": "inject", "tpdu": "00FF"})
        world.network.send_text("+447700900333", "hello")
        found: list[Incoming] = []
        while session.wait(10):
            found += gsm.incoming()
        assert len(found) == 2
        for one in found:
            gsm.acknowledge(one)
        assert gsm.stored() == []


def test_g16_a_message_is_deleted_at_its_own_place() -> None:
    """Also behind one that cannot be read."""
    stick = Stick(
        {
            "AT+CMGL=4": [answer("+CMGL: 1,1,,9", "not hex", "+CMGL: 2,1,,24", pdu(DELIVER)), OK],
            "AT+CMGD=1": OK,
            "AT+CMGD=2": OK,
        }
    )
    with talking(stick) as (session, _):
        gsm = Gsm(session)
        gsm.bring_up()
        for incoming in gsm.stored():
            gsm.acknowledge(incoming)
    assert [command for command in stick.heard if command.startswith("AT+CMGD")] == ["AT+CMGD=2"]


def test_g17_nothing_is_deleted_before_the_caller_says_so() -> None:
    """A caller that fails finds everything again."""
    world = World()
    with world.up() as gsm:
        world.network.send_text("+447700900333", "hello")
        world.pass_s(1)
        assert len(gsm.stored()) == len(gsm.stored()) == 1
        assert not [command for command in world.modem.commands if "CMGD" in command]


def test_g18_a_text_that_begins_with_ok_ends_nothing() -> None:
    """Only a whole line is a final result."""
    chat = Chat()
    chat.begin("AT+CMGL=4", prefix="+CMGL:")
    events = chat.feed(lines("+CMGL: 1,1,,9", "OK see you", "OK"))
    assert len([event for event in events if not isinstance(event, Indication)]) == 1


def test_g19_a_failed_bring_up_leaves_nothing_open() -> None:
    """Thread and port end with the session."""
    with PtyStick(Stick({"AT+CPIN?": answer("+CPIN: SIM PIN")})) as stick:
        before = threading.active_count()
        session = Session(open_port(str(stick.path)), queue.SimpleQueue())
        with pytest.raises(Blocked):
            Gsm(session).bring_up()
        session.close()
        assert threading.active_count() == before
        open_port(str(stick.path)).close()


def test_g20_a_sim_that_wants_its_puk_gets_no_pin() -> None:
    """The PIN is for SIM PIN only."""
    stick = Stick({"AT+CPIN?": answer("+CPIN: SIM PUK")})
    with talking(stick) as (session, _), pytest.raises(Blocked):
        Gsm(session).bring_up(Setup(Unlock("1234", MemoryOfProcess())))
    assert not [command for command in stick.heard if command.startswith("AT+CPIN=")]


def test_g21_searching_is_no_registration() -> None:
    """Four fields behind the state change nothing; waiting leaves no thread behind."""
    before = threading.active_count()
    stick = Stick({"AT+CREG?": answer('+CREG: 2,2,"00C3","01A1B2C3",7'), "AT+CEREG?": answer("+CEREG: 0,2")})
    with talking(stick) as (session, _), pytest.raises(Blocked):
        Gsm(session).bring_up()
    assert threading.active_count() == before


def test_g22_a_line_that_takes_nothing_is_given_up() -> None:
    """A write never blocks for ever."""
    with PtyStick(Stick()) as stick:
        port = open_port(str(stick.path), write_timeout_s=0.2)
        try:
            stick.freeze()
            with pytest.raises(PortLost):
                port.write(b"x" * (1 << 20))
        finally:
            port.close()


def test_g23_connecting_changes_nothing_that_is_not_ours() -> None:
    """No factory reset, no operator format, no call settings; the last connection leaves the next one the same modem."""
    world = World()
    with world.up():
        pass
    forbidden = ("AT&F", "AT&W", "AT+COPS=", "AT+CLIP", "AT+CRC", "AT+CVHU", "AT+CSCS", "AT+CLCK", "AT+CMGD")
    assert not [command for command in world.modem.commands if command.startswith(forbidden)]


def test_this_file_has_the_rows() -> None:
    """Every row but those of other rooms (G11, G12) and the import of that library (G24)."""
    text = Path(__file__).read_text()
    missing = [row for row in range(1, 24) if row not in {11, 12} and f"def test_g{row}_" not in text]
    assert missing == []
