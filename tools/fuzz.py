"""Coverage-guided fuzzing of everything that reads octets of strangers: `make fuzz`, or `python tools/fuzz.py --minutes 5 NAME…`.

Each input that reaches a line of ours no input reached before is kept and changed further. Only our own refusals may be raised,
and nothing may take long. An input that breaks this is printed and written to fuzz-NAME-….bin; exit code 1.
"""

import argparse
import contextlib
import hashlib
import random
import ssl
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from omsmodem.https import framing, hello
from omsmodem.modem import pdumode
from omsmodem.modem.chat import Chat
from omsmodem.numbers import NumberPolicy, NumberRefused, normalise
from omsmodem.sms import tpdu
from omsmodem.sms.errors import SmsError
from omsmodem.soap import envelope, oms
from omsmodem.soap.errors import SoapError

ROOT = Path(__file__).parent.parent
GOLDEN = ROOT / "tests" / "golden"
SLOW_S = 1.0
_MOST_OCTETS = 20_000


# -- what is fed ----------------------------------------------------------------------------------------------------------


def _framing(octets: bytes) -> None:
    """The same requests must come out however the octets are cut."""
    outcomes = []
    for size in (len(octets) or 1, 7, 1):
        framer, found = framing.Framer(2048, 4096), []
        try:
            for at in range(0, len(octets), size):
                framer.receive(octets[at : at + size])
                while (request := framer.next()) is not None:
                    found.append(request)
        except framing.Refused as refused:
            found.append(refused.status.encode())
        outcomes.append(found)
    assert outcomes[0] == outcomes[1] == outcomes[2], "cutting the octets changes the requests"


def _envelope(octets: bytes) -> None:
    call = envelope.read(octets, None)
    assert isinstance(call.operation, str)


def _document(octets: bytes) -> None:
    text = octets.decode("utf-8", "replace")
    for read in (oms.parse_user, oms.parse_data, oms.parse_batch):
        try:
            read(text)
        except SoapError:
            continue


def _line(octets: bytes) -> None:
    pdumode.from_hex(octets.decode("latin-1"))


def _dialogue(octets: bytes) -> None:
    """A modem may say anything at any moment; the same events must come however it is cut."""
    outcomes = []
    for size in (len(octets) or 1, 3, 1):
        chat = Chat()
        chat.begin("+CMGS=20", prefix="+CMGS", prompt=True)
        events: list[Any] = []
        for at in range(0, len(octets), size):
            events += chat.feed(octets[at : at + size])
        outcomes.append([repr(event) for event in events])
    assert outcomes[0] == outcomes[1] == outcomes[2], "cutting the octets changes the events"


def _number(octets: bytes) -> None:
    number = normalise(octets.decode("utf-8", "replace"), NumberPolicy("GB"))
    assert number.isascii()
    assert number[0] == "+"
    assert number[1:].isdigit()


@dataclass
class Target:
    """What reads octets, what it may raise, and what to begin with."""

    run: Callable[[bytes], object]
    allowed: tuple[type[BaseException], ...]
    seeds: list[bytes] = field(default_factory=list)
    words: tuple[bytes, ...] = ()


def _golden(*patterns: str) -> list[bytes]:
    return [path.read_bytes() for pattern in patterns for path in sorted(GOLDEN.glob(pattern))]


def _hellos() -> list[bytes]:
    """What OpenSSL itself says first."""
    said = ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), said, server_hostname="sms.harbour.example")
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return [said.read()]


_TPDUS = [
    bytes.fromhex("040C91447700092022000062302090000000" + "0BE8329BFD4697D9EC37"),
    bytes.fromhex("440C914477000920220008623020900000" + "0C" + "0500030B0201" + "0074006900640065"),
    bytes.fromhex("06070C9144770009202262302090000000623020900500" + "0000"),
]
_XML_WORDS = (
    b"<!DOCTYPE",
    b"<![CDATA[",
    b"&#0;",
    b"&amp;",
    b"xmlns=",
    b"<recipient>",
    b"</",
    b"/>",
    b'encoding="utf-16"',
)

