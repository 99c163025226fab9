"""Builds what looks after the service and shows it: survey, health, pages, metrics, alarms and the chores of the day."""

import logging
import threading
from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta, tzinfo
from time import monotonic
from typing import Protocol

from omsmodem import health
from omsmodem.accounts import Account, AccountError, Accounts
from omsmodem.addresses import AddressList
from omsmodem.caretaker import Alarming, Caretaker, Daily
from omsmodem.config import Config
from omsmodem.facts import Condition, Level, worst
from omsmodem.https.mount import Deferred
from omsmodem.message import Door, Profile, Receipt, Refusal, Submission
from omsmodem.metrics import Healthz, Metrics
from omsmodem.store import Store
from omsmodem.store.backup import make_backup, newest_backup
from omsmodem.store.errors import StoreError
from omsmodem.survey import Live, Survey

_log = logging.getLogger(__name__)

METRICS_PATH, HEALTHZ_PATH = "/metrics", "/healthz"
#: Anybody may ask for /healthz as often as they like; the service is looked at no more often than this.
_HEALTHZ_KEPT_S = 5.0
_PURGE_AT = time(3, 30)


class Gate(Protocol):
    """The gate that every message passes."""

    def identify(self, user: str, password: str, source: str) -> Profile | Refusal:
        """Say who a user is."""

    def submit_local(self, submission: Submission) -> Receipt:
        """Accept from a door on this machine."""


class Lookout:
    """Everything about the service that is for the person who looks after it."""

    def __init__(
        self,
        config: Config,
        store: Store,
        accounts: Accounts,
        gate: Gate,
        live: Live,
        zone: tzinfo,
        *,
        clock: Callable[[], datetime],
        nudge: Callable[[], None],
    ) -> None:
        self._config = config
        self._store = store
        self._accounts = accounts
        self._gate = gate
        self._zone = zone
        self._clock = clock
        self._nudge = nudge
        self._survey = Survey(config, store, live, zone)
        self._looking = threading.Lock()
        self._level: tuple[float, Level] = (float("-inf"), Level.OK)
        self._purged: datetime | None = None
        self.caretaker = Caretaker(self.condition, self._alarming(), self._chores(), clock)

    def condition(self) -> Condition:
        """How the service is now, and what that means. Raises StoreError."""
        facts = self._survey.facts(self._clock())
        findings = health.examine(facts, self._survey.thresholds())
        return Condition(facts, findings, health.why_it_waits(facts), health.time_to_go(facts))

    # -- pages --------------------------------------------------------------------------------------------------------

    def pages(self) -> Callable[..., Iterable[bytes]] | None:
        """The pages for a browser, where they are wanted."""
        return Deferred(self._make_pages) if self._config.web.enabled else None

    def _make_pages(self) -> Callable[..., Iterable[bytes]]:
        from omsmodem.web import House, WebApplication

        house = House(
            self._store,
            self.condition,
            sign_in=self._sign_in,
            account=self._accounts.get,
            accounts=self._accounts.all,
            clock=self._clock,
            zone=self._zone,
            validity=timedelta(hours=self._config.sending.validity_hours),
            show_text=self._config.web.show_text,
            nudge=self._nudge,
        )
        return WebApplication(house, idle_s=self._config.web.session_minutes * 60)

    def monitors(self) -> dict[str, Callable[..., Iterable[bytes]]]:
        """What other programs ask, by path."""
        found: dict[str, Callable[..., Iterable[bytes]]] = {HEALTHZ_PATH: Healthz(self._worst)}
        if self._config.metrics.enabled:
            allowed = AddressList.parse(self._config.metrics.allow_from)
            found[METRICS_PATH] = Metrics(
                self.condition, self._store.overview.counts, allowed.__contains__, self._is_operator
            )
        return found

    def _worst(self) -> Level:
        with self._looking:
            looked, level = self._level
            if monotonic() - looked > _HEALTHZ_KEPT_S:
                try:
                    level = worst(self.condition().findings)
                except StoreError as error:
                    _log.error("the service could not be looked at: %s", error)
                    level = Level.FAIL
                self._level = (monotonic(), level)
            return level

    def _sign_in(self, name: str, password: str, address: str) -> str | None:
        who = self._gate.identify(name, password, address)
        return who.account if isinstance(who, Profile) else None

    def _is_operator(self, name: str, password: str, address: str) -> bool:
        try:
            known = self._sign_in(name, password, address)
            account = self._accounts.get(known) if known is not None else None
        except AccountError as error:
            _log.error("nobody is known as an operator: %s", error)
            return False
        return account is not None and account.operator

    # -- alarms and chores --------------------------------------------------------------------------------------------

    def _alarming(self) -> Alarming:
        text = self._text if self._config.alarms.sms_to else None
        return Alarming(self._store.alarms, text, mails_at_all=bool(self._config.mail.host))

    def _text(self, words: str) -> None:
        """Send an alarm by SMS, as messages of an account like any other."""
        try:
            sender = self._sender()
            if sender is None:
                _log.error("no alarm was texted: there is no operator; alarms.sms_account names an account")
                return
            receipt = self._gate.submit_local(
                Submission(sender.name, Door.ALARM, self._config.alarms.sms_to, (words,), client="alarm")
            )
        except AccountError as error:
            _log.error("no alarm was texted: %s", error)
            return
        for refusal in receipt.refused:
            _log.error("an alarm was not texted: %s %s", refusal.reason, refusal.detail)

    def _sender(self) -> Account | None:
        if self._config.alarms.sms_account:
            return self._accounts.get(self._config.alarms.sms_account)
        return next((account for account in self._accounts.all() if account.operator and account.enabled), None)

    def _chores(self) -> list[Daily]:
        chores = [Daily("purge", _PURGE_AT, self._zone, lambda: self._purged, self._purge, self._failed)]
        if self._config.backup.at:
            at, directory = time.fromisoformat(self._config.backup.at), self._config.backup.directory
            chores.append(
                Daily("backup", at, self._zone, lambda: newest_backup(directory), self._back_up, self._failed)
            )
        return chores

    def _back_up(self) -> None:
        backup, storage = self._config.backup, self._config.storage
        made = make_backup(storage.database, backup.directory, self._clock(), backup.keep, (storage.accounts,))
        _log.info("backup made: %s", made)

    def _purge(self) -> None:
        keep = self._config.retention
        erased = self._store.retention.purge(
            texts=timedelta(days=keep.text_days),
            records=timedelta(days=keep.record_days),
            acts=timedelta(days=keep.audit_days),
        )
        self._purged = self._clock()
        if erased.texts or erased.records:
            _log.info("erased texts=%d records=%d", erased.texts, erased.records)

    def _failed(self, subject: str, why: str) -> None:
        self._store.alarms.report(f"chore:{subject}", subject, why)
