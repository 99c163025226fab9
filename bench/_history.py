"""A store with years of history, made by SQL: `fill` takes about a minute for a million messages.

Half of the messages went to one number, as those of a monitoring system do; they are spread over a year that ends now.
Every tenth has two segments, every seventh never got a report, every fiftieth failed and every fiftieth expired; every fifth
was answered.
"""

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

from omsmodem.store import open_store, rows
from omsmodem.store.quotas import KEPT

ON_CALL = "+447700900222"
ACCOUNTS = 20
YEAR_MS = 365 * 86_400_000
_KEPT_MS = KEPT // timedelta(milliseconds=1)

_N = "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) SELECT i FROM n)"
_AT = "(:now - :year + (:year / :count) * i)"
_TO = f"CASE WHEN i % 2 THEN '{ON_CALL}' ELSE printf('+4477%08d', i % 5000) END"
_STATE = "CASE WHEN i % 50 = 1 THEN 'failed' WHEN i % 50 = 2 THEN 'expired' WHEN i % 7 = 3 THEN 'submitted' ELSE 'delivered' END"
_SENT = "i % 50 NOT IN (1, 2)"
_ACCOUNT = f"printf('account%d', i % {ACCOUNTS})"

_STATEMENTS = (
    f"""INSERT INTO submission (id, account, door, client, source_type, source, fingerprint, accepted_at)
    SELECT i, {_ACCOUNT}, 'oms', 'Microsoft Office Outlook 14.0', '', '192.0.2.7', randomblob(32), {_AT} FROM {_N}""",
    f"""INSERT INTO message (id, submission_id, account, recipient, text, state, accepted_at, not_before, expires_at, due_at,
        attempts, modem, last_error, updated_at, segments, given_back, bound_to, report_until)
    SELECT i, i, {_ACCOUNT}, {_TO}, printf('Pump %d of the fish dock is warm, somebody should look at it.', i),
        {_STATE}, {_AT}, {_AT}, {_AT} + 172800000, {_AT}, 1, 'front', iif({_SENT}, NULL, 'refused'), {_AT} + 9000,
        1 + (i % 10 = 0), iif({_SENT}, 0, 1 + (i % 10 = 0)), 'front', iif(i % 7 = 3 AND {_SENT} AND {_AT} > :now - 172800000, {_AT} + 172800000, NULL)
    FROM {_N}""",
    f"""INSERT INTO segment (message_id, number, total, tpdu, state, modem, recipient_tail, message_reference, submitted_at,
        status, reported_at, handed_at)
    SELECT i, k, 1 + (i % 10 = 0), randomblob(100),
        iif({_SENT}, {_STATE}, iif(i % 50 = 1, 'refused', 'pending')), 'front', substr({_TO}, -7),
        iif({_SENT}, i % 256, NULL), iif({_SENT}, {_AT} + 5000, NULL), iif({_SENT} AND i % 7 <> 3, 0, NULL),
        iif({_SENT} AND i % 7 <> 3, {_AT} + 9000, NULL), {_AT} + 4000
    FROM {_N}, (SELECT 1 AS k UNION SELECT 2) WHERE k = 1 OR i % 10 = 0""",
    *(
        f"INSERT INTO event (message_id, at, state, detail) SELECT i, {_AT} + {delay}, '{state}', '{words}' FROM {_N}"
        for delay, state, words in (
            (0, "queued", "accepted"),
            (100, "submitting", "taken by front"),
            (5000, "submitted", "the network took every segment"),
            (9000, "delivered", "every segment is reported"),
        )
    ),
    f"""INSERT INTO notice (id, kind, state, account, submission_id, created_at, due_at, complete, attempts, sent_at)
    SELECT i, 'outcome', 'sent', {_ACCOUNT}, i, {_AT}, {_AT}, 1, 1, {_AT} FROM {_N} WHERE NOT ({_SENT})""",
    f"""INSERT INTO outcome SELECT i, i, {_STATE}, 'refused', {_AT} FROM {_N} WHERE NOT ({_SENT})""",
    f"""INSERT INTO incoming (id, kind, modem, sim, originator, answerable, text, octets, sent_at, received_at, total, missing,
        account, rule, detail)
    SELECT i, 'message', 'front', '8944', {_TO}, 1, printf('I go, %d', i), x'', {_AT}, {_AT}, 1, '', {_ACCOUNT}, 'wrote last', ''
    FROM {_N} WHERE i % 5 = 0 OR i % 5 = 1""",
    """INSERT INTO incoming_segment (identity, content, tpdu, modem, sim, originator, answerable, kind, sent_at, zone_minutes,
        total, number, detail, received_at, incoming_id)
    SELECT randomblob(16), randomblob(16), randomblob(60), modem, sim, originator, 1, kind, sent_at, 0, 1, 1, '', received_at, id
    FROM incoming""",
    "INSERT INTO incoming_change (incoming_id) SELECT id FROM incoming",
    """INSERT INTO notice (kind, state, account, incoming_id, created_at, due_at, attempts, sent_at)
    SELECT 'reply', 'sent', account, id, received_at, received_at, 1, received_at FROM incoming""",
    *(
        f"INSERT INTO spent SELECT {who}, accepted_at / 900000, sum(segments - given_back) FROM message"
        f" WHERE accepted_at > :now - {_KEPT_MS} GROUP BY 1, 2"
        for who in ("account", "'*'")
    ),
    "INSERT INTO ledger SELECT state, count(*) FROM message GROUP BY state",
    "INSERT INTO tally SELECT accepted_at / 900000, 'accepted', count(*) FROM message GROUP BY 1",
    "INSERT INTO tally SELECT updated_at / 900000, state, count(*) FROM message GROUP BY 1, 2",
    "INSERT INTO tally SELECT received_at / 900000, 'received', count(*) FROM incoming GROUP BY 1",
)


def fill(path: Path, messages: int, now: datetime) -> None:
    """Make a store with so many settled messages. Indexes and triggers are set aside meanwhile."""
    open_store(path, lambda: now).close()
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "temp_store = MEMORY", "cache_size = -200000"):
            connection.execute(f"PRAGMA {pragma}")
        aside = connection.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
        ).fetchall()
        connection.execute("BEGIN")
        for kind, name, _ in aside:
            connection.execute(f"DROP {kind} {name}")
        for statement in _STATEMENTS:
            connection.execute(statement, {"count": messages, "now": rows.to_ms(now), "year": YEAR_MS})
        for _, _, definition in aside:
            connection.execute(definition)
        connection.execute("COMMIT")
    finally:
        connection.close()
