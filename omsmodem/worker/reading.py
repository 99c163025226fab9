"""SMS-DELIVER octets → what the store keeps of them, and segments → what they say. Pure."""

import hashlib
from collections.abc import Callable, Mapping

from omsmodem.message import Content, IncomingKind, IncomingSegment, SegmentKey
from omsmodem.sms import fields, tpdu
from omsmodem.sms.fields import Alphabet
from omsmodem.sms.tpdu import Deliver

#: First octet without TP-MMS and TP-LP: a copy that the centre sends again may differ there (TS 23.040 §9.2.3.2).
_IDENTITY_BITS = 0b1110_0011
_REPLACE_TYPES = range(0x41, 0x48)  # TP-PID (§9.2.3.9)
#: Type 0 (show and store nothing) and data for the SIM or the phone itself: acknowledged and dropped.
_DROPPED = {0x40: "a type 0 message", 0x7D: "data for the phone", 0x7E: "data for the phone", 0x7F: "data for the SIM"}
_RETURN_CALL = 0x5F
_SPECIAL_MESSAGE, _PORTS, _PORTS_WIDE = 0x01, 0x04, 0x05  # information elements (§9.2.3.24)
_NO_MORE = "no more"
_WAITING = ("voicemail", "a fax", "a mail", "a message")


def dropped(deliver: Deliver) -> str | None:
    """What a message is that nobody is to see, or None."""
    kind, detail = _kind(deliver)
    if kind is IncomingKind.WAITING and detail.startswith(_NO_MORE) and not deliver.user_data.text:
        return "an indication that nothing waits any more"
    return _DROPPED.get(deliver.protocol_identifier)


def segment_of(
    octets: bytes, deliver: Deliver, modem: str, sim: str, canonical: Callable[[str], str]
) -> IncomingSegment:
    """What the store keeps of an SMS-DELIVER. `canonical` writes a number as it is written to when it is answered."""
    name = "".join(c if c.isprintable() else " " for c in deliver.originator.value).strip() or "unknown"
    answerable = not deliver.originator.alphanumeric and any(c.isdigit() for c in deliver.originator.value)
    key = deliver.user_data.concatenation
    replaces = deliver.protocol_identifier if deliver.protocol_identifier in _REPLACE_TYPES else None
    kind, detail = _kind(deliver)
    return IncomingSegment(
        identity=_digest(sim.encode(), bytes([octets[0] & _IDENTITY_BITS]), octets[1:]),
        content=_digest(_behind_time(octets)),
        tpdu=octets,
        modem=modem,
        sim=sim,
        originator=canonical(deliver.originator.number) if answerable else name,
        answerable=answerable,
        kind=kind,
        sent_at=deliver.service_centre_time,
        key=SegmentKey(key.reference, key.wide, key.total, key.number) if key is not None and key.total > 1 else None,
        replaces=replaces,
        detail=detail,
    )


def _digest(*parts: bytes) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(4, "big") + part)
    return digest.digest()


def _behind_time(octets: bytes) -> bytes:
    """TP-PID, TP-DCS and what follows TP-SCTS: equal in copies that were sent at different times."""
    at = 3 + (octets[1] + 1) // 2
    return octets[at : at + 2] + octets[at + 9 :]


def _kind(deliver: Deliver) -> tuple[IncomingKind, str]:
    coding = fields.data_coding(deliver.user_data.dcs)
    elements = {element.iei: element.data for element in deliver.user_data.header}
    special = elements.get(_SPECIAL_MESSAGE)
    if coding.waiting is not None or special is not None:
        return IncomingKind.WAITING, _what_waits(deliver, special)
    port = _port(elements)
    if port is not None:
        return IncomingKind.DATA, f"for port {port}"
    if deliver.user_data.alphabet is Alphabet.OCTETS:
        return IncomingKind.DATA, "compressed text" if coding.compressed else "octets"
    if coding.message_class == 0:
        return IncomingKind.TEXT, "class 0: shown at once on a phone"
    return IncomingKind.TEXT, "asks to be called" if deliver.protocol_identifier == _RETURN_CALL else ""


def _port(elements: Mapping[int, bytes]) -> int | None:
    """The port of the application that is meant."""
    for iei, size in ((_PORTS_WIDE, 2), (_PORTS, 1)):
        data = elements.get(iei, b"")
        if len(data) == 2 * size:
            return int.from_bytes(data[:size], "big")
    return None


def _what_waits(deliver: Deliver, special: bytes | None) -> str:
    """In words: TS 23.038 §4 for TP-DCS, TS 23.040 §9.2.3.24.2 for the element, which also counts."""
    if special is not None and len(special) == 2:
        what, count = _WAITING[special[0] & 3], special[1]
        return f"{what} waits ({count})" if count else f"{_NO_MORE} {what.removeprefix('a ')}"
    dcs = deliver.user_data.dcs
    what = _WAITING[dcs & 3]
    return f"{what} waits" if dcs & 0x08 else f"{_NO_MORE} {what.removeprefix('a ')}"


def assemble(segments: Mapping[int, bytes], total: int) -> Content:
    """What the TPDUs of a message say, by number; a gap is marked where segments are missing."""
    said = {number: tpdu.decode_deliver(octets).user_data for number, octets in segments.items()}
    texts = [said[number].text if number in said else f"[… {number}/{total} …]" for number in range(1, total + 1)]
    return Content(_joined(texts), b"".join(said[number].octets for number in sorted(said)))


def _joined(texts: list[str]) -> str:
    """One text: surrogate pairs that were cut apart are joined, halves without a partner are marked as unreadable."""
    return "".join(texts).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
