"""The line: echo, results, prompts, and what a host does too early."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omsmodem.modem.simulator.devices import GENERIC, HUAWEI_E173, PROFILES, SIM800, SIM7600, TELIT, ZTE_MF
from omsmodem.modem.simulator.profile import Chatter, Profile
from omsmodem.sms import segment
from tests.modem.simulator.conftest import PHONE, World

Worlds = Callable[[Profile], World]


def test_echo_can_be_switched(world: World) -> None:
    """ATE1 echoes what is typed, ATE0 ends it."""
    world.ask("ATE1")
    world.modem.feed(b"AT\r")
    assert world.modem.due() == b"AT\r\r\nOK\r\n"
    world.ask("ATE0")
    world.modem.feed(b"AT\r")
    assert world.modem.due() == b"\r\nOK\r\n"


@pytest.mark.parametrize(
    ("level", "said"), [("0", "ERROR"), ("1", "+CME ERROR: 50"), ("2", "+CME ERROR: Incorrect parameters")]
)
def test_errors_are_told_as_asked(world: World, level: str, said: str) -> None:
    """+CMEE chooses between ERROR, a number and words."""
    world.ask(f"AT+CMEE={level}")
    assert world.ask("AT+CREG=7") == [said]


def test_an_unknown_command_is_an_error(world: World) -> None:
    """Plain ERROR, whatever +CMEE says, and what stands behind it is not done."""
    assert world.ask("AT+MODE=2;+CREG=1") == ["ERROR"]
    assert world.ask("AT+CREG?") == ["+CREG: 0,1", "OK"]


def test_results_can_be_numbers_or_nothing(world: World) -> None:
    """ATV0 says 0 for OK, ATQ1 says nothing."""
    world.modem.feed(b"ATV0\r")
    assert world.modem.due() == b"0\r"
    world.modem.feed(b"AT+XX\r")
    assert world.modem.due() == b"4\r"
    assert world.ask("ATV1Q1") == []
    assert world.ask("ATQ0") == ["OK"]


def test_a_line_end_of_two_and_noise_before_at_do_no_harm(world: World) -> None:
    """CR LF ends a command once; a line counts from its AT; A/ repeats."""
    assert world.type(b"\r\nAT\r\n") == ["OK"]
    world.ask("AT+CMGF=1")
    assert world.type(b'AT+CMGS="+447700900222"\r\n') == ["> "]
    assert world.type(b"hello\x1a") == ["+CMGS: 1", "OK"]
    assert world.network.phones.received[0].text == "hello"
    assert world.type(b"\x00\xffAT+CSQ\r") == ["+CSQ: 20,99", "OK"]
    assert world.type(b"A/\r") == ["+CSQ: 20,99", "OK"]
    assert world.type(b"hello\r") == []
    assert world.type(b"ATX\x08+CSQ\r") == ["+CSQ: 20,99", "OK"]


def test_settings_are_kept_as_saved(world: World) -> None:
    """ATZ goes back to what AT&W saved, AT&F to the factory's."""
    world.ask("AT+CNMI=2,1,0,1,0")
    world.ask("AT&W")
    world.ask("AT+CNMI=0,0,0,0,0")
    world.ask("ATZ")
    assert world.ask("AT+CNMI?")[0] == "+CNMI: 2,1,0,1,0"
    world.ask("AT&FE0")
    assert world.ask("AT+CNMI?")[0] == "+CNMI: 0,0,0,0,0"


@pytest.mark.parametrize("length", ["", "6", "177", "x", "\xb2\xb2"])
def test_a_length_that_is_none_opens_no_prompt(world: World, length: str) -> None:
    """304 at once, and nothing typed then is a TPDU."""
    assert world.ask(f"AT+CMGS={length}") == ["+CMS ERROR: 304"]
    assert world.ask("AT") == ["OK"]


