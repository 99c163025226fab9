"""The composition root: builds the rooms, plugs them together, starts and stops them. Only this module sees every room."""

import logging
import os
import signal
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from omsmodem import entrance, front_door
from omsmodem.accounts import Accounts
from omsmodem.config import Config
from omsmodem.control import ControlServer
from omsmodem.facts import plain
from omsmodem.fleet import Fleet, Surroundings
from omsmodem.https.mount import Mount
from omsmodem.intake import Intake, Limits, QuietHours
from omsmodem.lookout import Lookout
from omsmodem.notify import notify, watchdog_s
from omsmodem.numbers import NumberPolicy
from omsmodem.periods import DailyHours, utc_now, zone_of
from omsmodem.side_doors import SideDoors
from omsmodem.store import Store, open_store
from omsmodem.store.backup import check_at_start
from omsmodem.store.errors import StoreError
from omsmodem.store.turn import service_of
from omsmodem.watchdog import Watchdog
from omsmodem.way_back import WayBack
from omsmodem.worker import Clocks

_log = logging.getLogger(__name__)


def build_intake(
    config: Config,
    store: Store,
    nudge: Callable[[], None],
    accounts: Accounts | None = None,
    ready: Callable[[], bool] = lambda: True,
    clock: Callable[[], datetime] = utc_now,
) -> Intake:
    """The gate over `store`, with the limits and number rules of the configuration."""
    quiet = config.quiet_hours
    return Intake(
        accounts or Accounts(config.storage.accounts),
        store.accepting,
        numbers=_number_policy(config),
        limits=_limits(config),
        quiet=QuietHours(DailyHours.parse(quiet.hours), quiet.action) if quiet.hours else None,
        properties=front_door.properties(config) if config.service.announce_changes else b"",
        clock=clock,
        ready=ready,
        nudge=nudge,
        reply_phone=next((modem.number for modem in config.modems if modem.number), ""),
        language=config.service.language,
        count_refused=partial(_count_refused, store, clock),
    )


def _count_refused(store: Store, clock: Callable[[], datetime], refused: int) -> None:
    """What was accepted beside them is on disk (law 1), and its sender is told so whether or not this can be counted."""
    try:
        store.overview.count("refused", refused, clock())
    except StoreError as error:
        _log.warning("%d refusals were not counted: %s", refused, error)


def _number_policy(config: Config) -> NumberPolicy:
    numbers = config.numbers
    return NumberPolicy(
        country=numbers.country,
        countries_allowed=frozenset(numbers.countries_allowed or filter(None, [numbers.country])),
        deny_prefixes=numbers.deny_prefixes,
        allow_prefixes=numbers.allow_prefixes,
        short_codes=frozenset(numbers.short_codes),
        require_mobile=numbers.require_mobile,
    )


def _limits(config: Config) -> Limits:
    limits, sending = config.limits, config.sending
    return Limits(
        recipients_per_message=limits.recipients_per_message,
        texts_per_send=limits.texts_per_send,
        texts_per_calendar_summary=limits.texts_per_calendar_summary,
        segments_per_text=limits.segments_per_text,
        segments_per_minute=limits.segments_per_minute,
        segments_per_day=limits.segments_per_day,
        segments_per_month=limits.segments_per_month,
        all_segments_per_day=limits.all_segments_per_day,
        validity=timedelta(hours=sending.validity_hours),
        duplicate_window=timedelta(seconds=sending.duplicate_seconds),
        duplicate_window_with_ids=timedelta(seconds=sending.duplicate_seconds_with_ids),
        scheduling=limits.scheduling,
        transliterate=limits.transliterate,
        zone=zone_of(config.limits.timezone),
    )


