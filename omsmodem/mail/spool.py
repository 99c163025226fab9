"""The thread that hands mails to the mail server. It waits for what is due next, or for a nudge, and polls nothing.

A mail is marked begun before it is handed over and sent after the server took it, so a kill in between repeats it with the
same Message-ID. A mail the server does not take waits by itself; a server that is down is tried with growing pauses, and
nothing else waits for it.
"""

import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from omsmodem import killpoints
from omsmodem.accounts import AccountError
from omsmodem.mail.composer import Composer
from omsmodem.mail.errors import Deferred, Dropped, NobodyToTell, Rejected, RelayDown
from omsmodem.mail.letter import Mail
from omsmodem.mail.relay import Conversation, Relay
from omsmodem.message import Answer, MailNotice, NoticeKind
from omsmodem.store import Sorting, Store
from omsmodem.store.errors import StoreClosed, StoreError

_log = logging.getLogger(__name__)

#: A clock that is set jumps past moments: they are looked at anew this often.
LONGEST_WAIT_S = 600.0
#: Connections that ended in the middle of so many different mails in a row: it is the server, not the mails.
DROPS_IN_A_ROW = 3
_FAULT_PAUSE_S = 30.0
_BATCH = 50


def _no_answer(_number: str, _answer: Answer) -> None:
    return None


@dataclass(frozen=True, slots=True)
class SpoolSettings:
    """How long what waits."""

    gather: timedelta = timedelta(seconds=60)
    incomplete: timedelta = timedelta(hours=1)
    retry: Sequence[timedelta] = field(default_factory=lambda: (timedelta(minutes=1), timedelta(minutes=15)))
    give_up: timedelta = timedelta(hours=120)
    most_waiting: int = 10_000


@dataclass(frozen=True, slots=True)
class SpoolStatus:
    """How the mail server does, for people."""

    failing_since: datetime | None = None
    last_error: str = ""


