"""What a session stands on: a port, an inbox and a pace."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol


class Port(Protocol):
    """Octets in and out of a modem."""

    def read(self) -> bytes:
        """Wait for octets; empty when none came for a while. Raises PortLost when there will be none any more."""

    def write(self, octets: bytes) -> None:
        """Write all octets. Raises PortLost."""

    def close(self) -> None:
        """Close the port and wake a reader."""


class Signal(Enum):
    """What arrives in an inbox besides octets."""

    NUDGE = "nudge"
    END_OF_PORT = "end of port"


NUDGE: Final = Signal.NUDGE


class Inbox(Protocol):
    """Where octets, the end of the port and nudges arrive: a `queue.SimpleQueue`, or one with a clock of its own."""

    def put(self, item: bytes | Signal, /) -> None:
        """Add something; any thread may."""

    def get(self, block: bool = True, timeout: float | None = None) -> bytes | Signal:
        """The next thing. Raises queue.Empty when none came within `timeout` seconds."""

    def get_nowait(self) -> bytes | Signal:
        """The next thing. Raises queue.Empty when there is none."""

    def qsize(self) -> int:
        """How many things wait."""


Trace = Callable[[str, bytes], None]


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a modem may be talked to."""

    between_commands_s: float = 0.0  # from a result to the next command
    chunk_octets: int = 0  # a TPDU is written in pieces of this size; 0: in one go
    between_chunks_s: float = 0.0
