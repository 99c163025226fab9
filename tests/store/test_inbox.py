"""What comes from the air, in a real SQLite file: once, in any order, across restarts, routed and told."""

import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omsmodem.message import (
    Answer,
    Arrival,
    Content,
    Correspondent,
    Door,
    IncomingKind,
    IncomingMessage,
    IncomingSegment,
    NoticeKind,
    NoticeState,
    Route,
    SegmentKey,
    State,
    Submission,
)
from omsmodem.store import Sorting, Store, Wanted, open_store
from omsmodem.store.delivery import Taken
from tests.store.parts import START, Clock

PHONE = "+447700900222"
LIMIT = timedelta(hours=1)
_unique = itertools.count()


def assemble(segments: Mapping[int, bytes], total: int) -> Content:
    """Here a TPDU is its text behind four octets."""
    return Content("".join(segments[n][4:].decode() if n in segments else "[?]" for n in range(1, total + 1)))


def to_dana(_arrival: Arrival, _correspondents: Sequence[Correspondent]) -> Route:
    return Route("dana", "test")


SORTING = Sorting(assemble, to_dana)


def segment(
    text: str,
    key: SegmentKey | None = None,
    *,
    originator: str = PHONE,
    sim: str = "sim1",
    sent_at: datetime | None = START,
    serial: int | None = None,
    replaces: int | None = None,
) -> IncomingSegment:
    tpdu = (next(_unique) if serial is None else serial).to_bytes(4, "big") + text.encode()
    return IncomingSegment(
        identity=tpdu + sim.encode(),
        content=text.encode(),
        tpdu=tpdu,
        modem="modem1",
        sim=sim,
        originator=originator,
        answerable=True,
        kind=IncomingKind.TEXT,
        sent_at=sent_at,
        key=key,
        replaces=replaces,
    )


def parts(*texts: str, reference: int = 7, **options: object) -> list[IncomingSegment]:
    return [
        segment(text, SegmentKey(reference, False, len(texts), number), **options)
        for number, text in enumerate(texts, 1)
    ]


def inbox(store: Store) -> list[IncomingMessage]:
    return list(reversed(store.inbox.messages()))


def texts(store: Store) -> list[str]:
    return [message.text for message in inbox(store)]


def mails(store: Store) -> list[int | None]:
    return [notice.incoming_id for notice in store.notices.notices(states=[NoticeState.WAITING])]


def test_a_message_is_kept_with_its_zone_and_told_to_its_reader(store: Store) -> None:
    """One segment is one message with one notice; the time keeps the service centre's own offset."""
    sent_at = datetime(2026, 3, 2, 15, 15, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    added = store.inbox.add(segment("Can't make 15:30", sent_at=sent_at), SORTING)
    assert added.taken is Taken.WHOLE
    (message,) = inbox(store)
    assert added.message == message
    assert (message.text, message.account, message.rule, message.missing) == ("Can't make 15:30", "dana", "test", ())
    assert message.sent_at is not None
    assert message.sent_at.isoformat() == "2026-03-02T15:15:00+05:45"
    (notice,) = store.notices.due()
    assert (notice.kind, notice.account, notice.incoming_id) == (NoticeKind.REPLY, "dana", message.id)
    assert store.overview.counts(START).received == 1


def test_the_same_tpdu_again_changes_nothing(store: Store, clock: Clock) -> None:
    """A delete that failed makes the modem show it again, even weeks later: one message, one mail."""
    one = segment("hello")
    store.inbox.add(one, SORTING)
    clock.advance(days=20)
    assert store.inbox.add(one, SORTING).taken is Taken.REPEATED
    assert len(inbox(store)) == len(mails(store)) == 1


def test_the_same_answer_without_a_readable_time_is_another_message_on_another_day(store: Store, clock: Clock) -> None:
    """Without a time two equal texts have equal octets: they are one within a day, two after it."""
    one = segment("ok", sent_at=None)
    store.inbox.add(one, SORTING)
    assert store.inbox.add(one, SORTING).taken is Taken.REPEATED
    clock.advance(hours=25)
    assert store.inbox.add(one, SORTING).taken is Taken.WHOLE
    assert texts(store) == ["ok", "ok"]


def test_segments_in_any_order_some_twice_across_restarts_are_one_message(tmp_path: Path, clock: Clock) -> None:
    """Whatever the order, with repeats, and with the store closed between any two: one message, one notice."""
    shuffle = random.Random(4)
    for round_number in range(20):
        path = tmp_path / f"{round_number}.db"
        sent = parts("one ", "two ", "three ", "four ", "five")
        arriving = sent + shuffle.choices(sent, k=3)
        shuffle.shuffle(arriving)
        for each in arriving:
            store = open_store(path, clock)
            store.inbox.add(each, SORTING)
            store.close()
        store = open_store(path, clock)
        assert texts(store) == ["one two three four five"]
        assert mails(store) == [1]
        store.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lengths=st.lists(st.integers(1, 5), min_size=1, max_size=6),
    repeats=st.integers(0, 6),
    shuffle=st.randoms(use_true_random=False),
)
def test_any_mixture_of_messages_arrives_as_what_was_sent(
    store: Store, lengths: list[int], repeats: int, shuffle: random.Random
) -> None:
    """Segments of several messages of two phones, in any order, some again: each message once, nothing else."""
    before = len(inbox(store))
    sent, arriving = [], list[IncomingSegment]()
    for number, length in enumerate(lengths):
        words = [f"{next(_unique)}.{n} " for n in range(length)]
        originator = (PHONE, "+447700900333")[number % 2]
        sent.append("".join(words))
        arriving += parts(*words, reference=next(_unique), originator=originator)
    arriving += shuffle.choices(arriving, k=repeats)
    shuffle.shuffle(arriving)
    for each in arriving:
        store.inbox.add(each, replace(SORTING, most_mailed_per_hour=10_000))
    assert sorted(texts(store)[before:]) == sorted(sent)
    assert len(mails(store)) == len(inbox(store))