TARGETS: dict[str, Target] = {
    "framing": Target(
        _framing,
        (),
        [
            b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\ntide",
            b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n4;a=b\r\ntide\r\n0\r\nX: y\r\n\r\n",
        ],
        (b"\r\n", b"\r\n\r\n", b"chunked", b"Content-Length: ", b"Transfer-Encoding: ", b"HTTP/1.0", b" ", b":"),
    ),
    "hello": Target(hello.read, (), _hellos()),
    "envelope": Target(_envelope, (SoapError,), _golden("oms/*request.xml"), _XML_WORDS),
    "document": Target(_document, (), _golden("oms/*document.xml"), _XML_WORDS),
    "incoming": Target(tpdu.decode_incoming, (SmsError,), _TPDUS),
    "submit": Target(tpdu.decode_submit, (SmsError,), [bytes.fromhex("01000C91447700092022000004F4323B0C")]),
    "line": Target(_line, (ValueError,), [b"0001000C91447700092022000004F4323B0C"]),
    "dialogue": Target(
        _dialogue,
        (),
        [b"AT+CMGS=20\r\r\n> ", b"\r\n+CMGS: 7\r\n\r\nOK\r\n", b'\r\n+CMTI: "SM",1\r\n', b"\r\n+CDS: 25\r\n0006\r\n"],
        (b"\r\n", b"> ", b"OK", b"ERROR", b"+CMS ERROR: 500", b"+CMT: ,20\r\n", b"\x1a"),
    ),
    "number": Target(
        _number, (NumberRefused,), [b"+44 (0)7700 900222", b"07700/900222", b"tel:112"], (b"(0)", b"00", b"+")
    ),
}


# -- how it is changed ----------------------------------------------------------------------------------------------------


def mutated(octets: bytes, others: list[bytes], words: tuple[bytes, ...], dice: random.Random) -> bytes:
    """The octets with one to four changes."""
    changed = bytearray(octets)
    for _ in range(dice.randint(1, 4)):
        at = dice.randint(0, len(changed))
        kind = dice.randrange(7)
        if kind == 0 and changed:
            changed[at % len(changed)] ^= 1 << dice.randrange(8)
        elif kind == 1 and changed:
            changed[at % len(changed)] = dice.randrange(256)
        elif kind == 2:
            del changed[at : at + dice.randint(1, 16)]
        elif kind == 3:
            changed[at:at] = dice.randbytes(dice.randint(1, 8))
        elif kind == 4 and words:
            changed[at:at] = dice.choice(words)
        elif kind == 5:
            start = dice.randint(0, len(changed))
            changed[at:at] = changed[start : start + dice.randint(1, 64)]
        else:
            other = dice.choice(others)
            changed[at:] = other[dice.randint(0, len(other)) :]
    return bytes(changed[:_MOST_OCTETS])


class Coverage:
    """The lines of ours that were reached."""

    def __init__(self) -> None:
        self.lines: set[tuple[str, int]] = set()

    def run(self, what: Callable[[bytes], object], octets: bytes) -> bool:
        """Run it; whether a new line was reached."""
        before, measuring = len(self.lines), sys.gettrace()
        sys.settrace(self._trace)
        try:
            what(octets)
        finally:
            sys.settrace(measuring)
            self.news = len(self.lines) > before
        return self.news

    news = False

    def _trace(self, frame: FrameType, event: str, _argument: object) -> Any:
        if "/omsmodem/" not in frame.f_code.co_filename:
            return None
        if event == "line":
            self.lines.add((frame.f_code.co_filename, frame.f_lineno))
        return self._trace


def fuzz(name: str, seconds: float, seed: int, *, runs: int = sys.maxsize) -> tuple[int, int, bytes | None]:
    """How many inputs, how many lines, and the input that broke it."""
    target, dice, coverage = TARGETS[name], random.Random(seed), Coverage()  # noqa: S311 - no secret
    corpus = [*target.seeds, b""]
    until, done = time.monotonic() + seconds, 0
    while time.monotonic() < until and done < runs:
        octets = corpus[done] if done < len(target.seeds) else mutated(dice.choice(corpus), corpus, target.words, dice)
        done += 1
        started = time.process_time()
        try:
            coverage.run(target.run, octets)
        except target.allowed:
            pass
        except Exception:  # noqa: BLE001 - whatever it is, it is found
            traceback.print_exc()
            return done, len(coverage.lines), octets
        if time.process_time() - started > SLOW_S:
            print(f"{name}: {len(octets)} octets took {time.process_time() - started:.1f} s")
            return done, len(coverage.lines), octets
        if coverage.news:
            corpus.append(octets)
    return done, len(coverage.lines), None


def main() -> int:
    """Fuzz the targets named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="*", help=f"which ones: {', '.join(TARGETS)} (default: all)")
    parser.add_argument("--minutes", type=float, default=1.0, help="for each (default: 1)")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    asked = parser.parse_args()
    broken = 0
    for name in asked.name or TARGETS:
        done, lines, octets = fuzz(name, asked.minutes * 60, asked.seed)
        print(
            f"{name}: {done} inputs, {lines} lines reached, seed {asked.seed}: {'BROKEN' if octets is not None else 'ok'}"
        )
        if octets is not None:
            broken += 1
            path = Path(f"fuzz-{name}-{hashlib.sha256(octets).hexdigest()[:12]}.bin")
            path.write_bytes(octets)
            print(f"  {octets[:200]!r}\n  written to {path}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
