"""What set-up asks people, and which answers are none."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from omsmodem.numbers import is_country

HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9a-fA-F:.]+")
T = TypeVar("T")


def ask(question: str, default: T, yes: bool, judge: Callable[[Any], T]) -> T:
    """The answer; one that is none is asked for again."""
    if yes:
        return default
    return click.prompt(question, default=default, show_default=bool(default), value_proc=judge)


def host_answer(typed: str) -> str:
    """A host name or address. Raises click.BadParameter."""
    if HOST.fullmatch(typed.strip()) is None:
        raise click.BadParameter(f"{typed!r} is no host name: only the name, e.g. sms.harbour.example")
    return typed.strip()


def port_answer(typed: str | int) -> int:
    """A port. Raises click.BadParameter."""
    if not str(typed).strip().isdecimal() or not 0 < int(typed) < 65536:
        raise click.BadParameter(f"{typed!r} is no port: a number from 1 to 65535")
    return int(typed)


def country_answer(typed: str) -> str:
    """A country's ISO code, or nothing. Raises click.BadParameter."""
    code = typed.strip().upper()
    if code and not is_country(code):
        raise click.BadParameter(f"{typed!r} is no country code: two letters, e.g. GB, DE, US")
    return code


def mail_answer(typed: str) -> str:
    """One mail address, or nothing. Raises click.BadParameter."""
    if typed.strip() and re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+", typed.strip()) is None:
        raise click.BadParameter(f"{typed!r} is no mail address")
    return typed.strip()


def pin_answer(typed: str) -> str:
    """A SIM's PIN (TS 51.011 §9.3: CHV1). Raises click.BadParameter."""
    if re.fullmatch("[0-9]{4,8}", typed.strip()) is None:
        raise click.BadParameter("a PIN has four to eight digits")
    return typed.strip()
