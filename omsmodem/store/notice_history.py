"""Questions about the mails that tell people what became of their messages. Every answer is one short read."""

import sqlite3
from collections.abc import Sequence

from omsmodem.message import MailNotice, NoticeState, Outcome, State
from omsmodem.store import rows
from omsmodem.store.face import Face


class NoticeHistory(Face):
    """Which mails there are, and what they tell."""

    def outcomes(self, notice_id: int) -> list[Outcome]:
        """What a notice tells, in order of acceptance."""
        with self._database.reading() as connection:
            found = outcome_rows(connection, notice_id)
        return [Outcome(rows.message(row), State(row["told"]), row["told_detail"]) for row in found]

    def notices(
        self, *, states: Sequence[NoticeState] = tuple(NoticeState), after: int = 0, limit: int = 500
    ) -> list[MailNotice]:
        """One page of notices in any of `states` with ids above `after`."""
        marks = ", ".join("?" * len(states))
        with self._database.reading() as connection:
            found = connection.execute(
                f"SELECT * FROM notice WHERE state IN ({marks}) AND id > ? ORDER BY id LIMIT ?",  # noqa: S608 - marks
                (*states, after, limit),
            ).fetchall()
        return [rows.notice(row) for row in found]

    def newest(self, states: Sequence[NoticeState], limit: int) -> list[MailNotice]:
        """Notices in any of `states`, the newest first."""
        marks = ", ".join("?" * len(states))
        query = f"SELECT * FROM notice WHERE state IN ({marks}) ORDER BY id DESC LIMIT ?"  # noqa: S608 - marks
        with self._database.reading() as connection:
            found = connection.execute(query, (*states, limit)).fetchall()
        return [rows.notice(row) for row in found]

    def of_message(self, message_id: int) -> list[MailNotice]:
        """Every mail that tells of a message, oldest first."""
        return self._where("id IN (SELECT notice_id FROM outcome WHERE message_id = ?)", message_id)

    def of_submission(self, submission_id: int) -> list[MailNotice]:
        """Every mail about a submission, oldest first."""
        return self._where("submission_id = ?", submission_id)

    def of_incoming(self, incoming_id: int) -> list[MailNotice]:
        """Every mail about an incoming message, oldest first."""
        return self._where("incoming_id = ?", incoming_id)

    def _where(self, condition: str, value: int) -> list[MailNotice]:
        with self._database.reading() as connection:
            query = f"SELECT * FROM notice WHERE {condition} ORDER BY id"  # noqa: S608 - the callers above
            found = connection.execute(query, (value,)).fetchall()
        return [rows.notice(row) for row in found]

    def count(self, state: NoticeState) -> int:
        """How many mails are in a state."""
        with self._database.reading() as connection:
            return int(connection.execute("SELECT count(*) FROM notice WHERE state = ?", (state,)).fetchone()[0])


def outcome_rows(connection: sqlite3.Connection, notice_id: int) -> list[sqlite3.Row]:
    """The messages a notice tells of, each with the state and the detail it tells."""
    return connection.execute(
        "SELECT m.*, o.state AS told, o.detail AS told_detail FROM outcome o JOIN message m ON m.id = o.message_id"
        " WHERE o.notice_id = ? ORDER BY m.id",
        (notice_id,),
    ).fetchall()
