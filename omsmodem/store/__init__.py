"""The durable store: every message, segment and event; all SQL lives in this room.

Each story has a face: `accepting` (the gate), `outbox` (sending), `evidence` (reports and doubt), `desk` (what people
decide), `inbox` (receiving), `notices` (the mails that tell of it), `alarms` (what the operator is told), `opt_outs` (who
wants no texts), `modems` (what is known of them), `audit` (who did what), `registrations`
(people who ask for an account), `retention` (what is erased), `tokens`, `idempotency` and `webhooks` (the door for
scripts), and for questions `history`, `search` and `overview`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from omsmodem.store.accepting import Accepted, Accepting, Wanted
from omsmodem.store.alarms import Alarm, Alarms
from omsmodem.store.audit import Act, Audit
from omsmodem.store.database import Database
from omsmodem.store.delivery import Sorting
from omsmodem.store.desk import Desk
from omsmodem.store.evidence import Evidence
from omsmodem.store.history import History
from omsmodem.store.idempotency import Idempotency
from omsmodem.store.inbox import Inbox
from omsmodem.store.modems import Control, Modems, Sighting, Word
from omsmodem.store.notices import Notices
from omsmodem.store.optouts import OptOut, OptOuts
from omsmodem.store.outbox import Outbox, Taken
from omsmodem.store.overview import Overview
from omsmodem.store.registrations import Registrations
from omsmodem.store.retention import Erased, Retention
from omsmodem.store.search import Search
from omsmodem.store.tokens import Tokens
from omsmodem.store.usage import Charge, Period
from omsmodem.store.webhooks import Webhooks

__all__ = [
    "Accepted",
    "Accepting",
    "Act",
    "Alarm",
    "Alarms",
    "Audit",
    "Charge",
    "Control",
    "Desk",
    "Erased",
    "Evidence",
    "History",
    "Idempotency",
    "Inbox",
    "Modems",
    "Notices",
    "OptOut",
    "OptOuts",
    "Outbox",
    "Overview",
    "Period",
    "Registrations",
    "Retention",
    "Search",
    "Sighting",
    "Sorting",
    "Store",
    "Taken",
    "Tokens",
    "Wanted",
    "Webhooks",
    "Word",
    "open_store",
]


@dataclass(frozen=True, slots=True)
class Store:
    """One open database and its faces."""

    database: Database
    accepting: Accepting
    outbox: Outbox
    evidence: Evidence
    inbox: Inbox
    notices: Notices
    alarms: Alarms
    opt_outs: OptOuts
    desk: Desk
    modems: Modems
    audit: Audit
    history: History
    search: Search
    overview: Overview
    registrations: Registrations
    retention: Retention
    tokens: Tokens
    idempotency: Idempotency
    webhooks: Webhooks

    def write(self) -> bool:
        """Write something that changes nothing, durably; for the watchdog. Raises StoreError."""
        with self.database.transaction() as connection:
            connection.execute("UPDATE ledger SET count = count WHERE state = 'queued'")
        return True

    def close(self) -> None:
        """Close the database; calls after this raise StoreClosed."""
        self.database.close()


def open_store(path: Path, clock: Callable[[], datetime]) -> Store:
    """Open (and on first use create) the store at `path`.

    `clock` gives the present as an aware UTC datetime. Raises StoreError when the file cannot be used.
    """
    database = Database(path)
    return Store(
        database,
        Accepting(database, clock),
        Outbox(database, clock),
        Evidence(database, clock),
        Inbox(database, clock),
        Notices(database, clock),
        Alarms(database, clock),
        OptOuts(database, clock),
        Desk(database, clock),
        Modems(database, clock),
        Audit(database, clock),
        History(database),
        Search(database),
        Overview(database),
        Registrations(database, clock),
        Retention(database, clock),
        Tokens(database, clock),
        Idempotency(database, clock),
        Webhooks(database, clock),
    )
