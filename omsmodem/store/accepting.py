"""Accepting: what the gate let through is put on disk (law 1), once."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from omsmodem.message import Quota, State, Submission
from omsmodem.store import rows
from omsmodem.store.face import Face
from omsmodem.store.moves import note as note_event
from omsmodem.store.optouts import opted_out
from omsmodem.store.quotas import affordable


@dataclass(frozen=True, slots=True)
class Accepted:
    """What is safely on disk: the submission and its messages. `repeated` when it had been accepted before.

    `surplus` are the recipients for whom `quota` leaves no room, `opted_out` those who want no texts; nothing is on disk
    for them.
    """

    submission_id: int | None
    message_ids: tuple[int, ...]
    repeated: bool = False
    surplus: tuple[str, ...] = ()
    quota: Quota | None = None
    opted_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """One submission to put on disk: a message per recipient and text, unless the same came within `duplicate_window`.

    `segments` is the cost of each text. Recipients are accepted in order while every quota has room for all texts; the room
    is measured and taken in one transaction, so that no two submitters get the same. `note` is what its history begins with.
    """

    submission: Submission
    recipients: Sequence[str]
    validity: timedelta
    fingerprint: bytes
    duplicate_window: timedelta
    segments: Sequence[int] = ()
    quotas: Sequence[Quota] = ()
    note: str = "accepted"


class Accepting(Face):
    """What the gate does with the store."""

    def accept(self, wanted: Wanted) -> Accepted:
        """Put one submission on disk (law 1)."""
        return self.accept_all([wanted])[0]()

    def accept_all(self, wanted: Sequence[Wanted]) -> list[Callable[[], Accepted]]:
        """The same for many, with one commit. Each is given as a call that returns what was accepted, or raises why not."""
        return self._database.together(*(partial(_accept, one, self._now_ms) for one in wanted))

    def tell_properties(self, account: str, digest: bytes) -> bool:
        """Remember that `account` knows the service's properties as `digest`; True when it knew others before."""
        with self._database.transaction() as connection:
            known = connection.execute("SELECT digest FROM announced WHERE account = ?", (account,)).fetchone()
            if known is not None and known["digest"] == digest:
                return False
            connection.execute("INSERT OR REPLACE INTO announced VALUES (?, ?)", (account, digest))
            return known is not None


def _accept(wanted: Wanted, now_ms: Callable[[], int], connection: sqlite3.Connection) -> Accepted:
    submission, now = wanted.submission, now_ms()
    earlier = _earlier(connection, wanted.fingerprint, now - wanted.duplicate_window // timedelta(milliseconds=1))
    if earlier is not None:
        _note_repeat(connection, earlier.message_ids, now)
        return earlier
    unwilling = opted_out(connection, submission.account, wanted.recipients)
    willing = tuple(recipient for recipient in wanted.recipients if recipient not in unwilling)
    refused = tuple(recipient for recipient in wanted.recipients if recipient in unwilling)
    costs = tuple(wanted.segments) or (1,) * len(submission.texts)
    room, quota = affordable(connection, wanted.quotas, sum(costs))
    within, surplus = willing[:room], willing[len(willing) if room is None else room :]
    if not within or (submission.whole and (surplus or refused)):
        return Accepted(None, (), surplus=surplus, quota=quota, opted_out=refused)
    submission_id = _insert_submission(connection, submission, wanted.fingerprint, now)
    start = max(now, rows.to_ms(submission.not_before)) if submission.not_before else now
    times = _Times(now, start, start + wanted.validity // timedelta(milliseconds=1))
    ids = tuple(
        _insert_message(connection, submission_id, submission.account, recipient, text, cost, times, wanted.note)
        for recipient in within
        for text, cost in zip(submission.texts, costs, strict=True)
    )
    return Accepted(submission_id, ids, surplus=surplus, quota=quota if surplus else None, opted_out=refused)


def _earlier(connection: sqlite3.Connection, fingerprint: bytes, since_ms: int) -> Accepted | None:
    row = connection.execute(
        "SELECT id FROM submission WHERE fingerprint = ? AND accepted_at > ? ORDER BY id DESC LIMIT 1",
        (fingerprint, since_ms),
    ).fetchone()
    if row is None:
        return None
    ids = connection.execute("SELECT id FROM message WHERE submission_id = ? ORDER BY id", (row["id"],)).fetchall()
    return Accepted(row["id"], tuple(r["id"] for r in ids), repeated=True)


def _insert_submission(connection: sqlite3.Connection, s: Submission, fingerprint: bytes, now: int) -> int:
    cursor = connection.execute(
        "INSERT INTO submission (account, door, client, source_type, source, confirm, fingerprint, accepted_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (s.account, s.door, s.client, s.source_type, s.source, s.confirm, fingerprint, now),
    )
    assert cursor.lastrowid is not None
    if s.origin is not None:
        thread = " ".join(s.origin.references)
        values = (
            cursor.lastrowid,
            s.origin.sender,
            s.origin.message_id,
            thread,
            s.origin.subject,
            s.origin.envelope_id,
        )
        connection.execute("INSERT INTO origin VALUES (?, ?, ?, ?, ?, ?)", values)
    return cursor.lastrowid


@dataclass(frozen=True, slots=True)
class _Times:
    """When a message was accepted, may be sent, and expires: milliseconds since 1970."""

    accepted: int
    start: int
    expires: int


def _insert_message(
    connection: sqlite3.Connection,
    submission_id: int,
    account: str,
    recipient: str,
    text: str,
    segments: int,
    times: _Times,
    note: str,
) -> int:
    cursor = connection.execute(
        "INSERT INTO message (submission_id, account, recipient, text, segments, state, accepted_at, not_before,"
        " expires_at, due_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            submission_id,
            account,
            recipient,
            text,
            segments,
            State.QUEUED,
            times.accepted,
            times.start,
            times.expires,
            times.start,
            times.accepted,
        ),
    )
    assert cursor.lastrowid is not None
    note_event(connection, cursor.lastrowid, times.accepted, State.QUEUED, note)
    return cursor.lastrowid


def _note_repeat(connection: sqlite3.Connection, message_ids: Sequence[int], now: int) -> None:
    for message_id in message_ids:
        row = connection.execute("SELECT state FROM message WHERE id = ?", (message_id,)).fetchone()
        note_event(connection, message_id, now, State(row["state"]), "the same request came again: not queued twice")
