"""From an open port to a modem that is ready to send."""

from pathlib import Path

import pytest

from omsmodem.modem.bring_up import INDICATION_LADDER, SMS_WAIT_S, Identity, Setup
from omsmodem.modem.errors import Blocked, BlockReason, Restarted
from omsmodem.modem.gsm import Gsm
from omsmodem.modem.machine import serial_lines
from omsmodem.modem.storage import Fill
from tests.modem.stick import DELIVER, ERROR, OK, REPORT, TPDU, Reply, Stick, answer, lines, pdu, talking
from tests.modem.tree import Tree


def brought_up(replies: dict[str, Reply], setup: Setup | None = None) -> tuple[Gsm, Stick]:
    stick = Stick(replies)
    with talking(stick) as (session, _):
        gsm = Gsm(session)
        gsm.bring_up(setup)
    return gsm, stick


def refused(replies: dict[str, Reply], setup: Setup | None = None) -> Blocked:
    with talking(Stick(replies)) as (session, _), pytest.raises(Blocked) as caught:
        Gsm(session).bring_up(setup)
    return caught.value


def test_a_healthy_modem_is_brought_up() -> None:
    """Identity, SIM, service centre, storage and indications are known afterwards."""
    gsm, _ = brought_up({})
    assert gsm.ready is not None
    assert gsm.ready.identity == Identity("Maker", "Stick 1", "1.0", "356938035643809", "8944110065123456789")
    assert gsm.ready.service_centre == "+447700900000"
    assert gsm.ready.fill == Fill("SM", 0, 20)
    assert gsm.ready.indications == INDICATION_LADDER[0]
    assert gsm.ready.reports
    assert gsm.ready.more_messages == 2
    assert gsm.network.words == "registered at home"


def test_what_is_set_at_every_connection() -> None:
    """In the order of docs/modems.md, between the questions."""
    _, stick = brought_up({"AT+CFUN?": answer("+CFUN: 4")})
    said = [
        "ATZ",
        "ATE0",
        "ATV1",
        "AT+CMEE=1",
        "AT&D0",
        "AT+CFUN=1",
        "AT+CREG=1",
        "AT+CEREG=1",
        "AT+CMGF=0",
        "AT+CSMS=0",
    ]
    said += ['AT+CPMS="ME","ME","ME"', "AT+CNMI=2,1,0,1,0", "AT+CMMS=2"]
    last = {command: place for place, command in enumerate(stick.heard)}
    assert [command for command in sorted(last, key=last.__getitem__) if command in said] == said


def test_no_command_changes_what_is_not_ours() -> None:
    """No factory reset, nothing stored as a profile, no character set, no message deleted."""
    _, stick = brought_up({})
    forbidden = ("AT&F", "AT&W", "AT+CSCS", "AT+COPS=", "AT+CMGD", "AT+CMGF=1")
    assert not [command for command in stick.heard if command.startswith(forbidden)]


def test_everything_is_set_again_at_the_next_connection() -> None:
    """A second bring-up says the same as the first."""
    _, first = brought_up({})
    _, second = brought_up({})
    assert first.heard == second.heard


def test_a_modem_that_refuses_everything_optional_still_sends() -> None:
    """Echo, verbose errors, identity, storage choice, indications: all may be refused."""
    mandatory = ("AT", "AT+CPIN?", "AT+CREG?", "AT+CMGF=0")
    gsm, _ = brought_up({command: ERROR for command in Stick().replies if command not in mandatory})
    assert gsm.ready is not None
    assert not gsm.ready.reports
    assert not gsm.ready.more_messages


QUECTEL: dict[str, Reply] = {"AT+CGMI": answer("Quectel"), "AT+CGMM": answer("EC25")}
URC_PORT = 'AT+QURCCFG="urcport"'


@pytest.mark.parametrize(
    ("driver", "ids", "interface", "told", "set_to"),
    [
        ("option", "2c7c:0125", 2, "usbmodem", "usbat"),
        ("option", "2c7c:0125", 3, "usbat", "usbmodem"),
        ("ch341", "1a86:7523", 0, "usbat", "uart1"),
        ("option", "2c7c:0125", 2, "usbat", None),
        ("option", "2c7c:0125", 3, "all", None),
        ("option", "2c7c:0125", 1, "usbat", None),
    ],
)
def test_indications_are_made_to_come_on_the_port_in_use(
    tree: Tree, driver: str, ids: str, interface: int, told: str, set_to: str | None
) -> None:
    """A Quectel gives them on one port only; what it keeps in its flash is written only where it is another one."""
    tree.plug(ids, {interface: ("ttyUSB0", None)}, driver=driver)
    (line,) = serial_lines(tree.machine)
    stick = Stick({**QUECTEL, URC_PORT: answer(f'+QURCCFG: "urcport","{told}"')})
    with talking(stick) as (session, _):
        Gsm(session).bring_up(Setup(line=lambda: line))
    assert [command for command in stick.heard if command.startswith(URC_PORT + ",")] == (
        [f'{URC_PORT},"{set_to}"'] if set_to else []
    )


