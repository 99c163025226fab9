"""Registration, operators, signal, USSD, power and resets."""

from collections.abc import Callable

import pytest

from omsmodem.modem.simulator.actions import perform
from omsmodem.modem.simulator.devices import HUAWEI_E173, QUECTEL_EC25, SIM800
from omsmodem.modem.simulator.profile import Profile
from omsmodem.modem.simulator.registration import Registration
from omsmodem.sms import gsm7
from tests.modem.simulator.conftest import World

Worlds = Callable[[Profile], World]


@pytest.mark.parametrize("state", list(Registration))
def test_the_network_s_word_is_told(world: World, state: Registration) -> None:
    """+CREG says each state, as an indication too, and a message goes only where it serves."""
    world.ask("AT+CREG=1")
    perform(world.network, {"do": "network", "state": state.name.lower()})
    assert world.ask("AT+CREG?")[-2:] == [f"+CREG: 1,{int(state)}", "OK"]
    assert world.send() == (["+CMGS: 1", "OK"] if state.serves else ["+CMS ERROR: 331"])
    assert world.ask("AT+CSQ")[0] == ("+CSQ: 20,99" if state.serves else "+CSQ: 99,99")


def test_a_change_is_indicated_once(world: World) -> None:
    """Only a change is told, and only where it was asked for; it comes back by itself."""
    perform(world.network, {"do": "network", "state": "denied", "for_s": 10})
    assert world.hear(20) == []
    world.ask("AT+CREG=2")
    perform(world.network, {"do": "network", "state": "searching", "for_s": 10})
    perform(world.network, {"do": "network", "state": "searching"})
    assert world.hear(20) == ["+CREG: 2", "+CREG: 1"]


def test_lte_can_differ(world: World) -> None:
    """+CEREG has its own state where the network says so, and the cell at level 2."""
    perform(world.network, {"do": "network", "state": "off", "eps": "home"})
    world.ask("AT+CEREG=2")
    assert world.ask("AT+CREG?")[0] == "+CREG: 0,0"
    assert world.ask("AT+CEREG?")[0] == '+CEREG: 2,1,"1A2B","01C3D4E5",7'


def test_operators(world: World) -> None:
    """The current one in either form, a scan that takes its time, leaving and coming back, and one that is not there."""
    assert world.ask("AT+COPS?")[0] == '+COPS: 0,0,"Simulated",7'
    world.ask("AT+COPS=3,2")
    assert world.ask("AT+COPS?")[0] == '+COPS: 0,2,"00101",7'
    assert world.ask("AT+COPS=?") == []
    assert world.hear(5)[0].startswith('+COPS: (2,"Simulated","Simulate","00101",2),')
    assert world.ask('AT+COPS=1,2,"99999"') == ["+CME ERROR: 30"]
    world.ask("AT+COPS=2")
    assert world.ask("AT+CREG?")[0] == "+CREG: 0,0"
    assert world.ask("AT+COPS?")[0] == "+COPS: 2"
    world.ask("AT+COPS=0")
    world.hear(2)
    assert world.ask("AT+CREG?")[0] == "+CREG: 0,1"


def test_a_balance(world: World) -> None:
    """USSD is answered in the character set in force; another code is 4."""
    assert world.ask('AT+CUSD=1,"*100#",15', 1.0) == ["OK", '+CUSD: 0,"Balance: 9.50 GBP",15']
    world.ask('AT+CSCS="UCS2"')
    code = "*100#".encode("utf-16-be").hex()
    said = world.ask(f'AT+CUSD=1,"{code}",15', 1.0)[1]
    assert bytes.fromhex(said.split('"')[1]).decode("utf-16-be") == "Balance: 9.50 GBP"
    assert world.ask('AT+CUSD=1,"nonsense",15') == ["+CMS ERROR: 305"]
    world.ask('AT+CSCS="IRA"')
    assert world.ask('AT+CUSD=1,"*1#"', 1.0)[1] == "+CUSD: 4"


