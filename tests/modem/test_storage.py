"""The modem's message storage: chosen, read, emptied only of what is safely kept."""

import pytest

from omsmodem.modem.bring_up import Setup
from omsmodem.modem.errors import PortLost
from omsmodem.modem.gsm import Gsm, Incoming
from omsmodem.modem.storage import Fill
from tests.modem.stick import DELIVER, ERROR, OK, REPORT, TPDU, Reply, Stick, answer, lines, pdu, talking

EMPTY_ME = {'AT+CPMS="ME"': answer("+CPMS: 0,10,0,20,0,20")}


def listing(*entries: tuple[int, int, bytes]) -> bytes:
    """A +CMGL answer of (index, stat, TPDU)."""
    said = []
    for index, stat, tpdu in entries:
        said += [f"+CMGL: {index},{stat},,{len(tpdu)}", pdu(tpdu)]
    return answer(*said)


def reading(tpdu: bytes) -> bytes:
    return answer(f"+CMGR: 0,,{len(tpdu)}", pdu(tpdu))


# -- choosing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sm", "me", "chosen"), [(20, 10, "SM"), (20, 255, "ME"), (20, 20, "SM"), (0, 23, "ME")])
def test_the_larger_storage_is_chosen(sm: int, me: int, chosen: str) -> None:
    """The more room, the longer a box may be down."""
    stick = Stick(
        {
            'AT+CPMS="SM","SM","SM"': answer(f"+CPMS: 0,{sm},0,{sm},0,{sm}"),
            'AT+CPMS="ME","ME","ME"': answer(f"+CPMS: 0,{me},0,{me},0,{me}"),
        }
    )
    with talking(stick) as (session, _):
        gsm = Gsm(session)
        gsm.bring_up()
    assert gsm.ready is not None
    assert gsm.ready.fill is not None
    assert gsm.ready.fill.storage == chosen
    assert [command for command in stick.heard if command.startswith("AT+CPMS=")][
        -1
    ] == f'AT+CPMS="{chosen}","{chosen}","{chosen}"'


@pytest.mark.parametrize(
    ("told", "arrival", "readable"),
    [
        (answer('+CPMS: ("SM","ME","SR"),("SM","ME"),("ME")'), "ME", "SM ME SR"),
        (answer('+CPMS: ("ME","SM","SR","MT"),("SM"),("SM","ME")'), "SM", "SM ME SR"),
        (answer('+CPMS: ("SM"),("SM")'), "SM", "SM"),
        (answer('+CPMS: ("SM","SR")'), "SM", "SM SR"),
        (answer("+CPMS: ?"), "SM", "SM ME"),
        (ERROR, "SM", "SM ME"),
    ],
)
def test_what_can_be_read_may_differ_from_where_messages_arrive(told: bytes, arrival: str, readable: str) -> None:
    """The first group of +CPMS=? are the names for reading, the third those for arriving; all that can be read is read."""
    stick = Stick({"AT+CPMS=?": told, 'AT+CPMS="SR"': OK})
    with talking(stick) as (session, _):
        gsm = Gsm(session)
        gsm.bring_up()
        stick.heard.clear()
        assert gsm.stored() == []
    assert gsm.ready is not None
    assert gsm.ready.fill is not None
    assert gsm.ready.fill.storage == arrival
    assert stick.heard.count("AT+CMGL=4") == len(readable.split())
    selected = {command[9:11] for command in stick.heard if command.startswith('AT+CPMS="')}
    assert selected | {arrival} == set(readable.split())


def test_a_configured_storage_is_taken() -> None:
    """Also when it is the smaller one; when the modem has none such, the choice is ours."""
    for wanted, chosen in (("ME", "ME"), ("MT", "SM")):
        with talking(Stick()) as (session, _):
            gsm = Gsm(session)
            gsm.bring_up(Setup(storage=wanted))
        assert gsm.ready is not None
        assert gsm.ready.fill is not None
        assert gsm.ready.fill.storage == chosen


def test_a_modem_that_sets_one_storage_at_a_time() -> None:
    """Where three names are refused, one is set."""
    stick = Stick({'AT+CPMS="SM","SM","SM"': ERROR, 'AT+CPMS="ME","ME","ME"': ERROR})
    with talking(stick) as (session, _):
        gsm = Gsm(session)
        gsm.bring_up()
    assert gsm.ready is not None
    assert gsm.ready.fill is not None


