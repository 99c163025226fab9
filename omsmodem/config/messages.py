"""Keys about messages: what one may be, to whom, when it leaves, how it is sent."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from omsmodem.config.section import Section, key
from omsmodem.config.values import Pauses, Prefix
from omsmodem.periods import DailyHours

CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
ShortCode = Annotated[str, Field(pattern=r"^[0-9]{3,6}$")]


class LimitsConfig(Section):
    """What one message may be."""

    recipients_per_message: int = key(50, "Recipients of one message; Outlook does not check this, we do.", ge=1)
    texts_per_send: int = key(20, "Texts of one send: Outlook splits a long text into several.", ge=1)
    texts_per_calendar_summary: int = key(50, "The same for Outlook's calendar summary.", ge=1)
    segments_per_text: int = key(10, "SMS segments of one text.", ge=1, le=255)
    max_single_byte: int | None = key(
        None, "Characters at which Outlook splits a plain text; null: as oms.profile says.", ge=1
    )
    max_double_byte: int | None = key(None, "The same for a text with accents or other scripts.", ge=1)
    segments_per_minute: int = key(
        0, "Segments one account may send in any minute; 0: no limit. An account may differ.", ge=0
    )
    segments_per_day: int = key(0, "The same a day.", ge=0)
    segments_per_month: int = key(0, "The same a month.", ge=0)
    all_segments_per_day: int = key(0, "Segments all accounts together may send a day; 0: no limit.", ge=0)
    timezone: str = key("", "Whose midnight starts a day or month, e.g. Europe/London; empty: that of the machine.")
    schedule_days: int = key(366, "How far ahead a message may be scheduled; what is beyond is refused.", ge=1)
    scheduling: bool = key(True, "Send scheduled messages at their time; false: at once, and tell the client so.")
    transliterate: Literal["off", "smart"] = key(
        "off",
        "`smart` replaces typographic quotes and dashes, which would make three segments of one; an account may differ.",
    )

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        try:
            if value:
                ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("must be a name of the time zone database, e.g. Europe/London") from error
        return value


class QuietHoursConfig(Section):
    """When automatic messages (reminders, summaries, rules) do not leave."""

    hours: str = key("", "e.g. 22:00-06:00 on the clock of limits.timezone; empty: never. An account may differ.")
    action: Literal["hold", "refuse"] = key("hold", "`hold` them until the end of these hours, or `refuse` them.")

    @field_validator("hours")
    @classmethod
    def _are_hours(cls, value: str) -> str:
        try:
            if value:
                DailyHours.parse(value)
        except ValueError as error:
            raise ValueError("must be a part of the day, e.g. 22:00-06:00") from error
        return value


class SendingConfig(Section):
    """How messages are sent, retried and given up."""

    validity_hours: float = key(48, "A message that the network has not taken by then expires.", gt=0)
    without_modem: Literal["queue", "refuse"] = key(
        "queue", "While no modem can send: `queue` what comes, or `refuse` it with serviceNetwork."
    )
    evidence_seconds: float = key(
        120, "How long a status report may still prove that a doubtful segment was sent.", ge=0
    )
    when_uncertain: Literal["resend", "hold"] = key(
        "resend",
        "What happens then: `resend` (nothing is lost, the copy is marked) or `hold` (a person decides); an account may"
        " have its own choice.",
    )
    failover_seconds: float = key(
        60, "A modem that fits a message best is waited for this long before another one takes it.", ge=0
    )
    retry_minutes: Pauses = key(
        (0.5, 2, 5, 15, 30), "Pauses after the first, second, … refusal of a message; the last one repeats."
    )
    duplicate_seconds: float = key(
        60, "The same request without content ids within this time is one request; 0: never.", ge=0
    )
    duplicate_seconds_with_ids: float = key(
        600, "The same request with the same content ids within this time is one request; 0: never.", ge=0
    )


class NumbersConfig(Section):
    """Which numbers may be texted."""

    country: CountryCode | None = key(None, "Where numbers without + are (ISO code, e.g. GB); null refuses them.")
    countries_allowed: tuple[CountryCode | Literal["any"], ...] = key(
        (), "Only numbers of these countries; empty: only those of `country`, if one is set; `any`: every country."
    )
    deny_prefixes: tuple[Prefix, ...] = key((), 'Never numbers that start so, e.g. ["+44900"].')
    allow_prefixes: tuple[Prefix, ...] = key((), "Always numbers that start so, also costly ones and other countries.")
    short_codes: tuple[ShortCode, ...] = key(
        (), "Short codes (3 to 6 digits) that may be texted. Emergency numbers never."
    )
    require_mobile: Literal["off", "warn", "refuse"] = key(
        "warn",
        "Numbers of ranges that take no texts as a rule (landlines, freephone): `refuse` them, or send and `warn` in the log and"
        " in the message's history.",
    )
