"""How makes of modems differ: data, no branches. Sources: makers' manuals and the drivers of other programs, see docs/modems.md."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from omsmodem.modem.port import Pace


@dataclass(frozen=True, slots=True)
class PinCounter:
    """How a make tells the tries left for the SIM's PIN; the pattern's first group is that number."""

    command: str
    prefix: str
    pattern: str


#: TS 27.007 §8.65; asked of every make whose own command gives no answer.
STANDARD_COUNTER = PinCounter("AT+CPINR", "+CPINR:", r"SIM PIN\s*,\s*(\d+).*")


@dataclass(frozen=True, slots=True)
class IndicationPort:
    """How a make that gives indications on one port only names its ports: by USB interface, and its UART."""

    command: str  # tells which it is; with a name behind it, sets it
    prefix: str
    by_interface: Mapping[int, str]
    uart: str
    everywhere: str


_ANY_PACE = Pace()


@dataclass(frozen=True, slots=True)
class Quirk:
    """What one make needs beyond the standard. `match` is searched in "manufacturer model", lower case."""

    name: str
    match: str
    settings: tuple[str, ...] = ()  # at bring-up; each may be refused
    ready: tuple[str, ...] = ()  # indications that SMS commands work now, after a start
    counter: PinCounter | None = None
    iccid: str | None = None  # the command for the SIM's serial number
    more_messages: bool = True  # +CMMS is worth trying
    indication_port: IndicationPort | None = None
    packed_ussd: bool = False  # +CUSD takes and gives packed septets in hexadecimal
    pace: Pace = _ANY_PACE


#: A bare UART without flow control loses octets of a long line.
_UART_PACE = Pace(chunk_octets=128, between_chunks_s=0.02)

GENERIC = Quirk("generic", "", ready=("SMS Ready", "+QIND: SMS DONE", "SMS DONE"))
#: The first match holds.
QUIRKS = (
    Quirk(
        "huawei",
        r"\bhuawei",
        settings=("AT^CURC=0",),  # silences ^RSSI, ^MODE, ^DSFLOWRPT; the first try after a start is often ignored
        ready=("^SIMST: 1", "^SIMST:1", "^SRVST: 2", "^SRVST:2"),
        counter=PinCounter("AT^CPIN?", "^CPIN:", r"[^,]*,\d*,\d+,(\d+).*"),
        iccid="AT^ICCID?",
        packed_ussd=True,
    ),
    Quirk(
        "simcom-2g",
        r"\bsimcom.*\bsim(com_sim)?(800|900|300|340|868|808)",
        settings=("AT+CSCLK=0",),
        ready=("SMS Ready", "Call Ready"),
        counter=PinCounter("AT+SPIC", "+SPIC:", r"(\d+).*"),
        pace=_UART_PACE,
    ),
    Quirk(
        "simcom",
        r"\bsimcom|\bsim7\d\d\d",
        settings=("AT+CSCLK=0",),
        ready=("SMS DONE", "PB DONE", "SMS Ready"),
        iccid="AT+CICCID",
        counter=PinCounter("AT+SPIC", "+SPIC:", r"(\d+).*"),
    ),
    Quirk(
        "quectel",
        r"\bquectel",
        ready=("+QIND: SMS DONE", "+QIND: PB DONE"),
        counter=PinCounter('AT+QPINC="SC"', "+QPINC:", r'"SC"\s*,\s*(\d+).*'),
        iccid="AT+QCCID",
        indication_port=IndicationPort(
            'AT+QURCCFG="urcport"', "+QURCCFG:", {2: "usbat", 3: "usbmodem"}, uart="uart1", everywhere="all"
        ),
    ),
    Quirk(
        "zte",
        r"\bzte\b",
        settings=("AT+CPMS?",),  # ends the flood of +ZUSIMR:2
        ready=("+ZUSIMR:2", "+ZUSIMR: 2"),
        counter=PinCounter("AT+ZPINPUK=?", "+ZPINPUK:", r"(\d+).*"),
        iccid="AT+ZGETICCID",
    ),
    Quirk(
        "telit",
        r"\btelit",
        counter=PinCounter("AT#PCT", "#PCT:", r"(\d+).*"),
        iccid="AT#CCID",
        pace=Pace(between_commands_s=0.02),
    ),
    Quirk("u-blox", r"\bu-?blox", counter=PinCounter("AT+UPINCNT", "+UPINCNT:", r"(\d+).*")),
)


def quirk_of(manufacturer: str, model: str) -> Quirk:
    """The quirk of a make as told by +CGMI and +CGMM; the generic one for makes that are not listed."""
    named = f"{manufacturer} {model}".lower()
    return next((quirk for quirk in QUIRKS if re.search(quirk.match, named)), GENERIC)
