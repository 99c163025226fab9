"""Putting segments together again, in any order, whatever comes twice (TS 23.040 §9.2.3.24.1)."""

from dataclasses import dataclass, field

from omsmodem.sms.tpdu import UserData

#: Who sent it, its reference, whether that has 16 bits, how many segments.
Key = tuple[str, int, bool, int]


@dataclass(frozen=True, slots=True)
class Whole:
    """A message with every segment there."""

    peer: str
    text: str
    segments: int
    reference: int | None


@dataclass(slots=True)
class Reassembly:
    """Segments in hand; `limit` bounds how many unfinished messages are kept, the oldest go first."""

    limit: int = 256
    _held: dict[Key, dict[int, str]] = field(default_factory=dict)

    def add(self, peer: str, user_data: UserData) -> Whole | None:
        """Take a segment; the message when this made it whole. A segment already in hand changes nothing."""
        concatenation = user_data.concatenation
        if concatenation is None:
            return Whole(peer, user_data.text, 1, None)
        key = (peer, concatenation.reference, concatenation.wide, concatenation.total)
        texts = self._held.setdefault(key, {})
        texts.setdefault(concatenation.number, user_data.text)
        if len(texts) < concatenation.total:
            self._forget_oldest()
            return None
        del self._held[key]
        text = "".join(texts[number] for number in sorted(texts))
        return Whole(peer, text, concatenation.total, concatenation.reference)

    def _forget_oldest(self) -> None:
        while len(self._held) > self.limit:
            del self._held[next(iter(self._held))]