def test_equal_references_of_different_phones_sims_and_widths_do_not_mix(store: Store) -> None:
    """A reference belongs to its originator, its SIM and its width."""
    first, second = parts("a", "b"), parts("c", "d", originator="+447700900333")
    other_sim, wide = (
        parts("e", "f", sim="sim2"),
        [segment(t, SegmentKey(7, True, 2, n)) for n, t in ((1, "g"), (2, "h"))],
    )
    for each in itertools.chain.from_iterable(zip(first, second, other_sim, wide, strict=True)):
        store.inbox.add(each, SORTING)
    assert sorted(texts(store)) == ["ab", "cd", "ef", "gh"]


def test_a_reference_that_comes_round_again_starts_a_new_message(store: Store) -> None:
    """A second message with the reference of an unfinished one: the unfinished one is told with its gap."""
    old = parts("old 1 ", "old 2")
    new = parts("new 1 ", "new 2")
    for each in (old[0], *new):
        store.inbox.add(each, SORTING)
    assert texts(store) == ["old 1 [?]", "new 1 new 2"]
    assert inbox(store)[0].missing == (2,)


def test_segments_stamped_hours_apart_are_of_different_messages(store: Store) -> None:
    """A sender that always uses one reference does not get its messages mixed."""
    monday = parts("mon 1 ", "mon 2")
    tuesday = parts("tue 1 ", "tue 2", sent_at=START + timedelta(days=1))
    for each in (monday[0], tuesday[1], tuesday[0]):
        store.inbox.add(each, SORTING)
    assert texts(store) == ["mon 1 [?]", "tue 1 tue 2"]


def test_an_incomplete_message_is_given_up_with_its_gap_and_completed_when_the_rest_comes(
    store: Store, clock: Clock
) -> None:
    """After the limit the reader gets what is there; a late segment gives a second mail with the whole text."""
    sent = parts("one ", "two ", "three")
    store.inbox.add(sent[0], SORTING)
    store.inbox.add(sent[2], SORTING)
    assert store.inbox.next_moment(LIMIT) == START + LIMIT
    assert store.inbox.give_up_incomplete(LIMIT, SORTING) == []
    clock.advance(minutes=60)
    assert len(store.inbox.give_up_incomplete(LIMIT, SORTING)) == 1
    assert texts(store) == ["one [?]three"]
    assert store.inbox.next_moment(LIMIT) is None
    (notice,) = store.notices.due()
    store.notices.begin(notice.id)
    store.notices.mark_sent(notice.id)
    clock.advance(hours=5)
    store.inbox.add(sent[1], SORTING)
    assert texts(store) == ["one two three"]
    assert inbox(store)[0].missing == ()
    assert mails(store) == [1]