def test_the_fill_is_that_of_the_storage_of_arrival() -> None:
    """The last of the three pairs counts."""
    with talking(Stick({"AT+CPMS?": answer('+CPMS: "SM",1,20,"SM",1,20,"ME",9,10')})) as (session, _):
        assert Gsm(session).fill() == Fill("ME", 9, 10)


# -- arriving ---------------------------------------------------------------------------------------------------------


def test_a_message_is_read_from_the_storage_that_was_named() -> None:
    """+CMTI names the storage; the modem may have another one selected."""
    stick = Stick({"AT+CMGR=3": reading(DELIVER)})
    with talking(stick) as (session, line):
        gsm = Gsm(session)
        gsm.bring_up()
        line.say(lines('+CMTI: "ME",3'))
        assert gsm.incoming() == [Incoming("deliver", DELIVER, "ME", 3)]
    assert stick.heard[-2:] == ['AT+CPMS="ME"', "AT+CMGR=3"]


def test_after_a_bring_up_nothing_is_believed_to_be_selected() -> None:
    """A restart forgets the selection, also where choosing a storage is refused."""
    stick = Stick({"AT+CMGR=3": reading(DELIVER)})
    with talking(stick) as (session, line):
        gsm = Gsm(session)
        gsm.bring_up()
        line.say(lines('+CMTI: "ME",3'))
        gsm.incoming()
        stick.replies |= {'AT+CPMS="SM","SM","SM"': ERROR, 'AT+CPMS="ME","ME","ME"': ERROR, "AT+CPMS=?": ERROR}
        stick.replies |= {'AT+CPMS="SM"': ERROR, 'AT+CPMS="ME"': ERROR}
        gsm.bring_up()
        stick.replies['AT+CPMS="ME"'] = OK
        line.say(lines('+CMTI: "ME",3'))
        gsm.incoming()
    assert stick.heard[-2:] == ['AT+CPMS="ME"', "AT+CMGR=3"]


def test_a_storage_that_is_selected_is_not_selected_again() -> None:
    """One command for a message that lies where we look anyway."""
    stick = Stick({"AT+CMGR=3": reading(DELIVER)})
    with talking(stick) as (session, line):
        gsm = Gsm(session)
        gsm.bring_up()
        before = len(stick.heard)
        line.say(lines('+CMTI: "SM",3'))
        gsm.incoming()
    assert stick.heard[before:] == ["AT+CMGR=3"]


@pytest.mark.parametrize("header", ['+CDSI: "SM",4', '+CMTI: "SM",4'])
def test_a_stored_report_is_a_report(header: str) -> None:
    """The TPDU says what it is, whatever the indication calls it."""
    with talking(Stick({"AT+CMGR=4": reading(REPORT)})) as (session, line):
        gsm = Gsm(session)
        line.say(lines(header))
        assert gsm.incoming() == [Incoming("status_report", REPORT, "SM", 4)]


def test_routed_tpdus_are_taken() -> None:
    """+CDS, and +CMT of a modem that routes in spite of +CNMI, come with their TPDU and lie nowhere."""
    with talking(Stick()) as (session, line):
        line.say(lines(f"+CDS: {len(REPORT)}", pdu(REPORT), f"+CMT: ,{len(DELIVER)}", pdu(DELIVER)))
        assert Gsm(session).incoming() == [Incoming("status_report", REPORT), Incoming("deliver", DELIVER)]


def test_a_message_that_is_elsewhere_is_found() -> None:
    """Some modems announce one storage and use another: everything is looked through."""
    stick = Stick({"AT+CMGR=3": lines("+CMS ERROR: 321"), "AT+CMGL=4": [OK, listing((7, 0, DELIVER))]})
    with talking(stick) as (session, line):
        gsm = Gsm(session)
        gsm.bring_up()
        line.say(lines('+CMTI: "SM",3'))
        assert gsm.incoming() == [Incoming("deliver", DELIVER, "ME", 7)]


