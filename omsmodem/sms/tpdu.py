"""SMS-SUBMIT, SMS-DELIVER and SMS-STATUS-REPORT (TS 23.040 §9.2.2), both directions."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from omsmodem.sms import fields, gsm7, ucs2, udh
from omsmodem.sms.errors import DecodeError, EncodeError
from omsmodem.sms.fields import Address, Alphabet, decode_address

_MTI = 0x03
_DELIVER, _SUBMIT, _STATUS_REPORT = 0, 1, 2
_REJECT_DUPLICATES = 0x04
_MORE_MESSAGES = 0x04  # inverted sense: set means none
_RELATIVE = 0x10
_STATUS_REPORT_BIT = 0x20
_UDHI = 0x40
_VALIDITY_OCTETS = {0x00: 0, 0x10: 1, 0x08: 7, 0x18: 7}
MAX_OCTETS = 140


@dataclass(frozen=True, slots=True)
class UserData:
    """TP-UD with what TP-DCS says of it: text, or octets for 8-bit data, behind a header."""

    text: str = ""
    dcs: int = 0
    header: tuple[udh.InformationElement, ...] = ()
    octets: bytes = b""  # 8-bit data and compressed text, as received

    @property
    def alphabet(self) -> Alphabet:
        """How the text is written."""
        coding = fields.data_coding(self.dcs)
        return Alphabet.OCTETS if coding.compressed else coding.alphabet

    @property
    def concatenation(self) -> udh.Concatenation | None:
        """Which segment this is, or None for a message of its own."""
        return udh.concatenation(self.header)

    def encode(self) -> bytes:
        """TP-UDL and TP-UD. Raises EncodeError when the text does not fit or has no form."""
        header = udh.encode(self.header)
        if self.alphabet is Alphabet.GSM7:
            return self._encode_septets(header)
        body = header + (ucs2.encode(self.text) if self.alphabet is Alphabet.UCS2 else self.octets)
        if len(body) > MAX_OCTETS:
            raise EncodeError(f"{len(body)} octets of user data; a segment holds {MAX_OCTETS}")
        return bytes([len(body)]) + body

    def _encode_septets(self, header: bytes) -> bytes:
        septets = gsm7.encode(self.text)
        fill_bits = -8 * len(header) % 7
        length = (8 * len(header) + fill_bits) // 7 + len(septets)
        if length > 160:
            raise EncodeError(f"{length} septets of user data; a segment holds 160")
        return bytes([length]) + header + gsm7.pack(septets, fill_bits)


def decode_user_data(octets: bytes, start: int, dcs: int, has_header: bool) -> UserData:
    """TP-UDL and TP-UD at `start`. Raises DecodeError."""
    if start >= len(octets):
        raise DecodeError("user_data_length", start, "the TPDU ends here")
    length = octets[start]
    coding = fields.data_coding(dcs)
    septets = coding.alphabet is Alphabet.GSM7 and not coding.compressed
    size = (7 * length + 7) // 8 if septets else length
    if size > MAX_OCTETS:
        raise DecodeError("user_data_length", start, f"{length} is more than a TPDU holds")
    body = octets[start + 1 : start + 1 + size]
    if len(body) < size:
        raise DecodeError("user_data", start + 1, f"{size} octets are promised, {len(body)} are there")
    header, behind = _header(body, start + 1) if has_header else ((), 0)
    if not septets:
        raw = body[behind:]
        return UserData(ucs2.decode(raw) if coding.alphabet is Alphabet.UCS2 else "", dcs, header, raw)
    fill_bits = -8 * behind % 7
    count = length - (8 * behind + fill_bits) // 7
    if count < 0:
        raise DecodeError("user_data_length", start, "the header is longer than the user data")
    unpacked = gsm7.unpack(body[behind:], count, fill_bits)
    locking, single = udh.language(header, udh.LOCKING_SHIFT), udh.language(header, udh.SINGLE_SHIFT)
    return UserData(gsm7.decode(unpacked, locking=locking, single=single), dcs, header)


def _header(body: bytes, start: int) -> tuple[tuple[udh.InformationElement, ...], int]:
    try:
        return udh.decode(body)
    except DecodeError as error:
        raise error.inside("user_data", start) from error


@dataclass(frozen=True, slots=True)
class Submit:
    """SMS-SUBMIT (§9.2.2.2): what goes to the service centre."""

    destination: Address
    user_data: UserData
    message_reference: int = 0  # the modem writes its own
    protocol_identifier: int = 0
    validity_period: timedelta | None = None
    status_report_request: bool = False
    reject_duplicates: bool = False

    def encode(self) -> bytes:
        """The TPDU's octets, validity in the relative form. Raises EncodeError."""
        first = _SUBMIT
        first |= _REJECT_DUPLICATES if self.reject_duplicates else 0
        first |= _RELATIVE if self.validity_period is not None else 0
        first |= _STATUS_REPORT_BIT if self.status_report_request else 0
        first |= _UDHI if self.user_data.header else 0
        validity = b"" if self.validity_period is None else bytes([fields.encode_validity(self.validity_period)])
        return (
            bytes([first, self.message_reference])
            + self.destination.encode()
            + bytes([self.protocol_identifier, self.user_data.dcs])
            + validity
            + self.user_data.encode()
        )


