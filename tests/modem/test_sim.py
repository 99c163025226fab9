"""The SIM's PIN: once per value, never when few tries are left."""

import pytest

from omsmodem.modem.bring_up import Setup
from omsmodem.modem.errors import Blocked, BlockReason, Unresponsive
from omsmodem.modem.gsm import Gsm
from omsmodem.modem.sim import MemoryOfProcess, Unlock
from tests.modem.stick import OK, Reply, Stick, answer, lines, talking

PIN = 'AT+CPIN="1234"'
LOCKED = answer("+CPIN: SIM PIN")
OPEN = answer("+CPIN: READY")
WRONG = lines("+CME ERROR: 16")


def bring_up(stick: Stick, memory: MemoryOfProcess | None = None, pin: str | None = "1234") -> None:
    with talking(stick) as (session, _):
        Gsm(session).bring_up(Setup(Unlock(pin, memory or MemoryOfProcess())))


def refused(stick: Stick, memory: MemoryOfProcess | None = None, pin: str | None = "1234") -> Blocked:
    with pytest.raises(Blocked) as caught:
        bring_up(stick, memory, pin)
    return caught.value


def entered(stick: Stick) -> int:
    return sum(command.startswith("AT+CPIN=") for command in stick.heard)


def test_a_pin_opens_the_sim() -> None:
    """The configured PIN is entered once when the SIM asks for it."""
    stick = Stick({"AT+CPIN?": [LOCKED, OPEN], PIN: OK})
    bring_up(stick)
    assert entered(stick) == 1


def test_a_sim_that_asks_for_nothing_gets_nothing() -> None:
    """A configured PIN is not entered into an open SIM."""
    stick = Stick()
    bring_up(stick)
    assert entered(stick) == 0


def test_a_right_pin_is_entered_again_after_the_next_start() -> None:
    """Only a PIN that did not open the SIM is remembered against it."""
    memory = MemoryOfProcess()
    for _ in range(3):
        bring_up(Stick({"AT+CPIN?": [LOCKED, OPEN], PIN: OK}), memory)


def test_a_refused_pin_is_tried_once_whatever_happens() -> None:
    """Reconnecting for days enters a wrong PIN once; two tries are left for a person."""
    memory, stick = MemoryOfProcess(), Stick({"AT+CPIN?": LOCKED, PIN: WRONG})
    assert refused(stick, memory).reason is BlockReason.PIN
    for _ in range(5):
        assert "not tried again" in str(refused(stick, memory))
    assert entered(stick) == 1


def test_another_value_is_another_try() -> None:
    """A corrected PIN is entered."""
    memory = MemoryOfProcess()
    refused(Stick({"AT+CPIN?": LOCKED, PIN: WRONG}), memory)
    bring_up(Stick({"AT+CPIN?": [LOCKED, OPEN], 'AT+CPIN="4321"': OK}), memory, pin="4321")


def test_another_sim_is_another_try() -> None:
    """What one SIM refused says nothing about another one."""
    memory = MemoryOfProcess()
    refused(Stick({"AT+CPIN?": LOCKED, PIN: WRONG}), memory)
    other = Stick({"AT+CPIN?": [LOCKED, OPEN], PIN: OK, "AT+CCID": answer("8944110065123450000")})
    bring_up(other, memory)


def test_an_entry_without_an_answer_counts_as_tried() -> None:
    """The PIN is remembered before it is entered, so a crash or a hang never enters it twice."""
    memory, stick = MemoryOfProcess(), Stick({"AT+CPIN?": LOCKED, PIN: None})
    with pytest.raises(Unresponsive):
        bring_up(stick, memory)
    refused(stick, memory)
    assert entered(stick) == 1


def test_a_pin_whose_answer_was_lost_is_forgiven_when_the_sim_turns_out_open() -> None:
    """It was right after all: after the next loss of power it is entered again."""
    memory = MemoryOfProcess()
    with pytest.raises(Unresponsive):
        bring_up(Stick({"AT+CPIN?": LOCKED, PIN: None}), memory)
    bring_up(Stick({"AT+CPIN?": OPEN}), memory)
    later = Stick({"AT+CPIN?": [LOCKED, OPEN], PIN: OK})
    bring_up(later, memory)
    assert entered(later) == 1


def test_without_a_memory_given_the_process_remembers() -> None:
    """A caller that thinks of nothing still enters a wrong PIN once only."""
    stick = Stick({"AT+CPIN?": LOCKED, 'AT+CPIN="9876"': WRONG})
    for _ in range(3):
        with talking(stick) as (session, _), pytest.raises(Blocked):
            Gsm(session).bring_up(Setup(Unlock("9876")))
    assert entered(stick) == 1


@pytest.mark.parametrize(
    ("maker", "model", "command", "said"),
    [
        ("huawei", "E173", "AT^CPIN?", "^CPIN: SIM PIN,2,10,2,10,3"),
        ("SIMCOM_Ltd", "SIMCOM_SIM800L", "AT+SPIC", "+SPIC: 2,10,3,10"),
        ("SIMCOM INCORPORATED", "SIMCOM_SIM7600E", "AT+SPIC", "+SPIC: 2,10,0,10"),
        ("Quectel", "EC25", 'AT+QPINC="SC"', '+QPINC: "SC",2,10'),
        ("ZTE INCORPORATED", "MF190", "AT+ZPINPUK=?", "+ZPINPUK: 2,10"),
        ("Telit", "LE910", "AT#PCT", "#PCT: 2"),
        ("u-blox", "SARA-U201", "AT+UPINCNT", "+UPINCNT: 2,3,10,10"),
        ("Somebody", "Else", "AT+CPINR", "+CPINR: SIM PIN,2,3"),
        ("huawei", "ME909s", "AT+CPINR", "+CPINR: SIM PIN,1,3"),
    ],
)
def test_with_few_tries_left_no_pin_is_entered(maker: str, model: str, command: str, said: str) -> None:
    """Every make's own counter is asked, the standard's after it; two tries are left to a person."""
    replies: dict[str, Reply] = {"AT+CGMI": answer(maker), "AT+CGMM": answer(model), "AT+CPIN?": LOCKED, PIN: OK}
    stick = Stick(replies | {command: answer(said)})
    blocked = refused(stick)
    assert blocked.reason is BlockReason.PIN
    assert "tries are left" in str(blocked)
    assert entered(stick) == 0