class Spool:
    """Sends what is due, gives up what waits in vain, reminds of alarms. Without a relay mails are kept, not sent."""

    def __init__(
        self,
        store: Store,
        composer: Composer,
        relay: Relay | None,
        settings: SpoolSettings,
        sorting: Sorting,
        *,
        answer: Callable[[str, Answer], None] = _no_answer,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.status = SpoolStatus()
        self._store = store
        self._composer = composer
        self._relay = relay
        self._settings = settings
        self._sorting = sorting
        self._answer = answer
        self._clock = clock
        self._monotonic = monotonic
        self._failures = 0
        self._drops = 0
        self._relay_at = 0.0
        self._conversation: Conversation | None = None
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mail", daemon=True)

    def start(self) -> None:
        """Start the thread; the mail server may be down."""
        self._thread.start()

    def nudge(self) -> None:
        """Wake the thread: there may be something to send. Any thread may call this."""
        self._wake.set()

    def stop(self, timeout_s: float = 10.0) -> None:
        """End the thread; a mail that is still being handed over after that time is cut off and sent again later."""
        self._stopping.set()
        self._wake.set()
        if not self._thread.is_alive():
            return
        self._thread.join(timeout_s)
        conversation = self._conversation
        if self._thread.is_alive() and conversation is not None:
            conversation.abort()
            self._thread.join(timeout_s)

    # -- the thread -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                self.work()
                wait_s = self.idle_s()
            except StoreClosed:
                return
            except Exception:  # noqa: BLE001 - a mail thread that dies silently is a fault nobody sees
                _log.exception("mail: unexpected fault; going on in %d s", _FAULT_PAUSE_S)
                wait_s = _FAULT_PAUSE_S
            self._wake.wait(wait_s)

    def work(self) -> None:
        """Do everything that is due, once."""
        self._tend()
        try:
            self._send_due()
        finally:
            self._hang_up()

    def idle_s(self) -> float:
        """Seconds until there is next something to do."""
        now = self._clock()
        moments = [
            self._store.notices.next_closing(self._settings.gather),
            self._store.inbox.next_moment(self._settings.incomplete),
            self._store.alarms.next_moment(),
        ]
        waits = [(moment - now).total_seconds() for moment in moments if moment is not None]
        due = self._store.notices.next_due()
        if due is not None:
            waits.append(max((due - now).total_seconds(), self._relay_at - self._monotonic()))
        return min(max(min(waits, default=LONGEST_WAIT_S), 0.0), LONGEST_WAIT_S)

    def _tend(self) -> None:
        settings = self._settings
        for added in self._store.inbox.give_up_incomplete(settings.incomplete, self._sorting):
            if added.message is not None and added.answer is not None:
                self._answer(added.message.originator, added.answer)
        self._store.notices.close_gathered(settings.gather)
        self._store.alarms.remind()
        for notice in self._store.notices.give_up(settings.give_up):
            self._tell_operator(notice, notice.last_error or self.status.last_error)
        surplus = self._store.notices.bound(settings.most_waiting)
        if surplus:
            _log.error("mail: more than %d mails wait; %d were kept back", settings.most_waiting, surplus)

    # -- sending ----------------------------------------------------------------------------------------------------

    def _send_due(self) -> None:
        while not self._stopping.is_set() and self._monotonic() >= self._relay_at:
            due = self._store.notices.due(_BATCH)
            if not due:
                return
            for notice in due:
                if self._stopping.is_set():
                    return
                try:
                    self._handle(notice)
                except RelayDown as error:
                    self._relay_failed(str(error))
                    return

    def _handle(self, notice: MailNotice) -> None:
        """Send one mail, or record why not. Raises RelayDown."""
        if self._relay is None:
            self._store.notices.keep(notice.id, "no mail server is configured (mail.host)")
            return
        try:
            mail = self._composer.compose(notice)
            conversation = self._dial(self._relay)
            self._hand_over(notice, mail, conversation)
        except (RelayDown, StoreError):
            raise
        except AccountError as error:
            self._defer(notice, Deferred(str(error)))
        except (NobodyToTell, Rejected) as error:
            self._keep(notice, str(error))
        except Deferred as error:
            self._defer(notice, error)
        except Exception as error:  # noqa: BLE001 - one mail that cannot be written must not stop the others
            _log.exception("mail=%d cannot be written", notice.id)
            self._keep(notice, f"fault of this program: {error!r}")

    def _dial(self, relay: Relay) -> Conversation:
        if self._conversation is None:
            self._conversation = relay.open()
        return self._conversation

    def _hand_over(self, notice: MailNotice, mail: Mail, conversation: Conversation) -> None:
        self._store.notices.begin(notice.id)
        killpoints.reach("mail.begun")
        conversation.send(mail)
        killpoints.reach("mail.sent")
        self._store.notices.mark_sent(notice.id)
        killpoints.reach("mail.marked")
        _log.info("mail=%d kind=%s sent attempts=%d", notice.id, notice.kind, notice.attempts + 1)
        if self._failures:
            _log.info("mail: the mail server takes mails again")
        self._failures = self._drops = 0
        self.status = SpoolStatus()

    def _hang_up(self) -> None:
        if self._conversation is not None:
            self._conversation.close()
            self._conversation = None

    def _defer(self, notice: MailNotice, error: Deferred) -> None:
        ladder = self._settings.retry
        pause = ladder[min(notice.attempts, len(ladder) - 1)]
        jitter = 1 + random.random() / 5  # noqa: S311 - spreads retries, guards nothing
        self._store.notices.retry(notice.id, str(error), self._clock() + pause * jitter)
        _log.warning("mail=%d not taken for now: %s", notice.id, error)
        if isinstance(error, Dropped):
            self._hang_up()
            self._drops += 1
            if self._drops >= DROPS_IN_A_ROW:
                raise RelayDown(str(error))

    def _keep(self, notice: MailNotice, why: str) -> None:
        self._store.notices.keep(notice.id, why)
        self._tell_operator(notice, why)

    def _tell_operator(self, notice: MailNotice, why: str) -> None:
        _log.error("mail=%d kind=%s account=%r is kept: %s", notice.id, notice.kind, notice.account, why)
        if notice.kind is not NoticeKind.ALARM:
            text = "`omsmodem mail list` shows it, `omsmodem mail retry` sends it once the reason is gone."
            self._store.alarms.report("mail kept", "A mail could not be sent", f"{why}\n\n{text}")

    def _relay_failed(self, error: str) -> None:
        ladder = self._settings.retry
        pause = ladder[min(self._failures, len(ladder) - 1)]
        self._failures += 1
        self._drops = 0
        self._relay_at = self._monotonic() + pause.total_seconds()
        self.status = replace(self.status, failing_since=self.status.failing_since or self._clock(), last_error=error)
        _log.warning("mail: %s; next attempt in %d s", error, pause.total_seconds())
