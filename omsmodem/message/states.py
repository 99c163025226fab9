"""Where a message and each of its segments stand, and the moves they may make: tables, and why a move is made."""

from enum import StrEnum


class State(StrEnum):
    """Where one text to one recipient stands."""

    QUEUED = "queued"  # on disk, waiting for a modem or for its time
    SUBMITTING = "submitting"  # a worker has it
    SUBMITTED = "submitted"  # the network took every segment; reports may follow
    DELIVERED = "delivered"  # the phone confirmed every segment
    UNDELIVERED = "undelivered"  # the network took it, a report says the phone never will
    FAILED = "failed"  # refused for good
    EXPIRED = "expired"  # its time ran out before the network took it
    CANCELLED = "cancelled"  # a person stopped it
    UNCERTAIN = "uncertain"  # handed over, no answer: it may have been sent


#: Allowed moves of a message. Anything else is a bug, and the store refuses it.
NEXT: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.SUBMITTING, State.SUBMITTED, State.FAILED, State.EXPIRED, State.CANCELLED}),
    State.SUBMITTING: frozenset({State.QUEUED, State.SUBMITTED, State.FAILED, State.UNCERTAIN}),
    State.SUBMITTED: frozenset({State.DELIVERED, State.UNDELIVERED}),
    State.DELIVERED: frozenset(),
    State.UNDELIVERED: frozenset({State.QUEUED}),
    State.FAILED: frozenset({State.QUEUED}),
    State.EXPIRED: frozenset({State.QUEUED}),
    State.CANCELLED: frozenset(),
    State.UNCERTAIN: frozenset({State.QUEUED, State.SUBMITTED, State.FAILED}),
}

#: Why a message makes a move; the diagram in docs/architecture.md is written from both tables.
WHY: dict[tuple[State, State], str] = {
    (State.QUEUED, State.SUBMITTING): "a worker takes it",
    (State.QUEUED, State.SUBMITTED): "late evidence",
    (State.QUEUED, State.FAILED): "its recipient wants no more texts",
    (State.QUEUED, State.EXPIRED): "its time ran out",
    (State.QUEUED, State.CANCELLED): "a person cancels",
    (State.SUBMITTING, State.QUEUED): "refused for now, or not handed over",
    (State.SUBMITTING, State.SUBMITTED): "the network took every segment",
    (State.SUBMITTING, State.FAILED): "refused for good",
    (State.SUBMITTING, State.UNCERTAIN): "a segment is in doubt",
    (State.SUBMITTED, State.DELIVERED): "every report is good",
    (State.SUBMITTED, State.UNDELIVERED): "a report says never",
    (State.UNCERTAIN, State.QUEUED): "resend, or the rest after evidence",
    (State.UNCERTAIN, State.SUBMITTED): "evidence",
    (State.UNCERTAIN, State.FAILED): "a person gives up",
    (State.UNDELIVERED, State.QUEUED): "a person retries",
    (State.FAILED, State.QUEUED): "a person retries",
    (State.EXPIRED, State.QUEUED): "a person retries",
}


class SegmentState(StrEnum):
    """Where one segment of a message stands."""

    PENDING = "pending"
    IN_FLIGHT = "in_flight"  # on disk before Ctrl-Z is written (law 2)
    SUBMITTED = "submitted"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"


#: Allowed moves of a segment.
NEXT_SEGMENT: dict[SegmentState, frozenset[SegmentState]] = {
    SegmentState.PENDING: frozenset({SegmentState.IN_FLIGHT, SegmentState.SUBMITTED}),
    SegmentState.IN_FLIGHT: frozenset(
        {SegmentState.PENDING, SegmentState.SUBMITTED, SegmentState.REFUSED, SegmentState.UNCERTAIN}
    ),
    SegmentState.SUBMITTED: frozenset({SegmentState.DELIVERED, SegmentState.UNDELIVERED}),
    SegmentState.DELIVERED: frozenset(),
    SegmentState.UNDELIVERED: frozenset({SegmentState.PENDING}),
    SegmentState.REFUSED: frozenset({SegmentState.PENDING}),
    SegmentState.UNCERTAIN: frozenset({SegmentState.PENDING, SegmentState.SUBMITTED}),
}

#: Why a segment makes a move.
WHY_SEGMENT: dict[tuple[SegmentState, SegmentState], str] = {
    (SegmentState.PENDING, SegmentState.IN_FLIGHT): "about to be handed over",
    (SegmentState.PENDING, SegmentState.SUBMITTED): "late evidence for an earlier copy",
    (SegmentState.IN_FLIGHT, SegmentState.PENDING): "nothing was sent",
    (SegmentState.IN_FLIGHT, SegmentState.SUBMITTED): "the network took it",
    (SegmentState.IN_FLIGHT, SegmentState.REFUSED): "refused for good",
    (SegmentState.IN_FLIGHT, SegmentState.UNCERTAIN): "no answer came",
    (SegmentState.SUBMITTED, SegmentState.DELIVERED): "a good report",
    (SegmentState.SUBMITTED, SegmentState.UNDELIVERED): "a report says never",
    (SegmentState.UNCERTAIN, SegmentState.PENDING): "to be sent again",
    (SegmentState.UNCERTAIN, SegmentState.SUBMITTED): "evidence",
    (SegmentState.UNDELIVERED, SegmentState.PENDING): "a person retries",
    (SegmentState.REFUSED, SegmentState.PENDING): "a person retries",
}
