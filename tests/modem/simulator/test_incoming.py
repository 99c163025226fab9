"""What comes from the network is stored, told, routed or refused, as +CNMI, +CSMS and the room there is want it."""

import re

import pytest

from omsmodem.modem.simulator.modem import SimulatedModem
from omsmodem.modem.simulator.sim import Sim
from omsmodem.sms.address import Address
from omsmodem.sms.tpdu import Deliver, decode_deliver, decode_incoming
from omsmodem.sms.user_data import UserData
from tests.modem.simulator.conftest import World

SENDER = "+447700900333"


def _tpdu(pdu: str) -> bytes:
    octets = bytes.fromhex(pdu)
    return octets[1 + octets[0] :]


def test_a_text_is_stored_and_told(world: World) -> None:
    """With <mt> 1 each segment goes into the store and +CMTI names its place."""
    world.ask("AT+CNMI=2,1,0,1,0")
    world.network.send_text(SENDER, "x" * 200)
    assert world.hear() == ['+CMTI: "SM",1', '+CMTI: "SM",2']
    listed = world.ask("AT+CMGL=4")
    assert listed[-1] == "OK"
    assert [decode_incoming(_tpdu(line)).originator.number for line in listed[1:4:2]] == [SENDER, SENDER]


def test_reading_marks_as_read(world: World) -> None:
    """+CMGR says 0 the first time and 1 the second."""
    world.network.send_text(SENDER, "hello")
    assert world.ask("AT+CMGR=1")[0].startswith("+CMGR: 0,,")
    assert world.ask("AT+CMGR=1")[0].startswith("+CMGR: 1,,")


def test_a_text_is_routed(world: World) -> None:
    """With <mt> 2 the TPDU itself is shown, its length counted without the service centre."""
    world.ask("AT+CNMI=2,2,0,0,0")
    (tpdu,) = world.network.send_text("Bank", "code 12€")
    head, pdu = world.hear()
    assert head == f"+CMT: ,{len(tpdu)}"
    assert _tpdu(pdu) == tpdu
    assert world.ask("AT+CMGL=4") == ["OK"]


def test_a_routed_text_wants_an_acknowledgement(world: World) -> None:
    """With +CSMS=1 the next text waits for +CNMA, and a second +CNMA has nothing to acknowledge."""
    world.ask("AT+CSMS=1")
    world.ask("AT+CNMI=2,2,0,0,0")
    world.network.send_text(SENDER, "one")
    world.network.send_text(SENDER, "two")
    assert len(world.hear()) == 2
    assert len(world.ask("AT+CNMA")) == 3
    assert world.ask("AT+CNMA") == ["OK"]
    assert world.ask("AT+CNMA") == ["+CMS ERROR: 340"]


def test_a_text_can_be_refused(world: World) -> None:
    """+CNMA=2 leaves it with the service centre, which tries again."""
    world.ask("AT+CSMS=1")
    world.ask("AT+CNMI=2,2,0,0,0")
    world.network.send_text(SENDER, "one")
    assert len(world.hear()) == 2
    assert world.ask("AT+CNMA=2") == ["OK"]
    assert world.network.waiting(world.modem) == 1
    assert len(world.hear(60)) == 2


@pytest.mark.parametrize(
    ("setting", "dcs", "told"),
    [
        ("2,2,0,0,0", 0x12, "+CMTI"),
        ("2,2,0,0,0", 0xD8, "+CMTI"),
        ("2,2,0,0,0", 0xC8, "+CMT:"),
        ("2,3,0,0,0", 0x13, "+CMT:"),
        ("2,3,0,0,0", 0, "+CMTI"),
    ],
)
def test_the_class_decides_where_to(world: World, setting: str, dcs: int, told: str) -> None:
    """Class 2 and stored message-waiting texts are stored although others are routed; <mt> 3 routes class 3 only."""
    world.ask(f"AT+CNMI={setting}")
    world.network.inject(Deliver(Address.of(SENDER), UserData("hello", dcs)).encode())
    assert world.hear()[0].startswith(told)


