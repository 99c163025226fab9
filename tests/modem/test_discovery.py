"""Which port is the modem's."""

import queue
from pathlib import Path

import pytest

from omsmodem.modem import discovery
from omsmodem.modem.discovery import Finder, interview, probe
from omsmodem.modem.errors import PortUnavailable
from omsmodem.modem.gsm import Gsm
from omsmodem.modem.machine import serial_lines
from omsmodem.modem.serial_port import open_port
from omsmodem.modem.session import Session
from tests.modem.stick import ERROR, REPORT, PtyStick, Stick, answer, lines, pdu, talking
from tests.modem.tree import Tree

IMEI, OTHER = "356938035643809", "356938035643817"


def stick(imei: str = IMEI, **replies: bytes) -> Stick:
    return Stick({"AT+CGSN": answer(imei), "AT+CNMI=?": answer("+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)"), **replies})


# -- candidates -------------------------------------------------------------------------------------------------------


def test_only_modems_ports_are_candidates(tree: Tree) -> None:
    """A board that would restart when opened is left alone, a modem maker's port of the same driver is not."""
    tree.plug("12d1:1506", {0: ("ttyUSB0", None)})
    tree.plug("1a86:7523", {0: ("ttyUSB9", None)}, driver="ch341-uart", place="1-2")
    tree.plug("2341:0043", {0: ("ttyACM0", None)}, driver="cdc_acm", place="1-3")
    tree.plug("1546:1102", {0: ("ttyACM1", None)}, driver="cdc_acm", place="1-4")
    names = {line.device.name for line in discovery.candidates(tree.machine)}
    assert names == {"ttyUSB0", "ttyACM1"}


def test_the_port_known_to_speak_at_comes_first(tree: Tree) -> None:
    """Quectel's is interface 02, whatever its number."""
    tree.plug("2c7c:0125", {number: (f"ttyUSB{number}", None) for number in range(4)})
    names = [line.device.name for line in discovery.candidates(tree.machine)]
    assert names == ["ttyUSB2", "ttyUSB3", "ttyUSB0", "ttyUSB1"]


def test_a_line_knows_its_place(tree: Tree) -> None:
    """Driver, interface, USB ids and the stable name come from the kernel."""
    tree.plug("12d1:1506", {2: ("ttyUSB2", None)})
    (line,) = serial_lines(tree.machine)
    assert (line.driver, line.interface, line.usb.ids if line.usb else "") == ("option1", 2, "12d1:1506")
    assert line.by_id is not None
    assert line.by_id.name == "usb-Maker_Stick-if02-port0"


# -- probing ----------------------------------------------------------------------------------------------------------


def test_a_modem_tells_who_it_is() -> None:
    """Identity, SIM, PDU mode and indications."""
    with PtyStick(stick()) as on_pty:
        found = probe(str(on_pty.path))
    assert found.usable
    assert found.indications
    assert (found.identity.imei, found.sim) == (IMEI, "READY")


def test_probing_sets_nothing_but_echo_errors_and_pdu_mode() -> None:
    """Nothing is deleted, no indication is rerouted, no PIN is entered."""
    one = stick()
    with PtyStick(one) as on_pty:
        probe(str(on_pty.path))
    settings = {command for command in one.heard if "=" in command and not command.endswith("=?")}
    assert settings == {"AT+CMEE=1", "AT+CMGF=0"}


def test_a_silent_port_costs_seconds_and_hears_only_at() -> None:
    """A diagnosis port answers nothing, and nothing but AT is written to it."""
    deaf = stick()
    heard: list[bytes] = []
    deaf.deaf = True
    hear = deaf.hear
    deaf.hear = lambda octets: (heard.append(octets), hear(octets))[1]
    with PtyStick(deaf) as on_pty:
        found = probe(str(on_pty.path), escape=False)
    assert not found.answers
    assert found.trouble
    assert set(b"".join(heard).split(b"\r")) == {b"AT", b""}


def test_a_port_that_floods_is_given_up() -> None:
    """A GPS port talks all the time and answers nothing."""
    with PtyStick(Stick({"AT": lines("$GPGGA,1") * 50})) as on_pty:
        found = probe(str(on_pty.path))
    assert not found.usable


def test_a_port_left_at_a_prompt_is_freed() -> None:
    """A modem whose last owner died there is found all the same."""
    one = stick()
    list(one.hear(b"AT+CMGS=20\r"))
    with PtyStick(one) as on_pty:
        assert probe(str(on_pty.path)).usable
    assert one.submitted == []


def test_a_slow_port_is_not_confused() -> None:
    """Answers that come after 1.2 s are still those of their commands."""
    replies = {command: [(1.2, said)] for command, said in stick().replies.items() if isinstance(said, bytes)}
    with talking(Stick(dict(replies))) as (session, _):
        found = interview("a port", session)
    assert (found.identity.imei, found.identity.model, found.sim) == (IMEI, "Stick 1", "READY")


