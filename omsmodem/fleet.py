"""The modems of the service: builds a worker for each, tells how they are, carries out what a person says about them."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, replace
from datetime import timedelta, tzinfo
from functools import partial
from typing import Any, TypeVar

from omsmodem.accounts import AccountError, Accounts
from omsmodem.config import Config, ModemConfig, read_secret
from omsmodem.facts import ModemFacts
from omsmodem.modem import ask
from omsmodem.modem.discovery import Finder
from omsmodem.modem.errors import ModemError
from omsmodem.modem.gsm import Gsm, Setup
from omsmodem.modem.serial_port import open_port
from omsmodem.modem.session import Session, without_secret
from omsmodem.modem.sim import PinMemory, Unlock
from omsmodem.policy.choice import Claim
from omsmodem.store import Control, Store
from omsmodem.worker import Caps, Care, Clocks, Reception, Sending, Switchboard, Watching, Worker, hook
from omsmodem.worker.status import ModemState

_log = logging.getLogger(__name__)

T = TypeVar("T")

#: An errand waits for the segment in hand.
_ERRAND_TIMEOUT_S = 30.0
_AT_TIMEOUT_S = 20.0


class NoSuchModem(ValueError):
    """No modem of this name is configured."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the workers need of the rest of the service."""

    store: Store
    accounts: Accounts
    zone: tzinfo
    clocks: Clocks
    reception: Reception | None = None


class Fleet:
    """Every configured modem and its worker."""

    def __init__(self, config: Config, around: Surroundings) -> None:
        self._config = config
        self._around = around
        claims = {modem.name: _claim(modem) for modem in config.modems}
        board = Switchboard(claims, failover_s=config.sending.failover_seconds, monotonic=around.clocks.monotonic)
        self._finders = [finder(modem) for modem in config.modems]
        self.workers = [
            self._worker(modem, finds, board) for modem, finds in zip(config.modems, self._finders, strict=True)
        ]

    def _worker(self, modem: ModemConfig, finds: Finder, board: Switchboard) -> Worker:
        around = self._around
        worker = Worker(
            modem.name,
            finds.open,
            around.store,
            sending(self._config, around.accounts),
            care=Care(
                setup=replace(modem_setup(modem, around.store.modems), line=lambda: finds.line),
                caps=Caps(modem.segments_per_minute, modem.segments_per_day, modem.segments_per_month, around.zone),
                watching=Watching(modem.balance_code, modem.balance_hours * 3600),
                hook=_hook(modem, lambda: worker.stopping) if modem.recovery_hook else None,
            ),
            reception=around.reception,
            switchboard=board,
            clocks=around.clocks,
        )
        return worker

    def start(self) -> None:
        """Settle what an earlier run left, then start every worker; the modems may be missing."""
        evidence = timedelta(seconds=self._config.sending.evidence_seconds)
        store, clock = self._around.store, self._around.clocks.now
        queued, doubtful = store.outbox.recover(clock() + evidence)
        store.evidence.orphan_doubts(frozenset(worker.name for worker in self.workers))
        if queued or doubtful:
            _log.warning("recovered after an unclean end: queued again=%d in doubt=%d", queued, doubtful)
        for worker in self.workers:
            worker.start()
        if not self.workers:
            _log.warning("no modem is configured: messages are accepted and wait")

    def stop(self) -> None:
        """Let every worker finish the segment in hand."""
        for worker in self.workers:
            worker.tell_to_stop()
        for worker in self.workers:
            worker.stop()

    def nudge(self) -> None:
        """Wake every worker: there is something to do."""
        for worker in self.workers:
            worker.nudge()

    @property
    def alive(self) -> bool:
        """Whether every worker's thread runs and has come round lately."""
        return all(worker.fresh for worker in self.workers)

    @property
    def ready(self) -> bool:
        """Whether any modem can send."""
        return any(worker.status.state is ModemState.READY for worker in self.workers)

    def facts(self) -> list[ModemFacts]:
        """How each modem is."""
        known = zip(self.workers, self._config.modems, self._finders, strict=True)
        return [facts_of(worker, modem, finds.restless) for worker, modem, finds in known]

    # -- what a person says -----------------------------------------------------------------------------------------

    def commands(self) -> Mapping[str, Callable[..., object]]:
        """The commands of the control socket that are about modems."""
        return {
            "modem-hold": partial(self._say, Control.HELD),
            "modem-drain": partial(self._say, Control.DRAINING),
            "modem-open": partial(self._say, Control.OPEN),
            "modem-reset": self._reset,
            "modem-at": self._at,
        }

    def _say(self, control: Control, *, name: str, by: str) -> object:
        worker = self._named(name)
        self._around.store.modems.say(name, control, by)
        worker.nudge()
        return {"modem": name, "control": control}

    def _reset(self, *, name: str, by: str) -> object:
        """Restart a modem (+CFUN=1,1) between two segments."""
        worker = self._named(name)
        self._around.store.audit.note(by, "reset", f"modem {name}")
        return _outcome(worker.errand(lambda gsm, _session: gsm.reset()), {"modem": name, "reset": True})

    def _at(self, *, name: str, line: str, by: str) -> object:
        """Ask a modem one AT command between two segments."""
        worker = self._named(name)
        if not line.upper().startswith("AT") or ask.prompts(line):
            return {"error": "one AT command that needs no prompt, please"}
        self._around.store.audit.note(by, "at", f"modem {name}", without_secret(line))
        return _outcome(worker.errand(partial(_ask, line)), {"modem": name})

    def _named(self, name: str) -> Worker:
        for worker in self.workers:
            if worker.name == name:
                return worker
        known = ", ".join(worker.name for worker in self.workers) or "none"
        raise NoSuchModem(f"no modem {name!r} is configured; there are: {known}")


