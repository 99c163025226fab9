"""Codecs by others, behind one face: SMS-DELIVER octets → originator, text, time, segment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import gammu
import smspdudecoder.easy
from gsmmodem import pdu

from omsmodem.sms.tpdu import Deliver


@dataclass(frozen=True)
class Reading:
    """What a codec makes of an SMS-DELIVER; `segment` is (total, number)."""

    number: str
    text: str
    time: datetime | None
    segment: tuple[int, int] | None


def ours(deliver: Deliver) -> Reading:
    """Our own reading."""
    found = deliver.user_data.concatenation
    segment = (found.total, found.number) if found else None
    return Reading(deliver.originator.number, deliver.user_data.text, deliver.service_centre_time, segment)


def python_gsmmodem(octets: bytes) -> Reading:
    """python-gsmmodem-new 0.13.0."""
    found: dict[str, Any] = pdu.decodeSmsPdu("00" + octets.hex())
    parts = [element for element in found.get("udh", []) if isinstance(element, pdu.Concatenation)]
    segment = (parts[-1].parts, parts[-1].number) if parts else None
    return Reading(found["number"], found["text"], found["time"], segment)


def libgammu(octets: bytes) -> Reading:
    """libgammu 1.45.1 through python-gammu 3.5.1."""
    found: dict[str, Any] = gammu.DecodePDU(b"\0" + octets, True)
    header = found["UDH"]
    segment = (header["AllParts"], header["PartNumber"]) if header["PartNumber"] > 0 else None
    return Reading(found["Number"], found["Text"], found["DateTime"], segment)


def smspdu(octets: bytes) -> Reading:
    """smspdudecoder 2.2.0."""
    found: dict[str, Any] = smspdudecoder.easy.read_incoming_sms("00" + octets.hex())
    part = found["partial"]
    segment = (part["parts_count"], part["part_number"]) if part else None
    return Reading(found["sender"], found["content"], found["date"], segment)


READERS: dict[str, Callable[[bytes], Reading]] = {
    "python-gsmmodem-new": python_gsmmodem,
    "libgammu": libgammu,
    "smspdudecoder": smspdu,
}


def libgammu_writes(number: str, text: str, *, ucs2: bool, header: bytes = b"", layout: str = "Submit") -> bytes:
    """An SMS-SUBMIT or SMS-DELIVER as libgammu writes it, without the service centre address."""
    moment = datetime.fromisoformat("2026-03-02T09:30:00+00:00")
    sms = {
        "Type": layout,
        "Number": number,
        "Text": text,
        "Coding": "Unicode_No_Compression" if ucs2 else "Default_No_Compression",
        "UDH": {"Type": "UserUDH" if header else "NoUDH", "Text": header},
        "SMSC": {"Number": ""},
        "Class": -1,
        "Folder": 1,
        "MessageReference": 0,
        "RejectDuplicates": 0,
        "ReplyViaSameSMSC": 0,
        "DateTime": moment,
        "SMSCDateTime": moment,
    }
    octets: bytes = gammu.EncodePDU(sms, layout)
    return octets[1 + octets[0] :]
