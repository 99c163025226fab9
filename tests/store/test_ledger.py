"""Whatever happens in whatever order: the ledger balances, moves are those of the tables, nothing is doubled unmarked."""

import itertools
import shutil
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from omsmodem.message import NEXT, OutgoingMessage, SegmentState, State
from omsmodem.store import open_store
from omsmodem.store.errors import IllegalMove
from omsmodem.store.outbox import Taken
from tests.store.parts import Clock, accept, balanced

MODEMS = ("front", "back")
NUMBERS = ("+447700900222", "+447700900333")
MODEM = st.sampled_from(MODEMS)


def cut(message: OutgoingMessage, reference: int) -> tuple[bytes, ...]:
    return tuple(bytes([reference % 256, number]) for number in range(1, 1 + message.id % 3 + 1))


class Life(RuleBasedStateMachine):
    """Two modems, a few messages, kills, people and reports."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp())
        self.clock = Clock()
        self.open()
        self.accepted = 0
        self.held: dict[str, tuple[Taken, int]] = {}  # what each modem has in flight
        self.sent: Counter[tuple[int, int]] = Counter()  # times that a segment was, or may have been, sent
        self.allowed: Counter[tuple[int, int]] = Counter()  # times that a person asked for it anew
        self.references = itertools.count(1)

    def open(self) -> None:
        self.store = open_store(self.home / "omsmodem.db", self.clock)
        with self.store.database.reading() as connection:
            connection.execute("PRAGMA synchronous = OFF")  # kills are simulated, power cuts are not

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.home)

    # -- what happens -----------------------------------------------------------------------------------------------

    @rule(number=st.sampled_from(NUMBERS))
    def submit(self, number: str) -> None:
        self.accepted += len(accept(self.store, "text", recipients=(number,)))

    @precondition(lambda self: len(self.held) < len(MODEMS))
    @rule(modem=MODEM)
    def take(self, modem: str) -> None:
        if modem in self.held:
            return
        taken = self.store.outbox.take(modem, cut)
        if taken is not None:
            assert all(taken.message.id != other.message.id for other, _ in self.held.values())
            self._fly(modem, taken)

    def _fly(self, modem: str, taken: Taken) -> None:
        segment = taken.next_pending()
        if segment is not None:
            self.store.outbox.mark_in_flight(taken.message.id, segment.number, modem)
            self.held[modem] = (taken, segment.number)

    @precondition(lambda self: self.held)
    @rule(outcome=st.sampled_from(("in", "in", "busy", "refused", "doubt", "sent before")), data=st.data())
    def answer(self, outcome: str, data: st.DataObject) -> None:
        modem = data.draw(st.sampled_from(sorted(self.held)))
        taken, number = self.held.pop(modem)
        message_id = taken.message.id
        if outcome == "busy":
            self.store.outbox.mark_not_sent(message_id, number, "busy", self.clock.now + timedelta(seconds=30))
        elif outcome == "refused":
            self.store.outbox.mark_failed(message_id, number, "no")
        else:
            self.sent[message_id, number] += 1
            if outcome == "doubt":
                self.store.outbox.mark_uncertain(message_id, number, "?", self.clock.now + timedelta(seconds=60))
                return
            reference = next(self.references) % 256 if outcome == "in" else None
            self.store.outbox.mark_submitted(message_id, number, reference)
            self._fly(modem, taken.without(number))

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def lose_the_answer_and_decide(self, data: st.DataObject) -> None:
        modem = data.draw(st.sampled_from(sorted(self.held)))
        taken, number = self.held.pop(modem)
        self.sent[taken.message.id, number] += 1
        self.store.outbox.mark_uncertain(taken.message.id, number, "?", self.clock.now)
        self.store.evidence.settle_doubts(modem, lambda _: True)

    @rule(
        modem=MODEM,
        number=st.sampled_from(NUMBERS),
        reference=st.integers(0, 8),
        outcome=st.sampled_from((None, SegmentState.DELIVERED, SegmentState.UNDELIVERED)),
    )
    def report(self, modem: str, number: str, reference: int, outcome: SegmentState | None) -> None:
        self.store.evidence.add_report(modem, reference, number, 0, outcome)

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), reference=st.integers(0, 255))
    def late_answer(self, data: st.DataObject, reference: int) -> None:
        message_id, number = data.draw(st.sampled_from(sorted(self.sent)))
        self.store.evidence.add_late_answer(message_id, number, reference)

    @rule(seconds=st.sampled_from((1, 60, 60, 60, 7200, 200_000)), resend=st.sampled_from((True, True, False)))
    def time_passes(self, seconds: int, resend: bool) -> None:
        self.clock.advance(seconds=seconds)
        self.store.outbox.expire()
        for modem in MODEMS:
            self.store.evidence.settle_doubts(modem, lambda _: resend)
        self.store.evidence.lapse()

    @precondition(lambda self: self.accepted)
    @rule(
        data=st.data(), act=st.sampled_from(("hold", "release", "cancel", "resend", "take_as_sent", "give_up", "retry"))
    )
    def person(self, data: st.DataObject, act: str) -> None:
        message_id = data.draw(st.integers(1, self.accepted))
        before = self._segments(message_id)
        try:
            if act == "retry":
                self.store.desk.retry(message_id, "dana", self.clock.now + timedelta(hours=48))
            else:
                getattr(self.store.desk, act)(message_id, "dana")
        except IllegalMove:
            return
        for number, state in self._segments(message_id).items():
            if state is SegmentState.PENDING and before[number] is SegmentState.UNDELIVERED:
                self.allowed[message_id, number] += 1

    def _segments(self, message_id: int) -> dict[int, SegmentState]:
        return {segment.number: segment.state for segment in self.store.history.segments(message_id)}

    @rule()
    def kill(self) -> None:
        """The process ends between two laws and is started again."""
        for taken, number in self.held.values():
            self.sent[taken.message.id, number] += 1
        self.held.clear()
        self.store.close()
        self.open()
        self.store.outbox.recover(self.clock.now + timedelta(seconds=60))

    # -- what always holds ------------------------------------------------------------------------------------------

    @invariant()
    def ledger_balances(self) -> None:
        assert balanced(self.store)
        assert sum(self.store.history.ledger().values()) == self.accepted

    @invariant()
    def moves_are_those_of_the_table(self) -> None:
        for message_id in range(1, self.accepted + 1):
            states = [event.state for event in self.store.history.events(message_id)]
            assert states[0] is State.QUEUED
            for before, after in itertools.pairwise(states):
                assert before is after or after in NEXT[before], (before, after)

    @invariant()
    def nothing_is_sent_twice_unmarked(self) -> None:
        for (message_id, number), times in self.sent.items():
            segment = self.store.history.segments(message_id)[number - 1]
            assert times <= 1 + segment.repeats + self.allowed[message_id, number]

    @invariant()
    def a_message_stays_on_its_modem(self) -> None:
        for modem, (taken, _) in self.held.items():
            assert taken.message.bound_to in (None, modem)


Life.TestCase.settings = settings(
    max_examples=80, stateful_step_count=40, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate)
)
test_any_order_of_events = Life.TestCase
