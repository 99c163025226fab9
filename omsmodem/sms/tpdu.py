"""SMS-SUBMIT, SMS-DELIVER and SMS-STATUS-REPORT (TS 23.040 §9.2.2), both directions."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from omsmodem.sms import fields
from omsmodem.sms.address import Address, decode_address
from omsmodem.sms.errors import DecodeError
from omsmodem.sms.fields import TIME_OCTETS
from omsmodem.sms.user_data import UserData, decode_user_data

# The first octet (§9.2.3.1 to §9.2.3.5, §9.2.3.17, §9.2.3.23 to §9.2.3.26); a bit may mean two things, by type.
_MTI = 0x03
_DELIVER, _SUBMIT, _STATUS_REPORT, _RESERVED = 0, 1, 2, 3
_REJECT_DUPLICATES = 0x04
_NO_MORE_MESSAGES = 0x04
_VALIDITY_FORMAT = 0x18
_STATUS_REPORT_REQUEST = 0x20
_STATUS_REPORT_INDICATION = 0x20
_STATUS_REPORT_QUALIFIER = 0x20
_UDHI = 0x40
_REPLY_PATH = 0x80


@dataclass(frozen=True, slots=True)
class Submit:
    """SMS-SUBMIT (§9.2.2.2): what goes to the service centre."""

    destination: Address
    user_data: UserData
    message_reference: int = 0  # the modem writes its own
    protocol_identifier: int = 0
    validity_period: timedelta | datetime | None = None  # a moment only where one was received
    status_report_request: bool = False
    reject_duplicates: bool = False
    reply_path: bool = False

    def encode(self) -> bytes:
        """The TPDU's octets, a validity period in the relative form. Raises EncodeError."""
        head = submit_head(
            self.destination,
            self.user_data.dcs,
            message_reference=self.message_reference,
            protocol_identifier=self.protocol_identifier,
            validity_period=self.validity_period,
            status_report_request=self.status_report_request,
            reject_duplicates=self.reject_duplicates,
            has_header=bool(self.user_data.header),
            reply_path=self.reply_path,
        )
        return head + self.user_data.encode()


def submit_head(
    destination: Address,
    dcs: int,
    *,
    message_reference: int = 0,
    protocol_identifier: int = 0,
    validity_period: timedelta | datetime | None = None,
    status_report_request: bool = False,
    reject_duplicates: bool = False,
    has_header: bool = False,
    reply_path: bool = False,
) -> bytes:
    """The octets of an SMS-SUBMIT before TP-UDL, which all segments of a message have in common. Raises EncodeError."""
    form, validity = _encode_validity(validity_period)
    first = (
        _SUBMIT
        | form
        | (_REJECT_DUPLICATES if reject_duplicates else 0)
        | (_STATUS_REPORT_REQUEST if status_report_request else 0)
        | (_UDHI if has_header else 0)
        | (_REPLY_PATH if reply_path else 0)
    )
    coding = bytes((protocol_identifier, dcs))
    return bytes((first, message_reference)) + destination.encode() + coding + validity


def _encode_validity(validity: timedelta | datetime | None) -> tuple[int, bytes]:
    if validity is None:
        return 0, b""
    if isinstance(validity, timedelta):
        return fields.RELATIVE, bytes((fields.encode_validity(validity),))
    return fields.ABSOLUTE, fields.encode_time(validity)


def decode_submit(octets: bytes) -> Submit:
    """Read an SMS-SUBMIT strictly: octets behind the user data are an error too. Raises DecodeError."""
    first = _first_octet(octets, "SMS-SUBMIT", _SUBMIT)
    reference = _octet(octets, 1, "message_reference")
    destination, at = decode_address(octets, 2, "destination")
    if destination.alphanumeric or len(destination.value) != octets[2] or not destination.value:
        raise DecodeError("destination", 2, "a recipient has digits, as many as it says")
    protocol_identifier = _octet(octets, at, "protocol_identifier")
    dcs = _octet(octets, at + 1, "data_coding_scheme")
    validity, at = fields.decode_validity(octets, at + 2, first & _VALIDITY_FORMAT)
    user_data, end = decode_user_data(octets, at, dcs, bool(first & _UDHI))
    if end != len(octets):
        raise DecodeError("user_data", end, f"{len(octets) - end} octets behind the user data")
    return Submit(
        destination,
        user_data,
        reference,
        protocol_identifier,
        validity,
        bool(first & _STATUS_REPORT_REQUEST),
        bool(first & _REJECT_DUPLICATES),
        bool(first & _REPLY_PATH),
    )