class Application:
    """The running service: HTTPS listener, modem workers and control socket over one store."""

    def __init__(self, config: Config, clocks: Clocks | None = None) -> None:
        self.config = config
        self._clocks = clocks or Clocks(now=utc_now)
        self._started_at = self._clocks.now()
        check_at_start(config.storage.database)
        self.store = open_store(config.storage.database, self._clocks.now)
        self.accounts = entrance.build_accounts(config)
        self.accounts.all()  # a file that cannot be read must not pass for one without accounts
        self.intake = build_intake(
            config, self.store, self.nudge, self.accounts, self._takes_messages, self._clocks.now
        )
        zone, now = zone_of(config.limits.timezone), self._clocks.now
        self.way_back = WayBack(config, self.store, self.accounts, self.intake.submit_local, zone, clock=now)
        around = Surroundings(self.store, self.accounts, zone, self._clocks, self.way_back.reception)
        self.fleet = Fleet(config, around)
        self.lookout = Lookout(
            config,
            self.store,
            self.accounts,
            self.intake,
            self._modem_states,
            zone,
            clock=now,
            nudge=self.nudge,
        )
        self.side_doors = SideDoors(config, self.store, self.intake, self.accounts, self.lookout.condition, clock=now)
        self.https = entrance.build_https(config, self._mount())
        self._control = ControlServer(
            config.storage.control_socket,
            {
                "nudge": self._nudged,
                "status": self._modem_states,
                "throttle": self._paused,
                "throttle-clear": self._unpaused,
                "reload": self._reloaded,
                **self.fleet.commands(),
            },
        )

    def start(self) -> None:
        """Open the doors, then the modems."""
        self.https.start()
        self._control.start()
        self.way_back.spool.start()
        self.side_doors.start()
        self.fleet.start()
        self.lookout.caretaker.start()
        _log.info("serving %s on port %d", self.config.service.uri, self.https.port)

    def stop(self) -> None:
        """HTTPS drains, workers finish the segment in hand, the mail in hand is handed over, the store closes."""
        self.https.stop()
        self.lookout.caretaker.stop()
        self.side_doors.stop()
        self.fleet.stop()
        self.way_back.spool.stop()
        self._control.close()
        self.store.close()

    def watchdog(self) -> Watchdog:
        """What tells the service manager, if it wants to know, that every part of the service lives."""
        probes = {"https": self.https.alive, "modems": lambda: self.fleet.alive, "store": self.store.write}
        return Watchdog(watchdog_s(), probes, partial(notify, "WATCHDOG=1"))

    def reload_certificate(self) -> str:
        """Take the certificate files anew; on any fault the old certificate stays, and why is returned."""
        return entrance.reload_certificate(self.https, self.config) or self.side_doors.reload_certificate()

    def _reloaded(self) -> object:
        return {"problem": self.reload_certificate()}

    def _takes_messages(self) -> bool:
        """Law 5 lets no modem decide this, unless the operator wants it to."""
        return self.config.sending.without_modem == "queue" or self.fleet.ready

    def nudge(self) -> None:
        """Wake every worker."""
        self.fleet.nudge()

    def _nudged(self) -> object:
        self.nudge()
        self.way_back.spool.nudge()
        return {"nudged": len(self.fleet.workers)}

    def _paused(self) -> object:
        return {"paused": self.accounts.throttle.paused()}

    def _unpaused(self) -> object:
        self.accounts.throttle.clear()
        return self._paused()

    def _modem_states(self) -> dict[str, Any]:
        return {
            "started_at": self._started_at.isoformat(),
            "pid": os.getpid(),
            "modems": [plain(modem) for modem in self.fleet.facts()],
            "mail": plain(self.way_back.spool.status),
            "doors_down": self.side_doors.down(),
            "certificate": plain(self.https.certificate),
            "clients": entrance.clients(self.https, self.accounts),
        }

    def _mount(self) -> Mount:
        """Which application answers which path."""
        front = front_door.pages(self.config, self.intake, self.store.registrations, self._clocks.now)
        return Mount({**front, **self.side_doors.pages(), **self.lookout.monitors()}, self.lookout.pages())


def serve(
    config: Config,
    signals: Sequence[signal.Signals] = (signal.SIGTERM, signal.SIGINT),
    clocks: Clocks | None = None,
) -> None:
    """Run the service until a signal says stop; SIGHUP reloads the certificate. Raises StoreBusy where another one runs."""
    with service_of(config.storage.database.parent):
        _serve(Application(config, clocks), signals)


def _serve(application: Application, signals: Sequence[signal.Signals]) -> None:
    wake = threading.Event()
    asked: list[int] = []

    def note(number: int, _frame: object) -> None:
        asked.append(number)
        wake.set()

    for number in (*signals, signal.SIGHUP):
        signal.signal(number, note)
    watchdog = application.watchdog()
    try:
        application.start()
        watchdog.start()
        notify(f"READY=1\nSTATUS=serving {application.config.service.uri}")
        while not any(number in signals for number in asked):
            wake.wait()
            wake.clear()
            if signal.SIGHUP in asked:
                asked.remove(signal.SIGHUP)
                application.reload_certificate()
    finally:
        notify("STOPPING=1")
        _log.info("stopping: the segment in hand is finished first")
        watchdog.stop()
        application.stop()