def test_a_wrong_length_or_no_tpdu_is_refused(world: World) -> None:
    """304 for a TPDU of another length, for what is not hexadecimal, and for what is none."""
    (tpdu,) = segment.cut("hello", PHONE, 1)
    pdu = b"00" + tpdu.hex().encode()
    for length, typed in ((len(tpdu) + 1, pdu), (len(tpdu), b'AT+CPMS="SM"\r' + pdu), (8, b"00" + b"FF" * 8), (8, b"")):
        assert world.ask(f"AT+CMGS={length}") == ["> "]
        assert world.type(typed + b"\x1a")[-1] == "+CMS ERROR: 304"
    assert world.network.submissions == []


def test_escape_closes_the_prompt(world: World) -> None:
    """ESC says OK, sends nothing, and at a closed prompt is nothing."""
    assert world.ask("AT+CMGS=20") == ["> "]
    assert world.type(b"0011\x1b") == ["OK"]
    assert world.type(b"\x1b\r") == []
    assert world.ask("AT") == ["OK"]
    assert world.network.submissions == []


def test_some_leave_the_prompt_open(worlds: Worlds) -> None:
    """A Telit that refused a TPDU still waits for one, until ESC."""
    world = worlds(TELIT)
    world.ask("AT+CMGS=20")
    assert world.type(b"00\x1a") == ["+CMS ERROR: 304"]
    assert world.ask("AT") == ["> "]
    assert world.type(b"\x1b") == ["OK"]
    assert world.ask("AT") == ["OK"]


def test_an_indication_waits_for_the_prompt_to_close(world: World) -> None:
    """Nothing is said while a TPDU is typed; it comes behind the answer."""
    world.ask("AT+CNMI=2,1,0,0,0")
    (tpdu,) = segment.cut("hello", PHONE, 1)
    world.ask(f"AT+CMGS={len(tpdu)}")
    world.network.send_text("+447700900333", "hi")
    assert world.hear(1) == []
    assert world.type(b"00" + tpdu.hex().encode() + b"\x1a") == ["+CMGS: 1", "OK", '+CMTI: "SM",1']


def test_an_indication_does_not_tear_an_echo(world: World) -> None:
    """A command typed slowly with echo on is echoed whole, and what came meanwhile is said behind its answer."""
    world.ask("ATE1")
    world.modem.feed(b"AT+C")
    world.modem.indicate("RING")
    world.modem.feed(b"SQ\r")
    assert world.modem.due() == b"AT+CSQ\r\r\n+CSQ: 20,99\r\n\r\nOK\r\n\r\nRING\r\n"
    world.modem.feed(b"noise")
    world.modem.indicate("RING")
    world.modem.feed(b"\r")
    assert world.modem.due() == b"noise\r\r\nRING\r\n"


def test_a_host_that_does_not_wait(worlds: Worlds) -> None:
    """Most modems do the second command behind the first; a Huawei does not hear it."""
    for profile, said in ((GENERIC, ["OK", "+CSQ: 20,99", "OK"]), (HUAWEI_E173, ["OK"])):
        world = worlds(profile)
        world.modem.command_delay_s = 0.02
        assert world.type(b"AT\rAT+CSQ\r", 1.0) == said
        assert world.modem.overruns == 7


def test_air_time_keeps_the_modem_busy(world: World) -> None:
    """The answer comes when the segment was on the air, a command typed meanwhile after it."""
    world.network.air_time_s = 3.0
    assert world.send() == []
    assert world.ask("AT", 2.9) == []
    assert world.hear(0.2) == ["+CMGS: 1", "OK", "OK"]


def test_a_kept_link_is_faster(world: World) -> None:
    """With +CMMS the link's set-up is saved as long as the next segment comes soon; mode 1 then falls back."""
    world.network.air_time_s, world.network.link_setup_s = 3.0, 2.0
    world.ask("AT+CMMS=1")
    assert world.send(wait_s=2.9) == []
    world.hear(0.1)
    assert len(world.send(wait_s=1.0)) == 2
    world.hear(10)
    assert world.send(wait_s=2.9) == []
    world.hear(0.1)
    assert world.ask("AT+CMMS?") == ["+CMMS: 0", "OK"]