def test_a_storage_that_cannot_be_selected_is_not_taken_for_the_selected_one() -> None:
    """A report announced in SR, which the modem does not let anybody read, is looked for elsewhere."""
    other = {"AT+CMGR=1": reading(DELIVER), "AT+CMGL=4": [listing((1, 0, DELIVER)), listing((5, 0, REPORT))]}
    stick = Stick({'AT+CPMS="SR"': lines("+CMS ERROR: 303"), **other})
    with talking(stick) as (session, line):
        gsm = Gsm(session)
        gsm.bring_up()
        line.say(lines('+CDSI: "SR",1'))
        found = gsm.incoming()
    assert [(one.kind, one.storage, one.index) for one in found] == [("deliver", "SM", 1), ("status_report", "ME", 5)]


def test_one_message_announced_twice_is_handed_over_once() -> None:
    """Within one call an index is one message."""
    with talking(Stick({"AT+CMGR=3": reading(DELIVER)})) as (session, line):
        line.say(lines('+CMTI: "SM",3', '+CMTI: "SM",3'))
        assert len(Gsm(session).incoming()) == 1


@pytest.mark.parametrize("said", ['^SMMEMFULL: "SM"', '+CIEV: "SMSFULL",1', "%SMMEMFULL"])
def test_a_full_storage_is_looked_through(said: str) -> None:
    """A full storage announces nothing more: what lies there is fetched, so that it can be let go."""
    with talking(Stick({"AT+CMGL=4": [listing((1, 0, DELIVER)), OK]})) as (session, line):
        gsm = Gsm(session)
        gsm.bring_up()
        line.say(lines(said))
        assert gsm.incoming() == [Incoming("deliver", DELIVER, "SM", 1)]


def test_an_indication_without_its_tpdu_harms_nothing() -> None:
    """A damaged +CDS is dropped, what follows is not."""
    with talking(Stick()) as (session, line):
        line.say(lines("+CDS: 25", "garbage", f"+CDS: {len(REPORT)}", pdu(REPORT)))
        assert Gsm(session).incoming() == [Incoming("status_report", REPORT)]


def test_a_report_is_kept_when_the_port_goes_while_a_message_is_read() -> None:
    """What was routed is nowhere else, so it comes first."""
    stick = Stick({"AT+CMGR=3": None})
    with talking(stick) as (session, line):
        gsm = Gsm(session)
        line.say(lines('+CMTI: "SM",3', f"+CDS: {len(REPORT)}", pdu(REPORT)))
        line.unplug(after_s=1)
        assert gsm.incoming() == [Incoming("status_report", REPORT)]
        with pytest.raises(PortLost):
            gsm.incoming()


# -- looking through --------------------------------------------------------------------------------------------------


def stored(replies: dict[str, Reply]) -> tuple[list[Incoming], Stick]:
    stick = Stick(replies)
    with talking(stick) as (session, _):
        gsm = Gsm(session)
        gsm.bring_up()
        return gsm.stored(), stick


def test_everything_stored_is_handed_over_and_nothing_deleted() -> None:
    """At a start the storages are read, the SIM's and the modem's; deleting comes after keeping."""
    found, stick = stored({"AT+CMGL=4": [listing((1, 1, DELIVER), (2, 0, REPORT)), listing((5, 0, DELIVER))]})
    assert found == [
        Incoming("deliver", DELIVER, "SM", 1),
        Incoming("status_report", REPORT, "SM", 2),
        Incoming("deliver", DELIVER, "ME", 5),
    ]
    assert not [command for command in stick.heard if command.startswith("AT+CMGD")]


def test_copies_of_outgoing_messages_are_not_incoming() -> None:
    """A SIM from a phone may hold sent texts and drafts."""
    found, _ = stored({"AT+CMGL=4": [listing((1, 3, TPDU), (2, 2, TPDU), (3, 1, DELIVER), (4, 1, TPDU)), OK]})
    assert [incoming.index for incoming in found] == [3]


def test_an_unreadable_entry_hides_no_other() -> None:
    """Each entry keeps its own index, whatever stands in the one before."""
    found, _ = stored({"AT+CMGL=4": [answer("+CMGL: 1,1,,9", "not hex", "+CMGL: 2,1,,24", pdu(DELIVER)), OK]})
    assert found == [Incoming("deliver", DELIVER, "SM", 2)]


