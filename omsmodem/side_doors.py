"""The doors beside OMS, as the configuration wants them: REST with its webhooks, mail, Kannel's URL, spool directories."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omsmodem.accounts import Accounts
from omsmodem.addresses import AddressList
from omsmodem.config import Config, read_secret
from omsmodem.doors import SendSms, Spool, SpoolWatch
from omsmodem.doors.files import FORMATS
from omsmodem.facts import Condition
from omsmodem.https.tls import modern_context
from omsmodem.intake import Intake
from omsmodem.rest import PREFIX, Bearers, Hook, House, RestApplication, Webhook
from omsmodem.store import Store
from omsmodem.store.delivery import INCOMING

if TYPE_CHECKING:
    from omsmodem.maildoor import MailListener

_log = logging.getLogger(__name__)


class SideDoors:
    """What of it is configured; a door that is not does nothing."""

    def __init__(
        self,
        config: Config,
        store: Store,
        intake: Intake,
        accounts: Accounts,
        condition: Callable[[], Condition],
        *,
        clock: Callable[[], datetime],
    ) -> None:
        horizon = timedelta(days=config.limits.schedule_days)
        self._rest = None
        if config.rest.enabled:
            self._rest = RestApplication(
                House(
                    store,
                    intake,
                    Bearers(store.tokens, accounts),
                    condition,
                    clock,
                    horizon,
                    config.rest.max_body_kib * 1024,
                )
            )
        self._webhooks = [Webhook(hook, store, clock) for hook in hooks(config)]
        self._mail = mail_door(config, intake, accounts) if config.maildoor.enabled else None
        store.database.listeners[INCOMING] = self._came_in
        url = config.sendsms
        self._sendsms = SendSms(intake.submit, url.accounts, clock, horizon) if url.path else None
        self._sendsms_path = url.path
        self._spools = SpoolWatch(spools(config, intake))

    def pages(self) -> dict[str, Any]:
        """Which application answers which path of the HTTPS service."""
        found = {f"{PREFIX}/*": self._rest, self._sendsms_path: self._sendsms}
        return {path: application for path, application in found.items() if application is not None}

    def down(self) -> list[str]:
        """The doors that take nobody, though the configuration wants them."""
        return ["mail"] if self._mail is not None and not self._mail.up else []

    def start(self) -> None:
        """Start what has threads of its own."""
        for webhook in self._webhooks:
            webhook.start()
        self._spools.start()
        if self._mail is not None:
            self._mail.start()

    def stop(self) -> None:
        """End them, each after the message in hand."""
        if self._mail is not None:
            self._mail.stop()
        self._spools.stop()
        for webhook in self._webhooks:
            webhook.stop()

    def reload_certificate(self) -> str:
        """Take the certificate files anew; on any fault the old certificate stays, and why is returned."""
        try:
            if self._mail is not None:
                self._mail.reload()
        except (OSError, ValueError) as error:
            _log.error("certificate not reloaded for mail, the old one stays: %s", error)
            return str(error)
        return ""

    def _came_in(self) -> None:
        for webhook in self._webhooks:
            webhook.nudge()


def mail_door(config: Config, intake: Intake, accounts: Accounts) -> "MailListener":
    """The door for mail programs."""
    # Here and not above: its libraries take megabytes, and few offices open this door.
    from omsmodem import maildoor

    door, tls = config.maildoor, config.tls
    return maildoor.MailListener(
        maildoor.House(
            intake,
            accounts,
            maildoor.Book(door.domain, door.groups),
            maildoor.Relays(AddressList.parse(door.relays), door.authserv_id),
            config.limits.recipients_per_message,
            door.with_subject,
            config.mail.sender or "",
        ),
        maildoor.Listener(door.address, door.port, door.tls_port, AddressList.parse(door.allow_from), door.domain),
        partial(modern_context, tls.certificate, tls.key),
        maildoor.Limits(
            door.max_message_kib * 1024, door.connections, door.connections_per_address, door.session_seconds
        ),
    )


#: A script that writes a file in two breaths has written it after this.
SETTLE_S = 1.0


def spools(config: Config, intake: Intake) -> list[Spool]:
    """The spool directories of the configuration."""
    wanted = config.spools
    directories = {"gammu": wanted.gammu, "smstools": wanted.smstools}
    return [
        Spool(directory, FORMATS[name], wanted.account, intake.submit_local, settle_s=SETTLE_S)
        for name, directory in directories.items()
        if directory is not None
    ]


def hooks(config: Config) -> list[Hook]:
    """The webhooks of the configuration; a secret is read anew for each message."""
    return [
        Hook(
            hook.name,
            hook.url,
            partial(_secret, hook.secret_file),
            hook.account,
            hook.ca_file,
            tuple(timedelta(minutes=minutes) for minutes in hook.retry_minutes),
            timedelta(hours=hook.give_up_hours),
        )
        for hook in config.webhooks
    ]


def _secret(file: Path) -> str:
    return read_secret(file, "webhooks.secret_file").strip()