def test_a_port_in_use_says_by_whom() -> None:
    """The probe of a port somebody has open tells that."""
    with PtyStick(stick()) as on_pty:
        port = open_port(str(on_pty.path))
        try:
            assert "in use by" in probe(str(on_pty.path)).trouble
        finally:
            port.close()


# -- finding ----------------------------------------------------------------------------------------------------------


def finder(tree: Tree, imei: str | None = IMEI, device: str | None = None) -> Finder:
    return Finder(imei=imei, device=device, machine=tree.machine)


def found(finder: Finder) -> str:
    port = finder.open()
    port.close()
    return Path(port.name).name


def test_a_modem_is_found_by_its_imei_among_several(tree: Tree) -> None:
    """Two sticks of one make differ in nothing else."""
    tree.plug("12d1:1506", {0: ("ttyUSB0", stick(OTHER))}, place="1-1")
    tree.plug("12d1:1506", {0: ("ttyUSB1", stick())}, place="1-2")
    assert found(finder(tree)) == "ttyUSB1"


def test_what_a_modem_says_while_it_is_looked_for_is_heard_by_its_driver(tree: Tree) -> None:
    """A routed report reaches whoever opened the port first, which is the probe: it is said again, and only once."""
    said = lines("^RSSI:18", "+CDS: 25", pdu(REPORT), "+CMGS: 7")
    tree.plug("12d1:1506", {0: ("ttyUSB0", stick(**{"AT+CNMI=?": said + answer("+CNMI: (0-2)")}))})
    finds = finder(tree)
    session = Session(finds.open(), queue.SimpleQueue())
    try:
        gsm = Gsm(session)
        gsm.bring_up()
        assert [one.tpdu for one in gsm.incoming()] == [REPORT]
        assert gsm.late_references() == [7]
    finally:
        session.close()


def test_which_port_was_opened_is_known(tree: Tree) -> None:
    """Its place in the stick, for what a make wants to be told of it."""
    tree.plug("12d1:1506", {0: ("ttyUSB0", None), 3: ("ttyUSB1", stick())})
    finds = finder(tree)
    assert finds.line is None
    found(finds)
    assert finds.line is not None
    assert (finds.line.device.name, finds.line.interface) == ("ttyUSB1", 3)


def test_a_modem_is_found_again_under_another_name(tree: Tree) -> None:
    """Unplugged and plugged in again it is another ttyUSB."""
    tree.plug("12d1:1506", {0: ("ttyUSB0", stick())})
    finds = finder(tree)
    assert found(finds) == "ttyUSB0"
    tree.unplug("ttyUSB0")
    with pytest.raises(PortUnavailable, match=IMEI):
        finds.open()
    tree.plug("12d1:1506", {0: ("ttyUSB4", stick())}, place="1-2")
    assert found(finds) == "ttyUSB4"


def test_a_modem_that_is_known_is_asked_alone(tree: Tree) -> None:
    """The other sticks are not disturbed each time."""
    other = stick(OTHER)
    tree.plug("12d1:1506", {0: ("ttyUSB0", other)}, place="1-1")
    tree.plug("12d1:1506", {0: ("ttyUSB1", stick())}, place="1-2")
    finds = finder(tree)
    found(finds)
    heard = len(other.heard)
    assert found(finds) == "ttyUSB1"
    assert len(other.heard) == heard


def test_the_right_one_of_several_ports_is_taken(tree: Tree) -> None:
    """Diagnosis answers nothing, the modem port takes no PDUs: PCUI it is."""
    tree.plug(
        "12d1:1506",
        {0: ("ttyUSB0", stick(**{"AT+CMGF=0": ERROR})), 1: ("ttyUSB1", None), 2: ("ttyUSB2", stick())},
    )
    assert found(finder(tree)) == "ttyUSB2"


def test_of_equal_ports_huaweis_last_is_taken_and_other_makes_first(tree: Tree) -> None:
    """Huawei's indications come on the last port."""
    tree.plug("12d1:1506", {0: ("ttyUSB0", stick()), 2: ("ttyUSB2", stick())}, place="1-1")
    tree.plug("19d2:0117", {1: ("ttyUSB5", stick(OTHER)), 2: ("ttyUSB6", stick(OTHER))}, place="1-2")
    assert found(finder(tree)) == "ttyUSB2"
    assert found(finder(tree, OTHER)) == "ttyUSB6"  # interface 02 is the first this maker's table names


def test_a_port_that_indicates_is_better_than_one_that_does_not(tree: Tree) -> None:
    """Reports and arrivals come on one port only."""
    silent = stick(**{"AT+CNMI=?": ERROR})
    tree.plug("2c7c:0125", {2: ("ttyUSB2", silent), 3: ("ttyUSB3", stick())})
    assert found(finder(tree)) == "ttyUSB3"