def _ask(line: str, _gsm: Gsm, session: Session) -> list[str]:
    return ask.verbatim(session, line, timeout_s=_AT_TIMEOUT_S)


def _outcome(future: "Future[T]", done: dict[str, Any]) -> object:
    try:
        result = future.result(_ERRAND_TIMEOUT_S)
    except FutureTimeout:
        future.cancel()
        return {"error": "the modem is busy with a segment; try again in a while"}
    except ModemError as error:
        return {"error": str(error)}
    return done if result is None else {**done, "lines": result}


# -- from the configuration -------------------------------------------------------------------------------------------


def sending(config: Config, accounts: Accounts) -> Sending:
    """How messages are sent."""
    keys = config.sending
    return Sending(
        evidence_window=timedelta(seconds=keys.evidence_seconds),
        retry_ladder=tuple(timedelta(minutes=minutes) for minutes in keys.retry_minutes),
        resend=lambda account: _resends(accounts, account, keys.when_uncertain),
    )


def _resends(accounts: Accounts, name: str, default: str) -> bool:
    """Whether a doubt of an account is settled by sending again; where nobody knows, a person decides."""
    try:
        account = accounts.get(name)
    except AccountError as error:
        _log.error("a doubt of account=%r is left to a person: %s", name, error)
        return False
    choice = account.when_uncertain if account is not None else ""
    return (choice or default) == "resend"


def _claim(modem: ModemConfig) -> Claim:
    return Claim(modem.prefixes, frozenset(name.casefold() for name in modem.accounts), modem.weight)


def finder(modem: ModemConfig) -> Finder:
    """What finds the port of a configured modem."""
    return Finder(device=modem.device, imei=modem.imei, open_=partial(open_port, baudrate=modem.baudrate))


def modem_setup(modem: ModemConfig, memory: PinMemory | None = None) -> Setup:
    """How a configured modem is brought up; without `memory` a PIN is remembered for as long as the process runs."""
    pin = read_secret(modem.pin_file, "modems.pin_file").strip() if modem.pin_file is not None else None
    return Setup(
        unlock=Unlock(pin) if memory is None else Unlock(pin, memory),
        roaming_allowed=modem.roaming,
        service_centre=modem.service_centre,
        storage=None if modem.message_storage == "auto" else modem.message_storage,
    )


def _hook(modem: ModemConfig, stopping: Callable[[], bool]) -> Callable[[str], str]:
    def run(reason: str) -> str:
        environment = {"OMSMODEM_MODEM": modem.name, "OMSMODEM_REASON": reason}
        return hook.run(modem.recovery_hook, environment, timeout_s=modem.recovery_hook_seconds, stopping=stopping)

    return run


# -- for people -------------------------------------------------------------------------------------------------------


def facts_of(worker: Worker, modem: ModemConfig, restless: str = "") -> ModemFacts:
    """What is known of one modem; `restless` says what its comings and goings mean."""
    status = worker.status
    used = worker.spent() if status.state is ModemState.READY else {}
    (today, day_cap), (month, month_cap) = used.get("day", (None, 0)), used.get("month", (None, 0))
    return ModemFacts(
        name=worker.name,
        state=status.state,
        detail=status.detail,
        since=status.since,
        reason=status.reason,
        held=status.word.control is not Control.OPEN,
        device=modem.device or "",
        model=f"{status.identity.manufacturer} {status.identity.model}".strip() if status.identity else "",
        imei=status.identity.imei if status.identity else "",
        operator=status.operator.name if status.operator else "",
        registration=status.registration.words if status.registration else "",
        access=status.registration.technology if status.registration else "",
        signal_dbm=status.strength.dbm if status.strength else None,
        signal=status.strength.words if status.strength else "",
        weak_since=status.weak_since,
        sim=status.identity.iccid if status.identity else "",
        service_centre=status.service_centre or None,
        storage_used=status.fill.used if status.fill else None,
        storage_size=status.fill.total if status.fill else None,
        refusals_in_a_row=status.refusals_in_a_row,
        seconds_per_segment=status.seconds_per_segment,
        balance=status.balance,
        spent_today=today,
        limit_today=day_cap or None,
        spent_month=month,
        limit_month=month_cap or None,
        steps={str(step): count for step, count in status.steps.items()},
        given_up=status.given_up,
        restless=restless,
    )