def test_an_indication_port_is_left_alone_where_ours_is_not_known() -> None:
    """A modem on another machine."""
    _, stick = brought_up({**QUECTEL, URC_PORT: answer('+QURCCFG: "urcport","usbat"')})
    assert URC_PORT not in stick.heard


def test_a_modem_left_at_a_prompt_is_brought_up() -> None:
    """The process before us died between AT+CMGS and Ctrl-Z: ESC first."""
    stick = Stick()
    list(stick.hear(b"AT+CMGS=20\r"))
    with talking(stick) as (session, _):
        assert Gsm(session).bring_up().model == "Stick 1"
    assert stick.submitted == []


def test_a_setting_that_is_not_answered_is_said_once_more() -> None:
    """A stick that has just started may ignore its first commands."""
    gsm, stick = brought_up(
        {"AT+CGMI": answer("huawei"), "AT+CGMM": answer("E173"), "AT^CURC=0": [None, OK], "AT&D0": None}
    )
    assert stick.heard.count("AT^CURC=0") == 2
    assert gsm.ready is not None


@pytest.mark.parametrize("echo", [True, False])
def test_echo_makes_no_difference(echo: bool) -> None:
    """A modem that ignores ATE0 is brought up like any other."""
    stick = Stick()
    stick.echo = echo
    with talking(stick) as (session, _):
        identity = Gsm(session).bring_up()
    assert identity == Identity("Maker", "Stick 1", "1.0", "356938035643809", "8944110065123456789")


@pytest.mark.parametrize("said", ['+CGSN: "356938035643809"', "356938035643809", "IMEI: 356938035643809"])
def test_every_form_of_an_imei_is_read(said: str) -> None:
    """With a prefix, quotes or nothing."""
    gsm, _ = brought_up({"AT+CGSN": answer(said)})
    assert gsm.ready is not None
    assert gsm.ready.identity.imei == "356938035643809"


def test_a_modem_with_its_radio_off_is_switched_on() -> None:
    """+CFUN is set to 1 when it is anything else, before the SIM is looked at."""
    _, stick = brought_up({"AT+CFUN?": answer("+CFUN: 4")})
    assert stick.heard.index("AT+CFUN=1") < stick.heard.index("AT+CPIN?")


def test_a_radio_that_stays_off_is_said() -> None:
    """A refusal to switch on blocks."""
    assert "radio" in str(refused({"AT+CFUN?": answer("+CFUN: 0"), "AT+CFUN=1": ERROR}))


def test_pdu_mode_is_required() -> None:
    """Text mode is never used."""
    assert refused({"AT+CMGF=0": ERROR}).reason is BlockReason.NO_PDU_MODE


# -- readiness --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("busy", ["+CMS ERROR: 302", "+CMS ERROR: 314", "+CMS ERROR: 500", "+CME ERROR: SIM busy"])
def test_sms_commands_that_do_not_work_yet_are_waited_for(busy: str) -> None:
    """Right after a start SMS commands are refused for some seconds."""
    gsm, _ = brought_up({"AT+CSCA?": [lines(busy)] * 3 + [answer('+CSCA: "+447700900000",145')]})
    assert gsm.ready is not None
    assert gsm.ready.service_centre == "+447700900000"


def test_waiting_for_sms_commands_is_bounded() -> None:
    """A modem that never gets ready is reported, within a minute."""
    stick = Stick({"AT+CMGF=0": lines("+CMS ERROR: 302")})
    with talking(stick) as (session, line):
        with pytest.raises(Blocked):
            Gsm(session).bring_up()
        assert SMS_WAIT_S <= line.now < 2 * SMS_WAIT_S


def test_a_ready_indication_ends_the_wait_at_once() -> None:
    """`+QIND: SMS DONE` is believed."""
    stick = Stick(
        {
            "AT+CGMI": answer("Quectel"),
            "AT+CGMM": answer("EC25"),
            "AT+CMGF=0": [[(0.0, lines("+CMS ERROR: 302")), (0.5, lines("+QIND: SMS DONE"))], OK],
        }
    )
    with talking(stick) as (session, line):
        gsm = Gsm(session)
        gsm.bring_up()
        assert line.now < 1.5
        assert gsm.incoming() == []  # a part of this start, not another one


def test_what_a_start_says_during_bring_up_is_that_start() -> None:
    """RDY heard while the modem is set up is no reason to begin again."""
    stick = Stick({"AT+CGMI": lines("RDY", "Maker", "OK")})
    with talking(stick) as (session, _):
        gsm = Gsm(session)
        gsm.bring_up()
        assert gsm.incoming() == []


