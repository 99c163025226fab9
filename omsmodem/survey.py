"""The facts of the service, gathered from its store, its files and its running process: for status, pages, alarms, metrics."""

import ctypes
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from omsmodem import __version__
from omsmodem.accounts import Account, AccountError, Accounts
from omsmodem.config import Config
from omsmodem.facts import AccountFacts, CertificateFacts, ClientFacts, Facts, MailFacts, ModemFacts, QuotaFacts, read
from omsmodem.health import Thresholds
from omsmodem.message import NoticeState, Quota, Reason
from omsmodem.periods import WorkingHours, day_start, month_start
from omsmodem.store import Store
from omsmodem.store.backup import newest_backup

#: Limits are sums over the messages of a day; they are added up again no more often than this.
_QUOTAS_KEPT_S = 30.0
#: adjtimex(2): the clock is not synchronised.
_TIME_ERROR = 5
_SYSTEMD = Path("/run/systemd")

#: What only the running service knows, as plain JSON values; None when it does not run.
Live = Callable[[], Mapping[str, Any] | None]
_Spending = tuple[tuple[QuotaFacts, ...], tuple[AccountFacts, ...]]


class Survey:
    """Gathers facts. `live` asks the running service, which may be this process or another one.

    What the certificate says is known to a running service; where none runs, `read_certificate` looks into the file.
    """

    def __init__(
        self,
        config: Config,
        store: Store,
        live: Live,
        zone: tzinfo,
        *,
        read_certificate: Callable[[Path], CertificateFacts] = lambda _: CertificateFacts(),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config
        self._store = store
        self._live = live
        self._zone = zone
        self._read_certificate = read_certificate
        self._monotonic = monotonic
        self._accounts = Accounts(config.storage.accounts)
        self._spending: tuple[float, _Spending] | None = None

    def facts(self, now: datetime) -> Facts:
        """How the service is at `now`. Raises StoreError."""
        overview, config, live = self._store.overview, self._config, self._live()
        known = live or {}
        quotas, accounts = self._spent(now)
        return Facts(
            now=now,
            version=__version__,
            uri=config.service.uri,
            running=live is not None,
            started_at=datetime.fromisoformat(known["started_at"]) if "started_at" in known else None,
            pid=known.get("pid"),
            modems=tuple(read(ModemFacts, modem) for modem in known.get("modems", ())),
            ledger=self._store.history.ledger(),
            queue=overview.queue(now),
            today=overview.counts(day_start(now, self._zone)),
            quotas=quotas,
            accounts=accounts,
            certificate=self._certificate(known),
            mail=self._mail(known.get("mail", {})),
            webhooks=tuple(hook for hook in self._store.webhooks.failing() if hook.name in self._hooks()),
            doors_down=tuple(known.get("doors_down", ())),
            clients=read(ClientFacts, known.get("clients", {})),
            errors=overview.errors(),
            disk_free_octets=_free(config.storage.database.parent),
            newest_backup=newest_backup(config.backup.directory),
            backups_wanted=bool(config.backup.at),
            first_message_at=overview.first_message_at(),
            clock_synchronised=clock_synchronised(),
            sim_expires=_midnight(config.alarms.sim_expires),
            legacy_until=_midnight(config.legacy_listener.until) if config.legacy_listener.port else None,
        )

    def thresholds(self) -> Thresholds:
        """From where on the configuration wants an alarm."""
        alarms = self._config.alarms
        hours = WorkingHours.parse(alarms.working_hours)
        return Thresholds(
            queue_wait=timedelta(minutes=alarms.queue_minutes),
            failures_percent=alarms.failures_percent,
            quota_percent=alarms.quota_percent,
            balance_below=alarms.balance,
            disk_octets=alarms.disk_free_mb * 1_000_000,
            at_work=lambda now: hours.include(now, self._zone),
        )

    def _mail(self, known: Mapping[str, Any]) -> MailFacts:
        """What the store knows of mails, and what only the running service knows."""
        notices = self._store.notices
        waiting, kept = notices.count(NoticeState.WAITING), notices.count(NoticeState.KEPT)
        return replace(read(MailFacts, known), waiting=waiting, kept=kept)

    def _certificate(self, known: Mapping[str, Any]) -> CertificateFacts:
        if "certificate" in known:
            return read(CertificateFacts, known["certificate"])
        return self._read_certificate(self._config.tls.certificate)

    def _hooks(self) -> set[str]:
        return {hook.name for hook in self._config.webhooks}

    def _spent(self, now: datetime) -> _Spending:
        if self._spending is None or self._monotonic() - self._spending[0] > _QUOTAS_KEPT_S:
            self._spending = (self._monotonic(), self._add_up(now))
        return self._spending[1]

    def _add_up(self, now: datetime) -> _Spending:
        overview, most = self._store.overview, self._config.limits.all_segments_per_day
        midnight = day_start(now, self._zone)
        quotas = (QuotaFacts("all accounts today", overview.spent(Quota(Reason.BUSY, midnight, most)), most),)
        today, month = overview.spent_by_account(midnight), overview.spent_by_account(month_start(now, self._zone))
        return (quotas if most else ()), self._accounts_that_spend(today, month)

    def _accounts_that_spend(self, today: Mapping[str, int], month: Mapping[str, int]) -> tuple[AccountFacts, ...]:
        """What accounts spent, of their own limits or the service's; whoever spent most today is first."""
        found = []
        for account in self._known_accounts():
            a_day, a_month = limits_of(account, self._config)
            one = AccountFacts(account.name, today.get(account.name, 0), a_day, month.get(account.name, 0), a_month)
            if one.month or a_day or a_month:
                found.append(one)
        return tuple(sorted(found, key=lambda one: (-one.today, -one.month, one.name)))

    def _known_accounts(self) -> list[Account]:
        try:
            return self._accounts.all()
        except AccountError:
            return []


def limits_of(account: Account, config: Config) -> tuple[int, int]:
    """Segments an account may send a day and a month; 0 is no limit."""
    own = (account.segments_per_day, account.segments_per_month)
    general = (config.limits.segments_per_day, config.limits.segments_per_month)
    a_day, a_month = (theirs if mine is None else mine for mine, theirs in zip(own, general, strict=True))
    return a_day, a_month


def clock_synchronised() -> bool | None:
    """Whether something keeps this machine's clock right; None where that cannot be found out, as in a container."""
    if not (_SYSTEMD / "system").exists():
        return None
    if (_SYSTEMD / "timesync" / "synchronized").exists():
        return True
    timex = ctypes.create_string_buffer(256)  # struct timex with modes = 0: ask only
    try:
        answer = ctypes.CDLL(None, use_errno=True).adjtimex(timex)
    except (OSError, AttributeError):
        return None
    return None if answer < 0 else bool(answer != _TIME_ERROR)


def _free(directory: Path) -> int | None:
    try:
        return shutil.disk_usage(directory).free
    except OSError:
        return None


def _midnight(day: date | None) -> datetime | None:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) if day is not None else None
