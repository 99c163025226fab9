"""Requests for accounts on disk."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from omsmodem.message import AccountRequest
from omsmodem.store import open_store
from omsmodem.store.registrations import MOST_OPEN

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ERIN = AccountRequest("Erin", "erin@harbour.example", "+447700900123", "192.0.2.7")


def test_a_request_waits_until_it_is_taken(tmp_path: Path) -> None:
    """It is there for another process, once, and gone when it is decided."""
    store = open_store(tmp_path / "omsmodem.db", lambda: START)
    other = open_store(tmp_path / "omsmodem.db", lambda: START)
    assert store.registrations.ask(ERIN)
    (request,) = other.registrations.open()
    assert (request.name, request.mail, request.asked_at) == ("Erin", "erin@harbour.example", START)
    assert request.id is not None
    assert other.registrations.take(request.id) == request
    assert store.registrations.take(request.id) is None
    assert store.registrations.open() == []
    store.close()
    other.close()


def test_requests_are_bounded_and_forgotten_after_a_month(tmp_path: Path) -> None:
    """One a mail address, so many at once, and none for ever."""
    now = [START]
    store = open_store(tmp_path / "omsmodem.db", lambda: now[0])
    asked = [store.registrations.ask(AccountRequest("x", f"{n}@harbour.example")) for n in range(MOST_OPEN + 1)]
    assert asked == [True] * MOST_OPEN + [False]
    assert store.registrations.ask(AccountRequest("y", "0@HARBOUR.example"))
    assert len(store.registrations.open()) == MOST_OPEN
    now[0] += timedelta(days=31)
    assert store.registrations.open() == []
    assert store.registrations.ask(ERIN)
    assert [request.name for request in store.registrations.open()] == ["Erin"]
    store.close()
