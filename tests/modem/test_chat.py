"""Answers and indications are kept apart."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omsmodem.modem.chat import Answer, Chat, Event, Indication
from omsmodem.modem.syntax import Prompt
from tests.modem.stick import REPORT, answer, lines, pdu


def asked(command: str, octets: bytes, *, prefix: str | None = None, bare: bool = False) -> list[Event]:
    chat = Chat()
    chat.begin(command, prefix=prefix, bare=bare)
    return chat.feed(octets)


def test_an_indication_in_the_middle_of_an_answer_is_kept_apart() -> None:
    """+CMTI between the lines of an answer is an event of its own and no part of the answer."""
    said = lines("+CSQ: 18,99", '+CMTI: "SM",3', "OK")
    assert asked("AT+CSQ", said, prefix="+CSQ:") == [
        Indication(('+CMTI: "SM",3',)),
        Answer("OK", ("+CSQ: 18,99",)),
    ]


def test_a_report_in_the_middle_of_a_listing_is_kept_apart() -> None:
    """+CDS and its TPDU between a +CMGL header and its TPDU disturb neither."""
    said = lines("+CMGL: 1,1,,23", "+CDS: 25", pdu(REPORT), "07911234567890F1", "OK")
    assert asked("AT+CMGL=4", said, prefix="+CMGL:") == [
        Indication(("+CDS: 25", pdu(REPORT))),
        Answer("OK", ("+CMGL: 1,1,,23", "07911234567890F1")),
    ]


@pytest.mark.parametrize("header", ["+CMT: ,24", "+CDS: 25", "+CBM: 88"])
def test_a_header_and_its_tpdu_are_one_indication(header: str) -> None:
    """The line behind +CMT, +CDS and +CBM belongs to it, also when it comes in a later read."""
    chat = Chat()
    assert chat.feed(lines(header)) == []
    assert chat.feed(lines(pdu(REPORT))) == [Indication((header, pdu(REPORT)))]


def test_a_header_without_its_tpdu_swallows_nothing() -> None:
    """When the TPDU was lost, the line behind the header keeps its own meaning."""
    assert asked("AT", lines("+CDS: 25", "OK")) == [Indication(("+CDS: 25",)), Answer("OK")]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (b"\r\n^RSSI:18OK\r\n", [Indication(("^RSSI:18",)), Answer("OK")]),
        (b"\r\n+CSQ: 18,99OK\r\n", [Answer("OK", ("+CSQ: 18,99",))]),
        (b'\r\nOK+CMTI: "SM",1\r\n', [Answer("OK"), Indication(('+CMTI: "SM",1',))]),
        (b'\r\n+CMTI: "SM",1\r\r\nOK\r\n', [Indication(('+CMTI: "SM",1',)), Answer("OK")]),
        (f"\r\n+CDS: 25\r\n{pdu(REPORT)}OK\r\n".encode(), [Indication(("+CDS: 25", pdu(REPORT))), Answer("OK")]),
    ],
)
def test_a_glued_ok_is_unglued(said: bytes, expected: list[Event]) -> None:
    """A final OK without a line end before or behind it still ends the command."""
    assert asked("AT+CSQ", said, prefix="+CSQ:") == expected


@pytest.mark.parametrize("name", ["E173", "OK LAB", "huawei", "E3131", "BOOK", "SIM7600E"])
def test_a_bare_answer_may_look_like_anything(name: str) -> None:
    """A model's name that is also hexadecimal, as E173 is, is a name."""
    assert asked("AT+CGMM", answer(name), bare=True) == [Answer("OK", (name,))]


def test_indications_are_no_part_of_a_bare_answer() -> None:
    """While a maker's name is asked for, RING and ^RSSI are still indications."""
    events = asked("AT+CGMI", lines("^RSSI:18", "huawei", "SMS Ready", "RING", "OK"), bare=True)
    assert events[-1] == Answer("OK", ("huawei",))
    assert len(events) == 4


@pytest.mark.parametrize("final", ["OK", "ERROR", "+CMS ERROR: 500", "+CME ERROR: SIM busy", "COMMAND NOT SUPPORT"])
def test_a_final_result_ends_a_command(final: str) -> None:
    """All forms of final results are known."""
    assert asked("AT", lines(final)) == [Answer(final)]