def decode_submit(octets: bytes) -> Submit:
    """Read an SMS-SUBMIT strictly: octets behind the user data are an error too. Raises DecodeError."""
    first = _first_octet(octets, _SUBMIT, "SMS-SUBMIT")
    destination, at = decode_address(octets, 2, "destination")
    if destination.alphanumeric or not destination.value:
        raise DecodeError("destination", 2, "a recipient has digits")
    if at + 2 > len(octets):
        raise DecodeError("data_coding_scheme", at, "the TPDU ends here")
    protocol_identifier, dcs = octets[at], octets[at + 1]
    at += 2
    size = _VALIDITY_OCTETS[first & 0x18]
    if at + size > len(octets):
        raise DecodeError("validity_period", at, "the TPDU ends here")
    validity = fields.decode_validity(octets[at]) if size == 1 else None
    user_data = decode_user_data(octets, at + size, dcs, bool(first & _UDHI))
    expected = at + size + 1 + _size(octets[at + size], dcs)
    if expected != len(octets):
        raise DecodeError("user_data", expected, f"{len(octets) - expected} octets behind the user data")
    return Submit(
        destination,
        user_data,
        octets[1],
        protocol_identifier,
        validity,
        bool(first & _STATUS_REPORT_BIT),
        bool(first & _REJECT_DUPLICATES),
    )


def _size(length: int, dcs: int) -> int:
    coding = fields.data_coding(dcs)
    septets = coding.alphabet is Alphabet.GSM7 and not coding.compressed
    return (7 * length + 7) // 8 if septets else length


def _first_octet(octets: bytes, mti: int, name: str) -> int:
    if len(octets) < 2:
        raise DecodeError("first_octet", 0, "the TPDU is empty" if not octets else "the TPDU ends here")
    if octets[0] & _MTI != mti:
        raise DecodeError("first_octet", 0, f"TP-MTI {octets[0] & _MTI} is no {name}")
    return octets[0]


@dataclass(frozen=True, slots=True)
class Deliver:
    """SMS-DELIVER (§9.2.2.1): what comes from the service centre."""

    originator: Address
    user_data: UserData
    service_centre_time: datetime | None = None
    protocol_identifier: int = 0
    more_messages: bool = False

    def encode(self) -> bytes:
        """The TPDU's octets. Raises EncodeError."""
        first = _DELIVER | (0 if self.more_messages else _MORE_MESSAGES) | (_UDHI if self.user_data.header else 0)
        return (
            bytes([first])
            + self.originator.encode()
            + bytes([self.protocol_identifier, self.user_data.dcs])
            + fields.encode_time(self.service_centre_time)
            + self.user_data.encode()
        )


def decode_deliver(octets: bytes) -> Deliver:
    """Read an SMS-DELIVER; octets behind the user data are ignored. Raises DecodeError."""
    if not octets:
        raise DecodeError("first_octet", 0, "the TPDU is empty")
    first = octets[0]
    if first & _MTI not in (_DELIVER, 3):  # 11 is reserved: process as SMS-DELIVER (§9.2.3.1)
        raise DecodeError("first_octet", 0, f"TP-MTI {first & _MTI} is no SMS-DELIVER")
    originator, at = decode_address(octets, 1, "originator")
    if at + 9 > len(octets):
        raise DecodeError("service_centre_time", at, "the TPDU ends here")
    return Deliver(
        originator,
        decode_user_data(octets, at + 9, octets[at + 1], bool(first & _UDHI)),
        fields.decode_time(octets[at + 2 : at + 9]),
        octets[at],
        not first & _MORE_MESSAGES,
    )


@dataclass(frozen=True, slots=True)
class StatusReport:
    """SMS-STATUS-REPORT (§9.2.2.3): what became of one SMS-SUBMIT."""

    message_reference: int
    recipient: Address
    service_centre_time: datetime | None
    discharge_time: datetime | None
    status: int

    def encode(self) -> bytes:
        """The TPDU's octets. Raises EncodeError."""
        head = bytes([_STATUS_REPORT | _MORE_MESSAGES, self.message_reference]) + self.recipient.encode()
        times = fields.encode_time(self.service_centre_time) + fields.encode_time(self.discharge_time)
        return head + times + bytes([self.status])


def decode_status_report(octets: bytes) -> StatusReport:
    """Read an SMS-STATUS-REPORT; whatever follows TP-ST is ignored. Raises DecodeError."""
    _first_octet(octets, _STATUS_REPORT, "SMS-STATUS-REPORT")
    recipient, at = decode_address(octets, 2, "recipient")
    if at + 15 > len(octets):
        raise DecodeError("status", at, "the TPDU ends before TP-ST")
    sent, done = fields.decode_time(octets[at : at + 7]), fields.decode_time(octets[at + 7 : at + 14])
    return StatusReport(octets[1], recipient, sent, done, octets[at + 14])


def decode_incoming(octets: bytes) -> Deliver | StatusReport:
    """Read what came from the service centre, by its TP-MTI. Raises DecodeError."""
    if octets and octets[0] & _MTI == _STATUS_REPORT:
        return decode_status_report(octets)
    return decode_deliver(octets)
