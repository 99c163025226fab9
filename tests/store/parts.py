"""What the tests of the store share: a clock that stands, messages, and ways to send them."""

import itertools
from datetime import UTC, datetime, timedelta

from omsmodem.message import Door, OutgoingMessage, State, Submission
from omsmodem.store import Store, Wanted
from omsmodem.store.outbox import Cut

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TO = "+447700900222"


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


def submission(*texts: str, not_before: datetime | None = None) -> Submission:
    return Submission("dana", Door.OMS, (TO,), texts or ("Fish at 15:30",), not_before=not_before)


_unique = itertools.count()


def accept(
    store: Store, *texts: str, recipients: tuple[str, ...] = (TO,), not_before: datetime | None = None
) -> tuple[int, ...]:
    return store.accepting.accept(
        Wanted(
            submission(*texts, not_before=not_before),
            recipients,
            validity=timedelta(hours=48),
            fingerprint=str(next(_unique)).encode(),
            duplicate_window=timedelta(0),
        )
    ).message_ids


def three(_message: OutgoingMessage, reference: int) -> tuple[bytes, ...]:
    return tuple(bytes([reference % 256, number]) for number in (1, 2, 3))


def one(_message: OutgoingMessage, _reference: int) -> tuple[bytes, ...]:
    return (b"\x01",)


def state(store: Store, message_id: int) -> State:
    message = store.history.message(message_id)
    assert message is not None
    return message.state


def balanced(store: Store) -> bool:
    with store.database.reading() as connection:
        counted = dict(connection.execute("SELECT state, count(*) FROM message GROUP BY state").fetchall())
    return {s: counted.get(s, 0) for s in State} == store.history.ledger()


def fly(store: Store, modem: str = "front", cut: Cut = one) -> int:
    """Take the next message and write the intent for its first pending segment; returns the message's id."""
    taken = store.outbox.take(modem, cut)
    assert taken is not None
    segment = taken.next_pending()
    assert segment is not None
    store.outbox.mark_in_flight(taken.message.id, segment.number, modem)
    return taken.message.id


def submit(store: Store, reference: int, modem: str = "front") -> int:
    """Send the next message, of one segment."""
    message_id = fly(store, modem)
    store.outbox.mark_submitted(message_id, 1, reference)
    return message_id


def doubt(store: Store, clock: Clock, modem: str = "front", seconds: float = 120) -> int:
    """Send the next message and lose the answer."""
    message_id = fly(store, modem)
    store.outbox.mark_uncertain(message_id, 1, "no answer", clock.now + timedelta(seconds=seconds))
    return message_id
