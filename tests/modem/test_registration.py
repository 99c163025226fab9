"""Whether the network takes us, in every form modems tell it."""

import pytest

from omsmodem.modem.bring_up import Setup
from omsmodem.modem.errors import Blocked, BlockReason
from omsmodem.modem.gsm import Gsm
from omsmodem.modem.registration import Operator, Registration
from tests.modem.stick import ERROR, Stick, answer, lines, talking


def told(creg: str | None, cereg: str | None = None) -> Registration:
    replies = {
        f"AT{name}?": answer(f"{name}: {said}") if said else ERROR
        for name, said in (("+CREG", creg), ("+CEREG", cereg))
    }
    with talking(Stick(dict(replies))) as (session, _):
        return Gsm(session).registration()


@pytest.mark.parametrize(
    "said",
    [
        "0,1",
        "1,1",
        "2, 1",
        '2,1,"00C3","A1B2"',
        "2,1,00C3,A1B2",
        '2,1,"00C3","01A1B2C3",2',
        '3,1,"00C3","01A1B2C3",2,,',
        "1",
        '1,"00C3","A1B2"',
        "1,00C3,A1B2,0",
    ],
)
def test_every_field_count_is_read(said: str) -> None:
    """With and without the mode, the cell, the technology and the cause."""
    assert told(said).circuit == 1


@pytest.mark.parametrize(
    ("said", "technology"), [('2,1,"00C3","A1B2",0', "GSM"), ('2,1,"00C3","A1B2",2', "UMTS"), ("0,1", "")]
)
def test_the_technology_is_told(said: str, technology: str) -> None:
    """By the fifth field, where there is one."""
    assert told(said).technology == technology


def test_searching_is_not_registered() -> None:
    """`+CREG: 2,2` with cell and technology is no registration."""
    assert not told('2,2,"00C3","A1B2",7').registered


@pytest.mark.parametrize("said", ["+CREG: 1,5", '+CREG: 5,"00C3","A1B2"'])
def test_an_indication_between_is_not_the_answer(said: str) -> None:
    """An unasked +CREG before the answer does not hide it."""
    stick = Stick({"AT+CREG?": lines("+CREG: 2", said, "OK"), "AT+CEREG?": ERROR})
    with talking(stick) as (session, _):
        assert Gsm(session).registration().circuit == 5


@pytest.mark.parametrize("stat", [1, 5, 6, 7, 9, 10])
def test_sending_is_worth_trying_on_either_domain(stat: int) -> None:
    """+CREG or +CEREG is enough."""
    assert told(f"0,{stat}", "0,0").registered
    assert told("0,0", f"0,{stat}").registered


@pytest.mark.parametrize("stat", [0, 2, 3, 4, 8])
def test_other_states_are_no_registration(stat: int) -> None:
    """Searching, denied, unknown, emergency only."""
    assert not told(f"0,{stat}", f"0,{stat}").registered


@pytest.mark.parametrize(
    ("stat", "words"),
    [
        (0, "not registered and not searching"),
        (1, "registered at home"),
        (2, "searching for the network"),
        (3, "denied by the network"),
        (4, "unknown"),
        (5, "registered while roaming"),
        (6, "registered at home for SMS only"),
        (7, "registered while roaming for SMS only"),
        (8, "emergency calls only"),
        (9, "registered at home"),
        (10, "registered while roaming"),
        (11, "registration state 11"),
    ],
)
def test_every_state_is_told_in_words(stat: int, words: str) -> None:
    """TS 27.007 §7.2; of two domains the one that took us is told, whichever it is."""
    assert told(f"0,{stat}").words == words
    if told(f"0,{stat}").registered:
        assert told("0,2", f"0,{stat}").words == f"{words}, on LTE only: SMS may not be part of it"
        assert told("0,2", f"0,{stat}").roaming is (stat in {5, 7, 10})


@pytest.mark.parametrize(
    ("number", "word"),
    list(
        enumerate(
            [
                "GSM",
                "GSM",
                "UMTS",
                "EDGE",
                "HSDPA",
                "HSUPA",
                "HSPA",
                "LTE",
                "EC-GSM-IoT",
                "NB-IoT",
                "LTE",
                "5G",
                "5G",
                "5G",
            ]
        )
    ),
)
def test_every_access_technology_has_a_word(number: int, word: str) -> None:
    """`<AcT>` of TS 27.007 §7.2; one that is not known has none."""
    assert told(f'2,1,"1A2B","01C3D4E5",{number}').technology == word
    assert told('2,1,"1A2B","01C3D4E5",14').technology == ""


