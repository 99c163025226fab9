"""SMS-SUBMIT, SMS-DELIVER and SMS-STATUS-REPORT against golden vectors, and with anything at all."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from omsmodem.sms import fields, tpdu
from omsmodem.sms.address import Address
from omsmodem.sms.errors import DecodeError, EncodeError
from omsmodem.sms.tpdu import Deliver, StatusReport, Submit
from omsmodem.sms.udh import Concatenation, InformationElement
from omsmodem.sms.user_data import UserData

from . import golden
from .strategies import EPOCH, moments, numbers

TO = Address.of("+447700900123")


def moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def check_user_data(user_data: UserData, vector: dict[str, Any]) -> None:
    assert user_data.text == vector["text"]
    assert fields.data_coding(user_data.dcs).message_class == vector.get("message_class")
    expected = Concatenation(*vector["concatenation"]) if "concatenation" in vector else None
    found = user_data.concatenation
    assert (found and (found.reference, found.total, found.number)) == (
        expected and (expected.reference, expected.total, expected.number)
    )


# -- golden vectors --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", golden.tpdus("submit"), ids=golden.name)
def test_golden_submits(vector: dict[str, Any]) -> None:
    """Read as their source says, and written back as the same octets."""
    submit = tpdu.decode_submit(vector["octets"])
    assert submit.destination.number == vector["number"]
    assert submit.status_report_request == vector.get("status_report_request", False)
    validity = submit.validity_period
    assert (validity and validity.total_seconds()) == vector.get("validity_s")
    check_user_data(submit.user_data, vector)
    assert submit.encode() == vector["octets"]


@pytest.mark.parametrize("vector", golden.tpdus("deliver"), ids=golden.name)
def test_golden_delivers(vector: dict[str, Any]) -> None:
    """Number, text, class, segment and time as their source says."""
    deliver = tpdu.decode_incoming(vector["octets"])
    assert isinstance(deliver, Deliver)
    assert deliver.originator.number == vector["number"]
    assert deliver.service_centre_time == moment(vector["sent"])
    check_user_data(deliver.user_data, vector)


@pytest.mark.parametrize("vector", golden.tpdus("status_report"), ids=golden.name)
def test_golden_status_reports(vector: dict[str, Any]) -> None:
    """Reference, recipient, both times and the status as their source says."""
    report = tpdu.decode_incoming(vector["octets"])
    assert isinstance(report, StatusReport)
    assert (report.message_reference, report.status) == (vector["reference"], vector["status"])
    assert report.recipient.number == vector["number"]
    assert (report.service_centre_time, report.discharge_time) == (moment(vector["sent"]), moment(vector["done"]))


# -- there and back --------------------------------------------------------------------------------------------------

text_data = st.one_of(
    st.builds(UserData, st.text("abc@€{}\r\näΩ ", max_size=60), st.sampled_from([0x00, 0x10, 0xF1, 0xC8, 0xD0])),
    st.builds(
        UserData, st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\ufeff"), max_size=30)
    ).map(lambda data: UserData(data.text, 0x08)),
    st.builds(lambda octets: UserData("", 0xF5, (), octets), st.binary(max_size=100)),
)
headers = st.sampled_from(
    [
        (),
        (Concatenation(7, 3, 2).element(),),
        (Concatenation(0x1234, 3, 2, wide=True).element(),),
        (InformationElement(0x05, b"\x0b\x84\x23\xf0"), Concatenation(7, 3, 2).element()),
        (InformationElement(0x70, b"abc"),),
    ]
)
user_data = st.builds(lambda data, header: UserData(data.text, data.dcs, header, data.octets), text_data, headers)


@given(
    st.builds(
        Submit,
        numbers.map(Address.of),
        user_data,
        st.integers(0, 255),
        st.integers(0, 255),
        st.none() | st.integers(0, 255).map(fields.relative_validity) | moments,
        st.booleans(),
        st.booleans(),
    )
)
def test_submits_come_back(submit: Submit) -> None:
    """Every field of an SMS-SUBMIT."""
    assert tpdu.decode_submit(submit.encode()) == submit


@given(
    st.builds(
        Deliver,
        numbers.map(Address.of) | st.text("ABC xyz{", min_size=1, max_size=5).map(lambda name: Address(name, 0xD0)),
        user_data,
        st.none() | moments,
        st.integers(0, 255),
        st.booleans(),
    )
)
def test_delivers_come_back(deliver: Deliver) -> None:
    """Every field of an SMS-DELIVER, also with octets behind it."""
    assert tpdu.decode_incoming(deliver.encode()) == deliver
    assert tpdu.decode_deliver(deliver.encode() + b"\xff\xff") == deliver


@given(st.integers(0, 255), numbers.map(Address.of), st.none() | moments, st.none() | moments, st.integers(0, 255))
def test_status_reports_come_back(
    reference: int, recipient: Address, sent: datetime | None, done: datetime | None, status: int
) -> None:
    """Every field of an SMS-STATUS-REPORT, also with octets behind it."""
    report = StatusReport(reference, recipient, sent, done, status)
    assert tpdu.decode_incoming(report.encode()) == report
    assert tpdu.decode_status_report(report.encode() + b"\x07\x00\x08\x02\x00a") == report


# -- trouble ---------------------------------------------------------------------------------------------------------

SUBMIT = Submit(
    TO, UserData("Hello", 0, (Concatenation(7, 2, 1).element(),)), validity_period=timedelta(days=1)
).encode()
DELIVER = Deliver(TO, UserData("Hello", 0, (Concatenation(7, 2, 1).element(),)), EPOCH).encode()
REPORT = StatusReport(7, TO, EPOCH, EPOCH, 0).encode()
DECODERS: list[Callable[[bytes], object]] = [
    tpdu.decode_submit,
    tpdu.decode_deliver,
    tpdu.decode_status_report,
    tpdu.decode_incoming,
]


def fault(decode: Callable[[bytes], object], octets: bytes) -> DecodeError | None:
    try:
        decode(octets)
    except DecodeError as error:
        return error
    return None


@pytest.mark.parametrize("decode", DECODERS)
@given(octets=st.binary(max_size=180))
@example(octets=SUBMIT)
@example(octets=DELIVER)
@example(octets=REPORT)
def test_any_octets_are_a_tpdu_or_our_error(decode: Callable[[bytes], object], octets: bytes) -> None:
    """DecodeError with a field and an octet inside or just behind the TPDU; nothing else is ever raised."""
    error = fault(decode, octets)
    assert error is None or (error.field and 0 <= error.octet <= len(octets))


@pytest.mark.parametrize(
    ("decode", "whole"), [(tpdu.decode_submit, SUBMIT), (tpdu.decode_incoming, DELIVER), (tpdu.decode_incoming, REPORT)]
)
@given(data=st.data())
def test_damaged_tpdus_are_a_tpdu_or_our_error(
    decode: Callable[[bytes], object], whole: bytes, data: st.DataObject
) -> None:
    """A few octets of a good TPDU changed: the same promise, nearer to the good paths."""
    octets = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    error = fault(decode, bytes(octets))
    assert error is None or 0 <= error.octet <= len(octets)


@pytest.mark.parametrize("end", range(len(SUBMIT)))
def test_a_submit_cut_anywhere_is_an_error(end: int) -> None:
    """No prefix of a good SMS-SUBMIT is one."""
    with pytest.raises(DecodeError):
        tpdu.decode_submit(SUBMIT[:end])


@pytest.mark.parametrize("end", range(len(DELIVER)))
def test_a_deliver_cut_anywhere_is_an_error(end: int) -> None:
    """Half a text is never taken for a whole one."""
    with pytest.raises(DecodeError):
        tpdu.decode_incoming(DELIVER[:end])


@pytest.mark.parametrize("end", range(len(REPORT)))
def test_a_report_cut_anywhere_is_an_error(end: int) -> None:
    """Up to and with TP-ST every octet is needed."""
    with pytest.raises(DecodeError):
        tpdu.decode_incoming(REPORT[:end])


@pytest.mark.parametrize(
    ("octets", "field", "octet"),
    [
        ("", "first_octet", 0),
        ("01", "message_reference", 1),
        ("0000", "first_octet", 0),
        ("01000C9144", "destination", 2),
        ("010000810000 00", "destination", 2),
        ("010004 81 21F3 0000 00", "destination", 2),
        ("01000BD0CDE6DB5DCE030000 00", "destination", 2),
        ("010005812143F5", "protocol_identifier", 7),
        ("010005812143F500", "data_coding_scheme", 8),
        ("110005812143F50000", "validity_period", 9),
        ("190005812143F50000FFFF", "validity_period", 9),
        ("010005812143F50000", "user_data_length", 9),
        ("010005812143F50000A1", "user_data_length", 9),
        ("010005812143F500088D", "user_data_length", 9),
        ("010005812143F5000004C8", "user_data", 10),
        ("010005812143F5000001C8FF", "user_data", 11),
        ("410005812143F5000002 0900", "user_data.header", 10),
        ("410005812143F5000000", "user_data.header", 10),
        ("410005812143F5000006 0500032A0201", "user_data_length", 9),
    ],
)
def test_errors_of_a_submit_name_field_and_octet(octets: str, field: str, octet: int) -> None:
    """What the simulated network would refuse, and where it stands."""
    with pytest.raises(DecodeError) as caught:
        tpdu.decode_submit(bytes.fromhex(octets))
    assert (caught.value.field, caught.value.octet) == (field, octet)
    assert str(caught.value).startswith(f"{field} at octet {octet}: ")


@pytest.mark.parametrize("first_octet", [0x03, 0x07])
def test_the_reserved_type_is_a_deliver(first_octet: int) -> None:
    """§9.2.3.1 wants 11 to be processed as SMS-DELIVER."""
    deliver = tpdu.decode_incoming(bytes([first_octet | 0x40]) + DELIVER[1:])
    assert isinstance(deliver, Deliver)
    assert deliver.user_data.text == "Hello"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (UserData("a" * 161), "161 septets"),
        (UserData("€" * 81), "162 septets"),
        (UserData("a" * 154, 0, (Concatenation(1, 2, 1).element(),)), "161 septets"),
        (UserData("я" * 71, 0x08), "142 octets"),
        (UserData("я" * 68, 0x08, (Concatenation(1, 2, 1).element(),)), "142 octets"),
        (UserData("", 0x04, (), bytes(141)), "141 octets"),
        (UserData("я"), "not in the GSM 7-bit alphabet"),
    ],
)
def test_what_does_not_fit_is_refused(data: UserData, words: str) -> None:
    """A segment never has more than 140 octets."""
    with pytest.raises(EncodeError, match=words):
        Submit(TO, data).encode()


def test_compressed_text_is_kept_raw() -> None:
    """TS 23.042 is not undone: the octets are there, the text is empty."""
    octets = Deliver(TO, UserData("", 0x20, (), b"\x01\x02\x03"), EPOCH).encode()
    deliver = tpdu.decode_deliver(octets)
    assert (deliver.user_data.text, deliver.user_data.octets) == ("", b"\x01\x02\x03")
