"""The codec beside other codecs: microseconds for a whole message, the same texts in the same run.

Rounds of the contenders take turns and CPU time is counted, so that whatever else the machine does falls on all alike.
"""

import time
import warnings
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from bench import Row, at_most
from omsmodem.sms import gsm7, segment
from omsmodem.sms.address import Address
from omsmodem.sms.tpdu import Deliver, decode_deliver, decode_submit

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # their sources hold invalid escapes
    import gammu
    import messaging.sms
    import smspdudecoder.easy
    from gsmmodem import pdu

NAME = "codec: a message to TPDUs and back (baseline: python-gsmmodem-new)"
NUMBER = "+447700900123"
VALIDITY = timedelta(hours=48)
ROUNDS, CALLS = 41, 20
#: What the baseline can write at all: no emoji, no back-tick.
TEXTS = {
    "30 letters": "Meeting moved to 10:30, room 2",
    "160 letters": ("The lift is out of order until Friday; use the stairs at the back. " * 3)[:160],
    "3 segments, some escapes": ("Total [net]: 1.250,00 € {incl. fees} for order 4711. " * 9)[:400],
    "23 letters, Cyrillic": "Привет, встреча в 10:30",
    "3 segments, Cyrillic": ("Встреча перенесена на 10:30, комната 2. " * 6)[:200],
}


def run() -> list[Row]:
    """Encode and decode rows for every text."""
    return [row for task in (_encode, _decode) for name, text in TEXTS.items() for row in task(name, text)]


def _encode(name: str, text: str) -> Iterable[Row]:
    ours, theirs, libgammu, messaging_py = _race(
        lambda: segment.cut(text, NUMBER, 7, validity=VALIDITY),
        lambda: pdu.encodeSmsSubmitPdu(NUMBER, text, reference=7, validity=VALIDITY),
        lambda: _gammu_encode(text),
        lambda: messaging.sms.SmsSubmit(NUMBER, text).to_pdu(),
    )
    yield at_most(f"encode {name}", ours, "µs", 1.0, theirs)
    yield Row("  python-gammu", libgammu, "µs", theirs, libgammu / theirs)
    yield Row("  python-messaging", messaging_py, "µs", theirs, messaging_py / theirs)


def _decode(name: str, text: str) -> Iterable[Row]:
    lines = list(_deliveries(text))
    ours, theirs, libgammu, decoder, messaging_py = _race(
        lambda: [decode_deliver(bytes.fromhex(line)[1:]) for line in lines],
        lambda: [pdu.decodeSmsPdu(line) for line in lines],
        lambda: [gammu.DecodePDU(bytes.fromhex(line), True) for line in lines],
        lambda: [smspdudecoder.easy.read_incoming_sms(line) for line in lines],
        lambda: [messaging.sms.SmsDeliver(line).text for line in lines],
    )
    yield at_most(f"decode {name}", ours, "µs", 1.0, theirs)
    yield Row("  python-gammu", libgammu, "µs", theirs, libgammu / theirs)
    yield Row("  smspdudecoder", decoder, "µs", theirs, decoder / theirs)
    yield Row("  python-messaging", messaging_py, "µs", theirs, messaging_py / theirs)


def _race(*contenders: Callable[[], object]) -> list[float]:
    """The best round of each, in microseconds a call."""
    times: list[list[float]] = [[] for _ in contenders]
    for _ in range(ROUNDS):
        for contender, taken in zip(contenders, times, strict=True):
            start = time.process_time_ns()
            for _ in range(CALLS):
                contender()
            taken.append((time.process_time_ns() - start) / 1000 / CALLS)
    return [min(taken) for taken in times]


def _deliveries(text: str) -> Iterable[str]:
    """The text as a modem shows it received: an empty service centre address and an SMS-DELIVER, in hexadecimal."""
    sent = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    for tpdu in segment.cut(text, NUMBER, 7):
        yield "00" + Deliver(Address.of(NUMBER), decode_submit(tpdu).user_data, sent).encode().hex().upper()


def _gammu_encode(text: str) -> list[bytes]:
    parts = gammu.EncodeSMS(
        {"Entries": [{"ID": "ConcatenatedTextLong", "Buffer": text}], "Unicode": not gsm7.is_encodable(text)}
    )
    return [gammu.EncodePDU(part | {"Number": NUMBER, "SMSC": {"Number": ""}}) for part in parts]