def test_a_mail_that_has_not_left_says_the_whole_text_by_itself(store: Store, clock: Clock) -> None:
    """No second mail for a late segment while the first mail still waits for its server."""
    sent = parts("one ", "two")
    store.inbox.add(sent[0], SORTING)
    clock.advance(minutes=60)
    store.inbox.give_up_incomplete(LIMIT, SORTING)
    store.inbox.add(sent[1], SORTING)
    assert mails(store) == [1]
    assert texts(store) == ["one two"]


def test_a_stray_copy_of_a_segment_gives_no_mail(store: Store, clock: Clock) -> None:
    """A segment sent again after its message was whole waits in vain and is recognised as a copy."""
    for each in parts("one ", "two"):
        store.inbox.add(each, SORTING)
    copy = segment("two", SegmentKey(7, False, 2, 2), sent_at=START + timedelta(minutes=2))
    assert store.inbox.add(copy, SORTING).taken is Taken.HELD
    clock.advance(minutes=61)
    assert store.inbox.give_up_incomplete(LIMIT, SORTING) == []
    assert texts(store) == ["one two"]
    assert mails(store) == [1]


def test_a_replace_type_takes_the_place_of_an_unread_one_only(store: Store) -> None:
    """While its mail waits the newer text replaces it; once the mail may have left, the newer one is a message of its own."""
    store.inbox.add(segment("10 left", replaces=0x41), SORTING)
    store.inbox.add(segment("9 left", replaces=0x41), SORTING)
    store.inbox.add(segment("another type", replaces=0x42), SORTING)
    assert texts(store) == ["9 left", "another type"]
    store.notices.begin(store.notices.due()[0].id)
    store.inbox.add(segment("8 left", replaces=0x41), SORTING)
    assert texts(store) == ["9 left", "another type", "8 left"]


def test_octets_nobody_can_read_are_kept_once(store: Store) -> None:
    """They are neither lost nor told for ever."""
    assert store.inbox.keep_undecodable(b"\xff\x00", "modem1", "nonsense")
    assert not store.inbox.keep_undecodable(b"\xff\x00", "modem1", "nonsense")
    ((_, modem, why, octets),) = store.inbox.undecodable()
    assert (modem, why, octets) == ("modem1", "nonsense", b"\xff\x00")


def write(store: Store, account: str, modem: str, *, door: Door = Door.OMS, to: str = PHONE) -> int:
    accepted = store.accepting.accept(
        Wanted(
            Submission(account, door, (to,), ("hi",)),
            (to,),
            validity=timedelta(hours=48),
            fingerprint=str(next(_unique)).encode(),
            duplicate_window=timedelta(0),
        )
    )
    if modem:
        taken = store.outbox.take(modem, lambda _message, _reference: (b"\x01",))
        assert taken is not None
        store.outbox.mark_in_flight(taken.message.id, 1, modem)
        store.outbox.mark_submitted(taken.message.id, 1, taken.message.id)
    return accepted.message_ids[0]


def test_routing_learns_who_wrote_to_the_number(store: Store, clock: Clock) -> None:
    """The accounts that wrote within the window, newest first, each with its SIM; not what is still queued, not automatic answers."""
    write(store, "long-ago", "modem1")
    clock.advance(days=15)
    write(store, "dana", "modem1")
    clock.advance(hours=1)
    write(store, "robin", "modem2")
    clock.advance(hours=1)
    write(store, "machine", "modem1", door=Door.AUTO_REPLY)
    write(store, "other", "modem1", to="+447700900333")
    write(store, "queued", "")
    seen: list[Correspondent] = []

    def route(_arrival: Arrival, correspondents: Sequence[Correspondent]) -> Route:
        seen.extend(correspondents)
        return Route("robin", "test")

    store.inbox.add(segment("yes"), Sorting(assemble, route))
    assert [(c.account, c.modem) for c in seen] == [("robin", "modem2"), ("dana", "modem1")]


