"""A store, accounts and a composer as the service has them; only the clock stands still."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

import pytest

from omsmodem.accounts import Account, Accounts
from omsmodem.mail import Composer, Letterhead, Mailboxes
from omsmodem.message import (
    Arrival,
    Content,
    Correspondent,
    Door,
    IncomingKind,
    IncomingMessage,
    IncomingSegment,
    MailNotice,
    Route,
    SegmentKey,
    SegmentState,
    Submission,
)
from omsmodem.store import Sorting, Store, Wanted, open_store
from tests.mail.sink import STRICT
from tests.plain import Plain
from tests.store.parts import START, Clock

PHONE = "+447700900222"
GATHER = timedelta(seconds=60)
HEAD = Letterhead("sms@harbour.example", "Harbour SMS")
MAILBOXES = Mailboxes("office@harbour.example", ("admin@harbour.example", "deputy@harbour.example"))
_unique = itertools.count()


def assemble(segments: Mapping[int, bytes], total: int) -> Content:
    """Here a TPDU is its text behind four octets."""
    found = [segments[n][4:].decode("utf-8", "surrogatepass") if n in segments else "[…]" for n in range(1, total + 1)]
    return Content("".join(found), segments[min(segments)][4:])


@dataclass
class Office:
    """The parts around the mail room."""

    store: Store
    accounts: Accounts
    clock: Clock
    home: Path

    def composer(self, *, head: Letterhead = HEAD, mailboxes: Mailboxes = MAILBOXES, quote: int = 0) -> Composer:
        return Composer(self.store, self.accounts, head, mailboxes, quote=quote)

    def sorting(self, account: str = "dana") -> Sorting:
        def route(_arrival: Arrival, _correspondents: Sequence[Correspondent]) -> Route:
            return Route(account, "test")

        return Sorting(assemble, route)

    def receive(
        self,
        text: str,
        *,
        account: str = "dana",
        originator: str = PHONE,
        answerable: bool = True,
        kind: IncomingKind = IncomingKind.TEXT,
        sent_at: datetime | None = START,
        key: SegmentKey | None = None,
        detail: str = "",
    ) -> IncomingMessage | None:
        octets = text.encode("utf-8", "surrogatepass")
        tpdu = next(_unique).to_bytes(4, "big") + octets
        segment = IncomingSegment(
            tpdu, octets, tpdu, "modem1", "sim1", originator, answerable, kind, sent_at, key, detail=detail
        )
        return self.store.inbox.add(segment, self.sorting(account)).message

    def accept(self, *recipients: str, text: str = "Fish delivery moved to 15:30", account: str = "dana") -> list[int]:
        accepted = self.store.accepting.accept(
            Wanted(
                Submission(account, Door.OMS, recipients, (text,), confirm=self._confirm(account)),
                recipients,
                validity=timedelta(hours=48),
                fingerprint=str(next(_unique)).encode(),
                duplicate_window=timedelta(0),
            )
        )
        return list(accepted.message_ids)

    def _confirm(self, account: str) -> str:
        found = self.accounts.get(account)
        return found.delivery_confirmation if found is not None else "failures"

    def in_flight(self) -> int:
        taken = self.store.outbox.take("modem1", lambda _message, _reference: (b"\x01",))
        assert taken is not None
        self.store.outbox.mark_in_flight(taken.message.id, 1, "modem1")
        return taken.message.id

    def refuse(self, error: str = "+CMS ERROR: 1 (unassigned number)") -> None:
        self.store.outbox.mark_failed(self.in_flight(), 1, error)

    def deliver(self, status: int = 0, outcome: SegmentState = SegmentState.DELIVERED) -> int:
        message_id = self.in_flight()
        message = self.store.history.message(message_id)
        assert message is not None
        self.store.outbox.mark_submitted(message_id, 1, message_id)
        self.store.evidence.add_report("modem1", message_id, message.recipient, status, outcome)
        return message_id

    def due(self) -> list[MailNotice]:
        self.store.notices.close_gathered(GATHER)
        return self.store.notices.due()

    def mail(self, composer: Composer | None = None) -> EmailMessage:
        """The only mail that is due, as Python's strict parser reads it."""
        (notice,) = self.due()
        return parsed((composer or self.composer()).compose(notice).message)


def parsed(message: EmailMessage) -> EmailMessage:
    """A mail read again from its octets, which are ASCII with short lines; any defect raises."""
    octets = message.as_bytes()
    assert octets.isascii()
    assert all(len(line) <= 998 for line in octets.split(b"\r\n"))
    assert b"\n" not in octets.replace(b"\r\n", b"")
    read = message_from_bytes(octets, policy=STRICT)
    for name, value in read.items():
        assert not getattr(value, "defects", ()), name
    assert isinstance(read, EmailMessage)
    return read


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    clock = Clock()
    accounts = Accounts(tmp_path / "accounts.json", hasher=Plain())
    accounts.add(Account("dana", smtp_address="dana@harbour.example", contacts={"Robin": "+447700900333"}), "tide&74")
    store = open_store(tmp_path / "omsmodem.db", clock)
    yield Office(store, accounts, clock, tmp_path)
    store.close()