def test_with_all_tries_left_the_pin_is_entered() -> None:
    """Three tries are enough for one."""
    stick = Stick({"AT+CPIN?": [LOCKED, OPEN], "AT+CPINR": answer("+CPINR: SIM PIN,3,3"), PIN: OK})
    bring_up(stick)
    assert entered(stick) == 1


@pytest.mark.parametrize("state", ["SIM PUK", "PH-NET PIN", "PH-SIM PIN", "SIM PIN3"])
def test_nothing_is_entered_for_anything_but_the_sims_pin(state: str) -> None:
    """A PUK or an operator's lock gets no PIN."""
    stick = Stick({"AT+CPIN?": answer(f"+CPIN: {state}"), PIN: OK})
    expected = BlockReason.PUK if state == "SIM PUK" else BlockReason.SIM_LOCK
    assert refused(stick).reason is expected
    assert entered(stick) == 0


@pytest.mark.parametrize("state", ["NOT INSERTED", "NOT READY"])
def test_a_state_without_a_sim_is_no_lock(state: str) -> None:
    """Some makes tell an empty slot as a state, and a SIM that is off or still starting."""
    expected = BlockReason.NO_SIM if state == "NOT INSERTED" else BlockReason.SIM_BUSY
    assert refused(Stick({"AT+CPIN?": answer(f"+CPIN: {state}")})).reason is expected


@pytest.mark.parametrize("state", ["SIM PIN2", "SIM PUK2"])
def test_the_second_pin_is_not_needed(state: str) -> None:
    """PIN2 guards things that SMS does not use."""
    bring_up(Stick({"AT+CPIN?": answer(f"+CPIN: {state}")}))


def test_a_missing_pin_is_said() -> None:
    """The sentence names the key that is missing."""
    blocked = refused(Stick({"AT+CPIN?": LOCKED}), pin=None)
    assert "pin_file" in str(blocked)
    assert blocked.reason is BlockReason.PIN


@pytest.mark.parametrize("pin", ["123", "123456789", "12a4", '1234";+CFUN=0;+CPIN="', "", "١٢٣٤"])
def test_what_is_no_pin_never_reaches_the_modem(pin: str) -> None:
    """4 to 8 digits or nothing."""
    stick = Stick({"AT+CPIN?": LOCKED})
    assert refused(stick, pin=pin).reason is BlockReason.PIN
    assert entered(stick) == 0


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ("+CME ERROR: 10", BlockReason.NO_SIM),
        ("+CME ERROR: SIM not inserted", BlockReason.NO_SIM),
        ("+CMS ERROR: 310", BlockReason.NO_SIM),
        ("+CME ERROR: 13", BlockReason.SIM_FAILURE),
        ("+CME ERROR: SIM failure", BlockReason.SIM_FAILURE),
        ("+CME ERROR: 15", BlockReason.SIM_LOCK),
        ("ERROR", BlockReason.SIM_FAILURE),
    ],
)
def test_a_sim_that_cannot_be_used_is_said(result: str, reason: BlockReason) -> None:
    """Missing, broken and wrong SIMs are told apart."""
    assert refused(Stick({"AT+CPIN?": lines(result)})).reason is reason


@pytest.mark.parametrize("busy", ["+CME ERROR: 14", "+CME ERROR: 515", "+CMS ERROR: 314"])
def test_a_sim_that_is_still_busy_is_waited_for(busy: str) -> None:
    """5 to 20 s after a start or a PIN are normal."""
    bring_up(Stick({"AT+CPIN?": [lines(busy)] * 5 + [OPEN]}))


def test_waiting_for_a_busy_sim_is_bounded() -> None:
    """A SIM that stays busy is reported within half a minute."""
    with talking(Stick({"AT+CPIN?": lines("+CME ERROR: 14")})) as (session, line):
        with pytest.raises(Blocked) as caught:
            Gsm(session).bring_up()
        assert line.now < 30
    assert caught.value.reason is BlockReason.SIM_BUSY


def test_after_the_pin_the_old_state_may_linger() -> None:
    """Some modems tell SIM PIN for seconds after they accepted it."""
    stick = Stick({"AT+CPIN?": [LOCKED, LOCKED, lines("+CME ERROR: 14"), OPEN], PIN: OK})
    bring_up(stick)
    assert entered(stick) == 1


def test_without_an_iccid_the_modem_stands_for_the_sim() -> None:
    """When the SIM's number cannot be read, the IMEI keeps a wrong PIN from being entered again."""
    memory, stick = MemoryOfProcess(), Stick({"AT+CPIN?": LOCKED, PIN: WRONG, "AT+CCID": lines("ERROR")})
    for _ in range(3):
        refused(stick, memory)
    assert entered(stick) == 1