def test_a_huawei_packs_ussd(worlds: Worlds) -> None:
    """Septets in hexadecimal both ways, unless ^USSDMODE=0 asked for text."""
    world = worlds(HUAWEI_E173)
    world.ask("AT^CURC=0")
    packed = gsm7.pack(gsm7.encode("*100#")).hex().upper()
    said = world.ask(f'AT+CUSD=1,"{packed}",15', 1.0)[1].split('"')[1]
    answer = "Balance: 9.50 GBP"
    assert gsm7.decode(gsm7.unpack(bytes.fromhex(said), len(answer))) == answer
    world.ask("AT^USSDMODE=0")
    assert world.ask('AT+CUSD=1,"*100#",15', 1.0)[1] == f'+CUSD: 0,"{answer}",15'


def test_flight_mode(world: World) -> None:
    """+CFUN=4 takes the radio away (302), +CFUN=1 brings it back after a search."""
    world.ask("AT+CREG=1")
    assert world.ask("AT+CFUN=4", 1) == ["OK", "+CREG: 0"]
    assert world.ask("AT+CFUN?")[0] == "+CFUN: 4"
    assert world.send() == ["+CMS ERROR: 302"]
    assert "+CREG: 1" in world.ask("AT+CFUN=1", 2)
    assert world.send() == ["+CMGS: 1", "OK"]


def test_a_reset_takes_a_stick_s_tty_away(worlds: Worlds) -> None:
    """+CFUN=1,1 says OK, the tty goes, comes back with echo on, and messages work only later."""
    world = worlds(QUECTEL_EC25)
    assert world.ask("AT+CFUN=1,1") == ["OK"]
    world.hear(0.1)
    assert not world.modem.plugged
    assert world.ask("AT") == []
    world.hear(QUECTEL_EC25.boot_s)
    assert world.modem.plugged
    world.modem.feed(b"AT\r")
    assert world.modem.due().endswith(b"AT\r\r\nOK\r\n")
    world.ask("ATE0+CMEE=1")
    world.hear(1)
    assert world.ask("AT+CMGL=4") == ["+CMS ERROR: 302"]
    assert "+QIND: SMS DONE" in world.hear(7)
    assert world.ask("AT+CMGL=4") == ["OK"]


def test_a_reset_leaves_a_uart_where_it_is(worlds: Worlds) -> None:
    """A SIM800 falls silent, then announces itself."""
    world = worlds(SIM800)
    world.ask("AT+CFUN=1,1")
    world.hear(0.1)
    assert world.modem.plugged
    assert world.ask("AT") == []
    said = world.hear(10)
    assert said[:3] == ["RDY", "+CFUN: 1", "+CPIN: READY"]
    assert "SMS Ready" in said


def test_a_hung_modem_needs_power(world: World) -> None:
    """It answers nothing for good, until it was out and in again."""
    perform(world.network, {"do": "hang"})
    assert world.ask("AT", 1000) == []
    world.modem.unplug()
    world.modem.plug()
    world.hear(5)
    assert world.ask("AT")[-1] == "OK"


def test_a_stick_put_in_by_hand_is_not_restarted_later(world: World) -> None:
    """Who plugs it in before its time, or takes it out again, has it as it is: the appointment is off."""
    world.modem.unplug(10)
    world.hear(1)
    world.modem.plug()
    world.ask("ATE0")
    world.ask("AT+CMEE=2")
    world.hear(20)
    assert world.ask("AT+CMEE?") == ["+CMEE: 2", "OK"]
    world.modem.unplug(10)
    world.modem.plug()
    world.modem.unplug()
    world.hear(20)
    assert not world.modem.plugged


def test_silence_and_hold_differ(world: World) -> None:
    """What is said in silence is lost, what is held comes afterwards."""
    perform(world.network, {"do": "silence", "for_s": 10})
    assert world.ask("AT", 11) == []
    perform(world.network, {"do": "hold", "for_s": 10})
    assert world.ask("AT", 9) == []
    assert world.hear(2) == ["OK"]


def test_a_prompt_left_open(world: World) -> None:
    """What is typed into a stale prompt is no command; ESC closes it."""
    perform(world.network, {"do": "prompt"})
    assert world.ask("AT") == ["> "]
    assert world.type(b"\x1b") == ["OK"]
    assert world.ask("AT") == ["OK"]
