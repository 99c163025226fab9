"""Message storage of a SIM or a modem (TS 27.005 §3.1): numbered slots, and full when they are taken."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

from omsmodem.modem.simulator.errors import cms

INVALID_INDEX = 321
MEMORY_FULL = 322


class Status(IntEnum):
    """`<stat>` in PDU mode."""

    UNREAD = 0
    READ = 1
    UNSENT = 2
    SENT = 3
    ALL = 4


@dataclass(frozen=True, slots=True)
class Stored:
    """One stored TPDU."""

    tpdu: bytes
    status: Status = Status.UNREAD


class Storage:
    """Slots `first` … `first + capacity - 1`."""

    def __init__(self, name: str, capacity: int, first: int = 1) -> None:
        self.name = name
        self.capacity = capacity
        self.first = first
        self._slots: dict[int, Stored] = {}

    def __len__(self) -> int:
        return len(self._slots)

    def __iter__(self) -> Iterator[tuple[int, Stored]]:
        return iter(sorted(self._slots.items()))

    @property
    def full(self) -> bool:
        """Whether nothing more goes in."""
        return len(self._slots) >= self.capacity

    def put(self, stored: Stored) -> int:
        """Keep it in the first free slot. Raises the refusal 322."""
        if self.full:
            raise cms(MEMORY_FULL)
        index = next(i for i in range(self.first, self.first + self.capacity) if i not in self._slots)
        self._slots[index] = stored
        return index

    def get(self, index: int) -> Stored | None:
        """What lies there, None for an empty slot. Raises the refusal 321 for no slot of this storage."""
        if not self.first <= index < self.first + self.capacity:
            raise cms(INVALID_INDEX)
        return self._slots.get(index)

    def mark(self, index: int, status: Status) -> None:
        """Change the status of what lies there."""
        self._slots[index] = replace(self._slots[index], status=status)

    def delete(self, index: int) -> None:
        """Empty a slot; an empty one stays so. Raises the refusal 321."""
        if self.get(index) is not None:
            del self._slots[index]

    def delete_where(self, statuses: frozenset[Status]) -> None:
        """Empty every slot of these statuses."""
        self._slots = {index: stored for index, stored in self._slots.items() if stored.status not in statuses}


class Combined(Storage):
    """`MT`: the modem's own storage first, the SIM's behind it."""

    def __init__(self, own: Storage, sim: Storage) -> None:
        super().__init__("MT", own.capacity + sim.capacity, own.first)
        self._own = own
        self._sim = sim

    def __len__(self) -> int:
        return len(self._own) + len(self._sim)

    def __iter__(self) -> Iterator[tuple[int, Stored]]:
        yield from self._own
        for index, stored in self._sim:
            yield index + self._offset, stored

    @property
    def _offset(self) -> int:
        return self._own.first + self._own.capacity - self._sim.first

    @property
    def full(self) -> bool:
        """Whether nothing more goes in."""
        return self._own.full and self._sim.full

    def put(self, stored: Stored) -> int:
        """Keep it in the first free slot of either. Raises the refusal 322."""
        if self._own.full:
            return self._sim.put(stored) + self._offset
        return self._own.put(stored)

    def _part(self, index: int) -> tuple[Storage, int]:
        own = index < self._own.first + self._own.capacity
        return (self._own, index) if own else (self._sim, index - self._offset)

    def get(self, index: int) -> Stored | None:
        """What lies there. Raises the refusal 321."""
        storage, at = self._part(index)
        return storage.get(at)

    def mark(self, index: int, status: Status) -> None:
        """Change the status of what lies there."""
        storage, at = self._part(index)
        storage.mark(at, status)

    def delete(self, index: int) -> None:
        """Empty a slot. Raises the refusal 321."""
        storage, at = self._part(index)
        storage.delete(at)

    def delete_where(self, statuses: frozenset[Status]) -> None:
        """Empty every slot of these statuses."""
        self._own.delete_where(statuses)
        self._sim.delete_where(statuses)