@dataclass(frozen=True, slots=True)
class Deliver:
    """SMS-DELIVER (§9.2.2.1): what comes from the service centre."""

    originator: Address
    user_data: UserData
    service_centre_time: datetime | None = None
    protocol_identifier: int = 0
    more_messages: bool = False
    status_report_indication: bool = False
    reply_path: bool = False

    @property
    def replace_type(self) -> int | None:
        """1..7 when this replaces an older message of the same type and originator (§9.2.3.9)."""
        return fields.replace_type(self.protocol_identifier)

    @property
    def silent(self) -> bool:
        """Whether nobody is to see it: type 0, or data for the modem or its SIM. Acknowledge and drop (§9.2.3.9)."""
        return fields.is_silent(self.protocol_identifier)

    def encode(self) -> bytes:
        """The TPDU's octets. Raises EncodeError."""
        first = (
            _DELIVER
            | (0 if self.more_messages else _NO_MORE_MESSAGES)
            | (_STATUS_REPORT_INDICATION if self.status_report_indication else 0)
            | (_UDHI if self.user_data.header else 0)
            | (_REPLY_PATH if self.reply_path else 0)
        )
        return (
            bytes((first,))
            + self.originator.encode()
            + bytes((self.protocol_identifier, self.user_data.dcs))
            + fields.encode_time(self.service_centre_time)
            + self.user_data.encode()
        )


_BEFORE_USER_DATA = ("protocol_identifier", "data_coding_scheme", "service_centre_time")


def decode_deliver(octets: bytes) -> Deliver:
    """Read an SMS-DELIVER; octets behind the user data are ignored. Raises DecodeError."""
    first = _first_octet(octets, "SMS-DELIVER", _DELIVER, _RESERVED)  # 11 is processed as SMS-DELIVER (§9.2.3.1)
    originator, at = decode_address(octets, 1, "originator")
    behind = at + 2 + TIME_OCTETS
    if behind > len(octets):
        missing = min(len(octets) - at, 2)
        raise DecodeError(_BEFORE_USER_DATA[missing], at + missing, "the TPDU ends here")
    protocol_identifier, dcs = octets[at], octets[at + 1]
    user_data, _ = decode_user_data(octets, behind, dcs, bool(first & _UDHI))
    return Deliver(
        originator,
        user_data,
        fields.decode_time(octets[at + 2 : behind]),
        protocol_identifier,
        not first & _NO_MORE_MESSAGES,
        bool(first & _STATUS_REPORT_INDICATION),
        bool(first & _REPLY_PATH),
    )


@dataclass(frozen=True, slots=True)
class StatusReport:
    """SMS-STATUS-REPORT (§9.2.2.3): what became of one SMS-SUBMIT (or, `of_command`, of an SMS-COMMAND)."""

    message_reference: int
    recipient: Address
    service_centre_time: datetime | None
    discharge_time: datetime | None
    status: int
    more_messages: bool = False
    of_command: bool = False

    def encode(self) -> bytes:
        """The TPDU's octets. Raises EncodeError."""
        first = (
            _STATUS_REPORT | (not self.more_messages) * _NO_MORE_MESSAGES | self.of_command * _STATUS_REPORT_QUALIFIER
        )
        return (
            bytes((first, self.message_reference))
            + self.recipient.encode()
            + fields.encode_time(self.service_centre_time)
            + fields.encode_time(self.discharge_time)
            + bytes((self.status,))
        )


def decode_status_report(octets: bytes) -> StatusReport:
    """Read an SMS-STATUS-REPORT; whatever follows TP-ST is ignored. Raises DecodeError."""
    first = _first_octet(octets, "SMS-STATUS-REPORT", _STATUS_REPORT)
    reference = _octet(octets, 1, "message_reference")
    recipient, at = decode_address(octets, 2, "recipient")
    sent, at = _time(octets, at, "service_centre_time")
    done, at = _time(octets, at, "discharge_time")
    return StatusReport(
        reference,
        recipient,
        sent,
        done,
        _octet(octets, at, "status"),
        not first & _NO_MORE_MESSAGES,
        bool(first & _STATUS_REPORT_QUALIFIER),
    )


def decode_incoming(octets: bytes) -> Deliver | StatusReport:
    """Read what came from the service centre, by its TP-MTI. Raises DecodeError."""
    if octets and octets[0] & _MTI == _STATUS_REPORT:
        return decode_status_report(octets)
    return decode_deliver(octets)


def _octet(octets: bytes, at: int, field: str) -> int:
    if at >= len(octets):
        raise DecodeError(field, at, "the TPDU ends here")
    return octets[at]


def _first_octet(octets: bytes, name: str, *types: int) -> int:
    if not octets:
        raise DecodeError("first_octet", 0, "the TPDU ends here")
    if octets[0] & _MTI not in types:
        raise DecodeError("first_octet", 0, f"TP-MTI {octets[0] & _MTI} is no {name}")
    return octets[0]


def _time(octets: bytes, at: int, field: str) -> tuple[datetime | None, int]:
    end = at + TIME_OCTETS
    if end > len(octets):
        raise DecodeError(field, at, "the TPDU ends here")
    return fields.decode_time(octets[at:end]), end
