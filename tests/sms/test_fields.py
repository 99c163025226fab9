"""Protocol identifier, data coding, times and validity."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omsmodem.sms import fields
from omsmodem.sms.errors import DecodeError
from omsmodem.sms.fields import Alphabet, DataCoding, Waiting, WaitingKind

from .strategies import EPOCH, moments

MINUTE, HOUR, DAY, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


# -- data coding -----------------------------------------------------------------------------------------------------

GSM7, OCTETS, UCS2 = Alphabet.GSM7, Alphabet.OCTETS, Alphabet.UCS2


@pytest.mark.parametrize(
    ("octet", "coding"),
    [
        (0x00, DataCoding(GSM7)),
        (0x04, DataCoding(OCTETS)),
        (0x08, DataCoding(UCS2)),
        (0x0C, DataCoding(GSM7)),  # reserved alphabet
        (0x03, DataCoding(GSM7)),  # class bits without the class flag
        (0x10, DataCoding(GSM7, message_class=0)),
        (0x12, DataCoding(GSM7, message_class=2)),
        (0x18, DataCoding(UCS2, message_class=0)),
        (0x15, DataCoding(OCTETS, message_class=1)),
        (0x20, DataCoding(GSM7, compressed=True)),
        (0x38, DataCoding(UCS2, message_class=0, compressed=True)),
        (0x40, DataCoding(GSM7, automatic_deletion=True)),
        (0x59, DataCoding(UCS2, message_class=1, automatic_deletion=True)),
        (0xF0, DataCoding(GSM7, message_class=0)),
        (0xF1, DataCoding(GSM7, message_class=1)),
        (0xF5, DataCoding(OCTETS, message_class=1)),
        (0xF6, DataCoding(OCTETS, message_class=2)),
    ],
)
def test_data_coding(octet: int, coding: DataCoding) -> None:
    """TS 23.038 §4, group by group."""
    assert fields.data_coding(octet) == coding


@pytest.mark.parametrize(
    ("octets", "alphabet"),
    [
        ((0x00, 0x01, 0x0F, 0x10, 0x20, 0x30, 0x40, 0x80, 0x90, 0xA0, 0xF0, 0xF2), Alphabet.GSM7),
        ((0x44, 0x94, 0xF4), Alphabet.OCTETS),
        ((0x11, 0x48, 0x58, 0x98), Alphabet.UCS2),
    ],
)
def test_the_alphabet_of_ussd(octets: tuple[int, ...], alphabet: Alphabet) -> None:
    """Cell broadcast and USSD have a data coding of their own: languages, then the same bits as elsewhere."""
    assert {fields.broadcast_alphabet(octet) for octet in octets} == {alphabet}


def test_reserved_groups_are_the_default_alphabet() -> None:
    """1000 to 1011."""
    assert {fields.data_coding(octet) for octet in range(0x80, 0xC0)} == {DataCoding(GSM7)}


def test_every_data_coding_is_read() -> None:
    """No octet is an error."""
    for octet in range(256):
        coding = fields.data_coding(octet)
        assert coding.message_class is None or coding.message_class == octet & 3


@pytest.mark.parametrize(
    ("octet", "alphabet", "waiting"),
    [
        (0xC8, GSM7, Waiting(WaitingKind.VOICEMAIL, active=True, store=False)),
        (0xC0, GSM7, Waiting(WaitingKind.VOICEMAIL, active=False, store=False)),
        (0xD9, GSM7, Waiting(WaitingKind.FAX, active=True, store=True)),
        (0xEA, UCS2, Waiting(WaitingKind.MAIL, active=True, store=True)),
        (0xE3, UCS2, Waiting(WaitingKind.OTHER, active=False, store=True)),
    ],
)
def test_message_waiting_groups(octet: int, alphabet: Alphabet, waiting: Waiting) -> None:
    """1100 discards the text, 1101 and 1110 store it, the latter in UCS-2."""
    assert fields.data_coding(octet) == DataCoding(alphabet, waiting=waiting)


# -- times -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("octets", "moment"),
    [
        ("4230109003000A", datetime(2024, 3, 1, 9, 30, tzinfo=timezone(-5 * HOUR))),
        ("62302090030000", datetime(2026, 3, 2, 9, 30, tzinfo=UTC)),
        ("62302090030008", datetime(2026, 3, 2, 9, 30, tzinfo=UTC)),
        ("62302090030032", datetime(2026, 3, 2, 9, 30, tzinfo=timezone(5 * HOUR + 45 * MINUTE))),
        ("62302090030049", datetime(2026, 3, 2, 9, 30, tzinfo=timezone(-3 * HOUR - 30 * MINUTE))),
    ],
)
def test_times(octets: str, moment: datetime) -> None:
    """Swapped digits and quarter hours from GMT, negative with bit 3 (§9.2.3.11)."""
    decoded = fields.decode_time(bytes.fromhex(octets))
    assert decoded == moment
    assert decoded.utcoffset() == moment.utcoffset()


@given(moments)
def test_times_come_back(moment: datetime) -> None:
    """To the second and with the offset."""
    decoded = fields.decode_time(fields.encode_time(moment))
    assert decoded == moment
    assert decoded.utcoffset() == moment.utcoffset()


@pytest.mark.parametrize(
    "octets",
    ["00" * 7, "FF" * 7, "62312090030000", "62302A90030000", "A2302090030000", "623020900306F0", "6230F290030000"],
)
def test_digits_that_are_no_date_are_no_time(octets: str) -> None:
    """Zeros, fillers, month 13: the message is kept, its time unknown."""
    assert fields.decode_time(bytes.fromhex(octets)) is None


@given(st.binary(min_size=7, max_size=7))
def test_any_seven_octets_are_a_time_or_none(octets: bytes) -> None:
    """Never an error, and always aware."""
    moment = fields.decode_time(octets)
    assert moment is None or moment.utcoffset() is not None


def test_no_time_is_zeros() -> None:
    """What a centre without a clock sends."""
    assert fields.encode_time(None) == bytes(7)


def test_the_same_moment_in_utc() -> None:
    """The offset is applied; None stays None."""
    assert fields.utc(EPOCH.astimezone(timezone(5 * HOUR))).isoformat() == "2026-03-02T09:30:00+00:00"
    assert fields.utc(None) is None


# -- validity --------------------------------------------------------------------------------------------------------


def specified(value: int) -> timedelta:
    """§9.2.3.12.1, as the clause words it."""
    if value <= 143:
        return (value + 1) * 5 * MINUTE
    if value <= 167:
        return 12 * HOUR + (value - 143) * 30 * MINUTE
    return (value - 166) * DAY if value <= 196 else (value - 192) * WEEK


def test_every_relative_validity_both_ways() -> None:
    """All 256 values; a second more needs the next one."""
    for value in range(256):
        period = specified(value)
        assert fields.relative_validity(value) == period
        assert fields.encode_validity(period) == value
        assert fields.encode_validity(period + timedelta(seconds=1)) == min(value + 1, 255)


@pytest.mark.parametrize(
    ("period", "value"),
    [
        (HOUR, 11),
        (DAY, 167),
        (2 * DAY, 168),
        (7 * DAY, 173),
        (63 * WEEK, 255),
        (400 * WEEK, 255),
        (timedelta(0), 0),
        (-DAY, 0),
        (timedelta.max, 255),
        (timedelta.min, 0),
        (MINUTE, 0),
    ],
)
def test_validity_is_clamped_and_rounded_up(period: timedelta, value: int) -> None:
    """5 minutes at least, 63 weeks at most, never shorter than asked."""
    assert fields.encode_validity(period) == value


@pytest.mark.parametrize(
    ("form", "octets", "validity"),
    [
        (0x00, "", None),
        (0x10, "A7", DAY),
        (0x18, "62302090030000", EPOCH),
        (0x08, "00000000000000", None),
        (0x08, "01A70000000000", DAY),
        (0x08, "41A70000000000", DAY),  # single shot
        (0x08, "021E0000000000", timedelta(seconds=30)),
        (0x08, "0321 43 65 000000", timedelta(hours=12, minutes=34, seconds=56)),
    ],
)
def test_validity_in_all_forms(form: int, octets: str, validity: object) -> None:
    """None, relative, absolute, and the four enhanced formats (§9.2.3.12.1 to .3)."""
    raw = bytes.fromhex(octets)
    assert fields.decode_validity(b"?" + raw + b"!", 1, form) == (validity, 1 + len(raw))


@pytest.mark.parametrize(
    ("form", "octets"),
    [
        (0x10, ""),
        (0x18, "623020900300"),
        (0x18, "00000000000000"),
        (0x08, "02000000000000"),
        (0x08, "03A14365000000"),
        (0x08, "04000000000000"),
        (0x08, "81A70000000000"),
        (0x08, "01A7"),
    ],
)
def test_validity_that_is_none_is_named(form: int, octets: str) -> None:
    """Cut short, no date, a reserved format: the error says where."""
    with pytest.raises(DecodeError) as caught:
        fields.decode_validity(bytes.fromhex(octets), 0, form)
    assert (caught.value.field, caught.value.octet) == ("validity_period", 0)


# -- protocol identifier ---------------------------------------------------------------------------------------------


def test_protocol_identifiers() -> None:
    """0x41..0x47 replace, 0x40 and 0x7D..0x7F are for nobody, anything else is a plain message (§9.2.3.9)."""
    for octet in range(256):
        assert fields.replace_type(octet) == (octet - 0x40 if 0x41 <= octet <= 0x47 else None)
        assert fields.is_silent(octet) == (octet in (0x40, 0x7D, 0x7E, 0x7F))
