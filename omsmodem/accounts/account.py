"""One user, and the keys of a user that an operator may set."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from omsmodem.accounts.errors import AccountError
from omsmodem.periods import DailyHours

SOURCES = ("reminder", "calSummary", "ruleBased", "other", "xmsInspector")


@dataclass(frozen=True, slots=True)
class Account:
    """One user. What is empty or None follows the service's configuration."""

    name: str
    password_hash: str = ""
    enabled: bool = True
    sms: bool = True  # may send
    operator: bool = False  # may see everybody's messages and decide about them
    reply_phone: str = ""
    smtp_address: str = ""
    when_uncertain: str = ""  # resend or hold
    delivery_confirmation: str = "failures"  # off, failures or all
    segments_per_minute: int | None = None  # 0 is no limit
    segments_per_day: int | None = None
    segments_per_month: int | None = None
    countries_allowed: tuple[str, ...] = ()  # in place of the service's
    allow_prefixes: tuple[str, ...] = ()  # beside the service's
    deny_prefixes: tuple[str, ...] = ()
    blocked_sources: tuple[str, ...] = ()  # some of SOURCES
    quiet_hours: str = ""  # 22:00-06:00
    footer: str = ""
    transliterate: str = ""  # off or smart
    keywords: tuple[str, ...] = ()  # incoming messages that start so are this account's
    owns_numbers: tuple[str, ...] = ()  # so are those from numbers that start so
    oms_headers: bool = True  # replies carry Outlook's headers
    contacts: dict[str, str] = field(default_factory=dict)  # name → number


def changed(account: Account, key: str, text: str) -> Account:
    """The account with one key set from what a person typed. Raises AccountError, which says what would be right."""
    if key not in KEYS:
        raise AccountError(f"{key!r} is no key of an account; the keys are {', '.join(sorted(KEYS))}")
    try:
        return replace(account, **{key: KEYS[key].read(text.strip())})
    except ValueError as error:
        raise AccountError(f"{key}: {error}") from error


def shown(value: object) -> str:
    """A value as a person would type it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, dict):
        return ", ".join(f"{name}={number}" for name, number in value.items())
    if isinstance(value, tuple):
        return ", ".join(value)
    return "" if value is None else str(value)


# -- what may be typed ----------------------------------------------------------------------------------------------


def _switch(text: str) -> bool:
    known = {"on": True, "yes": True, "true": True, "off": False, "no": False, "false": False}
    if text.lower() not in known:
        raise ValueError("say on or off")
    return known[text.lower()]


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"say one of {', '.join(choice or '(nothing)' for choice in choices)}")
        return text

    return read


def _number_or_none(text: str) -> int | None:
    if not text:
        return None
    if re.fullmatch(r"[0-9]{1,9}", text) is None:
        raise ValueError("say a number, 0 for no limit, or nothing for the service's own limit")
    return int(text)


def _line(text: str) -> str:
    if not all(c.isprintable() for c in text):
        raise ValueError("only printable characters")
    return text


def _phone(text: str) -> str:
    if text and re.fullmatch(r"\+[0-9]{7,15}|[0-9]{3,6}", text) is None:
        raise ValueError("write the number with + and the country code, e.g. +447700900123")
    return text


def _mail_address(text: str) -> str:
    if text and re.fullmatch(r"[^\s@<>,;]+@[^\s@<>,;]+", text) is None:
        raise ValueError("say one mail address, e.g. dana@harbour.example")
    return text


def _hours(text: str) -> str:
    if text:
        DailyHours.parse(text)
    return text


def _list_of(pattern: str, example: str) -> Callable[[str], tuple[str, ...]]:
    def read(text: str) -> tuple[str, ...]:
        entries = tuple(entry.strip() for entry in text.split(",") if entry.strip())
        wrong = [entry for entry in entries if re.fullmatch(pattern, entry) is None]
        if wrong:
            raise ValueError(f"{wrong[0]!r} does not fit; say a list such as {example}, or nothing")
        return entries

    return read


def _contacts(text: str) -> dict[str, str]:
    contacts: dict[str, str] = {}
    for entry in (entry.strip() for entry in text.split(",") if entry.strip()):
        name, equals, number = (part.strip() for part in entry.partition("="))
        if not equals or not name or not number:
            raise ValueError(f"{entry!r} does not fit; say e.g. Erik=+447700900222, Harbour office=+447700900333")
        contacts[_line(name)] = _phone(number)
    return contacts


@dataclass(frozen=True, slots=True)
class Key:
    """How one key is read, and why one would set it."""

    read: Callable[[str], Any]
    why: str


_PREFIXES = _list_of(r"\+[0-9]+", "+44900, +881")

#: Every key that `omsmodem user set` knows.
KEYS: dict[str, Key] = {
    "enabled": Key(_switch, "off: this account can do nothing until it is on again"),
    "sms": Key(_switch, "off: it may sign in and receive, but not send"),
    "operator": Key(_switch, "on: sees everybody's messages and decides about them"),
    "reply_phone": Key(_phone, "the number Outlook shows for it"),
    "smtp_address": Key(_mail_address, "where its replies and failures go"),
    "when_uncertain": Key(_one_of("", "resend", "hold"), "what happens to a message in doubt"),
    "delivery_confirmation": Key(_one_of("off", "failures", "all"), "which outcomes are mailed to it"),
    "segments_per_minute": Key(_number_or_none, "its own limit in place of the service's"),
    "segments_per_day": Key(_number_or_none, "its own limit in place of the service's"),
    "segments_per_month": Key(_number_or_none, "its own limit in place of the service's"),
    "countries_allowed": Key(_list_of(r"[A-Z]{2}|any", "GB, IE"), "in place of the service's list; any: every one"),
    "allow_prefixes": Key(_PREFIXES, "beside the service's list"),
    "deny_prefixes": Key(_PREFIXES, "beside the service's list"),
    "blocked_sources": Key(_list_of("|".join(SOURCES), "reminder, calSummary"), "kinds of messages it does not send"),
    "quiet_hours": Key(_hours, "when its automatic messages wait, e.g. 22:00-06:00"),
    "footer": Key(_line, "the last line of every text it sends"),
    "transliterate": Key(_one_of("", "off", "smart"), "smart: plain quotes and dashes in place of typographic ones"),
    "keywords": Key(_list_of(r"\S+", "harbour, tide"), "incoming texts that start so are its own"),
    "owns_numbers": Key(_list_of(r"\+[0-9]+|[0-9]{3,6}", "+447700900, 22922"), "texts from numbers that start so"),
    "oms_headers": Key(_switch, "off: its replies are plain mail without Outlook's headers"),
    "contacts": Key(_contacts, "names it may use in place of numbers: Erik=+447700900222, …"),
}


def facts(account: Account) -> dict[str, Any]:
    """What may be shown of an account: everything but the hash of its password."""
    return {"name": account.name} | {key: getattr(account, key) for key in KEYS}
