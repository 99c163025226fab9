"""What the codes of refusals and reports mean, and what to do about each (TS 24.011 §E, TS 23.040 §9.2.3.15 and .22,
TS 27.005 §3.2.5, TS 27.007 §9.2).
"""

from dataclasses import dataclass
from enum import StrEnum


class Reaction(StrEnum):
    """What a refusal asks for."""

    RETRY = "retry"  # this message again soon
    SLOW = "slow"  # this message again, from a quarter of an hour on
    FAIL = "fail"  # this recipient never
    STOP = "stop"  # every message would fail: hold the queue, probe
    SIM = "sim"  # look at the SIM again
    MODEM = "modem"  # resynchronise or reset the modem; nothing was sent
    BUG = "bug"  # our TPDU is wrong
    UNKNOWN = "unknown"  # it may have been sent


class StatusClass(StrEnum):
    """What a TP-ST says of the message."""

    DELIVERED = "delivered"
    PENDING = "pending"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Cause:
    """A code, its meaning in words and the reaction to it."""

    code: int | None
    meaning: str
    reaction: Reaction


_R, _SLOW, _F, _STOP = Reaction.RETRY, Reaction.SLOW, Reaction.FAIL, Reaction.STOP
_SIM, _M, _BUG, _U = Reaction.SIM, Reaction.MODEM, Reaction.BUG, Reaction.UNKNOWN

_CMS: dict[int, tuple[str, Reaction]] = {
    0: ("phone failure", _M),
    1: ("unassigned number", _F),
    8: ("operator determined barring", _STOP),
    10: ("call barred", _STOP),
    17: ("network failure", _R),
    21: ("transfer rejected", _F),
    22: ("congestion", _R),
    27: ("destination out of order", _SLOW),
    28: ("unidentified subscriber", _STOP),
    29: ("facility rejected", _STOP),
    30: ("unknown subscriber", _STOP),
    38: ("network out of order", _SLOW),
    41: ("temporary failure", _R),
    42: ("congestion", _R),
    47: ("resources unavailable", _R),
    50: ("facility not subscribed", _STOP),
    69: ("facility not implemented", _STOP),
    81: ("invalid transfer reference", _R),
    95: ("semantically incorrect message", _BUG),
    96: ("invalid mandatory information", _BUG),
    97: ("message type not implemented", _BUG),
    98: ("message not compatible with the protocol state", _M),
    99: ("information element not implemented", _BUG),
    111: ("protocol error", _R),
    127: ("interworking", _R),
    128: ("telematic interworking not supported", _BUG),
    129: ("short message type 0 not supported", _BUG),
    130: ("cannot replace the message", _F),
    143: ("protocol identifier error", _BUG),
    144: ("alphabet not supported", _F),
    145: ("message class not supported", _F),
    159: ("data coding error", _BUG),
    160: ("command cannot be actioned", _BUG),
    161: ("command not supported", _BUG),
    175: ("command error", _BUG),
    176: ("TPDU not supported", _BUG),
    192: ("service centre busy", _R),
    193: ("no subscription at the service centre", _STOP),
    194: ("service centre system failure", _R),
    195: ("invalid address", _F),
    196: ("destination barred", _F),
    197: ("duplicate rejected", _U),
    198: ("validity period format not supported", _F),
    199: ("validity period not supported", _F),
    208: ("SIM storage full", _M),
    209: ("no SMS storage on the SIM", _M),
    210: ("error in the modem", _M),
    211: ("memory capacity exceeded", _M),
    212: ("SIM toolkit busy", _R),
    213: ("data download error", _R),
    255: ("unspecified error of the service centre", _R),
    300: ("modem failure", _M),
    301: ("SMS service of the modem is reserved", _R),
    302: ("operation not allowed: is the modem registered?", _STOP),
    303: ("operation not supported", _STOP),
    304: ("invalid PDU", _BUG),
    305: ("invalid text mode parameter", _M),
    310: ("no SIM inserted", _SIM),
    311: ("SIM PIN needed", _SIM),
    312: ("phone lock PIN needed", _SIM),
    313: ("SIM failure", _SIM),
    314: ("SIM busy", _R),
    315: ("wrong SIM", _SIM),
    316: ("SIM PUK needed", _SIM),
    317: ("SIM PIN2 needed", _R),
    318: ("SIM PUK2 needed", _R),
    320: ("memory failure", _M),
    321: ("invalid memory index", _R),
    322: ("memory full", _M),
    330: ("service centre address unknown", _STOP),
    331: ("no network service", _STOP),
    332: ("network time-out: it may have been sent", _U),
    340: ("no acknowledgement expected", _R),
    500: ("unknown error (no credit, no SMS service, busy)", _R),
}
#: Vendor codes met on several devices; the same number means other things elsewhere, so none does worse than a retry.
_CMS |= {
    code: (meaning, _R)
    for code, meaning in (
        (256, "temporarily not allowed"),
        (258, "phone busy"),
        (512, "user abort or lower layer failure"),
        (513, "lower layer failure"),
        (521, "timer expired"),
        (522, "temporarily not allowed"),
        (535, "packet service busy"),
        (615, "network failure"),
        (616, "network down"),
        (771, "call in progress"),
    )
}
_CMS |= {532: ("SIM not ready", _SIM), 772: ("SIM powered down", _SIM)}