@pytest.mark.parametrize("news", ["NO CARRIER", "BUSY", "NO ANSWER", "RING"])
def test_somebodys_call_ends_no_command(news: str) -> None:
    """The end of an incoming call during a +CMGS is news, not its result."""
    assert asked("AT+CMGS=20", lines(news), prefix="+CMGS:") == [Indication((news,))]


def test_an_echo_is_no_answer() -> None:
    """With echo on, the command's own characters are neither answer nor indication."""
    assert asked("AT+CGMI", b"AT+CGMI\r" + answer("Maker"), bare=True) == [Answer("OK", ("Maker",))]


def test_the_echo_of_a_tpdu_is_no_answer() -> None:
    """A modem that echoes also echoes the TPDU and Ctrl-Z."""
    chat = Chat()
    chat.begin("AT+CMGS=14", prefix="+CMGS:", prompt=True)
    assert chat.feed(b"AT+CMGS=14\r\r\n> ") == [Prompt()]
    chat.body("0021AB")
    assert chat.feed(b"0021AB\x1a" + answer("+CMGS: 3")) == [Answer("OK", ("+CMGS: 3",))]
    assert chat.echoed


def test_a_reference_before_the_prompt_is_a_late_one() -> None:
    """+CMGS before our own prompt belongs to an exchange that was given up."""
    chat = Chat()
    chat.begin("AT+CMGS=14", prefix="+CMGS:", prompt=True)
    assert chat.feed(lines("+CMGS: 9") + b"\r\n> ") == [Indication(("+CMGS: 9",)), Prompt()]


def test_what_comes_after_giving_up_is_an_indication() -> None:
    """A late answer is told as such and never given to the next command."""
    chat = Chat()
    chat.begin("AT+CMGS=14", prefix="+CMGS:", prompt=True)
    chat.abandon()
    assert chat.feed(answer("+CMGS: 9")) == [Indication(("+CMGS: 9",)), Indication(("OK",))]


def test_a_text_over_several_lines_is_one_indication() -> None:
    """A USSD menu keeps its lines together."""
    said = b'\r\n+CUSD: 1,"Balance\r\n1 Data\r\n2 Texts",15\r\n'
    assert Chat().feed(said) == [Indication(('+CUSD: 1,"Balance\n1 Data\n2 Texts",15',))]


def test_a_text_that_never_ends_swallows_no_result() -> None:
    """The final result of a command ends an unfinished text."""
    events = asked("AT+CUSD=1", lines('+CUSD: 1,"Balance', "OK"))
    assert events == [Indication(('+CUSD: 1,"Balance',)), Answer("OK")]


SPEECH = st.lists(
    st.one_of(
        st.sampled_from(
            [
                b"\r\nOK\r\n",
                b"\r\nERROR\r\n",
                b"\r\n> ",
                b"\r\n+CMGS: 5\r\n",
                b'\r\n+CMTI: "SM",1\r\n',
                b"\r\n+CDS: 25\r\n0006\r\n",
                b'\r\n+CUSD: 0,"a\r\nb"\r\n',
                b"^RSSI:18\r\r\n",
                b"AT+CMGS=14\r",
            ]
        ),
        st.binary(max_size=12),
    ),
    max_size=8,
).map(b"".join)


@settings(deadline=None)
@given(SPEECH, st.lists(st.integers(0, 120), max_size=12), st.booleans())
def test_any_cutting_gives_the_same_events(said: bytes, cuts: list[int], prompt: bool) -> None:
    """How the port cuts the stream changes no answer, no indication and no prompt."""
    whole, cut = Chat(), Chat()
    for chat in (whole, cut):
        chat.begin("AT+CMGS=14", prefix="+CMGS:", prompt=prompt)
    places = [0, *sorted(place for place in cuts if place < len(said)), len(said)]
    pieces = [said[start:end] for start, end in itertools.pairwise(places)]
    assert [event for piece in pieces for event in cut.feed(piece)] == whole.feed(said)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_noise_does_no_harm(noise: bytes) -> None:
    """Any octets whatever raise nothing, and the next command is answered."""
    chat = Chat()
    chat.feed(noise + b"\r\n")
    chat.feed(b'"\r\n0000\r\n' + b"x\r\n" * 20)  # the end of whatever the noise began
    chat.begin("AT")
    assert chat.feed(b"\r\nOK\r\n") == [Answer("OK")]
