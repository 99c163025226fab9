"""How far each webhook has come in the order of incoming messages (`Inbox.changes`), and how it fails."""

from dataclasses import dataclass
from datetime import datetime

from omsmodem.facts import WebhookFacts
from omsmodem.store import rows
from omsmodem.store.face import Face


@dataclass(frozen=True, slots=True)
class Progress:
    """Where one webhook stands. Failures are those of the message after `position`."""

    position: int
    attempts: int = 0
    failing_since: datetime | None = None
    retry_at: datetime | None = None
    last_error: str = ""


class Webhooks(Face):
    """Each public method is one transaction or one short read."""

    def progress(self, name: str) -> Progress:
        """Where a webhook stands; a new one starts with the next message that comes."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO webhook (name, position) SELECT ?, coalesce(max(id), 0) FROM incoming_change WHERE true"
                " ON CONFLICT DO NOTHING",
                (name,),
            )
            row = connection.execute("SELECT * FROM webhook WHERE name = ?", (name,)).fetchone()
        since, retry_at = row["failing_since"], row["retry_at"]
        return Progress(
            row["position"],
            row["attempts"],
            None if since is None else rows.from_ms(since),
            rows.from_ms(retry_at) if retry_at else None,
            row["last_error"],
        )

    def failing(self) -> list[WebhookFacts]:
        """The webhooks that do not take their next message."""
        query = "SELECT name, failing_since, last_error FROM webhook WHERE failing_since IS NOT NULL ORDER BY name"
        with self._database.reading() as connection:
            found = connection.execute(query).fetchall()
        return [WebhookFacts(row["name"], rows.from_ms(row["failing_since"]), row["last_error"]) for row in found]

    def passed(self, name: str, position: int) -> None:
        """The message at `position` is passed on, or given up."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE webhook SET position = ?, attempts = 0, failing_since = NULL, retry_at = 0, last_error = ''"
                " WHERE name = ?",
                (position, name),
            )

    def failed(self, name: str, error: str, retry_at: datetime) -> None:
        """The next message was not taken: try again at `retry_at`."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE webhook SET attempts = attempts + 1, failing_since = coalesce(failing_since, ?), retry_at = ?,"
                " last_error = ? WHERE name = ?",
                (self._now_ms(), rows.to_ms(retry_at), error, name),
            )
