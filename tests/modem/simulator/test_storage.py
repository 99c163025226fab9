"""Message storage as TS 27.005 has it: slots, statuses, deleting by flag, writing and sending from store."""

from collections.abc import Callable

import pytest

from omsmodem.modem.simulator.actions import perform
from omsmodem.modem.simulator.devices import HUAWEI_E173, QUECTEL_EC25, UBLOX
from omsmodem.modem.simulator.errors import Refusal
from omsmodem.modem.simulator.profile import Profile
from omsmodem.modem.simulator.storage import Combined, Status, Storage, Stored
from omsmodem.sms import segment
from omsmodem.sms.tpdu import decode_submit
from tests.modem.simulator.conftest import PHONE, World

SENDER = "+447700900333"
(SUBMIT,) = segment.cut("from store", PHONE, 1)


def _write(world: World, status: str = "") -> list[str]:
    assert world.ask(f"AT+CMGW={len(SUBMIT)}{status}") == ["> "]
    return world.type(b"00" + SUBMIT.hex().encode() + b"\x1a")


def test_a_slot_is_the_first_free_one() -> None:
    """Slots are reused from below, an empty one is None, one beyond is refused 321, a full store 322."""
    storage = Storage("ME", 3, 1)
    assert [storage.put(Stored(bytes([n]))) for n in range(3)] == [1, 2, 3]
    storage.delete(2)
    storage.delete(2)
    assert storage.get(2) is None
    assert storage.put(Stored(b"\x09")) == 2
    for action, code in (
        (lambda: storage.put(Stored(b"")), 322),
        (lambda: storage.get(0), 321),
        (lambda: storage.delete(4), 321),
    ):
        with pytest.raises(Refusal) as refused:
            action()
        assert refused.value.code == code


def test_mt_is_both() -> None:
    """The modem's own slots come first, the SIM's behind them, and a delete reaches either."""
    own, sim = Storage("ME", 2, 0), Storage("SM", 2, 0)
    both = Combined(own, sim)
    assert [both.put(Stored(bytes([n]))) for n in range(4)] == [0, 1, 2, 3]
    assert both.full
    assert [index for index, _ in both] == [0, 1, 2, 3]
    both.mark(3, Status.READ)
    assert sim.get(1) == Stored(b"\x03", Status.READ)
    both.delete(2)
    assert (len(own), len(sim), len(both)) == (2, 1, 3)
    both.delete_where(frozenset({Status.UNREAD}))
    assert [stored.tpdu for _, stored in both] == [b"\x03"]
    with pytest.raises(Refusal):
        both.get(4)


@pytest.mark.parametrize(
    ("flag", "left"), [("", "0123"), (",0", "0123"), (",1", "0234"), (",2", "024"), (",3", "0"), (",4", "")]
)
def test_deleting_by_flag(world: World, flag: str, left: str) -> None:
    """Flag 0 deletes one, 1 the read ones, 2 the sent too, 3 the unsent too, 4 everything."""
    for status in (0, 1, 2, 3):
        _write(world, f",{status}")
    _write(world, ",2")
    deleted = {"": "5", ",0": "5"}.get(flag, "1")
    assert world.ask(f"AT+CMGD={deleted}{flag}") == ["OK"]
    storage = {0: "0", 1: "1", 2: "2", 3: "3"}
    statuses = [storage[int(stored.status)] for _, stored in world.modem.sim.messages]
    positions = "".join(str(index - 1) for index, _ in world.modem.sim.messages)
    assert positions == left
    assert len(statuses) == len(left)


def test_listing_by_status(world: World) -> None:
    """+CMGL lists what has the status asked for, unread ones become read, 4 lists all."""
    world.network.send_text(SENDER, "one")
    _write(world)
    assert [line[:9] for line in world.ask("AT+CMGL=0") if line.startswith("+")] == ["+CMGL: 1,"]
    assert world.ask("AT+CMGL=0") == ["OK"]
    assert [line[:10] for line in world.ask("AT+CMGL=4") if line.startswith("+")] == ["+CMGL: 1,1", "+CMGL: 2,2"]
    assert world.ask("AT+CMGL=5") == ["+CMS ERROR: 304"]


def test_sending_from_store(world: World) -> None:
    """+CMSS sends what +CMGW wrote, and it is then a sent one; an empty slot is 321."""
    assert _write(world) == ["+CMGW: 1", "OK"]
    assert world.ask("AT+CMSS=1") == ["+CMSS: 1", "OK"]
    assert world.network.submissions == [SUBMIT]
    assert world.ask("AT+CMGR=1")[0].startswith("+CMGR: 3,,")
    assert world.ask("AT+CMSS=2") == ["+CMS ERROR: 321"]
    for request, said in (
        ({"do": "bare_ok"}, ["OK"]),
        ({"do": "lost"}, []),
        ({"do": "refuse", "code": 42}, ["+CMS ERROR: 42"]),
    ):
        perform(world.network, request)
        assert world.ask("AT+CMSS=1") == said
    assert len(world.network.submissions) == 3


def test_storages_are_chosen_and_counted(worlds: Callable[[Profile], World]) -> None:
    """+CPMS names three, counts each, and knows none but its own."""
    world = worlds(QUECTEL_EC25)
    world.network.send_text(SENDER, "one")
    assert world.ask('AT+CPMS="ME","SM","MT"') == ["+CPMS: 0,23,1,20,1,43", "OK"]
    assert world.ask("AT+CPMS?") == ['+CPMS: "ME",0,23,"SM",1,20,"MT",1,43', "OK"]
    assert world.ask('AT+CPMS="SR"') == ["+CMS ERROR: 303"]
    assert world.ask("AT+CPMS=?") == ['+CPMS: ("SM","ME","MT"),("SM","ME","MT"),("SM","ME","MT")', "OK"]


