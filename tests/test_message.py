"""The tables of moves: complete, explained, without a way out of what is final."""

from omsmodem.message import NEXT, NEXT_SEGMENT, WHY, WHY_SEGMENT, SegmentState, State


def test_every_state_has_its_row_and_every_move_its_reason() -> None:
    """The diagrams in the documentation are written from these."""
    assert set(NEXT) == set(State)
    assert set(NEXT_SEGMENT) == set(SegmentState)
    assert set(WHY) == {(a, b) for a, bs in NEXT.items() for b in bs}
    assert set(WHY_SEGMENT) == {(a, b) for a, bs in NEXT_SEGMENT.items() for b in bs}


def test_what_arrived_or_was_cancelled_stays_so() -> None:
    """Nothing leaves these states."""
    assert NEXT[State.DELIVERED] == NEXT[State.CANCELLED] == frozenset()
    assert NEXT_SEGMENT[SegmentState.DELIVERED] == frozenset()


def test_every_state_can_be_reached() -> None:
    """From accepted on."""
    reached, todo = set(), [State.QUEUED]
    while todo:
        state = todo.pop()
        if state not in reached:
            reached.add(state)
            todo += NEXT[state]
    assert reached == set(State)