@pytest.mark.parametrize("first_index", [0, 1])
def test_where_listing_is_refused_each_place_is_read(first_index: int) -> None:
    """Per-index reads, for modems that count from 0 and from 1, as many as the modem says there are."""
    gone = lines("+CMS ERROR: 321")
    replies: dict[str, Reply] = {f"AT+CMGR={index}": gone for index in range(21)}
    replies[f"AT+CMGR={first_index}"] = reading(DELIVER)
    replies["AT+CMGR=7"] = reading(REPORT)
    replies |= {"AT+CMGL=4": ERROR, "AT+CPMS=?": answer('+CPMS: ("SM"),("SM"),("SM")')}
    replies["AT+CPMS?"] = answer('+CPMS: "SM",2,20,"SM",2,20,"ME",1,5')
    found, stick = stored(replies)
    assert [incoming.index for incoming in found] == [first_index, 7]
    assert "AT+CMGR=8" not in stick.heard


def test_polling_an_empty_storage_is_one_command() -> None:
    """For modems that lose indications: a look now and then costs next to nothing."""
    stick = Stick()
    with talking(stick) as (session, _):
        gsm = Gsm(session)
        gsm.bring_up()
        before = len(stick.heard)
        assert gsm.poll() == []
    assert stick.heard[before:] == ["AT+CPMS?"]


def test_polling_finds_what_was_never_announced() -> None:
    """A message without +CMTI is found."""
    stick = Stick({"AT+CPMS?": answer('+CPMS: "SM",1,20,"SM",1,20,"SM",1,20')})
    stick.replies["AT+CMGL=4"] = [listing((1, 0, DELIVER)), OK]
    with talking(stick) as (session, _):
        gsm = Gsm(session)
        gsm.bring_up()
        assert gsm.poll() == [Incoming("deliver", DELIVER, "SM", 1)]


# -- letting go -------------------------------------------------------------------------------------------------------


def test_a_message_is_deleted_where_it_lies() -> None:
    """In the storage it was read from, whichever is selected meanwhile."""
    stick = Stick({"AT+CMGD=3": OK})
    with talking(stick) as (session, _):
        gsm = Gsm(session)
        gsm.bring_up()
        gsm.acknowledge(Incoming("deliver", DELIVER, "ME", 3))
    assert stick.heard[-2:] == ['AT+CPMS="ME"', "AT+CMGD=3"]


def test_a_delete_that_is_refused_is_no_fault() -> None:
    """The other form is tried; after that the message may be seen again, and nothing worse happens."""
    stick = Stick({"AT+CMGD=3": ERROR, "AT+CMGD=3,0": ERROR})
    with talking(stick) as (session, _):
        Gsm(session).acknowledge(Incoming("deliver", DELIVER, "SM", 3))
    assert stick.heard[-2:] == ["AT+CMGD=3", "AT+CMGD=3,0"]


def test_nothing_is_deleted_from_a_storage_that_cannot_be_selected() -> None:
    """Else the same index of another storage would go."""
    stick = Stick({'AT+CPMS="SR"': ERROR, "AT+CMGD=3": OK})
    with talking(stick) as (session, _):
        gsm = Gsm(session)
        gsm.bring_up()
        gsm.acknowledge(Incoming("status_report", REPORT, "SR", 3))
    assert "AT+CMGD=3" not in stick.heard


def test_a_routed_tpdu_needs_no_deleting() -> None:
    """There is nothing to let go of."""
    stick = Stick()
    with talking(stick) as (session, _):
        Gsm(session).acknowledge(Incoming("status_report", REPORT))
    assert stick.heard == []


def test_only_copies_of_outgoing_messages_are_freed() -> None:
    """Room is made without touching anything that came in."""
    stick = Stick({"AT+CMGL=4": [listing((1, 3, TPDU), (2, 1, DELIVER), (3, 2, TPDU)), OK]})
    stick.replies |= {"AT+CMGD=1": OK, "AT+CMGD=3": OK}
    with talking(stick) as (session, _):
        gsm = Gsm(session)
        gsm.bring_up()
        assert gsm.free_storage() == 2
    assert "AT+CMGD=2" not in stick.heard
