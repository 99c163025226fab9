"""Three books that must agree: what was promised, what the ledger says, what the network took.

The network's book is written by the simulated service centre itself, before any answer, so it is the witness against the
other two: a segment is known by its octets, which never change.
"""

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

#: The network has every segment of a message in one of these.
SENT = {"submitted", "delivered", "undelivered"}
#: A person can see it, and it does not claim to have been sent.
OPEN = {"queued", "submitting", "uncertain"}
CLOSED_UNSENT = {"failed", "expired", "cancelled"}


@dataclass(frozen=True, slots=True)
class Promise:
    """A message that a client was told is accepted."""

    recipient: str
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the three books say of each other."""

    promised: int = 0
    lost: tuple[str, ...] = ()  # promised, and nowhere; or said to be sent, and the network never had it
    repeated: tuple[str, ...] = ()  # the network had it more often than the ledger admits
    marked: int = 0  # messages that admit a repeat
    uncertain: int = 0  # messages that a person is asked about
    unsettled: tuple[str, ...] = ()  # still on their way when we looked
    unbalanced: str = ""

    @property
    def good(self) -> bool:
        """Nothing lost, nothing repeated silently, the ledger balanced."""
        return not (self.lost or self.repeated or self.unbalanced)


@dataclass(slots=True)
class Books:
    """The three books of one office."""

    database: Path
    network_log: Path
    promises: list[Promise] = field(default_factory=list)

    def verdict(self) -> Verdict:
        """Compare them."""
        return compare(self.database, Counter(str(entry["tpdu"]).upper() for entry in self.taken()), self.promises)

    def taken(self) -> list[dict[str, object]]:
        """What the network took, in order."""
        if not self.network_log.exists():
            return []
        return [json.loads(line) for line in self.network_log.read_text().splitlines()]

    def states(self) -> list[str]:
        """The state of every message, in order of acceptance."""
        return [state for (state,) in self._ask("SELECT state FROM message ORDER BY id")]

    def mails_waiting(self) -> bool:
        """Whether a mail is still to be handed over, or nobody knows that it was."""
        return bool(self._ask("SELECT 1 FROM notice WHERE state = 'waiting' LIMIT 1"))

    def _ask(self, query: str, *values: object) -> list[tuple[object, ...]]:
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()


def compare(database: Path, taken: Counter[str], promises: list[Promise]) -> Verdict:
    """Hold the ledger against what the network took (TPDUs in hexadecimal, upper case) and what was promised."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        connection.execute("BEGIN")  # all of it as it was at one moment
        messages = connection.execute("SELECT * FROM message ORDER BY id").fetchall()
        segments = connection.execute("SELECT * FROM segment ORDER BY message_id, number").fetchall()
        ledger = dict(connection.execute("SELECT state, count FROM ledger WHERE count <> 0").fetchall())
    finally:
        connection.close()
    kept = Counter((row["recipient"], row["text"]) for row in messages)
    lost = [f"promised, not kept: {p}" for p, n in Counter(promises).items() if kept[(p.recipient, p.text)] < n]
    counted = Counter(row["state"] for row in messages)
    return Verdict(
        promised=len(promises),
        lost=(*lost, *_claimed_but_not_taken(messages, segments, taken)),
        repeated=tuple(_silent_repeats(segments, taken)),
        marked=sum(1 for row in messages if row["repeats"]),
        uncertain=counted["uncertain"],
        unsettled=tuple(f"#{row['id']} {row['state']}" for row in messages if row["state"] in OPEN),
        unbalanced="" if ledger == dict(counted) else f"ledger {ledger}, messages {dict(counted)}",
    )


def history(database: Path, message_id: int) -> list[str]:
    """The life of a message, for whoever has to understand a failure."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        query = "SELECT at, state, detail FROM event WHERE message_id = ? ORDER BY id"
        return [f"{at} {state}: {detail}" for at, state, detail in connection.execute(query, (message_id,))]
    finally:
        connection.close()


def _claimed_but_not_taken(messages: list[sqlite3.Row], segments: list[sqlite3.Row], taken: Counter[str]) -> list[str]:
    """Messages said to be sent of which the network lacks a segment."""
    states = {row["id"]: row["state"] for row in messages}
    return [
        f"#{row['message_id']} is {states[row['message_id']]}, segment {row['number']} was never taken"
        for row in segments
        if states[row["message_id"]] in SENT and not taken[row["tpdu"].hex().upper()]
    ]


def _silent_repeats(segments: list[sqlite3.Row], taken: Counter[str]) -> list[str]:
    """Segments that the network had more often than their row admits. Equal octets share what they admit."""
    allowed: Counter[str] = Counter()
    where: dict[str, str] = {}
    for row in segments:
        tpdu = row["tpdu"].hex().upper()
        allowed[tpdu] += 1 + row["repeats"]
        where[tpdu] = f"#{row['message_id']} segment {row['number']}"
    return [
        f"{where.get(tpdu, tpdu)} was taken {n} times, {allowed[tpdu]} admitted"
        for tpdu, n in taken.items()
        if n > allowed[tpdu]
    ]
