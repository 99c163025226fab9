"""Final results → family and code, in all three forms of +CMEE (TS 27.005 §3.2.5, TS 27.007 §9.2). No I/O."""

import re
from typing import Literal

Kind = Literal["cms", "cme"]
Coded = tuple[Kind | None, int | None]

#: Calls are never made here, so NO CARRIER, BUSY and NO ANSWER are news of somebody's call and end no command.
FINAL = re.compile(r"OK|ERROR|\+CM[SE] ERROR:.*|COMMAND NOT SUPPORT|TOO MANY PARAMETERS", re.IGNORECASE)
_CODED = re.compile(r"\+CM([SE]) ERROR:\s*(.*)", re.IGNORECASE)
_CODE = re.compile(r"(\d{1,5})\b.*")

_CMS_TEXTS = {
    1: "unassigned unallocated number",
    8: "operator determined barring",
    10: "call barred",
    21: "short message transfer rejected",
    27: "destination out of service",
    28: "unidentified subscriber",
    29: "facility rejected",
    30: "unknown subscriber",
    38: "network out of order",
    41: "temporary failure",
    42: "congestion",
    47: "resources unavailable unspecified",
    50: "requested facility not subscribed",
    69: "requested facility not implemented",
    300: "me failure",
    301: "sms service of me reserved",
    302: "operation not allowed",
    303: "operation not supported",
    304: "invalid pdu mode parameter",
    305: "invalid text mode parameter",
    310: "sim not inserted",
    311: "sim pin required",
    312: "ph sim pin required",
    313: "sim failure",
    314: "sim busy",
    315: "sim wrong",
    316: "sim puk required",
    317: "sim pin2 required",
    318: "sim puk2 required",
    320: "memory failure",
    321: "invalid memory index",
    322: "memory full",
    330: "smsc address unknown",
    331: "no network service",
    332: "network timeout",
    340: "no cnma acknowledgement expected",
    500: "unknown error",
}
_CME_TEXTS = {
    0: "phone failure",
    1: "no connection to phone",
    2: "phone adaptor link reserved",
    3: "operation not allowed",
    4: "operation not supported",
    5: "ph sim pin required",
    6: "ph fsim pin required",
    7: "ph fsim puk required",
    10: "sim not inserted",
    11: "sim pin required",
    12: "sim puk required",
    13: "sim failure",
    14: "sim busy",
    15: "sim wrong",
    16: "incorrect password",
    17: "sim pin2 required",
    18: "sim puk2 required",
    20: "memory full",
    21: "invalid index",
    22: "not found",
    23: "memory failure",
    24: "text string too long",
    25: "invalid characters in text string",
    26: "dial string too long",
    27: "invalid characters in dial string",
    30: "no network service",
    31: "network timeout",
    32: "network not allowed emergency calls only",
    40: "network personalization pin required",
    41: "network personalization puk required",
    48: "hidden key required",
    50: "incorrect parameters",
    100: "unknown",
    103: "illegal ms",
    106: "illegal me",
    107: "gprs services not allowed",
    111: "plmn not allowed",
    112: "location area not allowed",
    113: "roaming not allowed in this location area",
}
#: Makers write the same thing in several ways.
_SPELLINGS = (
    (re.compile(r"[^a-z0-9]+"), " "),
    (re.compile(r"\bu sim\b|\busim\b|\bsim card\b"), "sim"),
    (re.compile(r"\b(necessary|needed)\b"), "required"),
    (re.compile(r"\bdestination out of order\b"), "destination out of service"),
    (re.compile(r"\bno cnma (ack|acknowledgment)\b"), "no cnma acknowledgement"),
    (re.compile(r"\bnetwork (time out|timed out)\b"), "network timeout"),
    (re.compile(r"\bservice centre address unknown\b|\bsc address unknown\b"), "smsc address unknown"),
    (re.compile(r"\binvalid index\b"), "invalid index"),
    (re.compile(r"personalisation"), "personalization"),
)


def coded(final: str) -> Coded:
    """The family and the number of an error result; (None, None) for plain ERROR, (family, None) for unknown words."""
    match = _CODED.fullmatch(final)
    if match is None:
        return None, None
    kind: Kind = "cms" if match[1].upper() == "S" else "cme"
    number = _CODE.fullmatch(match[2])
    return kind, int(number[1]) if number else _CODES[kind].get(_plain(match[2]))


def _plain(text: str) -> str:
    plain = text.lower()
    for pattern, spelling in _SPELLINGS:
        plain = pattern.sub(spelling, plain)
    return plain.strip()


_CODES: dict[Kind, dict[str, int]] = {
    "cms": {text: code for code, text in _CMS_TEXTS.items()} | {"unknown": 500, "invalid index": 321},
    "cme": {text: code for code, text in _CME_TEXTS.items()} | {"unknown error": 100},
}
