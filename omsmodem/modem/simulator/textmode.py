"""Messages as lines: TPDUs in hexadecimal, or in the words of text mode (TS 27.005 §3.4, §4.2)."""

from datetime import datetime

from omsmodem.modem.simulator import charset
from omsmodem.modem.simulator.device import Device
from omsmodem.modem.simulator.errors import cms
from omsmodem.modem.simulator.storage import Status, Stored
from omsmodem.sms.address import Address
from omsmodem.sms.errors import DecodeError, EncodeError
from omsmodem.sms.fields import RELATIVE, Alphabet, data_coding, relative_validity
from omsmodem.sms.tpdu import Deliver, StatusReport, Submit, decode_incoming, decode_submit
from omsmodem.sms.user_data import UserData

_INVALID_TEXT = 305
_STATUS_WORDS = {
    Status.UNREAD: "REC UNREAD",
    Status.READ: "REC READ",
    Status.UNSENT: "STO UNSENT",
    Status.SENT: "STO SENT",
    Status.ALL: "ALL",
}
_VALIDITY_FORM, _SRR, _UDHI = 0x18, 0x20, 0x40


def status_word(status: Status) -> str:
    """`<stat>` in text mode."""
    return _STATUS_WORDS[status]


def status_of(word: str) -> Status | None:
    """The `<stat>` of a word of text mode."""
    return next((status for status, name in _STATUS_WORDS.items() if name == word.upper()), None)


def service_centre_octets(number: str) -> bytes:
    """The SCA in front of a TPDU: octets that follow, type of address, digits (TS 24.011 §8.2.5.1)."""
    if not number:
        return b"\x00"
    address = Address.of(number).encode()
    return bytes([len(address) - 1]) + address[1:]


def pdu_line(device: Device, tpdu: bytes) -> str:
    """SCA and TPDU in hexadecimal."""
    return (service_centre_octets(device.sim.service_centre) + tpdu).hex().upper()


def _moment(moment: datetime | None) -> str:
    if moment is None:
        return "00/00/00,00:00:00+00"
    offset = moment.utcoffset()
    quarters = round(offset.total_seconds() / 900) if offset else 0
    return f"{moment:%y/%m/%d,%H:%M:%S}{quarters:+03d}"


def _number(device: Device, address: Address) -> str:
    return charset.encode(address.number, device.settings["+CSCS"])


def _text(device: Device, user_data: UserData) -> str:
    if user_data.alphabet is Alphabet.GSM7:
        return charset.encode(user_data.text, device.settings["+CSCS"])
    octets = user_data.octets or user_data.text.encode("utf-16-be")
    return octets.hex().upper()


def routed(device: Device, name: str, tpdu: bytes) -> tuple[str, ...]:
    """+CMT or +CDS in text mode."""
    try:
        message = decode_incoming(tpdu)
    except DecodeError:
        return (f"{name}: ", tpdu.hex().upper())
    if isinstance(message, StatusReport):
        return (f"{name}: " + _report_fields(device, message),)
    head = f'{name}: "{_number(device, message.originator)}","","{_moment(message.service_centre_time)}"'
    return (head, _text(device, message.user_data))


def _report_fields(device: Device, report: StatusReport) -> str:
    number, kind = _number(device, report.recipient), report.recipient.type_of_address
    times = f'"{_moment(report.service_centre_time)}","{_moment(report.discharge_time)}"'
    return f'6,{report.message_reference},"{number}",{kind},{times},{report.status}'


def shown(device: Device, prefix: str, stored: Stored) -> tuple[str, ...]:
    """A stored message in text mode; `prefix` is `+CMGR: ` or `+CMGL: 3,`."""
    word = status_word(stored.status)
    try:
        if stored.status in {Status.UNSENT, Status.SENT}:
            submit = decode_submit(stored.tpdu)
            head = f'{prefix}"{word}","{_number(device, submit.destination)}",'
            return (head, _text(device, submit.user_data))
        message = decode_incoming(stored.tpdu)
    except DecodeError:
        return (f'{prefix}"{word}","",', stored.tpdu.hex().upper())
    if isinstance(message, StatusReport):
        return (f'{prefix}"{word}",' + _report_fields(device, message),)
    return _delivery(device, prefix, word, message)


def _delivery(device: Device, prefix: str, word: str, message: Deliver) -> tuple[str, ...]:
    head = f'{prefix}"{word}","{_number(device, message.originator)}",,"{_moment(message.service_centre_time)}"'
    text = _text(device, message.user_data)
    if device.settings["+CSDH"] == "1":
        head += f",{message.originator.type_of_address},4,0,{message.user_data.dcs},,,{len(text)}"
    return (head, text)


def submit_tpdu(device: Device, number: str, entered: bytes) -> bytes:
    """The SMS-SUBMIT of a text typed at the prompt, with the parameters of +CSMP. Raises the refusal 305."""
    first, validity, pid, dcs = (int(value or 0) for value in device.settings["+CSMP"].split(","))
    text = entered.decode("latin-1").replace("\r\n", "\n").replace("\r", "\n")
    try:
        user_data = _entered(device, text, dcs, bool(first & _UDHI))
        return Submit(
            Address.of(charset.decode(number, device.settings["+CSCS"])),
            user_data,
            protocol_identifier=pid,
            validity_period=relative_validity(validity) if first & _VALIDITY_FORM == RELATIVE else None,
            status_report_request=bool(first & _SRR),
        ).encode()
    except (EncodeError, DecodeError, ValueError) as error:
        raise cms(_INVALID_TEXT) from error


def _entered(device: Device, text: str, dcs: int, has_header: bool) -> UserData:
    alphabet = data_coding(dcs).alphabet
    if alphabet is Alphabet.GSM7 and not has_header:
        return UserData(charset.decode(text, device.settings["+CSCS"]), dcs)
    octets = bytes.fromhex(text)
    if alphabet is Alphabet.UCS2 and not has_header:
        return UserData(octets.decode("utf-16-be"), dcs)
    if alphabet is Alphabet.OCTETS and not has_header:
        return UserData("", dcs, octets=octets)
    raise EncodeError("a header in text mode is not simulated")
