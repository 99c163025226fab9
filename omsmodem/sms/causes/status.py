"""TP-ST: what a status report says became of a message (TS 23.040 §9.2.3.15)."""

from dataclasses import dataclass
from enum import StrEnum


class StatusClass(StrEnum):
    """What a TP-ST says of the message."""

    DELIVERED = "delivered"
    PENDING = "pending"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Status:
    """A TP-ST in words. `confirmed`: the phone has it, not only the next centre; `again`: a new submission may work."""

    code: int
    meaning: str
    status_class: StatusClass
    confirmed: bool = False
    again: bool = False


_TRANSACTIONS = {
    0x00: "received by the phone",
    0x01: "forwarded, receipt not confirmed",
    0x02: "replaced by a newer one",
}
#: The same causes while the centre still tries (0x20 …) and when it has given up (0x60 …).
_TEMPORARY = (
    "congestion",
    "phone busy",
    "no response from the phone",
    "service rejected",
    "quality of service not available",
    "error in the phone",
)
_PERMANENT = (
    "remote procedure error",
    "incompatible destination",
    "connection rejected by the phone",
    "not obtainable",
    "quality of service not available",
    "no interworking available",
    "validity period expired",
    "deleted by the sender",
    "deleted by the service centre",
    "message does not exist",
)
_REJECTED = _TEMPORARY[3]


def _read(code: int) -> Status:
    kind, own = code & 0x60, f"of the service centre's own (0x{code:02X})"
    index = code & 0x1F
    if code >= 0x80 or not (code in _TRANSACTIONS or index >= 0x10 or index < _ASSIGNED[kind]):
        # A reserved value means 0x63, but for those among the permanent causes; what was received is still told.
        return Status(
            code, f"{_REJECTED} (reserved value 0x{code:02X})", StatusClass.FAILED, again=not 0x40 <= code < 0x60
        )
    if kind == 0x00:
        meaning = _TRANSACTIONS.get(code, f"done, {own}")
        return Status(code, meaning, StatusClass.DELIVERED, confirmed=code == 0x00)
    if kind == 0x20:
        meaning = _TEMPORARY[index] if index < 0x10 else f"still trying, {own}"
        return Status(code, meaning, StatusClass.PENDING)
    if kind == 0x40:
        meaning = _PERMANENT[index] if index < 0x10 else f"given up, {own}"
        return Status(code, meaning, StatusClass.FAILED)
    meaning = _TEMPORARY[index] if index < 0x10 else f"given up for now, {own}"
    return Status(code, meaning, StatusClass.FAILED, again=True)


_ASSIGNED = {0x00: 0x03, 0x20: len(_TEMPORARY), 0x40: len(_PERMANENT), 0x60: len(_TEMPORARY)}
_STATUSES = tuple(map(_read, range(256)))


def report(tp_status: int) -> Status:
    """What a TP-ST octet says, in words and in kind."""
    return _STATUSES[tp_status]


def status(tp_status: int) -> StatusClass:
    """What kind of TP-ST an octet is. Reserved values are failures, as §9.2.3.15 wants."""
    return _STATUSES[tp_status].status_class
