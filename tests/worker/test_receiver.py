"""From the modem's storage into the store: kept first, deleted after, whatever the octets are."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omsmodem.message import Answer, Arrival, IncomingKind, NoticeKind, Route
from omsmodem.modem.gsm import Gsm, Incoming
from omsmodem.sms import segment
from omsmodem.sms.address import ALPHANUMERIC, Address
from omsmodem.sms.tpdu import Deliver, StatusReport, decode_submit
from omsmodem.sms.udh import InformationElement
from omsmodem.sms.user_data import UserData
from omsmodem.store import Sorting, Store, open_store
from omsmodem.store.errors import StoreError
from omsmodem.worker import reading
from omsmodem.worker.receiver import Receiver, Reception
from tests.modem.stick import OK, Stick, answer, lines, pdu, talking

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PHONE = Address.of("+447700900222")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "omsmodem.db", lambda: NOW)
    yield opened
    opened.close()


def deliver(text: str = "hello", **changes: object) -> bytes:
    fields: dict[str, object] = {"originator": PHONE, "user_data": UserData(text), "service_centre_time": NOW}
    return Deliver(**(fields | changes)).encode()


def ucs2(text: str, *, number: int = 0) -> bytes:
    """A segment as an older phone cuts it, between any two units; `number` 0 is a message of its own."""
    header = (InformationElement(0, bytes([9, 2, number])),) if number else ()
    octets = deliver(user_data=UserData(dcs=0x04, header=header, octets=text.encode("utf-16-be", "surrogatepass")))
    return octets[:10] + b"\x08" + octets[11:]


def long_message(text: str, reference: int = 7) -> list[bytes]:
    """The segments of a long text as a phone's network delivers them."""
    cut = segment.cut(text, "+447700900111", reference, validity=timedelta(hours=1), status_report=False)
    return [Deliver(PHONE, decode_submit(octets).user_data, NOW).encode() for octets in cut]


class Storage:
    """A SIM's storage: TPDUs by index. `deletes` False: the modem refuses to delete."""

    def __init__(self, *tpdus: bytes) -> None:
        self.held = dict(enumerate(tpdus, 1))
        self.deletes = True
        self.deleted: list[int] = []
        self.on_delete: Callable[[], None] = lambda: None

    def replies(self) -> Stick:
        stick = Stick({"AT+CMGL=4": lambda _: self.listing(), "AT+CPMS=?": answer('+CPMS: ("SM"),("SM"),("SM")')})
        for index in range(1, 30):
            stick.replies[f"AT+CMGR={index}"] = lambda line: self.read(int(line.partition("=")[2]))
            stick.replies[f"AT+CMGD={index}"] = lambda line: self.delete(int(line.partition("=")[2]))
        stick.replies["AT+CPMS?"] = lambda _: answer(
            f'+CPMS: "SM",{len(self.held)},20,"SM",{len(self.held)},20,"SM",1,20'
        )
        return stick

    def listing(self) -> bytes:
        entries = [line for index, tpdu in self.held.items() for line in (f"+CMGL: {index},1,,{len(tpdu)}", pdu(tpdu))]
        return answer(*entries)

    def read(self, index: int) -> bytes:
        if index not in self.held:
            return lines("+CMS ERROR: 321")
        return answer(f"+CMGR: 0,,{len(self.held[index])}", pdu(self.held[index]))

    def delete(self, index: int) -> bytes:
        self.on_delete()
        if not self.deletes:
            return lines("+CMS ERROR: 500")
        self.deleted.append(index)
        self.held.pop(index, None)
        return OK


def texts(store: Store) -> list[str]:
    return [message.text for message in reversed(store.inbox.messages())]


def received(store: Store, *tpdus: bytes, reception: Reception | None = None) -> Storage:
    """What is left of a storage after a start with these TPDUs in it."""
    storage = Storage(*tpdus)
    with talking(storage.replies()) as (session, line):
        gsm = Gsm(session)
        gsm.bring_up()
        Receiver("modem1", store, reception, monotonic=line.monotonic).receive(gsm)
    return storage


def test_what_waited_in_storage_is_kept_before_it_is_deleted(store: Store) -> None:
    """At every delete the message is already on disk (law 3)."""
    kept: list[int] = []
    storage = Storage(deliver("one"), deliver("two"))
    storage.on_delete = lambda: kept.append(len(store.inbox.messages()))
    with talking(storage.replies()) as (session, line):
        gsm = Gsm(session)
        gsm.bring_up()
        Receiver("modem1", store, monotonic=line.monotonic).receive(gsm)
    assert kept == [1, 2]
    assert storage.held == {}
    assert texts(store) == ["one", "two"]
    assert store.inbox.messages()[0].originator == "+447700900222"


