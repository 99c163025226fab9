"""Every key of the configuration: its type, its default, and why one would change it.

The texts here are the reference: `make docs` writes them into config.example.yaml and docs/configuration.md.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, field_validator, model_validator

from omsmodem.config.credentials import SecretFile
from omsmodem.config.doors import (
    HttpsConfig,
    LegacyListenerConfig,
    ListenConfig,
    MailDoorConfig,
    RestConfig,
    TlsConfig,
    WebhookConfig,
)
from omsmodem.config.mail import AutoReplyConfig, IncomingConfig, MailConfig
from omsmodem.config.messages import LimitsConfig, NumbersConfig, QuietHoursConfig, SendingConfig
from omsmodem.config.operating import (
    AlarmsConfig,
    BackupConfig,
    MetricsConfig,
    RetentionConfig,
    SendSmsConfig,
    SpoolsConfig,
    WebConfig,
)
from omsmodem.config.section import Section, key
from omsmodem.config.values import Phone, Prefix, Seconds


class ServiceConfig(Section):
    """What clients are told of the service."""

    uri: str = key(
        ...,
        "The address people type into Outlook, which compares it character for character.",
        examples=["https://sms.harbour.example:8443/oms/service.asmx"],
    )
    provider: str = key("omsmodem", "The company name in Outlook's account settings.")
    language: Literal["en", "de"] = key("en", "The language of what people read: reasons of refusals, and pages.")
    local_name: str = key("Office SMS", "The service's name; part of the account name Outlook shows, so keep it short.")
    english_name: str = key("Office SMS", "The same for an Outlook in another language.")
    sign_up_page: str = key("", "Where Outlook's sign-up link leads; empty: the service's own page.")
    announce_changes: bool = key(
        False, "Tell each client once when limits or names of the service changed (serviceUpdate)."
    )
    contact: str = key("", "Whom people ask for an account (name, phone or mail); shown on the service's pages.")
    registration: bool = key(
        False, "Offer a form that asks for an account; `omsmodem user requests` lists what came, only you approve."
    )
    target_locale: int = key(0, "The market as a Windows language number (1033: US English); 0: any.", ge=0, le=65535)

    @field_validator("uri")
    @classmethod
    def _is_https(cls, value: str) -> str:
        address = urlsplit(value)
        if address.scheme != "https" or not address.hostname:
            raise ValueError("must be an https:// address, e.g. https://sms.harbour.example:8443/oms/service.asmx")
        return value


class OmsConfig(Section):
    """Details of the protocol, where clients and documents differ. The defaults are what was seen to work."""

    profile: Literal["plain", "long", "tight"] = key(
        "plain",
        "How Outlook splits: `plain` one segment a text, pages marked (1/3); `long` fewer and longer texts, joined by the"
        " phone; `tight` texts that leave room for concatenation.",
    )
    aliases: tuple[str, ...] = key(
        (), "Other paths that answer like that of service.uri: where the service was before it moved."
    )
    messages_per_batch: int = key(200, "Messages of one DeliverXmsBatch; the rest is refused in its place.", ge=1)
    service_info_namespace: Literal["service_info", "oms"] = key(
        "service_info",
        "The namespace of serviceInfo: that of all working services, or (`oms`) of the published schema.",
    )
    authentication_type: Literal["Other", "other"] = key("Other", "How authenticationType is spelt.")
    inner_xml_declaration: Literal["utf-8", "utf-16", "none"] = key(
        "utf-8", "What answer documents, which travel as text, declare as their encoding."
    )
    ceased: bool = key(False, "The service has ended: every message is refused with ceasedService.")

    @field_validator("aliases")
    @classmethod
    def _are_paths(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        if not all(value.startswith("/") and value.isascii() and value.isprintable() for value in values):
            raise ValueError("must be paths, e.g. /sms/service.asmx")
        return values


class StorageConfig(Section):
    """Where state is kept."""

    database: Path = key(Path("omsmodem.db"), "The queue and its history.")
    accounts: Path = key(Path("accounts.json"), "Users and password hashes; change it with `omsmodem user`.")
    known_addresses: Path = key(Path("known-addresses.json"), "Which user has signed in from where, for the throttle.")
    control_socket: Path = key(Path("control.sock"), "Where the command line finds the running service.")


class ModemConfig(Section):
    """One modem."""

    name: str = key("modem1", "A name for logs and pages.", min_length=1, pattern=r"^[A-Za-z0-9_-]+$")
    imei: str | None = key(
        None,
        "The modem's IMEI (`omsmodem modem probe` tells it): finds the modem on whichever port it is.",
        pattern=r"^[0-9]{14,16}$",
    )
    device: str | None = key(
        None,
        "The modem's port: a path (best below /dev/serial/by-id), `socket://host:port` or `rfc2217://host:port`; "
        "with `imei`, a port that is tried when no other has it.",
        min_length=1,
        examples=["/dev/serial/by-id/usb-HUAWEI_Technology_HUAWEI_Mobile-if00-port0"],
    )
    baudrate: int = key(115200, "Only real serial lines care.", ge=300)
    number: Phone | None = key(
        None, "The SIM's own number (+…): what Outlook shows as reply phone of accounts that have none of their own."
    )
    pin_file: SecretFile | None = key(
        None,
        "A file with the SIM's PIN, or credential:NAME for /etc/omsmodem/secrets/NAME, which systemd hands to the service;"
        " null when the SIM asks for none.",
    )
    roaming: bool = key(True, "Send while the SIM is in a foreign network; false: wait until it is home.")
    service_centre: str | None = key(
        None, "The operator's service centre, e.g. +447700900000; null: the SIM's.", pattern=r"^\+?[0-9]{3,20}$"
    )
    message_storage: Literal["auto", "SM", "ME"] = key(
        "auto", "Where messages arrive: on the SIM (SM), in the modem (ME), or in the larger of the two."
    )
    prefixes: tuple[Prefix, ...] = key((), 'Only numbers that start so go over this modem, e.g. ["+4477"]; empty: all.')
    accounts: tuple[str, ...] = key((), "Only messages of these accounts go over this modem; empty: of all.")
    weight: float = key(1, "Its share of the messages while several modems could take them.", gt=0)
    segments_per_minute: int = key(0, "Segments this SIM may send in any clock minute; 0: no limit.", ge=0)
    segments_per_day: int = key(0, "The same a day of limits.timezone; set it below your tariff.", ge=0)
    segments_per_month: int = key(0, "The same a month.", ge=0)
    balance_code: str = key("", "A USSD code that tells a prepaid card's balance, e.g. *100#; empty: never ask.")
    balance_hours: float = key(24, "How often the balance is asked for.", gt=0)
    recovery_hook: tuple[str, ...] = key(
        (),
        'A program and its arguments, run without a shell when the modem stays dead, e.g. ["/usr/sbin/uhubctl", "-a", "cycle"];'
        " OMSMODEM_MODEM and OMSMODEM_REASON say which and why.",
    )
    recovery_hook_seconds: float = key(60, "The hook is ended after this time.", gt=0)

    @model_validator(mode="after")
    def _can_be_found(self) -> Self:
        if self.imei is None and self.device is None:
            raise ValueError("a modem is found by its `imei` or its `device`: give one of them")
        return self


class AuthConfig(Section):
    """How passwords are guarded. The right password of a user who signs in from an address is never held up there."""

    min_password_length: int | None = key(
        None,
        "Refuse shorter passwords that a person chose; null: only warn below 15. Those made here have 20 characters.",
        ge=1,
        le=128,
    )
    failures_before_pause: int = key(10, "Different wrong passwords from one address in 10 minutes.", ge=1)
    pause_seconds: tuple[Seconds, ...] = key(
        (30, 60, 120, 300, 900), "How long an address is paused the first, second, … time.", min_length=1
    )
    known_pair_days: float = key(30, "How long an address at which a user has signed in stays theirs.", ge=0)
    alarm_failures_per_hour: int = key(50, "Different wrong passwords from one address that are an attack.", ge=1)


class LoggingConfig(Section):
    """What is logged to stderr."""

    level: Literal["debug", "info", "warning", "error"] = key(
        "info", "debug, info, warning or error; on stderr, so that systemd keeps it."
    )


class Config(Section):
    """The whole configuration; `load` makes its paths absolute."""

    service: ServiceConfig
    oms: OmsConfig = OmsConfig()
    listen: ListenConfig = ListenConfig()
    legacy_listener: LegacyListenerConfig = LegacyListenerConfig()
    https: HttpsConfig = HttpsConfig()
    tls: TlsConfig = TlsConfig()
    rest: RestConfig = RestConfig()
    webhooks: tuple[WebhookConfig, ...] = ()
    maildoor: MailDoorConfig = MailDoorConfig()
    storage: StorageConfig = StorageConfig()
    modems: tuple[ModemConfig, ...] = ()
    limits: LimitsConfig = LimitsConfig()
    quiet_hours: QuietHoursConfig = QuietHoursConfig()
    sending: SendingConfig = SendingConfig()
    numbers: NumbersConfig = NumbersConfig()
    mail: MailConfig = MailConfig()
    incoming: IncomingConfig = IncomingConfig()
    auto_reply: AutoReplyConfig = AutoReplyConfig()
    web: WebConfig = WebConfig()
    alarms: AlarmsConfig = AlarmsConfig()
    backup: BackupConfig = BackupConfig()
    retention: RetentionConfig = RetentionConfig()
    metrics: MetricsConfig = MetricsConfig()
    spools: SpoolsConfig = SpoolsConfig()
    sendsms: SendSmsConfig = SendSmsConfig()
    auth: AuthConfig = AuthConfig()
    logging: LoggingConfig = LoggingConfig()

    def secret_files(self) -> tuple[Path, ...]:
        """The files with secrets that the configuration names."""
        pins = [modem.pin_file for modem in self.modems]
        secrets = [hook.secret_file for hook in self.webhooks]
        return tuple(file for file in (*pins, self.mail.password_file, *secrets) if file is not None)

    @field_validator("modems")
    @classmethod
    def _names_differ(cls, modems: tuple[ModemConfig, ...]) -> tuple[ModemConfig, ...]:
        if len({modem.name for modem in modems}) < len(modems):
            raise ValueError("every modem needs a name of its own")
        return modems

    @field_validator("webhooks")
    @classmethod
    def _hooks_differ(cls, webhooks: tuple[WebhookConfig, ...]) -> tuple[WebhookConfig, ...]:
        if len({hook.name for hook in webhooks}) < len(webhooks):
            raise ValueError("every webhook needs a name of its own")
        return webhooks


def keys(model: type[BaseModel] = Config, at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every key of the schema; the entries of a list share one path."""
    for name, info in model.model_fields.items():
        section = section_of(info.annotation)
        if section is None:
            yield (*at, name)
        else:
            yield from keys(section, (*at, name))


def section_of(annotation: Any) -> type[BaseModel] | None:
    """The section an annotation names, itself or as the entry of a list; None for a plain key."""
    inner = getattr(annotation, "__args__", (annotation,))[0]
    return inner if isinstance(inner, type) and issubclass(inner, BaseModel) else None
