"""Putting segments together again, in any order, whatever comes twice (TS 23.040 §9.2.3.24.1)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import ClassVar, NamedTuple

from omsmodem.sms import udh
from omsmodem.sms.fields import Alphabet
from omsmodem.sms.user_data import UserData, read_text

#: What stands in a text for segments that never came.
GAP = "[…]"


class Key(NamedTuple):
    """What the segments of one message have in common: who sent it, its reference, whether that has 16 bits, how many."""

    peer: str
    reference: int
    wide: bool
    total: int


def key_of(peer: str, user_data: UserData) -> Key | None:
    """The message this segment is of, or None for a message of its own."""
    concatenation = user_data.concatenation
    if concatenation is None:
        return None
    return Key(peer, concatenation.reference, concatenation.wide, concatenation.total)


@dataclass(frozen=True, slots=True)
class Joined:
    """What segments amount to: the text with GAP for holes, the octets of 8-bit data, the numbers that are missing."""

    text: str
    octets: bytes = b""
    missing: tuple[int, ...] = ()


def join(segments: Iterable[UserData]) -> Joined:
    """One message from its segments, in any order; of two with one number the first counts.

    All are of one key; a message of its own is its only segment. Characters that the sender cut in two (a surrogate pair,
    an escape and its code) are whole again.
    """
    by_number: dict[int, UserData] = {}
    total = 1
    for user_data in segments:
        concatenation = user_data.concatenation
        number, total = (concatenation.number, concatenation.total) if concatenation else (1, 1)
        by_number.setdefault(number, user_data)
    missing = tuple(number for number in range(1, total + 1) if number not in by_number)
    runs = [list(run) for _, run in groupby(range(1, total + 1), by_number.__contains__)]
    text = " ".join(_text([by_number[n] for n in run]) if run[0] in by_number else GAP for run in runs)
    octets = b"".join(by_number[number].octets for number in sorted(by_number))
    return Joined(text, octets, missing)


def _text(neighbours: list[UserData]) -> str:
    """The text of segments without a hole between them."""
    alike = groupby(neighbours, lambda segment: (segment.alphabet, _languages(segment)))
    return "".join(_decoded(alphabet, list(segments)) for (alphabet, _), segments in alike)


def _decoded(alphabet: Alphabet, segments: list[UserData]) -> str:
    unit_octets = 2 if alphabet is Alphabet.UCS2 else 1
    if any(len(segment.coded) % unit_octets or (segment.text and not segment.coded) for segment in segments):
        return "".join(segment.text for segment in segments)
    return read_text(b"".join(segment.coded for segment in segments), alphabet, segments[0].header)


def _languages(segment: UserData) -> tuple[int, int]:
    return udh.language(segment.header, udh.LOCKING_SHIFT), udh.language(segment.header, udh.SINGLE_SHIFT)


@dataclass(frozen=True, slots=True)
class Whole:
    """A message with every segment there."""

    peer: str
    text: str
    segments: int
    reference: int | None
    octets: bytes = b""


@dataclass(slots=True)
class _Held:
    since: int  # whole messages of the peer when the last segment came
    segments: dict[int, UserData] = field(default_factory=dict)


@dataclass(slots=True)
class Reassembly:
    """Segments in hand; `limit` bounds how many unfinished messages are kept, the oldest go first.

    References come round again. Of two texts under one number the newer starts its message anew, and what was not finished
    while its peer sent `STALE` whole messages is never mixed with a newer one.
    """

    STALE: ClassVar[int] = 128  # half of the references of 8 bits
    limit: int = 256
    _held: dict[Key, _Held] = field(default_factory=dict)
    _whole: Counter[str] = field(default_factory=Counter)

    def add(self, peer: str, user_data: UserData) -> Whole | None:
        """Take a segment; the message when this made it whole. A segment already in hand changes nothing."""
        concatenation = user_data.concatenation
        key = key_of(peer, user_data)
        if concatenation is None or key is None:
            self._whole[peer] += 1
            return Whole(peer, user_data.text, 1, None, user_data.octets)
        segments = self._segments(key, concatenation.number, user_data)
        segments.setdefault(concatenation.number, user_data)
        if len(segments) < concatenation.total:
            self._forget_oldest()
            return None
        del self._held[key]
        self._whole[peer] += 1
        joined = join(segments.values())
        return Whole(peer, joined.text, concatenation.total, concatenation.reference, joined.octets)

    def _segments(self, key: Key, number: int, user_data: UserData) -> dict[int, UserData]:
        """The segments in hand of the message that this one is of, which becomes the newest."""
        now = self._whole[key.peer]
        held = self._held.pop(key, None)
        if held is None or now - held.since >= self.STALE or held.segments.get(number, user_data) != user_data:
            held = _Held(now)
        held.since = now
        self._held[key] = held
        return held.segments

    def _forget_oldest(self) -> None:
        while len(self._held) > self.limit:
            del self._held[next(iter(self._held))]
