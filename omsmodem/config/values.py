"""Kinds of values that several keys have: networks, numbers, addresses, times."""

from typing import Annotated

from pydantic import AfterValidator, Field

from omsmodem.addresses import AddressList
from omsmodem.periods import WorkingHours

Seconds = Annotated[float, Field(gt=0)]
#: Minutes after the first, second, … vain attempt; the last one repeats.
Pauses = Annotated[tuple[Annotated[float, Field(gt=0)], ...], Field(min_length=1)]
MailAddress = Annotated[str, Field(pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+$")]
Phone = Annotated[str, Field(pattern=r"^\+[0-9]{7,15}$")]
Prefix = Annotated[str, Field(pattern=r"^\+[0-9]+$")]


def _networks(entries: tuple[str, ...]) -> tuple[str, ...]:
    try:
        AddressList.parse(entries)
    except ValueError as error:
        raise ValueError(f"must be private, any, networks or addresses: {error}") from error
    return entries


Networks = Annotated[tuple[str, ...], AfterValidator(_networks)]


def _hours(value: str) -> str:
    if value:
        WorkingHours.parse(value)
    return value


#: Hours of some weekdays, e.g. Mon-Fri 08:00-17:00, or empty.
Hours = Annotated[str, AfterValidator(_hours)]
