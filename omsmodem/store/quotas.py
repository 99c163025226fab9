"""What an account, or everybody, has spent, in segments. Spent is what is on its way or went out: a message that failed,
expired or was cancelled counts only for the segments that had left.
"""

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from omsmodem.message import Quota, SegmentState, State
from omsmodem.store import rows

_GIVEN_BACK = (State.FAILED, State.EXPIRED, State.CANCELLED)
_KEPT = (SegmentState.PENDING, SegmentState.REFUSED)

_SPENT = f"""
SELECT coalesce(sum(CASE WHEN state IN ({", ".join(f"'{state}'" for state in _GIVEN_BACK)})
    THEN (SELECT count(*) FROM segment
          WHERE message_id = message.id AND segment.state NOT IN ({", ".join(f"'{state}'" for state in _KEPT)}))
    ELSE segments END), 0)
FROM message WHERE accepted_at >= ?"""  # noqa: S608 - the states are this program's own names
#: The plus keeps SQLite from reading every account's past.
_BY_ACCOUNT = _SPENT.replace("SELECT", "SELECT account,", 1) + " GROUP BY +account"


def spent(connection: sqlite3.Connection, quota: Quota) -> int:
    """Segments that count against `quota` since its start."""
    since = rows.to_ms(quota.since)
    if quota.account is None:
        return int(connection.execute(_SPENT, (since,)).fetchone()[0])
    return int(connection.execute(_SPENT + " AND account = ?", (since, quota.account)).fetchone()[0])


def spent_by_account(connection: sqlite3.Connection, since: datetime) -> dict[str, int]:
    """Segments that count against each account's limits since `since`."""
    return dict(connection.execute(_BY_ACCOUNT, (rows.to_ms(since),)).fetchall())


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