@pytest.mark.parametrize("profile", [HUAWEI_E173, UBLOX])
def test_a_full_store_is_said(worlds: Callable[[Profile], World], profile: Profile) -> None:
    """A Huawei says ^SMMEMFULL, a u-blox nothing; writing is refused 322."""
    world = worlds(profile)
    world.ask("AT^CURC=0")
    world.ask('AT+CPMS="SM","SM","SM"')
    while not world.modem.sim.messages.full:
        world.network.send_text(SENDER, "x")
    world.hear()
    world.network.send_text(SENDER, "one too many")
    assert world.hear() == ([] if profile is UBLOX else ['^SMMEMFULL: "SM"'])
    assert _write(world) == ["+CMS ERROR: 322"]


def test_what_the_sim_holds_survives_a_restart(world: World) -> None:
    """The SIM's messages and the modem's own stay, the settings do not."""
    world.network.send_text(SENDER, "kept")
    world.modem.reboot()
    world.hear(30)
    world.ask("ATE0")
    assert world.ask("AT+CMGF?") == ["+CMGF: 0", "OK"]
    assert len(world.ask("AT+CMGL=4")) == 3


def test_text_mode(world: World) -> None:
    """Texts are typed, listed and routed in words; reports too."""
    world.ask("AT+CMGF=1")
    world.ask('AT+CSCS="GSM"')
    world.ask("AT+CSMP=49,167,0,0")
    world.ask("AT+CNMI=2,2,0,1,0")
    world.network.report_delay_s = 1
    assert world.ask(f'AT+CMGS="{PHONE}"') == ["> "]
    assert world.type(b"hello \x00 you\x1a") == ["+CMGS: 1", "OK"]
    assert world.network.phones.received[0].text == "hello @ you"
    (report,) = world.hear(2)
    assert report.startswith(f'+CDS: 6,1,"{PHONE}",145,"24/03/01,09:30:00+00"')
    world.network.send_text(SENDER, "hi @ me")
    head, text = world.hear()
    assert head.startswith(f'+CMT: "{SENDER}","","24/03/01,')
    assert text == "hi \x00 me"
    world.ask("AT+CNMI=2,1,0,0,0")
    world.network.send_text("Bank", "café €")
    assert world.hear() == ['+CMTI: "SM",1']
    assert world.ask('AT+CMGL="REC UNREAD"')[1] == "caf\x05 \x1be"
    world.ask('AT+CSCS="UCS2"')
    listed = world.ask('AT+CMGL="ALL"')
    assert bytes.fromhex(listed[1]).decode("utf-16-be") == "café €"
    assert world.ask('AT+CMGL="SOME"') == ["+CMS ERROR: 305"]
    assert world.ask('AT+CMGS=""') == ["+CMS ERROR: 305"]


def test_text_mode_stores_and_shows_all_kinds(world: World) -> None:
    """What was written, sent and reported is listed in words; UCS2 and octets are typed in hexadecimal."""
    world.ask("AT+CMGF=1")
    world.ask("AT+CSDH=1")
    world.ask(f'AT+CMGW="{PHONE}"')
    assert world.type(b"draft\x1a") == ["+CMGW: 1", "OK"]
    assert world.ask("AT+CMSS=1")[0] == "+CMSS: 1"
    assert world.ask("AT+CMGR=1")[:2] == [f'+CMGR: "STO SENT","{PHONE}",', "draft"]
    world.network.inject(b"\x04")
    assert world.ask("AT+CMGR=2")[:2] == ['+CMGR: "REC UNREAD","",', "04"]
    world.network.send_text(SENDER, "Grüße Ж")
    assert world.ask("AT+CMGR=3")[1] == "Grüße Ж".encode("utf-16-be").hex().upper()
    world.ask("AT+CSMP=17,167,0,8")
    for typed, said in (("0416", ["+CMGS: 2", "OK"]), ("041", ["+CMS ERROR: 305"])):
        world.ask(f'AT+CMGS="{PHONE}"')
        assert world.type(typed.encode() + b"\x1a") == said
    assert world.network.phones.received[-1].text == "Ж"
    world.ask("AT+CSMP=17,167,0,4")
    world.ask(f'AT+CMGS="{PHONE}"')
    assert world.type(b"CAFE\x1a")[-1] == "OK"
    assert decode_submit(world.network.submissions[-1]).user_data.octets == b"\xca\xfe"
    world.ask("AT+CNMI=2,2,0,2,0")
    world.ask("AT+CSMP=49,167,0,0")
    world.ask(f'AT+CMGS="{PHONE}"')
    assert '+CDSI: "SR",1' in world.type(b"hi\x1a")
    world.ask('AT+CPMS="SR"')
    assert world.ask("AT+CMGR=1")[0].startswith(f'+CMGR: "REC UNREAD",6,4,"{PHONE}",145,')
    world.network.inject(b"\x04")
    assert world.hear() == ["+CMT: ", "04"]


def test_a_text_too_long_for_text_mode(world: World) -> None:
    """161 characters are refused 305, nothing is cut."""
    world.ask("AT+CMGF=1")
    world.ask(f'AT+CMGS="{PHONE}"')
    assert world.type(b"x" * 161 + b"\x1a") == ["+CMS ERROR: 305"]
    assert world.network.submissions == []
