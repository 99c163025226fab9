"""SMS-DELIVER octets → what the store keeps of them, and segments → what they say. Pure."""

import hashlib
from collections.abc import Callable, Mapping

from omsmodem.message import Content, IncomingKind, IncomingSegment, SegmentKey
from omsmodem.sms import fields, reassembly, tpdu
from omsmodem.sms.fields import Alphabet, Waiting, WaitingKind
from omsmodem.sms.tpdu import Deliver

#: First octet without TP-MMS and TP-LP: a copy that the centre sends again may differ there (TS 23.040 §9.2.3.2).
_IDENTITY_BITS = 0b1111_0011
_RETURN_CALL = 0x5F  # TP-PID (§9.2.3.9)
_WAITS = {WaitingKind.VOICEMAIL: "voicemail", WaitingKind.FAX: "a fax", WaitingKind.MAIL: "a mail"}


def dropped(deliver: Deliver) -> str | None:
    """What a message is that nobody is to see, or None."""
    if deliver.silent:
        return "a message for the phone or its SIM"
    waiting = deliver.user_data.waiting
    if waiting and not deliver.user_data.text and not any(one.active for one in waiting):
        return "an indication that nothing waits any more"
    return None


def segment_of(
    octets: bytes, deliver: Deliver, modem: str, sim: str, canonical: Callable[[str], str]
) -> IncomingSegment:
    """What the store keeps of an SMS-DELIVER. `canonical` writes a number as it is written to when it is answered."""
    name = "".join(c if c.isprintable() else " " for c in deliver.originator.value).strip() or "unknown"
    answerable = not deliver.originator.alphanumeric and any(c.isdigit() for c in deliver.originator.value)
    key = deliver.user_data.concatenation
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
        replaces=deliver.replace_type,
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
    data, coding = deliver.user_data, fields.data_coding(deliver.user_data.dcs)
    if data.waiting:
        return IncomingKind.WAITING, ", ".join(map(_words, data.waiting))
    if data.ports is not None:
        return IncomingKind.DATA, f"for port {data.ports.destination}"
    if data.alphabet is Alphabet.OCTETS:
        return IncomingKind.DATA, "compressed text" if coding.compressed else "octets"
    if coding.message_class == 0:
        return IncomingKind.TEXT, "class 0: shown at once on a phone"
    return IncomingKind.TEXT, "asks to be called" if deliver.protocol_identifier == _RETURN_CALL else ""


def _words(waiting: Waiting) -> str:
    what = _WAITS.get(waiting.kind, "a message")
    if not waiting.active:
        return f"no more {what.removeprefix('a ')}"
    return f"{what} waits ({waiting.count})" if waiting.count else f"{what} waits"


def assemble(segments: Mapping[int, bytes], _total: int) -> Content:
    """What the TPDUs of a message say, by number; a gap is marked where segments are missing."""
    joined = reassembly.join(tpdu.decode_deliver(octets).user_data for octets in segments.values())
    return Content(joined.text, joined.octets)
