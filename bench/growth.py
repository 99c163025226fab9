"""What a store with a long past costs: every step of a message, and every question, at 10³, 10⁵ and 10⁶ messages of history.

The steps are durable, as they are in service. Each is done in turn on all stores, so that a slow moment of the disk hits all
of them; the baseline is the smallest. What is no step of a message is held to a time and not to a ratio.
"""

import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from bench import Row, at_most
from bench._history import ON_CALL, YEAR_MS, fill
from omsmodem.message import (
    Content,
    Door,
    IncomingKind,
    IncomingSegment,
    NoticeState,
    Quota,
    Reason,
    Route,
    SegmentState,
    State,
    Submission,
)
from omsmodem.store import Sorting, Store, Wanted, open_store
from omsmodem.store.search import Criteria

NAME = "Growth: what a history costs, beside a thousand messages"
SIZES = (1_000, 100_000, 1_000_000)
STEPS, QUESTIONS = 150, 20
#: A million messages may cost a step this much more than a thousand.
RATIO = 1.5
CHORE_S, QUESTION_MS = 10.0, 50.0

_ACCOUNT = "account7"
_SORTING = Sorting(
    lambda tpdus, _total: Content(tpdus[1].hex()), lambda _arrival, known: Route(known[0].account, "wrote last")
)


@dataclass(slots=True)
class Subject:
    """One store, and what is known of the message in hand."""

    size: int
    store: Store
    message_id: int = 0

    def message(self) -> Iterator[tuple[str, Callable[[], object]]]:
        """The steps of one message's life, and of an answer to it."""
        store, number = self.store, next(_NUMBERS)
        submission = Submission(_ACCOUNT, Door.OMS, (ON_CALL,), (f"Pump {number}",))
        fingerprint, reference = b"%032d" % number, number % 256

        def accept() -> None:
            accepted = store.accepting.accept(
                Wanted(
                    submission,
                    (ON_CALL,),
                    validity=timedelta(hours=48),
                    fingerprint=fingerprint,
                    duplicate_window=timedelta(minutes=1),
                    segments=(1,),
                    quotas=_quotas(),
                )
            )
            (self.message_id,) = accepted.message_ids

        yield "accept", accept
        yield "take", lambda: _expect(store.outbox.take("front", lambda _message, _reference: (fingerprint,)))
        yield "intend", lambda: store.outbox.mark_in_flight(self.message_id, 1, "front")
        yield "record as sent", lambda: store.outbox.mark_submitted(self.message_id, 1, reference)
        yield "report", lambda: _expect(self._report(reference))
        yield "receive an answer", lambda: store.inbox.add(_answer(fingerprint), _SORTING)

    def repeated_report(self) -> Iterator[tuple[str, Callable[[], object]]]:
        """A network that says everything twice, and about messages that nobody sent."""
        reference = next(_NUMBERS) % 256
        yield "a report that came before", lambda: self._report(reference)
        yield (
            "a report of nothing",
            lambda: self.store.evidence.add_report("back", reference, ON_CALL, 0, SegmentState.DELIVERED),
        )

    def _report(self, reference: int) -> bool:
        return self.store.evidence.add_report("front", reference, ON_CALL, 0, SegmentState.DELIVERED)

    def refusal(self) -> Iterator[tuple[str, Callable[[], object]]]:
        """The way of a message that fails, and of the mail that tells of it."""
        for name, step in self.message():
            if name in ("accept", "take", "intend"):
                step()
        notices = self.store.notices
        yield "fail, with its notice", lambda: self.store.outbox.mark_failed(self.message_id, 1, "refused")
        yield "close a notice", lambda: notices.close_gathered(timedelta(0))
        notice = notices.due()[-1]
        yield (
            "mail a notice",
            lambda: (notices.outcomes(notice.id), notices.begin(notice.id), notices.mark_sent(notice.id)),
        )

    def questions(self) -> Iterator[tuple[str, Callable[[], object]]]:
        """What screens, pages, metrics and the worker's own looks ask."""
        store, now = self.store, datetime.now(UTC)
        overview, search = store.overview, store.search

        def pages(**criteria: object) -> Callable[[], object]:
            return lambda: search.messages(Criteria(**criteria))  # type: ignore[arg-type]  # the caller names the criteria

        yield (
            "status, metrics",
            lambda: (
                store.history.ledger(),
                overview.queue(now),
                overview.counts(now - timedelta(days=1)),
                overview.errors(),
                overview.first_message_at(),
                overview.spent(_quotas()[-1]),
                store.notices.count(NoticeState.WAITING),
            ),
        )
        yield (
            "overview page",
            lambda: (overview.series("submitted", now - timedelta(days=1), now), overview.alarm_mails()),
        )
        yield "accounts page", lambda: overview.spent_by_account(now - timedelta(days=1))
        yield "page: newest messages", pages()
        yield "page: an account's", pages(account=_ACCOUNT)
        yield "page: a number's", pages(number=ON_CALL)
        yield "page: a seldom number's", pages(number="+447700000128")
        yield "page: failed ones", pages(states=frozenset({State.FAILED}))
        yield "page: incoming", lambda: store.inbox.messages(account=_ACCOUNT, limit=51)
        yield "quoted in an answer's mail", lambda: store.history.written_to(ON_CALL, _ACCOUNT, now, 3)
        yield "thread of an answer's mail", lambda: store.history.thread(ON_CALL, _ACCOUNT)
        yield (
            "the worker's look around",
            lambda: (
                store.outbox.recover(now),
                store.outbox.expire(),
                store.outbox.next_moment(now),
                store.evidence.lapse(),
                store.evidence.settle_doubts("front", lambda _message: False),
                store.outbox.take("back", lambda _message, _reference: ()),
                store.inbox.next_moment(timedelta(hours=1)),
                store.notices.next_due(),
            ),
        )

    def chores(self) -> Iterator[tuple[str, Callable[[], object]]]:
        """What is done once a day, at a start, or for somebody who waits for it."""
        forever = timedelta(milliseconds=2 * YEAR_MS)
        yield "search for a text", lambda: self.store.search.messages(Criteria(text="no such text"))
        yield (
            "start of a worker",
            lambda: (self.store.outbox.last_reference("front"), self.store.outbox.last_reference("x")),
        )
        yield (
            "erase old texts, where none is old",
            lambda: self.store.retention.purge(texts=forever, records=forever, acts=forever),
        )