def test_chatter_until_told_to_be_quiet(worlds: Worlds) -> None:
    """A Huawei's ^RSSI comes every 4 s until ^CURC=0, and again after a restart; ZTE's until +CPMS?."""
    world = worlds(HUAWEI_E173)
    assert world.hear(13).count("^RSSI:18") == 3
    world.ask("AT^CURC=0")
    assert world.hear(60) == []
    world.modem.unplug(1)
    assert "^RSSI:18" in "".join(world.hear(20))
    zte = worlds(ZTE_MF)
    assert zte.hear(5) == ["+ZUSIMR:2"] * 2
    zte.ask("AT+CPMS?")
    assert zte.hear(60) == []


def test_chatter_behind_every_answer(worlds: Worlds) -> None:
    """A profile may say something behind each answer."""
    world = worlds(replace(GENERIC, chatter=(Chatter("+TALK: 1"),)))
    assert world.ask("AT") == ["OK", "+TALK: 1"]


def test_a_code_in_words_though_numbers_were_asked_for(worlds: Worlds) -> None:
    """A SIM7600 says `Unknown error` for 500."""
    world = worlds(SIM7600)
    world.network.refuse_next.append(500)
    assert world.send() == ["+CMS ERROR: Unknown error"]


def test_commands_differ_by_device(worlds: Worlds) -> None:
    """What a device lacks is ERROR there, what only it has is ERROR elsewhere."""
    sim800 = worlds(SIM800)
    assert sim800.ask("AT+CLAC") == ["ERROR"]
    assert sim800.ask("AT+CMMS=2") == ["+CME ERROR: 4"]
    assert sim800.ask("AT+SPIC")[0] == "+SPIC: 3,10,3,10"
    assert worlds(HUAWEI_E173).ask("AT+SPIC") == ["ERROR"]


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_every_device_is_whole(worlds: Worlds, profile: Profile) -> None:
    """Each identifies itself, has a valid IMEI and sends, and its list of commands is one it answers."""
    world = worlds(replace(profile, chatter=()))
    assert world.ask("AT+CGMI")[0] == profile.manufacturer
    digits = [int(digit) * (1 + position % 2) for position, digit in enumerate(world.ask("AT+CGSN")[0])]
    assert sum(digit // 10 + digit % 10 for digit in digits) % 10 == 0
    assert world.send() == ["+CMGS: 1", "OK"]
    listed = [line for line in world.ask("AT+CLAC") if line[0] in "+^#"]
    assert [name for name in listed if world.ask(f"AT{name}=?", 3)[-1] != "OK"] == []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                b"AT\r",
                b"AT+CSQ\r",
                b"AT+CMGS=20\r",
                b"00\x1a",
                b"\x1b",
                b"\r\n",
                b"\xff",
                b"AT+CMGF=1\r",
                b"AT+CFUN=1,1\r",
                b"A/\r",
                b'AT+CMGS="+447700900222"\r',
                b"text\x1a",
            ]
        ),
        max_size=20,
    ),
    st.integers(1, 40),
)
def test_cutting_the_stream_changes_nothing(typed: list[bytes], size: int) -> None:
    """Whatever is typed and however it is cut, the modem says the same and never breaks."""
    said = []
    for cut in (size, 10_000):
        world = World().with_modem()
        octets, answers = b"".join(typed), b""
        for at in range(0, len(octets), cut):
            world.modem.feed(octets[at : at + cut])
            answers += world.modem.due()
        said.append(answers)
    assert said[0] == said[1]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_noise_breaks_nothing(noise: bytes) -> None:
    """After any octets ESC and a line end bring the modem back to answering AT."""
    world = World().with_modem()
    world.type(noise)
    world.type(b"\x1b\r", 30)
    assert world.ask("ATE0Q0V1")[-1] in {"OK", "0"}
    assert world.ask("AT")[-1] == "OK"