_CME: dict[int, tuple[str, Reaction]] = {
    0: ("phone failure", _M),
    1: ("no connection to the phone", _M),
    2: ("phone link reserved", _M),
    3: ("operation not allowed", _M),
    4: ("operation not supported", _M),
    5: ("phone lock PIN needed", _SIM),
    10: ("no SIM inserted", _SIM),
    11: ("SIM PIN needed", _SIM),
    12: ("SIM PUK needed", _SIM),
    13: ("SIM failure", _SIM),
    14: ("SIM busy", _R),
    15: ("wrong SIM", _SIM),
    16: ("incorrect password", _SIM),
    20: ("memory full", _M),
    23: ("memory failure", _M),
    24: ("text too long", _BUG),
    25: ("bad characters", _BUG),
    30: ("no network service", _STOP),
    31: ("network time-out", _R),
    32: ("emergency calls only", _STOP),
    50: ("incorrect parameters", _BUG),
    56: ("fixed dialling numbers only", _F),
    57: ("temporarily out of service", _R),
    60: ("system failure", _R),
    62: ("call barred", _STOP),
    100: ("unknown error", _R),
    515: ("still initialising", _R),
}
_CME |= dict.fromkeys((6, 7, *range(40, 48)), ("lock code needed", _SIM))
_CME |= dict.fromkeys((103, 106, 107, 108, 111, 112, 113), ("the network does not allow this SIM or modem", _STOP))


def cms(code: int | None) -> Cause:
    """The cause of `+CMS ERROR: code`; None is a plain ERROR, read as 500."""
    if code is None:
        return Cause(None, "refused without a reason", _R)
    meaning, reaction = _CMS.get(code, ("", _R))
    return Cause(code, meaning, reaction)


def cme(code: int | None) -> Cause:
    """The cause of `+CME ERROR: code`."""
    if code is None:
        return cms(None)
    meaning, reaction = _CME.get(code, ("", _R))
    return Cause(code, meaning, reaction)


def status(tp_status: int) -> StatusClass:
    """What a TP-ST octet says. Reserved values are failures, as TS 23.040 §9.2.3.15 wants."""
    if tp_status <= 0x02 or 0x10 <= tp_status <= 0x1F:
        return StatusClass.DELIVERED
    if 0x20 <= tp_status <= 0x25 or 0x30 <= tp_status <= 0x3F:
        return StatusClass.PENDING
    return StatusClass.FAILED