def test_the_port_of_the_last_time_is_asked_alone(tree: Tree) -> None:
    """A reconnect does not go through all ports of the stick."""
    first = stick()
    tree.plug("12d1:1506", {0: ("ttyUSB0", first), 2: ("ttyUSB2", stick())})
    finds = finder(tree)
    found(finds)
    heard = len(first.heard)
    assert found(finds) == "ttyUSB2"
    assert len(first.heard) == heard


def test_another_modem_is_not_asked_again_and_again(tree: Tree) -> None:
    """While ours is unplugged, its neighbour is left in peace."""
    other = stick(OTHER)
    tree.plug("12d1:1506", {0: ("ttyUSB0", other)})
    finds = finder(tree)
    for _ in range(3):
        with pytest.raises(PortUnavailable, match=OTHER):
            finds.open()
    assert other.heard.count("AT+CGSN") == 1


def test_esc_goes_only_to_ports_that_speak_at(tree: Tree) -> None:
    """A modem left at a prompt is freed; a diagnosis port hears AT and nothing else."""
    diagnosis, left = Stick(), stick()
    diagnosis.deaf = True
    list(left.hear(b"AT+CMGS=20\r"))
    tree.plug("1bc7:1201", {0: ("ttyUSB0", left), 4: ("ttyUSB4", left)})
    octets = bytearray()
    hear = diagnosis.hear
    diagnosis.hear = lambda said: (octets.extend(said), hear(said))[1]
    tree.plug("2c7c:0125", {0: ("ttyUSB5", diagnosis), 2: ("ttyUSB6", stick(OTHER))}, place="1-2")
    assert found(finder(tree)) == "ttyUSB4"
    tree.unplug("ttyUSB6")
    with pytest.raises(PortUnavailable):
        finder(tree, OTHER).open()
    assert b"AT\r" in octets
    assert b"\x1b" not in octets


def test_a_port_that_went_deaf_is_replaced_by_its_sister(tree: Tree) -> None:
    """The second AT port of the same modem is tried before anything is reset."""
    first, second = stick(), stick()
    tree.plug("2c7c:0125", {2: ("ttyUSB2", first), 3: ("ttyUSB3", second)})
    finds = finder(tree)
    assert found(finds) == "ttyUSB2"
    first.deaf = True
    assert found(finds) == "ttyUSB3"


def test_a_configured_device_is_opened_as_it_is(tree: Tree) -> None:
    """Without an IMEI nothing is probed, and a stable name is followed."""
    one = stick()
    tree.plug("12d1:1506", {0: ("ttyUSB0", one)})
    by_id = next((tree.machine.dev / "serial/by-id").iterdir())
    assert found(finder(tree, None, str(by_id))) == by_id.name
    assert one.heard == []


def test_a_port_never_tried_unasked_is_found_when_named(tree: Tree) -> None:
    """A serial adapter is no candidate, but as `device` beside the IMEI it is looked at."""
    tree.plug("1a86:7523", {0: ("ttyUSB9", stick())}, driver="ch341-uart")
    with pytest.raises(PortUnavailable):
        finder(tree).open()
    assert found(finder(tree, IMEI, str(tree.device("ttyUSB9")))) == "ttyUSB9"


def test_the_wrong_modem_at_the_named_port_is_refused(tree: Tree) -> None:
    """The IMEI is believed, not the port; what was found is told."""
    tree.plug("1a86:7523", {0: ("ttyUSB9", stick(OTHER))}, driver="ch341-uart")
    with pytest.raises(PortUnavailable, match=OTHER):
        finder(tree, IMEI, str(tree.device("ttyUSB9"))).open()


def test_a_modem_in_use_elsewhere_is_said(tree: Tree) -> None:
    """Not found, because somebody has the only port open: the sentence names them."""
    tree.plug("12d1:1506", {0: ("ttyUSB0", stick())})
    port = open_port(str(tree.device("ttyUSB0")))
    try:
        with pytest.raises(PortUnavailable, match="in use by"):
            finder(tree).open()
    finally:
        port.close()


def test_a_finder_needs_something_to_go_by() -> None:
    """Neither IMEI nor device is a mistake of the program."""
    with pytest.raises(ValueError, match="IMEI"):
        Finder()


def test_coming_back_again_and_again_is_called_a_power_fault(tree: Tree) -> None:
    """Three new enumerations within ten minutes are told in words; they are forgotten after that."""
    now = 0.0
    finds = Finder(device=str(tree.device("ttyUSB0")), machine=tree.machine, monotonic=lambda: now)
    for _ in range(4):
        tree.plug("12d1:1506", {0: ("ttyUSB0", stick())})
        found(finds)
        tree.unplug("ttyUSB0")
        now += 60
    assert "power" in finds.restless
    now += 600
    assert finds.restless == ""
