"""Facts as numbers in Prometheus' text format."""

from collections.abc import Callable, Iterator
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from omsmodem.facts import Condition, DayFacts, Facts, ModemFacts

#: name → (what it is, its value of a modem)
_OF_MODEMS: dict[str, tuple[str, Callable[[ModemFacts], float | None]]] = {
    "modem_ready": ("Whether the modem can send.", lambda modem: float(modem.state == "ready" and not modem.held)),
    "modem_signal_dbm": ("Received signal.", lambda modem: modem.signal_dbm),
    "modem_storage_used": ("Messages in the modem's storage.", lambda modem: modem.storage_used),
    "modem_storage_size": ("Messages that fit in it.", lambda modem: modem.storage_size),
    "modem_refusals_in_a_row": ("Messages refused since one was taken.", lambda modem: modem.refusals_in_a_row),
    "modem_segment_seconds": ("What one segment takes.", lambda modem: modem.seconds_per_segment),
    "modem_segments_today": ("Segments sent with its SIM today.", lambda modem: modem.spent_today),
    "modem_segments_month": ("Segments sent with its SIM this month.", lambda modem: modem.spent_month),
    "modem_balance": ("Credit left on its SIM.", lambda modem: modem.balance),
}


def exposition(condition: Condition, counted: Callable[[datetime], DayFacts]) -> bytes:
    """All numbers in Prometheus' text format; `counted` gives what happened since a moment."""
    registry = CollectorRegistry()
    registry.register(_Now(condition, counted))
    text: bytes = generate_latest(registry)
    return text


class _Now(Collector):
    def __init__(self, condition: Condition, counted: Callable[[datetime], DayFacts]) -> None:
        self._condition = condition
        self._counted = counted

    def collect(self) -> Iterator[Metric]:
        facts = self._condition.facts
        yield InfoMetricFamily("omsmodem", "The running release.", {"version": facts.version})
        yield from _ledger(facts)
        yield from _queue(facts)
        yield from _modems(facts)
        yield from _machine(facts)
        if facts.started_at is not None:
            yield from _counters(self._counted(facts.started_at))
        findings = GaugeMetricFamily("omsmodem_finding", "What is wrong.", labels=["rule", "subject", "level"])
        for finding in self._condition.findings:
            findings.add_metric([finding.rule, finding.subject, finding.level.name.lower()], 1)
        yield findings


def _gauge(name: str, what: str, value: float | None) -> Iterator[Metric]:
    if value is not None:
        yield GaugeMetricFamily(f"omsmodem_{name}", what, value=value)


def _ledger(facts: Facts) -> Iterator[Metric]:
    family = GaugeMetricFamily(
        "omsmodem_messages", "Messages by state; their sum is all that is kept.", labels=["state"]
    )
    for state, count in facts.ledger.items():
        family.add_metric([state], count)
    yield family


def _queue(facts: Facts) -> Iterator[Metric]:
    queue = facts.queue
    oldest = (facts.now - queue.oldest_since).total_seconds() if queue.oldest_since is not None else 0.0
    yield from _gauge("queue_waiting", "Messages that could go now.", queue.waiting)
    yield from _gauge("queue_oldest_seconds", "How long the oldest of them has waited.", oldest)
    yield from _gauge("queue_scheduled", "Messages whose time has not come.", queue.scheduled)
    yield from _gauge("queue_retrying", "Messages that were refused for now.", queue.retrying)
    yield from _gauge("queue_held", "Messages that an operator holds.", queue.held)
    yield from _gauge("queue_to_decide", "Messages in doubt that a person decides about.", queue.to_decide)
    yield from _gauge("mail_waiting", "Mails that wait for the mail server.", facts.mail.waiting)
    yield from _gauge("mail_kept", "Mails that could not be sent and wait for a person.", facts.mail.kept)


def _modems(facts: Facts) -> Iterator[Metric]:
    for name, (what, value_of) in _OF_MODEMS.items():
        family = GaugeMetricFamily(f"omsmodem_{name}", what, labels=["modem"])
        for modem in facts.modems:
            value = value_of(modem)
            if value is not None:
                family.add_metric([modem.name], value)
        yield family
    steps = CounterMetricFamily(
        "omsmodem_modem_recovery_steps", "Steps taken to win the modem back.", labels=["modem", "step"]
    )
    for modem in facts.modems:
        for step, taken in modem.steps.items():
            steps.add_metric([modem.name, step], taken)
    yield steps


def _machine(facts: Facts) -> Iterator[Metric]:
    ends, made, started = facts.certificate.not_after, facts.newest_backup, facts.started_at
    yield from _gauge(
        "certificate_ends_timestamp_seconds", "When the certificate ends.", ends.timestamp() if ends else None
    )
    yield from _gauge(
        "backup_timestamp_seconds", "When the newest backup was made.", made.timestamp() if made else None
    )
    yield from _gauge(
        "started_timestamp_seconds", "When the service started.", started.timestamp() if started else None
    )
    yield from _gauge("disk_free_bytes", "Room for the queue.", facts.disk_free_octets)
    family = GaugeMetricFamily("omsmodem_quota_segments", "Limits and what is spent of them.", labels=["quota", "kind"])
    for quota in facts.quotas:
        family.add_metric([quota.name, "spent"], quota.spent)
        family.add_metric([quota.name, "limit"], quota.limit)
    yield family


def _counters(counted: DayFacts) -> Iterator[Metric]:
    """Since the service started, as Prometheus wants its counters."""
    for name, what, count in (
        ("accepted", "Messages accepted.", counted.accepted),
        ("segments", "Segments handed to the network.", counted.segments),
        ("delivered", "Messages that phones confirmed.", counted.delivered),
        ("failed", "Messages that failed, expired or were not delivered.", counted.failed),
        ("received", "Messages received.", counted.received),
        ("refused", "Recipients and requests refused.", counted.refused),
    ):
        yield CounterMetricFamily(f"omsmodem_{name}", what, value=count)