def test_a_restart_after_bring_up_is_told() -> None:
    """A modem on a UART that starts anew says so and is brought up again."""
    with talking(Stick()) as (session, line):
        gsm = Gsm(session)
        gsm.bring_up()
        line.say(lines("RDY"))
        with pytest.raises(Restarted):
            gsm.incoming()


@pytest.mark.parametrize("sign", ["RDY", "echo"])
def test_after_a_restart_the_same_connection_is_brought_up_again(sign: str) -> None:
    """Nothing of the first life is left: sending and receiving work, and storages are selected anew."""
    stick = Stick({"AT+CMGR=3": answer("+CMGR: 0,,24", pdu(DELIVER))})
    stick.replies["ATE0"] = lambda _: setattr(stick, "echo", False) or OK
    with talking(stick) as (session, line):
        gsm = Gsm(session)
        gsm.bring_up()
        if sign == "RDY":
            line.say(lines("RDY"))
        else:
            stick.echo = True
            gsm.check_alive()
        with pytest.raises(Restarted):
            gsm.incoming()
        gsm.bring_up()
        assert gsm.submit(TPDU) == 7
        line.say(lines('+CMTI: "SM",3'))
        assert len(gsm.incoming()) == 1
        line.say(lines("RDY"))
        with pytest.raises(Restarted):
            gsm.incoming()


# -- service centre ---------------------------------------------------------------------------------------------------

NO_CENTRE = answer('+CSCA: "",129')
SET = {'AT+CSCA="+447700900999",145': OK}


def test_a_missing_service_centre_blocks() -> None:
    """A SIM without one can send nothing; the sentence says what to do."""
    blocked = refused({"AT+CSCA?": NO_CENTRE})
    assert blocked.reason is BlockReason.NO_SERVICE_CENTRE
    assert "configure" in str(blocked)


def test_a_configured_service_centre_is_set_where_there_is_none() -> None:
    """It is written and read back."""
    replies = SET | {"AT+CSCA?": [NO_CENTRE, answer('+CSCA: "+447700900999",145')]}
    gsm, stick = brought_up(replies, Setup(service_centre="+447700900999"))
    assert gsm.ready is not None
    assert gsm.ready.service_centre == "+447700900999"
    assert 'AT+CSCA="+447700900999",145' in stick.heard


def test_a_configured_service_centre_overrides_the_sims() -> None:
    """Who configures one means it."""
    _, stick = brought_up(SET, Setup(service_centre="+447700900999"))
    assert 'AT+CSCA="+447700900999",145' in stick.heard


def test_a_service_centre_that_is_right_is_not_written() -> None:
    """The SIM's memory wears: nothing is written that is there already."""
    _, stick = brought_up({}, Setup(service_centre="+447700900000"))
    assert not [command for command in stick.heard if command.startswith("AT+CSCA=")]


def test_the_last_known_service_centre_fills_in() -> None:
    """When the SIM has lost it, the one that worked before is set; a SIM's own one is left alone."""
    replies = SET | {"AT+CSCA?": [NO_CENTRE, answer('+CSCA: "+447700900999",145')]}
    _, stick = brought_up(replies, Setup(known_service_centre="+447700900999"))
    assert 'AT+CSCA="+447700900999",145' in stick.heard
    _, stick = brought_up(SET, Setup(known_service_centre="+447700900999"))
    assert not [command for command in stick.heard if command.startswith("AT+CSCA=")]


def test_a_service_centre_that_is_no_number_is_not_written() -> None:
    """Nothing but digits reaches the modem."""
    blocked = refused({}, Setup(service_centre='1",145;+CFUN=0'))
    assert blocked.reason is BlockReason.NO_SERVICE_CENTRE


@pytest.mark.parametrize(
    "said",
    [
        '"447700900000",145',
        '"002B003400340037003700300030003900300030003000300030",145',
        "+447700900000,145",
    ],
)
def test_every_form_of_a_service_centre_is_read(said: str) -> None:
    """Without its plus sign, in UCS-2, without quotes."""
    gsm, _ = brought_up({"AT+CSCA?": answer(f"+CSCA: {said}")})
    assert gsm.ready is not None
    assert gsm.ready.service_centre == "+447700900000"


# -- indications ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rung", range(len(INDICATION_LADDER)))
def test_the_first_accepted_rung_of_the_ladder_holds(rung: int) -> None:
    """Modems differ in which +CNMI they take; reports stored are as good as reports routed."""
    replies: dict[str, Reply] = {f"AT+CNMI={setting}": ERROR for setting in INDICATION_LADDER}
    replies[f"AT+CNMI={INDICATION_LADDER[rung]}"] = OK
    gsm, _ = brought_up(replies)
    assert gsm.ready is not None
    assert gsm.ready.indications == INDICATION_LADDER[rung]
    assert gsm.ready.reports == (rung < len(INDICATION_LADDER) - 1)


