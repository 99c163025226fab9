"""What people wrote is erased when its time has come, and nothing of it is left in the files."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from omsmodem.message import AccountRequest, SegmentKey, SegmentState, State
from omsmodem.sms import segment as codec
from omsmodem.store import Store
from omsmodem.store.backup import make_backup
from tests.store.parts import Clock
from tests.store.test_inbox import SORTING, segment
from tests.store.test_search import accept

START = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
NEVER = timedelta(0)
SECRET = "The safe opens with 7-3-9"


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


def deliver(store: Store, number: str, text: str) -> int:
    """A message that was sent and confirmed, with the octets it was sent as."""
    (message_id,) = accept(store, "dana", number, text)
    tpdus = codec.cut(text, number, 1, validity=DAY, status_report=True)
    assert store.outbox.take("front", lambda _message, _reference: tpdus) is not None
    store.outbox.mark_in_flight(message_id, 1, "front")
    store.outbox.mark_submitted(message_id, 1, 7)
    store.evidence.add_report("front", 7, number, 0, SegmentState.DELIVERED)
    return message_id


def files(store: Store) -> bytes:
    """Everything the store has on disk."""
    path = store.database.path
    return b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*"))


def purge(
    store: Store, texts: timedelta = NEVER, records: timedelta = NEVER, acts: timedelta = NEVER
) -> tuple[int, int, int]:
    erased = store.retention.purge(texts=texts, records=records, acts=acts)
    return erased.texts, erased.records, erased.acts


def test_a_text_goes_after_its_time_and_leaves_nothing_on_disk(store: Store, clock: Clock) -> None:
    """Neither in the database nor in its log; the octets it was sent as go too, the record stays."""
    message_id = deliver(store, "+447700900222", SECRET)
    tpdu = store.history.segments(message_id)[0].tpdu
    assert SECRET.encode() in files(store)
    assert tpdu[-15:] in files(store)
    clock.now += 29 * DAY
    assert purge(store, texts=30 * DAY) == (0, 0, 0)
    clock.now += 2 * DAY
    assert purge(store, texts=30 * DAY) == (1, 0, 0)
    message = store.history.message(message_id)
    assert message is not None
    assert (message.text, message.state, message.recipient) == ("", State.DELIVERED, "+447700900222")
    left = files(store)
    assert SECRET.encode() not in left
    assert tpdu[-15:] not in left
    assert purge(store, texts=30 * DAY) == (0, 0, 0)


def test_a_message_that_is_not_settled_keeps_its_text(store: Store, clock: Clock) -> None:
    """However old: it may still have to be sent, or decided about."""
    (queued,) = accept(store, "dana", "+447700900222", SECRET)
    clock.now += 1000 * DAY
    assert purge(store, texts=DAY, records=DAY) == (0, 0, 0)
    message = store.history.message(queued)
    assert message is not None
    assert message.text == SECRET


def test_a_record_goes_with_all_that_belongs_to_it(store: Store, clock: Clock) -> None:
    """Segments, events, the submission; the ledger counts what is kept."""
    old = deliver(store, "+447700900222", SECRET)
    clock.now += 400 * DAY
    new = deliver(store, "+447700900222", "new")
    clock.now += DAY
    assert purge(store, records=400 * DAY) == (0, 1, 0)
    assert [message.id for message in store.history.messages()] == [new]
    assert store.history.events(old) == []
    assert store.history.segments(old) == ()
    assert sum(store.history.ledger().values()) == 1
    with store.database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM submission").fetchone()[0] == 1
    assert SECRET.encode() not in files(store)


def test_zero_keeps_for_ever(store: Store, clock: Clock) -> None:
    """Some must."""
    deliver(store, "+447700900222", SECRET)
    store.audit.note("dana", "reset", "modem front")
    clock.now += 10_000 * DAY
    assert purge(store) == (0, 0, 0)


def test_old_acts_go(store: Store, clock: Clock) -> None:
    """The audit has its own time."""
    store.audit.note("dana", "reset", "modem front")
    clock.now += 401 * DAY
    store.audit.note("dana", "reset", "modem front")
    assert purge(store, acts=400 * DAY) == (0, 0, 1)
    assert len(store.audit.newest()) == 1


def test_many_messages_go_in_batches(store: Store, clock: Clock) -> None:
    """No transaction is so long that a sender would notice."""
    with store.database.transaction() as connection:
        connection.execute(
            "INSERT INTO submission (id, account, door, client, source_type, source, fingerprint, accepted_at)"
            " VALUES (1, 'dana', 'oms', '', '', '', x'00', 0)"
        )
        connection.executemany(
            "INSERT INTO message (submission_id, account, recipient, text, state, accepted_at, not_before, expires_at,"
            " due_at, updated_at) VALUES (1, 'dana', '+447700900222', ?, 'delivered', 0, 0, 0, 0, 0)",
            ((f"text {n}",) for n in range(2500)),
        )
    assert purge(store, texts=DAY) == (2500, 0, 0)
    assert purge(store, records=DAY) == (0, 2500, 0)
    assert clock.now == START


def test_everything_of_a_number_is_exported(store: Store) -> None:
    """As people type it, and nothing of another one."""
    deliver(store, "+447700900222", "to her")
    deliver(store, "+447700900333", "to him")
    sent, came = store.retention.export("07700 900222")
    assert [message.text for message in sent] == ["to her"]
    assert came == []


def test_everything_of_a_number_is_erased_but_what_is_not_settled(store: Store) -> None:
    """And it is on record that somebody did so, without the number."""
    deliver(store, "+447700900222", SECRET)
    deliver(store, "+447700900333", "to him")
    (waiting,) = accept(store, "dana", "+447700900222", "waits")
    assert store.retention.erase("+447700900222", "dana") == (1, 1)
    assert sorted(message.text for message in store.history.messages()) == ["to him", "waits"]
    assert SECRET.encode() not in files(store)
    (act,) = store.audit.newest()
    assert (act.by, act.action) == ("dana", "erase")
    assert "900222" not in act.subject + act.detail
    store.desk.cancel(waiting, "dana")
    assert store.retention.erase("+447700900222", "dana") == (1, 0)


def test_a_name_without_digits_is_nobody(store: Store) -> None:
    """It would be everybody."""
    deliver(store, "+447700900222", SECRET)
    with pytest.raises(ValueError, match="digits"):
        store.retention.erase("BANK", "dana")
    assert len(store.history.messages()) == 1


NUMBER = "+447700900222"
#: The octets of the number in a TPDU (TS 23.040 §9.1.2.3), for even and odd counts of its digits.
EVEN, ODD = bytes.fromhex("447700092022"), bytes.fromhex("7007900022F2")


def everything(store: Store) -> None:
    """Whatever a store may hold of a number: messages both ways, halves, noise, a wish, alarms, a request."""
    deliver(store, NUMBER, SECRET)
    for words, key in ((f"in {SECRET}", None), (f"half {SECRET}", SegmentKey(7, False, 2, 1))):
        digest = hashlib.sha256(words.encode()).digest()  # as the receiver knows a TPDU by
        store.inbox.add(replace(segment(words, key), identity=digest), SORTING)
    for octets in (EVEN, ODD):
        store.inbox.keep_undecodable(b"\x24" + octets + b"noise", "front", "an unknown type of number")
        store.alarms.report(f"undecodable {octets[0]}", "unreadable", (b"\x24" + octets + b"noise").hex().upper())
    store.alarms.report(f"flood {NUMBER}", f"Too many messages from {NUMBER}", "They are kept.")
    store.opt_outs.add(NUMBER, "dana")
    with store.database.transaction() as connection:
        connection.execute("UPDATE opt_out SET text = ?", (f"STOP {SECRET}",))
        connection.execute("INSERT INTO auto_reply VALUES (?, '2026-01-01', 1)", (NUMBER,))
    store.registrations.ask(AccountRequest("Dana", "dana@harbour.example", NUMBER, "192.0.2.5"))


def test_everything_that_is_kept_of_a_number_is_exported(store: Store) -> None:
    """Beside messages: halves, octets nobody could read, wishes, alarms and requests that name it."""
    everything(store)
    store.opt_outs.add("+447700900333", "dana")
    store.alarms.report("flood +447700900333", "Too many messages from +447700900333", "They are kept.")
    kinds = [trace.kind for trace in store.retention.traces("07700 900222")]
    assert sorted(kinds) == sorted(
        ["fragment", "unreadable", "unreadable", "account request", "opt-out"] + 3 * ["alarm", "alarm mail"]
    )


def test_an_erased_number_is_nowhere_on_the_disk(store: Store) -> None:
    """Neither its digits nor what was written, as text or as octets; that it wants no texts stays, and nothing else."""
    everything(store)
    assert SECRET.encode() in files(store)
    store.retention.erase(NUMBER, "dana")
    (wish,) = store.opt_outs.all()
    assert (wish.number, wish.text) == (NUMBER, "")
    assert SECRET.encode() not in files(store)
    store.opt_outs.lift(NUMBER)
    store.database.forget_erased()
    left = files(store)
    for trace in (b"7700900222", b"900222", EVEN, ODD, EVEN.hex().upper().encode(), ODD.hex().upper().encode()):
        assert trace not in left


def test_what_only_time_erases_goes_with_the_texts_and_records(store: Store, clock: Clock) -> None:
    """Unreadable octets, what a wish said, alarms that were told; then the numbers that no message is left of."""
    everything(store)
    store.inbox.give_up_incomplete(timedelta(hours=1), SORTING)
    clock.now += 31 * DAY
    store.inbox.give_up_incomplete(timedelta(hours=1), SORTING)
    for notice in store.notices.due():
        store.notices.void(notice.id, "told")
    clock.now += 31 * DAY
    purge(store, texts=30 * DAY)
    left = files(store)
    assert SECRET.encode() not in left
    assert EVEN not in left
    assert ODD.hex().upper().encode() not in left
    clock.now += 400 * DAY
    purge(store, texts=30 * DAY, records=400 * DAY)
    store.opt_outs.lift(NUMBER)
    store.registrations.take(1)
    store.database.forget_erased()
    assert b"7700900222" not in files(store)


def test_backups_forget_in_their_turn(store: Store, clock: Clock, tmp_path: Path) -> None:
    """A text that is erased is gone from the last of the copies that are kept, as late as their number says."""
    directory, database = tmp_path / "backup", store.database.path
    deliver(store, NUMBER, SECRET)
    make_backup(database, directory, clock.now, keep=3)
    clock.now += 31 * DAY
    purge(store, texts=30 * DAY)
    held = []
    for _night in range(3):
        held.append(any(SECRET.encode() in file.read_bytes() for file in directory.iterdir()))
        make_backup(database, directory, clock.now, keep=3)
        clock.now += DAY
    assert held == [True, True, True]
    assert not any(SECRET.encode() in file.read_bytes() for file in directory.iterdir())
