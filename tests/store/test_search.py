"""Messages are found again, page by page, and a page costs the same however long the history is."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from omsmodem.message import Door, OutgoingMessage, State, Submission
from omsmodem.store import Store, Wanted, open_store
from omsmodem.store.search import STRETCH, Criteria

NOW = datetime(2026, 11, 23, 7, 20, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(tmp_path / "omsmodem.db", lambda: NOW)
    yield made
    made.close()


def accept(store: Store, account: str, recipient: str, *texts: str) -> tuple[int, ...]:
    submission = Submission(account, Door.OMS, (recipient,), texts)
    return store.accepting.accept(
        Wanted(
            submission,
            [recipient],
            validity=timedelta(hours=48),
            fingerprint=repr(submission).encode(),
            duplicate_window=timedelta(0),
        )
    ).message_ids


def ids(messages: tuple[OutgoingMessage, ...]) -> list[int]:
    return [message.id for message in messages]


def test_pages_go_back_to_the_first_message_without_gap_or_repeat(store: Store) -> None:
    """Following `older` from the newest page shows every message once, newest first."""
    accepted = accept(store, "dana", "+447700900222", *(f"text {n}" for n in range(23)))
    seen: list[int] = []
    before: int | None = None
    while True:
        page = store.search.messages(Criteria(), before=before, limit=5)
        seen += ids(page.messages)
        before = page.older
        if before is None:
            break
    assert seen == sorted(accepted, reverse=True)


def test_an_empty_store_has_an_empty_page(store: Store) -> None:
    """Nothing to find is no error."""
    page = store.search.messages(Criteria(account="dana", states=frozenset({State.FAILED})))
    assert (page.messages, page.older) == ((), None)


@pytest.mark.parametrize("typed", ["+447700900222", "07700 900222", "900222", "+44 (0)7700 900-222"])
def test_a_number_is_found_as_people_type_it(store: Store, typed: str) -> None:
    """National, international, or only its end."""
    wanted = accept(store, "dana", "+447700900222", "here")
    accept(store, "dana", "+447700900333", "not here")
    assert ids(store.search.messages(Criteria(number=typed)).messages) == list(wanted)


def test_a_text_is_found_whatever_its_case(store: Store) -> None:
    """The text is compared as people read it, in any script."""
    wanted = accept(store, "dana", "+447700900222", "Die ÄRZTIN kommt um 9")
    accept(store, "dana", "+447700900222", "100 % here", "0_0")
    assert ids(store.search.messages(Criteria(text="ärztin")).messages) == list(wanted)
    assert [m.text for m in store.search.messages(Criteria(text="%")).messages] == ["100 % here"]
    assert [m.text for m in store.search.messages(Criteria(text="_")).messages] == ["0_0"]


def test_account_and_state_narrow_the_search(store: Store) -> None:
    """Criteria are joined by and."""
    (mine,) = accept(store, "dana", "+447700900222", "mine")
    accept(store, "fish", "+447700900222", "theirs")
    taken = store.outbox.take("front", lambda _message, _reference: (b"x",))
    assert taken is not None
    store.outbox.fail(taken.message.id, "no")
    assert ids(store.search.messages(Criteria(account="dana")).messages) == [mine]
    failed = Criteria(account="dana", states=frozenset({State.FAILED, State.EXPIRED}))
    assert ids(store.search.messages(failed).messages) == [mine]
    assert store.search.messages(Criteria(account="fish", states=frozenset({State.FAILED}))).messages == ()


def test_a_rare_text_is_looked_for_in_stretches(store: Store) -> None:
    """A page looks through a bounded stretch and says where to go on, so that no search holds up the queue."""
    with store.database.transaction() as connection:
        connection.execute(
            "INSERT INTO submission (id, account, door, client, source_type, source, fingerprint, accepted_at)"
            " VALUES (1, 'dana', 'oms', '', '', '', x'00', 0)"
        )
        connection.executemany(
            "INSERT INTO message (submission_id, account, recipient, text, state, accepted_at, not_before, expires_at,"
            " due_at, updated_at) VALUES (1, 'dana', '+447700900222', ?, 'delivered', 0, 0, 0, 0, 0)",
            (("needle" if n == 0 else "hay",) for n in range(STRETCH + 10)),
        )
    first = store.search.messages(Criteria(text="needle"))
    assert first.messages == ()
    assert first.older is not None
    second = store.search.messages(Criteria(text="needle"), before=first.older)
    assert ids(second.messages) == [1]
    assert second.older is None


def test_every_search_is_answered_from_an_index(store: Store) -> None:
    """No look-up by account, state or number reads the whole table."""
    queries: list[str] = []
    with store.database.reading() as connection:
        connection.set_trace_callback(queries.append)
        for criteria in (
            Criteria(),
            Criteria(account="dana"),
            Criteria(states=frozenset({State.FAILED})),
            Criteria(account="dana", states=frozenset({State.FAILED})),
            Criteria(number="+447700900222"),
        ):
            accept(store, "dana", "+447700900222", "one")
            store.search.messages(criteria)
        connection.set_trace_callback(None)
        looked_up = [query for query in queries if query.startswith("SELECT * FROM (SELECT")]
        assert len(looked_up) == 5
        for query in looked_up:
            plan = [row["detail"] for row in connection.execute("EXPLAIN QUERY PLAN " + query)]
            assert not any(step.startswith("SCAN message") for step in plan), plan
