"""How the simulated modem refuses, in numbers and in words (TS 27.007 §9.2, TS 27.005 §3.2.5)."""

from typing import Literal

Family = Literal["CME", "CMS"]

#: What is said with +CMEE=2.
_CME_TEXTS = {
    3: "operation not allowed",
    4: "operation not supported",
    10: "SIM not inserted",
    11: "SIM PIN required",
    12: "SIM PUK required",
    13: "SIM failure",
    14: "SIM busy",
    16: "incorrect password",
    30: "no network service",
    50: "Incorrect parameters",
    100: "unknown",
}
_CMS_TEXTS = {
    38: "Network out of order",
    42: "Congestion",
    302: "operation not allowed",
    303: "operation not supported",
    304: "Invalid PDU mode parameter",
    305: "Invalid text mode parameter",
    310: "SIM not inserted",
    311: "SIM PIN required",
    313: "SIM failure",
    314: "SIM busy",
    316: "SIM PUK required",
    321: "Invalid memory index",
    322: "Memory full",
    330: "SMSC address unknown",
    331: "no network service",
    332: "Network timeout",
    340: "no +CNMA acknowledgement expected",
    500: "Unknown error",
}


class Refusal(Exception):
    """The modem will not do it; None is a plain ERROR."""

    def __init__(self, code: int | None = None, family: Family = "CME") -> None:
        super().__init__(code, family)
        self.code = code
        self.family = family

    def final(self, level: str, unnumbered: frozenset[int] = frozenset()) -> str:
        """The final result with +CMEE=`level`; `unnumbered` codes come as text although numbers were asked for."""
        if self.code is None or level == "0":
            return "ERROR"
        texts = _CMS_TEXTS if self.family == "CMS" else _CME_TEXTS
        in_words = level == "2" or self.code in unnumbered
        return f"+{self.family} ERROR: {texts.get(self.code, 'unknown') if in_words else self.code}"


def cms(code: int) -> Refusal:
    """A refusal of the message service."""
    return Refusal(code, "CMS")


def cme(code: int) -> Refusal:
    """A refusal of the modem or the SIM."""
    return Refusal(code, "CME")
