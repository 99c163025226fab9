"""Builds the way back from the configuration: receiving, routing, automatic answers, and the mails that tell people."""

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from urllib.parse import urljoin

from omsmodem import routing
from omsmodem.accounts import AccountError, Accounts
from omsmodem.config import Config, read_secret
from omsmodem.mail import Composer, Letterhead, Mailboxes, Relay, Spool, SpoolSettings
from omsmodem.message import Answer, Arrival, Correspondent, Door, Receipt, Route, Submission
from omsmodem.numbers import canonical
from omsmodem.periods import WorkingHours
from omsmodem.routing import AutoReply, Mailbox, Rules
from omsmodem.store import Sorting, Store
from omsmodem.store.notices import MAIL
from omsmodem.worker import Reception, reading

_log = logging.getLogger(__name__)


class WayBack:
    """What comes in, and what people are told of it. `submit` accepts a text from a door on this machine."""

    def __init__(
        self,
        config: Config,
        store: Store,
        accounts: Accounts,
        submit: Callable[[Submission], Receipt],
        zone: tzinfo,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._accounts = accounts
        self._submit = submit
        self._clock = clock
        self._rules = rules(config, zone)
        incoming = config.incoming
        sorting = Sorting(reading.assemble, self._route, self._rules.window, incoming.most_mailed_per_hour)
        self.reception = Reception(
            sorting, partial(canonical, country=config.numbers.country), self._answer, incoming.poll_minutes * 60
        )
        composer = Composer(
            store,
            accounts,
            letterhead(config, zone),
            mailboxes(config),
            quote=config.mail.quote_messages,
            domain=config.maildoor.domain if config.maildoor.enabled else "",
        )
        self.spool = Spool(
            store, composer, relay(config), spool_settings(config), sorting, answer=self._answer, clock=clock
        )
        store.database.listeners[MAIL] = self.spool.nudge

    def _route(self, arrival: Arrival, correspondents: Sequence[Correspondent]) -> Route:
        """Whose a message is. It is called while the store commits, so it must not fail."""
        try:
            owners = [Mailbox(a.name, a.keywords, a.owns_numbers) for a in self._accounts.all() if a.enabled]
        except AccountError as error:
            _log.error("a message goes to the default mailbox, as the accounts cannot be read: %s", error)
            owners = []
        return routing.route(arrival, correspondents, owners, self._rules, self._clock())

    def _answer(self, number: str, answer: Answer) -> None:
        submission = Submission(answer.account, Door.AUTO_REPLY, (number,), (answer.text,), client="automatic answer")
        try:
            refused = [f"{refusal.reason} {refusal.detail}" for refusal in self._submit(submission).refused]
        except AccountError as error:
            refused = [str(error)]
        for why in refused:
            _log.warning("an automatic answer was not sent: %s", why)


def rules(config: Config, zone: tzinfo) -> Rules:
    """What the configuration says about incoming messages."""
    incoming, reply = config.incoming, config.auto_reply
    there = WorkingHours.parse(reply.working_hours) if reply.working_hours else None
    auto_reply = AutoReply(
        reply.text,
        applies=lambda now: there is None or not there.include(now, zone),
        day=lambda now: now.astimezone(zone).date().isoformat(),
        account=reply.account,
        most_per_day=reply.most_per_day,
    )
    return Rules(
        timedelta(days=incoming.window_days),
        incoming.blocked,
        incoming.stop_words,
        incoming.start_words,
        auto_reply if reply.text else None,
    )


def letterhead(config: Config, zone: tzinfo) -> Letterhead:
    """Who our mails are from."""
    mail, service = config.mail, config.service
    pages = urljoin(service.uri, "/").rstrip("/") if config.web.enabled else ""
    return Letterhead(mail.sender or "", mail.sender_name or service.local_name, service.language, zone, pages)


def mailboxes(config: Config) -> Mailboxes:
    """Where mails go that are no account's."""
    return Mailboxes(config.mail.default_mailbox or "", config.alarms.mail_to)


def relay(config: Config) -> Relay | None:
    """How to reach the mail server; None without one."""
    mail = config.mail
    if not mail.host:
        return None
    file = mail.password_file
    return Relay(
        mail.host,
        mail.port,
        mail.security,
        mail.user,
        lambda: read_secret(file, "mail.password_file") if file is not None else "",
        mail.ca_file,
        mail.envelope_sender or "",
    )


def spool_settings(config: Config) -> SpoolSettings:
    """How long what waits."""
    mail = config.mail
    return SpoolSettings(
        timedelta(seconds=mail.gather_seconds),
        timedelta(minutes=config.incoming.incomplete_minutes),
        tuple(timedelta(minutes=minutes) for minutes in mail.retry_minutes),
        timedelta(hours=mail.give_up_hours),
        mail.most_waiting,
    )
