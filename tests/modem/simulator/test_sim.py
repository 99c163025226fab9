"""PIN and PUK with their counters, the lock, and what a locked SIM refuses."""

from collections.abc import Callable

import pytest

from omsmodem.modem.simulator.actions import perform
from omsmodem.modem.simulator.devices import HUAWEI_E173, QUECTEL_EC25
from omsmodem.modem.simulator.profile import Profile
from tests.modem.simulator.conftest import World


@pytest.fixture
def locked(world: World) -> World:
    perform(world.network, {"do": "sim", "state": "SIM PIN"})
    return world


def test_a_pin_opens_the_sim(locked: World) -> None:
    """Until the PIN messages are refused 311 and there is no network; then all is well."""
    assert locked.ask("AT+CPIN?") == ["+CPIN: SIM PIN", "OK"]
    assert locked.ask("AT+CMGS=20") == ["+CMS ERROR: 311"]
    assert locked.ask("AT+CIMI") == ["+CME ERROR: 11"]
    assert locked.ask("AT+CREG?") == ["+CREG: 0,0", "OK"]
    assert locked.ask('AT+CPIN="1234"') == ["OK"]
    locked.hear(5)
    assert locked.ask("AT+CREG?") == ["+CREG: 0,1", "OK"]
    assert locked.send() == ["+CMGS: 1", "OK"]


def test_wrong_pins_lead_to_the_puk(locked: World) -> None:
    """Two wrong ones cost a try each, the third locks; the PUK with a new PIN opens and refills the counter."""
    assert locked.ask("AT+CPIN=9999") == ["+CME ERROR: 16"]
    assert locked.ask("AT+CPINR")[0] == "+CPINR: SIM PIN,2,3"
    assert locked.ask("AT+CPIN=9999") == ["+CME ERROR: 16"]
    assert locked.ask("AT+CPIN=9999") == ["+CME ERROR: 12"]
    assert locked.ask("AT+CPIN?")[0] == "+CPIN: SIM PUK"
    assert locked.ask("AT+CPIN=1234") == ["+CME ERROR: 12"]
    assert locked.ask("AT+CPIN=11111111,4711") == ["+CME ERROR: 16"]
    assert locked.ask('AT+CPINR="SIM PUK"')[0] == "+CPINR: SIM PUK,9,10"
    assert locked.ask("AT+CPIN=12345678,4711") == ["OK"]
    assert (locked.modem.sim.pin, locked.modem.sim.pin_tries) == ("4711", 3)


def test_ten_wrong_puks_kill_the_sim(world: World) -> None:
    """After the last one the card only fails."""
    perform(world.network, {"do": "sim", "state": "SIM PUK", "tries": 1})
    assert world.ask("AT+CPIN=11111111,4711") == ["+CME ERROR: 13"]
    assert world.ask("AT+CPIN?") == ["+CME ERROR: 13"]
    assert world.ask("AT+CMGL=4") == ["+CMS ERROR: 313"]


def test_a_pin_where_none_is_asked_for(world: World) -> None:
    """Refused 3, and it costs no try."""
    assert world.ask("AT+CPIN=9999") == ["+CME ERROR: 3"]
    assert world.modem.sim.pin_tries == 3


def test_no_sim(world: World) -> None:
    """10 and 310."""
    perform(world.network, {"do": "sim", "state": "absent"})
    assert world.ask("AT+CPIN?") == ["+CME ERROR: 10"]
    assert world.ask("AT+CSCA?") == ["+CMS ERROR: 310"]
    assert world.ask("AT+CREG?")[0] == "+CREG: 0,0"


def test_the_lock_and_the_pin_can_be_changed(world: World) -> None:
    """+CLCK asks for the PIN from the next power-up on, +CPWD changes it, wrong ones count."""
    assert world.ask('AT+CLCK="SC",2') == ["+CLCK: 0", "OK"]
    assert world.ask('AT+CLCK="SC",1,"0000"') == ["+CME ERROR: 16"]
    assert world.ask('AT+CPWD="SC","1234","2468"') == ["OK"]
    assert world.ask('AT+CLCK="SC",1,"2468"') == ["OK"]
    world.modem.unplug(1)
    world.hear(10)
    world.ask("ATE0")
    assert world.ask("AT+CPIN?")[0] == "+CPIN: SIM PIN"


@pytest.mark.parametrize(
    ("profile", "command", "said"),
    [
        (HUAWEI_E173, "AT^CPIN?", "^CPIN: SIM PIN,,10,2,10,3"),
        (QUECTEL_EC25, 'AT+QPINC="SC"', '+QPINC: "SC",2,10'),
    ],
)
def test_makers_count_in_their_own_words(
    worlds: Callable[[Profile], World], profile: Profile, command: str, said: str
) -> None:
    """The tries left are asked for by other commands on other devices."""
    world = worlds(profile)
    world.ask("AT^CURC=0")
    perform(world.network, {"do": "sim", "state": "SIM PIN", "tries": 2})
    assert world.ask(command)[0] == said


def test_a_sim_takes_its_time(worlds: Callable[[Profile], World]) -> None:
    """After the PIN it is busy for a while: 14 and 314."""
    world = worlds(QUECTEL_EC25)
    perform(world.network, {"do": "sim", "state": "SIM PIN"})
    world.ask("AT+CPIN=1234")
    assert world.ask("AT+CPIN?") == ["+CME ERROR: 14"]
    assert world.ask("AT+CMGL=4") == ["+CMS ERROR: 314"]
    world.hear(2)
    assert world.ask("AT+CPIN?")[0] == "+CPIN: READY"


def test_the_service_centre_is_the_sims(world: World) -> None:
    """It is read, changed, kept across power cycles, and without one nothing is sent (330)."""
    assert world.ask("AT+CSCA?")[0] == '+CSCA: "+447700900000",145'
    assert world.ask('AT+CSCA="447700900001",145') == ["OK"]
    world.modem.unplug(1)
    world.hear(10)
    world.ask("ATE0")
    assert world.ask("AT+CSCA?")[0] == '+CSCA: "+447700900001",145'
    perform(world.network, {"do": "service_centre"})
    assert world.ask("AT+CSCA?")[0] == '+CSCA: "",129'
    world.ask("AT+CMEE=1")
    assert world.send() == ["+CMS ERROR: 330"]
    assert world.ask('AT+CSCA="no number"') == ["+CME ERROR: 50"]