def test_pain_21_an_indication_is_read_where_it_says_and_a_lost_one_is_found_by_looking(store: Store) -> None:
    """+CMTI leads to its message at once; a message without indication is found on the slow poll."""
    storage = Storage()
    with talking(storage.replies()) as (session, line):
        gsm = Gsm(session)
        gsm.bring_up()
        receiver = Receiver("modem1", store, Reception(poll_s=900), monotonic=line.monotonic)
        receiver.receive(gsm)
        storage.held[5] = deliver("announced")
        line.say(lines('+CMTI: "SM",5'))
        session.wait(1.0)
        receiver.receive(gsm)
        assert texts(store) == ["announced"]
        storage.held[6] = deliver("silent")
        receiver.receive(gsm)
        assert texts(store) == ["announced"]
        line.now += 901
        receiver.receive(gsm)
    assert texts(store) == ["announced", "silent"]
    assert storage.held == {}


def test_pain_19_a_message_that_cannot_be_deleted_is_told_once(store: Store) -> None:
    """It comes again at every look and changes nothing."""
    storage = Storage(deliver("stuck"))
    storage.deletes = False
    with talking(storage.replies()) as (session, line):
        gsm = Gsm(session)
        gsm.bring_up()
        receiver = Receiver("modem1", store, Reception(poll_s=10), monotonic=line.monotonic)
        for _ in range(3):
            receiver.receive(gsm)
            line.now += 11
    assert texts(store) == ["stuck"]
    assert len(store.notices.due()) == 1


def test_nothing_is_deleted_when_the_store_cannot_keep_it(store: Store, tmp_path: Path) -> None:
    """A full disk or a closed store leaves the message on the SIM, and the next connection finds it."""
    storage = Storage(deliver("later"))
    with talking(storage.replies()) as (session, line):
        gsm = Gsm(session)
        gsm.bring_up()
        closed = open_store(tmp_path / "other.db", lambda: NOW)
        receiver = Receiver("modem1", closed, monotonic=line.monotonic)
        closed.close()
        with pytest.raises(StoreError):
            receiver.receive(gsm)
        assert storage.held
        Receiver("modem1", store, monotonic=line.monotonic).receive(gsm)
    assert texts(store) == ["later"]
    assert storage.held == {}


def test_pain_18_five_segments_out_of_order_and_one_twice_are_one_message(store: Store) -> None:
    """Emoji and all, cut where a phone cuts."""
    text = "The harbour is closed 🐟 " * 14
    cut = long_message(text)
    assert len(cut) == 6
    storage = received(store, cut[4], cut[1], cut[0], cut[1], cut[3], cut[5], cut[2])
    assert texts(store) == [text]
    assert storage.held == {}
    assert len(store.notices.due()) == 1


def test_a_pair_of_surrogates_cut_apart_is_joined_and_a_half_is_marked(store: Store) -> None:
    """A sender may cut an emoji in two; a half that stays alone is no character."""
    received(store, ucs2("a\ud83d", number=1), ucs2("\udc1fb", number=2), ucs2("half \ud83d"))
    assert texts(store) == ["a🐟b", "half \ufffd"]


@pytest.mark.parametrize(
    ("tpdu", "kind", "detail", "text"),
    [
        (deliver(user_data=UserData("now!", 0x10)), IncomingKind.TEXT, "class 0", "now!"),
        (deliver(protocol_identifier=0x5F), IncomingKind.TEXT, "asks to be called", "hello"),
        (deliver(user_data=UserData(dcs=0x04, octets=b"\x00\xff")), IncomingKind.DATA, "octets", ""),
        (
            deliver(
                user_data=UserData(dcs=0x04, header=(InformationElement(5, bytes.fromhex("0B8423F0")),), octets=b"\x01")
            ),
            IncomingKind.DATA,
            "port 2948",
            "",
        ),
        (deliver(user_data=UserData("you have mail", 0xD8)), IncomingKind.WAITING, "voicemail waits", "you have mail"),
        (deliver(user_data=UserData("", 0xC8)), IncomingKind.WAITING, "voicemail waits", ""),
        (
            deliver(user_data=UserData("", 0, (InformationElement(1, b"\x00\x03"),))),
            IncomingKind.WAITING,
            "voicemail waits (3)",
            "",
        ),
    ],
)
def test_each_kind_is_kept_as_what_it_is(store: Store, tpdu: bytes, kind: IncomingKind, detail: str, text: str) -> None:
    """Class 0, return calls, octets, ports and waiting indications are told apart."""
    assert received(store, tpdu).held == {}
    (message,) = store.inbox.messages()
    assert (message.kind, message.text) == (kind, text)
    assert detail in message.detail