_NUMBERS = count(1)


def _expect(found: object) -> None:
    assert found


def _quotas() -> tuple[Quota, ...]:
    """A limit for each stretch of time that the configuration knows."""
    now = datetime.now(UTC)
    many = 10_000_000
    return (
        Quota(Reason.QUOTA_MINUTE, now - timedelta(minutes=1), many, _ACCOUNT),
        Quota(Reason.QUOTA_DAY, now.replace(hour=0, minute=0, second=0, microsecond=0), many, _ACCOUNT),
        Quota(
            Reason.QUOTA_MONTH,
            now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=30),
            many,
            _ACCOUNT,
        ),
        Quota(Reason.QUOTA_DAY, now.replace(hour=0, minute=0, second=0, microsecond=0), many),
    )


def _answer(identity: bytes) -> IncomingSegment:
    return IncomingSegment(
        identity, identity, identity, "front", "8944", ON_CALL, True, IncomingKind.TEXT, datetime.now(UTC)
    )


def run() -> list[Row]:
    """Fill the stores, then go through all of it."""
    with tempfile.TemporaryDirectory(prefix="omsmodem-growth-") as directory:
        subjects = []
        for size in SIZES:
            path = Path(directory) / f"{size}.db"
            fill(path, size, datetime.now(UTC))
            subjects.append(Subject(size, open_store(path, lambda: datetime.now(UTC))))
        try:
            return [
                *_compared(_timed(subjects, Subject.message, STEPS)),
                *_compared(_timed(subjects, Subject.refusal, STEPS // 5)),
                *_bounded(_timed(subjects, Subject.repeated_report, STEPS // 5), "ms", QUESTION_MS),
                *_bounded(_timed(subjects, Subject.questions, QUESTIONS), "ms", QUESTION_MS),
                *_bounded(_timed(subjects, Subject.chores, 1), "s", CHORE_S),
            ]
        finally:
            for subject in subjects:
                subject.store.close()


_Steps = Callable[[Subject], Iterator[tuple[str, Callable[[], object]]]]
_Times = dict[str, dict[int, float]]


def _timed(subjects: list[Subject], steps: _Steps, rounds: int) -> _Times:
    """Median seconds of each step for each size."""
    taken: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for _ in range(rounds):
        for subject in subjects:
            for name, step in steps(subject):
                started = time.perf_counter()
                step()
                taken[name][subject.size].append(time.perf_counter() - started)
    return {name: {size: statistics.median(all_) for size, all_ in by.items()} for name, by in taken.items()}


def _compared(times: _Times) -> Iterator[Row]:
    least, *more = SIZES
    for name, by in times.items():
        for size in more:
            yield at_most(f"{name}, {size:,} messages", by[size] * 1000, "ms", RATIO, by[least] * 1000)


def _bounded(times: _Times, unit: str, most: float) -> Iterator[Row]:
    least, *_, greatest = SIZES
    factor = 1000 if unit == "ms" else 1
    for name, by in times.items():
        row = at_most(f"{name}, {greatest:,} messages", by[greatest] * factor, unit, most)
        yield Row(row.name, row.value, unit, by[least] * factor, by[greatest] / by[least], row.target, row.ok)