def test_reports_alone_are_asked_for_before_the_network_is_waited_for() -> None:
    """A held report must not go to nobody; a text is told of only once the storage that is read is chosen."""
    stick = Stick({"AT+CREG?": [answer("+CREG: 1,2"), answer("+CREG: 1,1")]})
    with talking(stick) as (session, _):
        Gsm(session).bring_up()
    early, late = stick.heard.index("AT+CNMI=2,0,0,1,0"), stick.heard.index("AT+CNMI=2,1,0,1,0")
    storage = next(number for number, command in enumerate(stick.heard) if command.startswith("AT+CPMS"))
    assert stick.heard.index("AT+CMGF=0") < early < stick.heard.index("AT+CREG?") < storage < late


def test_the_ladder_is_the_one_of_the_page() -> None:
    """docs/modems.md names what is tried, in order."""
    page = " ".join(Path("docs/modems.md").read_text("utf-8").split())
    assert " · ".join(f"`{rung}`" for rung in INDICATION_LADDER) in page


def test_every_rung_stores_and_notifies() -> None:
    """Incoming messages are never routed: they stay in the modem until they are safely kept."""
    assert {setting.split(",")[1] for setting in INDICATION_LADDER} == {"1"}


@pytest.mark.parametrize(("service", "acknowledged"), [("1,1,1,1", True), ("0,1,1,1", False)])
def test_a_modem_that_insists_on_phase_2_plus_is_acknowledged(service: str, acknowledged: bool) -> None:
    """With +CSMS=1 in force a routed TPDU wants +CNMA, else the modem stops routing."""
    stick = Stick({"AT+CSMS=0": ERROR, "AT+CSMS?": answer(f"+CSMS: {service}"), "AT+CNMA=0": OK})
    with talking(stick) as (session, line):
        gsm = Gsm(session)
        gsm.bring_up()
        line.say(lines("+CDS: 25", "0006" + TPDU.hex()))
        (incoming,) = gsm.incoming()
        gsm.acknowledge(incoming)
    assert ("AT+CNMA=0" in stick.heard) == acknowledged


def insisting(**replies: Reply) -> Stick:
    """A modem that does not let go of phase 2+."""
    return Stick({"AT+CSMS=0": ERROR, "AT+CSMS?": answer("+CSMS: 1,1,1,1"), **replies})


def test_a_modem_that_knows_the_bare_acknowledgement_alone_gets_that() -> None:
    """+CNMA without a value is the older form (TS 27.005 §4.7)."""
    stick = insisting(**{"AT+CNMA": OK})
    with talking(stick) as (session, line):
        gsm = Gsm(session)
        gsm.bring_up()
        line.say(lines("+CDS: 25", pdu(REPORT)))
        (incoming,) = gsm.incoming()
        gsm.acknowledge(incoming)
    assert stick.heard[-2:] == ["AT+CNMA=0", "AT+CNMA"]


def test_what_wants_an_acknowledgement_is_not_taken_in_passing() -> None:
    """In the midst of a burst, too: without it the modem would route nothing more."""
    with talking(insisting()) as (session, line):
        gsm = Gsm(session)
        gsm.bring_up()
        assert gsm.routed() == []
        line.say(lines("+CDS: 25", pdu(REPORT)))
        assert gsm.routed() is None
        assert [one.tpdu for one in gsm.incoming()] == [REPORT]


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        (b"", 0),
        (lines("+CDS: 25", pdu(REPORT)), 1),
        (lines("+CDS: 25", pdu(REPORT), "^RSSI:18", "+CMT: ,24", pdu(DELIVER)), 2),
        (lines('+CMTI: "SM",3'), None),
        (lines("+CDS: 25", pdu(REPORT), '+CMTI: "SM",3'), None),
        (lines("+CMGS: 7"), None),
        (lines("RDY"), None),
    ],
)
def test_only_what_needs_no_command_is_taken_in_passing(said: bytes, taken: int | None) -> None:
    """Routed TPDUs between two segments; for all else the modem is asked, and nothing that was heard is lost by it."""
    stick = Stick()
    with talking(stick) as (session, line):
        gsm = Gsm(session)
        gsm.bring_up()
        before = len(stick.heard)
        line.say(said)
        routed = gsm.routed()
        assert (None if routed is None else len(routed)) == taken
        assert len(stick.heard) == before
        if taken is None and b"+CDS" in said:
            assert [one.tpdu for one in gsm.incoming() if one.kind == "status_report"] == [REPORT]
