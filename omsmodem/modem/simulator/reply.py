"""What a command makes the modem say."""

from collections.abc import Callable
from dataclasses import dataclass, field

OK = "OK"


@dataclass(slots=True)
class Reply:
    """An answer in the making: information lines and a final result, or a prompt. Faults change it before it is said."""

    lines: list[str] = field(default_factory=list)
    final: str = OK
    delay_s: float = 0.0
    prompt: "Callable[[bytes, Reply], None] | None" = None  # awaits text; called with it and the reply it belongs to
    then: Callable[[], None] | None = None  # done when this has been said

    # -- what a fault makes of it
    lost: bool = False  # acted upon, never answered
    bare: bool = False  # OK without the information lines
    refusal: int | None = None  # this +CMS ERROR in place of the answer
    late_s: float = 0.0
    garbage: bytes = b""  # said before the final result
    interleaved: tuple[str, ...] = ()  # indications between the lines

    def absorb(self, one: "Reply") -> None:
        """Go on with the next command of a line: its result counts, its lines come behind, what a fault made of it stays."""
        self.lines += one.lines
        self.final, self.prompt, self.then = one.final, one.prompt, one.then or self.then
        self.delay_s += one.delay_s
        self.lost, self.bare = self.lost or one.lost, self.bare or one.bare
        self.refusal = self.refusal if one.refusal is None else one.refusal
        self.late_s += one.late_s
        self.garbage += one.garbage
        self.interleaved += one.interleaved

    @property
    def fate(self) -> str:
        """In a word, for the network's book."""
        if self.lost:
            return "lost"
        if self.refusal is not None:
            return f"refused {self.refusal}"
        if self.bare:
            return "bare OK"
        return "late" if self.late_s else "given"


def information(*lines: str, delay_s: float = 0.0) -> Reply:
    """OK behind these lines."""
    return Reply(list(lines), delay_s=delay_s)