@pytest.mark.parametrize(
    "tpdu",
    [
        deliver(protocol_identifier=0x40),
        deliver(protocol_identifier=0x7F),
        deliver(user_data=UserData("", 0xC0)),
    ],
)
def test_what_nobody_is_to_see_is_acknowledged_and_dropped(store: Store, tpdu: bytes) -> None:
    """Type 0, data for the SIM, and an indication that is cleared."""
    assert received(store, tpdu).held == {}
    assert store.inbox.messages() == []
    assert store.inbox.undecodable() == []


def test_an_alphanumeric_sender_is_a_name_that_cannot_be_answered(store: Store) -> None:
    """Also one whose letters look like a number; control characters are no part of a name."""
    received(
        store,
        deliver(originator=Address("Bank\nX", ALPHANUMERIC)),
        deliver(originator=Address("+447700", ALPHANUMERIC)),
    )
    assert [(m.originator, m.answerable) for m in store.inbox.messages()] == [("+447700", False), ("Bank X", False)]


def test_a_number_in_national_form_is_written_as_it_is_written_to(store: Store) -> None:
    """So that the reply finds who wrote, and can be answered."""
    reception = Reception(canonical=lambda number: "+44" + number.removeprefix("0"))
    received(store, deliver(originator=Address("07700900222")), reception=reception)
    assert store.inbox.messages()[0].originator == "+447700900222"


def test_the_time_keeps_the_zone_of_the_service_centre(store: Store) -> None:
    """And a time that is no date keeps the message."""
    there = NOW.astimezone(timezone(timedelta(hours=-3, minutes=-30)))
    received(store, deliver("far", service_centre_time=there), deliver("never", service_centre_time=None))
    never, far = store.inbox.messages()
    assert (never.sent_at, far.sent_at) == (None, there)
    assert far.sent_at is not None
    assert far.sent_at.utcoffset() == timedelta(hours=-3, minutes=-30)


def test_the_same_octets_with_another_more_messages_bit_are_the_same_message(store: Store) -> None:
    """A centre that sends again because its acknowledgement was lost may change that bit."""
    received(store, deliver(), deliver(more_messages=True))
    assert texts(store) == ["hello"]


def test_an_automatic_answer_is_handed_on_and_its_failure_harms_nothing(store: Store) -> None:
    """The message is kept and deleted also when the answer cannot be sent."""
    asked: list[tuple[str, str]] = []

    def answer_it(number: str, given: Answer) -> None:
        asked.append((number, given.text))
        raise RuntimeError("no money")

    def route(_arrival: Arrival, _correspondents: object) -> Route:
        return Route("dana", "test", answer=Answer("dana", "closed", "today", 1))

    reception = Reception(Sorting(reading.assemble, route), answer=answer_it)
    assert received(store, deliver(), reception=reception).held == {}
    assert asked == [("+447700900222", "closed")]
    assert texts(store) == ["hello"]


@pytest.mark.parametrize("octets", [b"\x04", bytes.fromhex("04FF91"), b"\x02\x01", b"\x01\x02\x03\x04"])
def test_octets_that_cannot_be_read_are_kept_told_and_deleted(store: Store, octets: bytes) -> None:
    """Never lost, never a loop: the operator gets one mail, the SIM gets its room back."""
    receiver = Receiver("modem1", store)
    for _ in range(2):
        receiver.keep(Incoming("deliver", octets))
    assert [found[3] for found in store.inbox.undecodable()] == [octets]
    assert [notice.kind for notice in store.notices.due()] == [NoticeKind.ALARM]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(octets=st.one_of(st.binary(max_size=180), st.binary(max_size=40).map(lambda tail: deliver()[:12] + tail)))
def test_any_octets_are_kept_one_way_or_the_other(store: Store, octets: bytes) -> None:
    """Nothing from the air raises: it becomes a message, a held segment, something unreadable, or is dropped by the standard."""
    Receiver("modem1", store).keep(Incoming("deliver", octets))


def test_status_reports_reach_the_evidence(store: Store) -> None:
    """A report among the stored messages is told apart by its first octet and deleted."""
    report = StatusReport(7, PHONE, NOW, NOW, 0).encode()
    assert received(store, report).held == {}
    assert store.inbox.messages() == []
