"""When a modem, and not a message, is at fault: failures of *different* recipients with no success between them."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from omsmodem.policy.refusals import Suspicion

#: So many different recipients in a row, and the modem is suspected rather than they.
FAINT_LIMIT = 3
STRONG_LIMIT = 2
#: A modem that says so often in a row that it is busy is out of order.
BUSY_LIMIT = 6
#: Pauses before a blocked modem is looked at again; the last one repeats.
_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 60, 120, 300, 900))


@dataclass(frozen=True, slots=True)
class Health:
    """What a modem's last messages met. `trips` counts how often in a row it was blocked for it.

    A modem that comes back from such a block is on trial: the next refusal of that kind blocks it again.
    """

    faint: frozenset[str] = field(default_factory=frozenset)  # recipients refused since the last success
    strong: frozenset[str] = field(default_factory=frozenset)
    trips: int = 0
    busy: int = 0  # times in a row

    @property
    def refusals(self) -> int:
        """Different recipients refused in a row."""
        return len(self.faint | self.strong)

    @property
    def sick(self) -> bool:
        """Whether the modem should take nothing until it was looked at."""
        if self.trips and self.refusals:
            return True
        return self.refusals >= FAINT_LIMIT or len(self.strong) >= STRONG_LIMIT

    @property
    def pause(self) -> timedelta:
        """How long to wait before looking at a modem that was blocked `trips` times in a row."""
        return _PAUSES[min(max(self.trips - 1, 0), len(_PAUSES) - 1)]

    def after_refusal(self, recipient: str, suspicion: Suspicion) -> "Health":
        """One more refusal."""
        match suspicion:
            case Suspicion.STRONG:
                return replace(self, strong=self.strong | {recipient})
            case Suspicion.FAINT:
                return replace(self, faint=self.faint | {recipient})
            case Suspicion.BUSY:
                return replace(self, busy=self.busy + 1)
        return self

    def after_success(self) -> "Health":
        """The network took something."""
        return Health()

    def after_block(self) -> "Health":
        """Blocked for it: from here on trial."""
        return Health(trips=self.trips + 1)