def test_a_host_that_does_not_acknowledge_gets_no_more(world: World) -> None:
    """Without +CNMA <mt> and <ds> fall to 0; the service centre sends the text again, and it is stored."""
    world.ask("AT+CSMS=1")
    world.ask("AT+CNMI=2,2,0,1,0")
    world.network.send_text(SENDER, "one")
    world.hear(20)
    assert world.ask("AT+CNMI?")[0] == "+CNMI: 2,0,0,0,0"
    world.hear(60)
    assert world.ask('AT+CPMS="SM"')[0].startswith("+CPMS: 1,20")


def test_indications_are_buffered_until_asked_for(world: World) -> None:
    """<mode> 0 keeps them, and going to 2 with <bfr> 0 says them."""
    world.ask("AT+CNMI=0,1,0,0,0")
    world.network.send_text(SENDER, "one")
    assert world.hear() == []
    assert '+CMTI: "SM",1' in world.ask("AT+CNMI=2,1,0,0,0")


@pytest.mark.parametrize(("setting", "said"), [("2,1,0,0,0", []), ("2,1,0,1,0", ["+CDS"]), ("2,1,0,2,0", ["+CDSI"])])
def test_a_report_goes_where_ds_says(world: World, setting: str, said: list[str]) -> None:
    """<ds> 0 drops a report, 1 routes it, 2 stores it and names the place."""
    world.network.report_delay_s = 1.0
    world.ask(f"AT+CNMI={setting}")
    world.send()
    assert [match[0] for line in world.hear(5) if (match := re.match(r"\+CDSI?", line))] == said


def test_a_full_store_refuses_and_the_centre_tries_again(world: World) -> None:
    """What found no room waits at the service centre and comes when room is made."""
    world.ask("AT+CNMI=2,1,0,0,0")
    world.ask('AT+CPMS="SM","SM","SM"')
    for number in range(world.modem.sim.messages.capacity):
        world.network.send_text(SENDER, f"{number}")
    world.network.send_text(SENDER, "one too many")
    world.hear()
    assert world.network.waiting(world.modem) == 1
    assert '+CMTI: "SM",7' in world.ask("AT+CMGD=7")
    assert world.network.waiting(world.modem) == 0


def test_segments_in_any_order_and_number(world: World) -> None:
    """A phone's text can come in another order, twice, or with a hole, with 8 or 16 bits of reference."""
    sent = world.network.send_text(SENDER, "y" * 400, reference=0x1234, wide=True, order=(3, 1, 1))
    assert [decode_deliver(tpdu).more_messages for tpdu in sent] == [False, True, True]
    headers = [decode_incoming(tpdu).user_data.concatenation for tpdu in sent]
    assert [(h.reference, h.wide, h.total, h.number) for h in headers if h] == [
        (0x1234, True, 3, 3),
        (0x1234, True, 3, 1),
        (0x1234, True, 3, 1),
    ]
    assert len(world.ask("AT+CMGL=4")) == 7


def test_any_octets_can_come(world: World) -> None:
    """What the service centre injects reaches the host unchanged, also if it is no TPDU at all."""
    world.ask("AT+CNMI=2,2,0,0,0")
    world.network.inject(b"\x04\x0b")
    assert _tpdu(world.hear()[1]) == b"\x04\x0b"


def test_a_text_waits_for_an_unplugged_modem(world: World) -> None:
    """The service centre holds what comes while the stick is out."""
    world.modem.unplug()
    world.network.send_text(SENDER, "hello")
    world.hear(100)
    assert world.network.waiting(world.modem) == 1
    world.modem.plug()
    world.hear(10)
    assert world.network.waiting(world.modem) == 0


def test_a_modem_can_write_to_another(world: World) -> None:
    """A text to another modem of the network arrives there, from the sender's number."""
    second = SimulatedModem(world.network, sim=Sim("+447700900101"), name="second")
    world.send("hello", to="+447700900101")
    world.hear(1)
    ((_, stored),) = list(second.sim.messages)
    assert decode_incoming(stored.tpdu).originator.number == world.modem.sim.number
    assert decode_incoming(stored.tpdu).user_data.text == "hello"