def test_lte_without_sms_is_suspected() -> None:
    """Registered for LTE alone, SMS may not be part of it; the words say so."""
    assert told("0,3", "0,1").lte_without_sms
    assert "SMS may not be part" in told("0,0", "0,1").words
    assert not told("0,1", "0,1").lte_without_sms


@pytest.mark.parametrize("stat", [6, 7])
def test_sms_only_is_told(stat: int) -> None:
    """A registration for SMS only is one."""
    assert told(f"0,{stat}").sms_only
    assert not told("0,1").sms_only


# -- waiting and refusing ---------------------------------------------------------------------------------------------


def refused(creg: str, cereg: str = "0,0", *, roaming_allowed: bool = True) -> Blocked:
    stick = Stick({"AT+CREG?": answer(f"+CREG: {creg}"), "AT+CEREG?": answer(f"+CEREG: {cereg}")})
    with talking(stick) as (session, line), pytest.raises(Blocked) as caught:
        Gsm(session).bring_up(Setup(roaming_allowed=roaming_allowed))
    assert line.now < 40
    return caught.value


@pytest.mark.parametrize(
    ("creg", "reason"),
    [
        ("0,0", BlockReason.NOT_REGISTERED),
        ("0,2", BlockReason.NOT_REGISTERED),
        ("0,3", BlockReason.DENIED),
        ("0,4", BlockReason.NOT_REGISTERED),
        ("0,8", BlockReason.EMERGENCY_ONLY),
    ],
)
def test_without_a_network_the_reason_is_said(creg: str, reason: BlockReason) -> None:
    """The wait is bounded, and why it was in vain is told."""
    assert refused(creg).reason is reason


def test_roaming_may_be_forbidden() -> None:
    """A foreign network is refused when roaming is not allowed, and taken when it is."""
    assert refused("0,5", roaming_allowed=False).reason is BlockReason.ROAMING
    with talking(Stick({"AT+CREG?": answer("+CREG: 0,5")})) as (session, _):
        Gsm(session).bring_up()


def test_a_modem_that_searches_is_waited_for() -> None:
    """The network found within seconds is no reason to give up."""
    searching, found = answer("+CREG: 1,2"), answer("+CREG: 1,1")
    with talking(Stick({"AT+CREG?": [searching, searching, found]})) as (session, _):
        gsm = Gsm(session)
        gsm.bring_up()
    assert gsm.network.registered


def test_a_registration_that_is_told_ends_the_wait() -> None:
    """An unasked +CREG is acted on at once."""
    stick = Stick({"AT+CREG?": [[(0.0, answer("+CREG: 1,2")), (0.3, lines("+CREG: 1"))], answer("+CREG: 1,1")]})
    with talking(stick) as (session, line):
        Gsm(session).bring_up()
        assert line.now < 1


# -- following --------------------------------------------------------------------------------------------------------


def test_a_network_lost_is_known_without_asking() -> None:
    """Unasked +CREG and +CEREG keep `network` true."""
    with talking(Stick()) as (session, line):
        gsm = Gsm(session)
        gsm.bring_up()
        line.say(lines("+CREG: 2"))
        assert gsm.incoming() == []
        assert not gsm.network.registered
        line.say(lines('+CEREG: 5,"00C3","01A1B2C3",7'))
        assert gsm.incoming() == []
        assert gsm.network.roaming
        assert gsm.network.technology == "LTE"


def test_what_was_told_before_the_question_is_stale() -> None:
    """A change that a closed port was told is no news once the modem was asked."""
    with talking(Stick()) as (session, line):
        line.say(lines("+CREG: 2", "+CEREG: 2"))
        gsm = Gsm(session)
        gsm.bring_up()
        assert gsm.network.registered


@pytest.mark.parametrize(
    ("said", "operator"),
    [
        ('0,0,"Example Mobile",7', Operator("Example Mobile", "LTE")),
        ('0,2,"23415"', Operator("23415", "")),
        ("0,2,23415,2", Operator("23415", "UMTS")),
        ('0,0,"004500780061006D0070006C0065",7', Operator("Example", "LTE")),
        ('0,0,"00410030",7', Operator("A0", "LTE")),
        ('0,0,"BEEF",7', Operator("BEEF", "LTE")),
        ("0", Operator()),
    ],
)
def test_the_operator_is_told(said: str, operator: Operator) -> None:
    """By name or number, with or without a technology, as characters or in the UCS2 of +CSCS, or not at all."""
    with talking(Stick({"AT+COPS?": answer(f"+COPS: {said}")})) as (session, _):
        assert Gsm(session).operator() == operator