def test_stop_fails_what_is_queued_refuses_what_follows_and_can_be_lifted(store: Store) -> None:
    """The wish holds for the account it was sent to, from the same commit on."""
    ours, theirs = write(store, "dana", ""), write(store, "robin", "")
    store.inbox.add(segment("STOP"), Sorting(assemble, lambda _a, _c: Route("dana", "test", opt_out=True)))
    assert [store.history.message(m).state for m in (ours, theirs)] == [State.FAILED, State.QUEUED]

    def accept(account: str) -> tuple[str, ...]:
        return store.accepting.accept(
            Wanted(
                Submission(account, Door.OMS, (PHONE,), ("hi",)),
                (PHONE,),
                validity=timedelta(hours=48),
                fingerprint=str(next(_unique)).encode(),
                duplicate_window=timedelta(0),
            )
        ).opted_out

    assert accept("dana") == (PHONE,)
    assert accept("robin") == ()
    ((number, account),) = [(wish.number, wish.account) for wish in store.opt_outs.all()]
    assert (number, account) == (PHONE, "dana")
    assert store.opt_outs.lift(PHONE) == 1
    assert accept("dana") == ()
    store.opt_outs.add(PHONE, "")
    assert accept("robin") == (PHONE,)
    store.inbox.add(segment("START"), Sorting(assemble, lambda _a, _c: Route("dana", "test", opt_out=False)))
    assert store.opt_outs.all() == []


def test_automatic_answers_are_counted_per_number_and_day(store: Store) -> None:
    """The cap is taken in the same commit as the message, so that no kill and no loop gets past it."""

    def route(arrival: Arrival, _correspondents: Sequence[Correspondent]) -> Route:
        return Route("dana", "test", answer=Answer("dana", "closed", arrival.text, 2))

    sorting = Sorting(assemble, route)
    given = [store.inbox.add(segment(day), sorting).answer is not None for day in ("mon", "mon", "mon", "tue")]
    assert given == [True, True, False, True]
    assert store.inbox.add(segment("mon", originator="+447700900333"), sorting).answer is not None


def test_a_message_that_is_not_mailed_is_still_kept(store: Store) -> None:
    """A blocked sender's text is in the inbox, with the rule that kept it from being mailed."""
    store.inbox.add(segment("spam"), Sorting(assemble, lambda _a, _c: Route("", "blocked sender", mailed=False)))
    assert inbox(store)[0].rule == "blocked sender"
    assert mails(store) == []


def test_a_flood_of_one_sender_is_kept_and_not_mailed(store: Store, clock: Clock) -> None:
    """Beyond the hour's measure messages are only kept; another sender and the next hour are not affected."""
    sorting = Sorting(assemble, to_dana, most_mailed_per_hour=2)
    flooded = [store.inbox.add(segment("x"), sorting).flooded for _ in range(3)]
    assert flooded == [False, False, True]
    assert not store.inbox.add(segment("x", originator="+447700900333"), sorting).flooded
    assert [n.state for n in store.notices.of_incoming(3)] == [NoticeState.KEPT]
    clock.advance(minutes=61)
    assert not store.inbox.add(segment("x"), sorting).flooded
    assert len(inbox(store)) == 5


def test_alarms_begin_remind_and_end_once_each(store: Store, clock: Clock) -> None:
    """However often it is said: one mail at the start, one a day, one at the end."""

    def told() -> list[str]:
        return [n.subject for n in store.notices.notices() if n.kind is NoticeKind.ALARM]

    assert store.alarms.alarm("modem", "Modem gone", "Plug it in.")
    assert not store.alarms.alarm("modem", "Modem gone", "Plug it in.")
    assert not store.alarms.alarm("modem", "Modem gone", "Plug it in, please.")
    assert store.alarms.remind() == 0
    assert store.alarms.next_moment() == START + timedelta(days=1)
    clock.advance(hours=24)
    assert store.alarms.remind() == 1
    assert [a.text for a in store.alarms.active()] == ["Plug it in, please."]
    assert store.alarms.all_clear("modem")
    assert not store.alarms.all_clear("modem")
    assert told() == ["Modem gone", "Still: Modem gone", "Over: Modem gone"]


def test_reports_are_told_once_a_day(store: Store, clock: Clock) -> None:
    """What has no end is told once a day for each key, with how often it happened."""
    for _ in range(3):
        store.alarms.report("octets", "Unreadable", "why")
    clock.advance(hours=25)
    store.alarms.report("octets", "Unreadable", "why")
    notices = store.notices.notices()
    assert [n.subject for n in notices] == ["Unreadable", "Unreadable"]
    assert "3 times" in notices[1].text
    assert not store.alarms.all_clear("octets")
