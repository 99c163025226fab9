"""From where on a fact is worth an alarm."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from omsmodem.facts import Facts, Finding


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on a fact is worth an alarm."""

    modem_missing: timedelta = timedelta(minutes=2)
    not_registered: timedelta = timedelta(minutes=5)
    weak_signal: timedelta = timedelta(minutes=30)
    queue_wait: timedelta = timedelta(minutes=10)
    refusals_in_a_row: int = 3
    failures_percent: int = 20
    failures_of: int = 20  # the messages settled last
    storage_percent: int = 80
    quota_percent: int = 90
    balance_below: float = 0.0
    sim_expiry_days: tuple[int, int] = (14, 3)  # warn, then alarm
    certificate_days: tuple[int, int] = (30, 7)
    disk_octets: int = 500_000_000
    backup_age: timedelta = timedelta(hours=48)
    mail_failing: timedelta = timedelta(minutes=30)
    webhook_failing: timedelta = timedelta(minutes=30)
    legacy_days: int = 14
    at_work: Callable[[datetime], bool] = lambda _now: True  # are these working hours


Rule = Callable[[Facts, Thresholds], Iterator[Finding]]
