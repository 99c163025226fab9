"""What an account, or everybody, has spent, in segments. Spent is what is on its way or went out: a message that failed,
expired or was cancelled counts only for the segments that had left.

Whole quarters of an hour and whole days are counted as messages are accepted and given back (tables `spent` and `spent_day`),
so that a month's limit costs little more than a minute's; a day of any time zone is made of whole quarters.
"""

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta

from omsmodem.message import Quota
from omsmodem.store import rows

QUARTER_MS = timedelta(minutes=15) // timedelta(milliseconds=1)
#: Counts are kept for as long as a month, the longest stretch of a limit, may ask for them.
KEPT = timedelta(days=40)
_EVERYBODY = "*"

_QUARTERS_A_DAY = 96
_WHOLE = (
    "SELECT (SELECT coalesce(sum(segments), 0) FROM spent WHERE account = :who AND quarter >= :first AND quarter < :day * 96)"
    " + (SELECT coalesce(sum(segments), 0) FROM spent_day WHERE account = :who AND day >= :day)"
)
_BETWEEN = "SELECT coalesce(sum(segments - given_back), 0) FROM message WHERE accepted_at >= ? AND accepted_at < ?"
_BY_ACCOUNT = "SELECT account, sum(segments) FROM spent WHERE account <> ? AND quarter >= ? GROUP BY account"


def spent(connection: sqlite3.Connection, quota: Quota) -> int:
    """Segments that count against `quota` since its start."""
    since = rows.to_ms(quota.since)
    first = -(-since // QUARTER_MS)  # the first quarter that is wholly within
    day = -(-first // _QUARTERS_A_DAY)  # and the first day
    wanted = {"who": quota.account or _EVERYBODY, "first": first, "day": day}
    whole = connection.execute(_WHOLE, wanted).fetchone()[0]
    if since == first * QUARTER_MS:
        return int(whole)
    between = (since, first * QUARTER_MS)
    if quota.account is None:
        return int(whole + connection.execute(_BETWEEN, between).fetchone()[0])
    return int(whole + connection.execute(_BETWEEN + " AND account = ?", (*between, quota.account)).fetchone()[0])


def spent_by_account(connection: sqlite3.Connection, since: datetime) -> dict[str, int]:
    """Segments that count against each account's limits since `since`, to a quarter of an hour."""
    return dict(connection.execute(_BY_ACCOUNT, (_EVERYBODY, rows.to_ms(since) // QUARTER_MS)).fetchall())


def forget(connection: sqlite3.Connection, now: datetime) -> None:
    """Drop the counts that no limit asks for any more."""
    day = rows.to_ms(now - KEPT) // QUARTER_MS // _QUARTERS_A_DAY
    connection.execute("DELETE FROM spent WHERE quarter < ?", (day * _QUARTERS_A_DAY,))
    connection.execute("DELETE FROM spent_day WHERE day < ?", (day,))


def affordable(connection: sqlite3.Connection, quotas: Sequence[Quota], cost: int) -> tuple[int | None, Quota | None]:
    """How many recipients at `cost` segments each the quotas leave room for, and the quota that leaves the least.

    (None, None) when there are no quotas. To be called in the accepting transaction, so that the room is still there when
    the messages are written.
    """
    least: int | None = None
    tightest: Quota | None = None
    for quota in quotas:
        room = max(quota.segments - spent(connection, quota), 0) // max(cost, 1)
        if least is None or room < least:
            least, tightest = room, quota
    return least, tightest
