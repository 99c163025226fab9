"""Our codec beside three by others: the same where they are right, and a list of where they are wrong, with the clause.

Each sees the subset of messages it is right about. Versions are pinned: where one of the list below becomes right, its test
says so.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import gammu
import pytest
from gsmmodem import pdu
from hypothesis import given, settings
from hypothesis import strategies as st
from smspdudecoder.easy import read_outgoing_sms

from omsmodem.sms import gsm7, segment, tpdu, udh
from omsmodem.sms.address import ALPHANUMERIC, Address
from omsmodem.sms.tpdu import Deliver, StatusReport, decode_deliver, decode_submit
from omsmodem.sms.udh import Concatenation, InformationElement, Ports
from omsmodem.sms.user_data import UserData

from . import strategies
from .oracles import READERS, Reading, libgammu_writes, ours, smspdu
from .strategies import EPOCH

NUMBER = "+447700900123"
few = settings(max_examples=40)

#: What all agree on: the default alphabet but for the section sign, CR (we keep CR LF in one segment) and the extension.
PLAIN = [c for c in gsm7.DEFAULT if c not in "\x1b\r§"]
EXTENDED = list("^{}\\[~]|€")
plain_texts = st.text(st.sampled_from(PLAIN), max_size=500)
gsm7_texts = st.text(st.sampled_from(PLAIN + EXTENDED), max_size=500)
#: Letters without clusters, which only we keep whole.
bmp_texts = st.text("абвгдеёжзийклмнЯ 0123,.:äç日本語ترگ", min_size=1, max_size=300).map("я".__add__)
#: Their two-digit years are of this century up to the sixties.
moments = strategies.moments.map(lambda moment: moment.replace(year=2000 + moment.year % 60, day=min(moment.day, 28)))
international = st.from_regex(r"\A\+[1-9][0-9]{6,14}\Z")
digits = st.from_regex(r"\A[1-9][0-9]{2,11}\Z")


def deliveries(text: str, number: str, sent: datetime) -> list[Deliver]:
    """The text as a service centre would deliver it."""
    submits = map(decode_submit, segment.cut(text, NUMBER, 7))
    return [Deliver(Address.of(number), submit.user_data, sent) for submit in submits]


# -- what we write ---------------------------------------------------------------------------------------------------


@few
@given(
    st.one_of(gsm7_texts, bmp_texts),
    international,
    st.integers(0, 255),
    st.none() | st.integers(0, 255).map(tpdu.fields.relative_validity),
    st.booleans(),
    st.booleans(),
)
def test_python_gsmmodem_writes_the_same_octets(
    text: str, number: str, reference: int, validity: timedelta | None, report: bool, flash: bool
) -> None:
    """Every octet but TP-MR, where it puts the concatenation reference: cut, packed, flagged alike."""
    theirs = pdu.encodeSmsSubmitPdu(
        number, text, reference=reference, validity=validity, requestStatusReport=report, sendFlash=flash
    )
    our = segment.cut(text, number, reference, validity=validity, status_report=report, flash=flash)
    assert [octets[:1] + bytes([reference]) + octets[2:] for octets in our] == [bytes(each.data[1:]) for each in theirs]


@few
@given(st.one_of(gsm7_texts, bmp_texts), st.booleans())
def test_smspdudecoder_reads_what_we_write(text: str, wide: bool) -> None:
    """The recipient and every segment."""
    for octets in segment.cut(text, NUMBER, 7, wide=wide):
        our = decode_submit(octets)
        if adds_an_at_sign(our.user_data):
            continue
        theirs = read_outgoing_sms("00" + octets.hex())
        assert (theirs["recipient"], theirs["content"]) == (NUMBER, our.user_data.text)


def adds_an_at_sign(user_data: UserData) -> bool:
    """smspdudecoder: escape pairs, and septets that leave seven bits (see the list)."""
    septets = user_data.coded
    return b"\x1b" in septets and user_data.dcs & 0x0C == 0


# -- what we read ----------------------------------------------------------------------------------------------------


@few
@given(st.one_of(plain_texts, bmp_texts), international | digits, moments)
def test_all_read_the_same(text: str, number: str, sent: datetime) -> None:
    """Originator, text, time and segment of what a service centre delivers."""
    for deliver in deliveries(text, number, sent):
        octets = deliver.encode()
        our = ours(decode_deliver(octets))
        for name, read in READERS.items():
            if name == "python-gsmmodem-new" and loses_an_at_sign(deliver.user_data):
                continue
            assert read(octets) == our, name


def loses_an_at_sign(user_data: UserData) -> bool:
    """python-gsmmodem-new: an `@` in the last of eight septets (see the list)."""
    filled = (
        (8 * len(udh.encode(user_data.header)) + 6) // 7 + len(gsm7.encode(user_data.text)) if user_data.dcs == 0 else 1
    )
    return filled % 8 == 0 and user_data.text.endswith("@")


@few
@given(gsm7_texts, international, moments)
def test_python_gsmmodem_reads_escape_pairs(text: str, number: str, sent: datetime) -> None:
    """The extension of the alphabet."""
    for deliver in deliveries(text, number, sent):
        if not loses_an_at_sign(deliver.user_data):
            octets = deliver.encode()
            assert READERS["python-gsmmodem-new"](octets) == ours(decode_deliver(octets))


@few
@given(st.text("я😀🏽👩\u200d💻a", min_size=1, max_size=120), moments)
def test_libgammu_and_smspdudecoder_read_emoji(text: str, sent: datetime) -> None:
    """Pairs of any plane, and segments with a 16-bit reference."""
    for octets in segment.cut("я" + text, NUMBER, 0x1234, wide=True):
        deliver = Deliver(Address.of(NUMBER), decode_submit(octets).user_data, sent)
        for name in ("libgammu", "smspdudecoder"):
            assert READERS[name](deliver.encode()) == ours(deliver), name


@few
@given(st.one_of(gsm7_texts, bmp_texts), international | digits, st.sampled_from(["Submit", "Deliver"]))
def test_we_read_what_libgammu_writes(text: str, number: str, layout: str) -> None:
    """SMS-SUBMIT and SMS-DELIVER, with and without a header."""
    for octets in segment.cut(text, NUMBER, 7):
        data = decode_submit(octets).user_data
        written = libgammu_writes(number, data.text, ucs2=data.dcs == 8, header=udh.encode(data.header), layout=layout)
        if layout == "Submit":
            submit = decode_submit(written)
            assert (submit.destination.number, submit.user_data) == (number, data)
        else:
            deliver = decode_deliver(written)
            assert (deliver.originator.number, deliver.user_data, deliver.service_centre_time) == (number, data, EPOCH)


@few
@given(st.integers(0, 255), international, moments, moments, st.integers(0, 255))
def test_status_reports_are_read_alike(
    reference: int, number: str, sent: datetime, done: datetime, status: int
) -> None:
    """Reference, recipient, both times and TP-ST."""
    octets = StatusReport(reference, Address.of(number), sent, done, status).encode()
    theirs = pdu.decodeSmsPdu("00" + octets.hex())
    assert (theirs["reference"], theirs["number"], theirs["status"]) == (reference, number, status)
    assert (theirs["time"], theirs["discharge"]) == (sent, done)
    gammus = gammu.DecodePDU(b"\0" + octets, True)
    assert (gammus["MessageReference"], gammus["Number"]) == (reference, number)
    assert (gammus["DateTime"], gammus["SMSCDateTime"]) == (sent, done)


@few
@given(st.text("ABCXYZabcxyz0189 .-&", min_size=1, max_size=11))
def test_alphanumeric_senders_are_read_alike(name: str) -> None:
    """python-gsmmodem-new for any length; the others for all but seven letters and eight (see the list)."""
    octets = Deliver(Address(name, ALPHANUMERIC), UserData("Hi"), EPOCH).encode()
    for codec, read in READERS.items():
        if codec == "python-gsmmodem-new" or len(name) not in (7, 8):
            assert read(octets).number == name, codec


# -- where they are wrong --------------------------------------------------------------------------------------------


def deliver(
    text: str = "", dcs: int = 0, *header: InformationElement, data: bytes = b"", sender: Address | None = None
) -> bytes:
    return Deliver(sender or Address.of(NUMBER), UserData(text, dcs, header, data), EPOCH).encode()


def septets(codes: bytes) -> bytes:
    """An SMS-DELIVER of these septets."""
    return deliver()[:-1] + bytes([len(codes)]) + gsm7.pack(codes)


def octets(dcs: int, data: bytes) -> bytes:
    """An SMS-DELIVER of these octets under a TP-DCS."""
    return deliver("", dcs)[:-1] + bytes([len(data)]) + data


TURKISH = InformationElement(udh.SINGLE_SHIFT, b"\x01")
WIDE = Concatenation(0x1234, 2, 1, wide=True).element()
NARROW = Concatenation(7, 2, 1).element()
GSMMODEM, LIBGAMMU, DECODER = "python-gsmmodem-new", "libgammu", "smspdudecoder"

#: Codec, what it gets wrong, the clause, the TPDU, and the text that the clause asks for.
WRONG_TEXTS = [
    (GSMMODEM, "a surrogate pair stays two halves", "TS 23.038 §6.2.3", deliver("a😀", 8), "a😀"),
    (GSMMODEM, "0x5F is a back-tick", "TS 23.038 §6.2.1", deliver("§"), "§"),
    (
        GSMMODEM,
        "behind a header of whole septets a letter is lost",
        "TS 23.040 §9.2.3.24",
        deliver("Hello", 0, WIDE),
        "Hello",
    ),
    (
        GSMMODEM,
        "an at sign in the last of eight septets is lost",
        "TS 23.038 §6.1.2.1.1",
        deliver("1234567@"),
        "1234567@",
    ),
    (GSMMODEM, "a form feed is lost", "TS 23.038 §6.2.1.1", deliver("a\fb"), "a\fb"),
    (GSMMODEM, "two escapes are nothing", "TS 23.038 §6.2.1.1", septets(b"a\x1b\x1bb"), "a b"),
    (GSMMODEM, "an escape before a code without entry eats it", "TS 23.038 §6.2.1.1", septets(b"a\x1bAb"), "aAb"),
    (GSMMODEM, "shift tables are ignored", "TS 23.038 §A.2.1", deliver("ğış", 0, TURKISH), "ğış"),
    (GSMMODEM, "UCS-2 with a waiting indication is read as septets", "TS 23.038 §4", deliver("я", 0xE8), "я"),
    (GSMMODEM, "UCS-2 with automatic deletion is read as septets", "TS 23.038 §4", deliver("я", 0x48), "я"),
    (GSMMODEM, "the reserved alphabet is read as octets", "TS 23.038 §4", deliver("Hi", 0x0C), "Hi"),
    (GSMMODEM, "a byte order mark is shown", "TS 23.038 §6.2.3", octets(8, b"\xfe\xff\x00a"), "a"),
    (LIBGAMMU, "two escapes are two superscript ones", "TS 23.038 §6.2.1.1", septets(b"a\x1b\x1bb"), "a b"),
    (LIBGAMMU, "an escape before a code without entry is shown", "TS 23.038 §6.2.1.1", septets(b"a\x1bAb"), "aAb"),
    (LIBGAMMU, "an escape at the end is shown", "TS 23.038 §6.2.1.1", septets(b"a\x1b"), "a"),
    (LIBGAMMU, "shift tables are ignored", "TS 23.038 §A.2.1", deliver("ğış", 0, TURKISH), "ğış"),
    (LIBGAMMU, "reserved groups are read as octets", "TS 23.038 §4", deliver("Hi", 0x80), "Hi"),
    (LIBGAMMU, "the reserved alphabet is read as octets", "TS 23.038 §4", deliver("Hi", 0x0C), "Hi"),
    (LIBGAMMU, "a byte order mark is shown", "TS 23.038 §6.2.3", octets(8, b"\xfe\xff\x00a"), "a"),
    (DECODER, "text behind two escapes is lost", "TS 23.038 §6.2.1.1", septets(b"a\x1b\x1bb"), "a b"),
    (DECODER, "an escape before a code without entry is a blank", "TS 23.038 §6.2.1.1", septets(b"a\x1bAb"), "aAb"),
    (
        DECODER,
        "seven spare bits behind an escape pair are an at sign",
        "TS 23.038 §6.1.2.1.1",
        deliver("12345€"),
        "12345€",
    ),
    (DECODER, "shift tables are ignored", "TS 23.038 §A.2.1", deliver("ğış", 0, TURKISH), "ğış"),
    (DECODER, "septets with a waiting indication are read as UCS-2", "TS 23.038 §4", deliver("Hi", 0xC8), "Hi"),
    (DECODER, "a byte order mark is shown", "TS 23.038 §6.2.3", octets(8, b"\xfe\xff\x00a"), "a"),
]


@pytest.mark.parametrize(("codec", "fault", "clause", "received", "text"), WRONG_TEXTS, ids=lambda value: None)
def test_texts_they_read_wrongly(codec: str, fault: str, clause: str, received: bytes, text: str) -> None:
    """We give what the clause asks for; they still do not."""
    assert decode_deliver(received).user_data.text == text
    assert READERS[codec](received).text != text


#: Codec, what it gets wrong, the clause, the TPDU, and what the clause asks for of number, time or segment.
WRONG_FIELDS: list[tuple[str, str, str, bytes, Reading]] = [
    *(
        (
            codec,
            "star and hash of an address",
            "TS 23.040 §9.1.2.3",
            deliver("Hi", sender=Address.of("*100#")),
            Reading("*100#", "Hi", EPOCH, None),
        )
        for codec in READERS
    ),
    (
        DECODER,
        "a sender of seven letters gets an at sign",
        "TS 23.040 §9.1.2.5",
        deliver("Hi", sender=Address("Hello w", ALPHANUMERIC)),
        Reading("Hello w", "Hi", EPOCH, None),
    ),
    (
        LIBGAMMU,
        "letters with accents in a sender",
        "TS 23.040 §9.1.2.5",
        deliver("Hi", sender=Address("Café", ALPHANUMERIC)),
        Reading("Café", "Hi", EPOCH, None),
    ),
    (
        LIBGAMMU,
        "concatenation behind another element is missed",
        "TS 23.040 §9.2.3.24",
        deliver("Hi", 0, Ports(1, 2).element(), NARROW),
        Reading(NUMBER, "Hi", EPOCH, (2, 1)),
    ),
]


@pytest.mark.parametrize(("codec", "fault", "clause", "received", "reading"), WRONG_FIELDS, ids=lambda value: None)
def test_fields_they_read_wrongly(codec: str, fault: str, clause: str, received: bytes, reading: Reading) -> None:
    """We give what the clause asks for; they still do not."""
    assert ours(decode_deliver(received)) == reading
    assert READERS[codec](received) != reading


#: Codec, what it refuses, the clause that lets it pass, the TPDU, what it raises.
REFUSED: list[tuple[str, str, str, bytes, type[Exception]]] = [
    (
        GSMMODEM,
        "a time of zeros",
        "TS 23.040 §9.2.3.11",
        Deliver(Address.of(NUMBER), UserData("Hi")).encode(),
        ValueError,
    ),
    (GSMMODEM, "no originator", "TS 23.040 §9.1.2.5", deliver("Hi", sender=Address("")), ValueError),
    (GSMMODEM, "an escape at the end", "TS 23.038 §6.2.1.1", septets(b"a\x1b"), StopIteration),
    (GSMMODEM, "the reserved message type", "TS 23.040 §9.2.3.1", b"\x07" + deliver("Hi")[1:], pdu.EncodingError),
    (
        DECODER,
        "a time of zeros",
        "TS 23.040 §9.2.3.11",
        Deliver(Address.of(NUMBER), UserData("Hi")).encode(),
        ValueError,
    ),
    (DECODER, "half a surrogate pair", "TS 23.038 §6.2.3", octets(8, b"\xd8\x3d\x00a"), UnicodeDecodeError),
    (DECODER, "an odd octet of UCS-2", "TS 23.038 §6.2.3", octets(8, b"\x00a\x00"), UnicodeDecodeError),
    (DECODER, "the reserved message type", "TS 23.040 §9.2.3.1", b"\x07" + deliver("Hi")[1:], ValueError),
    (LIBGAMMU, "an odd octet of UCS-2", "TS 23.038 §6.2.3", octets(8, b"\x00a\x00"), gammu.GSMError),
    (LIBGAMMU, "the reserved message type", "TS 23.040 §9.2.3.1", b"\x07" + deliver("Hi")[1:], gammu.GSMError),
]


@pytest.mark.parametrize(("codec", "what", "clause", "received", "error"), REFUSED, ids=lambda value: None)
def test_messages_they_refuse(codec: str, what: str, clause: str, received: bytes, error: type[Exception]) -> None:
    """We keep the message; they raise, and not always what they document."""
    assert isinstance(decode_deliver(received), Deliver)
    with pytest.raises(error):
        READERS[codec](received)


@pytest.mark.parametrize("codec", READERS)
def test_half_a_text_is_taken_for_a_whole_one(codec: str) -> None:
    """All three read a TPDU that ends before its TP-UDL says so; we name the octet (TS 23.040 §9.2.3.16)."""
    cut_short = deliver("Hello")[:-1]
    with pytest.raises(tpdu.DecodeError, match="user_data at octet"):
        decode_deliver(cut_short)
    assert READERS[codec](cut_short).text == "Hell"


def test_libgammu_shows_stray_memory_behind_escape_pairs() -> None:
    """The text is right as far as it goes (TS 23.038 §6.2.1.1)."""
    received = deliver("€" * 40)
    assert decode_deliver(received).user_data.text == "€" * 40
    theirs = READERS[LIBGAMMU](received).text
    assert theirs.startswith("€" * 40)
    assert len(theirs) > 40


@pytest.mark.parametrize(
    ("number", "text", "options"),
    [
        (NUMBER, "Hi 😀", {}),  # ValueError: TS 23.038 §6.2.3
        (NUMBER, "\u00ff", {}),  # TypeError: not in TS 23.038 §6.2.1
        (NUMBER, "a" * 200, {"reference": 300}),  # ValueError: TS 23.040 §9.2.3.24.8
        (NUMBER, "Hi", {"validity": timedelta(minutes=1)}),  # -1: TS 23.040 §9.2.3.12.1
        ("²³", "Hi", {}),  # ValueError of int(): TS 23.040 §9.1.2.3
    ],
)
def test_what_python_gsmmodem_cannot_write(number: str, text: str, options: dict[str, Any]) -> None:
    """An emoji, a letter with diaeresis, a wide reference, a short validity, digits that are none."""
    with pytest.raises((ValueError, TypeError)):
        pdu.encodeSmsSubmitPdu(number, text, **options)


@pytest.mark.parametrize(
    ("number", "text", "clause", "at", "wrong", "right"),
    [
        (NUMBER, "`", "TS 23.038 §6.2.1: not in the alphabet", 11, 0x00, 0x08),  # sent as a section sign
        ("60600", "Hi", "TS 23.040 §9.1.2.5: a short code is no national number", 3, 0xA1, 0x81),
        ("*100#", "Hi", "TS 23.040 §9.1.2.5: not a name", 3, 0xD0, 0x81),
    ],
)
def test_what_python_gsmmodem_writes_wrongly(
    number: str, text: str, clause: str, at: int, wrong: int, right: int
) -> None:
    """The data coding of a back-tick, the type of numbers that are not international."""
    assert pdu.encodeSmsSubmitPdu(number, text)[0].data[1 + at] == wrong
    assert segment.cut(text, number, 0)[0][at] == right


def test_smspdudecoder_reads_a_message_for_nobody() -> None:
    """None of them tells type 0 and SIM data from a message for a person (TS 23.040 §9.2.3.9)."""
    silent = Deliver(Address.of(NUMBER), UserData("Hi"), EPOCH, protocol_identifier=0x40).encode()
    assert decode_deliver(silent).silent
    assert smspdu(silent) == Reading(NUMBER, "Hi", EPOCH.astimezone(UTC), None)
