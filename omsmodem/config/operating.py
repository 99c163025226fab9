"""Keys for the person who looks after the service: pages, alarms, backup, retention, metrics."""

from datetime import date, time
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, model_validator

from omsmodem.config.section import Section, key
from omsmodem.config.values import Hours, MailAddress, Networks, Phone


def _moment(value: str) -> str:
    if value:
        time.fromisoformat(value)
    return value


class WebConfig(Section):
    """The pages for a browser, on the HTTPS service."""

    enabled: bool = key(
        True, "Serve them: operators (`omsmodem user add --operator`) see everything, others their own messages."
    )
    show_text: bool = key(False, "Let operators read the texts of other accounts; the owner always can.")
    session_minutes: float = key(30, "A browser that asks nothing for so long is signed out.", gt=0)


class MetricsConfig(Section):
    """Numbers for Prometheus at `/metrics`."""

    enabled: bool = key(True, "Serve them to the addresses below and to operators who sign in.")
    allow_from: Networks = key(("127.0.0.0/8", "::1/128"), "Who need not sign in, as in `listen`, e.g. [192.168.1.20].")


class AlarmsConfig(Section):
    """Who is told when something is wrong: once when it starts, daily while it lasts, once when it ends."""

    mail_to: tuple[MailAddress, ...] = key((), 'Who gets alarms by mail, e.g. ["admin@harbour.example"].')
    sms_to: tuple[Phone, ...] = key((), "Who gets them as a text while mail does not go out.")
    sms_account: str = key("", "The account those texts are sent for; empty: the first operator's.")
    working_hours: Hours = key(
        "Mon-Sun 00:00-24:00",
        "When a queue that stands still is an alarm, e.g. Mon-Fri 07:00-19:00.",
        min_length=1,
    )
    queue_minutes: float = key(10, "A message that waits longer for a modem is an alarm.", gt=0)
    failures_percent: int = key(20, "So many failures among the last 20 messages are an alarm.", ge=1, le=100)
    balance: float = key(0, "A prepaid card with less left than this is an alarm (modems.balance_code asks for it).")
    quota_percent: int = key(90, "So much of a limit spent is an alarm.", ge=1, le=100)
    disk_free_mb: int = key(500, "Less free disk than this is an alarm.", ge=0)
    sim_expires: date | None = key(None, "When the SIM or its credit expires; an alarm 14 and 3 days before.")


class BackupConfig(Section):
    """Copies of the queue and the accounts, made while the service runs."""

    directory: Path = key(Path("backup"), "Where they are kept; best on another disk.")
    at: Annotated[str, AfterValidator(_moment)] = key("02:30", "When the daily one is made; empty: never.")
    keep: int = key(14, "So many are kept.", ge=1)


class RetentionConfig(Section):
    """How long what people wrote is kept. A daily purge erases what is older; 0 keeps it for ever."""

    text_days: int = key(30, "Texts, counted from when the message was settled.", ge=0)
    record_days: int = key(400, "Records without text: number, state and times.", ge=0)
    audit_days: int = key(400, "Who did what.", ge=0)


class SpoolsConfig(Section):
    """Directories into which programs write texts for gammu-smsd or smstools: they are sent, then moved into `imported`."""

    gammu: Path | None = key(None, "An outbox of gammu-smsd's FILES backend, e.g. /var/spool/gammu/outbox.")
    smstools: Path | None = key(None, "An outgoing directory of smstools, e.g. /var/spool/sms/outgoing.")
    account: str = key("", "The account they are sent for.")

    @model_validator(mode="after")
    def _have_an_account(self) -> Self:
        if (self.gammu or self.smstools) and not self.account:
            raise ValueError("texts of a spool need an `account` that they are sent for")
        return self


class SendSmsConfig(Section):
    """A URL like Kannel's, for programs that send by HTTP: ?username=…&password=…&to=…&text=…"""

    path: str = key("", "Its path, e.g. /cgi-bin/sendsms; empty: there is none.", pattern=r"^(/[A-Za-z0-9/_.-]+)?$")
    accounts: tuple[str, ...] = key((), "Only these accounts may use it.")
