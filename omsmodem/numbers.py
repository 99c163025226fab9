"""What people type → E.164, a short code, or a refusal. Strict: a wrong number costs money and goes to a stranger."""

import re
import unicodedata
from dataclasses import dataclass

import phonenumbers

from omsmodem.message import Reason
from omsmodem.wording import sentence

#: A text to one of these may really work somewhere; a gateway never sends it.
EMERGENCY = frozenset(
    {"000", "110", "111", "112", "113", "114", "115", "116", "117", "118", "119", "122", "190", "191", "192", "193"}
    | {"911", "999", "108", "101", "102", "103", "104", "10111", "10177", "90000", "723141"}
)
#: International premium and satellite prefixes: refused unless listed in allow_prefixes.
COSTLY_PREFIXES = ("+979", "+808", "+870", "+881", "+882", "+883", "+888")
SHORT_CODE_DIGITS = 6
_SEPARATORS = re.compile(r"[\s().\-/]+")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"))
_TRUNK_AFTER_CODE = re.compile(r"^(\s*(?:\+|00)[\d\s]+)\(0\)")
_NUMBER = re.compile(r"\+?[0-9]+")
_E164 = re.compile(r"\+[0-9]{7,15}")
_COSTLY_TYPES = (phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.SHARED_COST)


class NumberRefused(Exception):
    """The number may not be texted; `facts` are what the sentence for people names."""

    def __init__(self, reason: Reason = Reason.INVALID_RECIPIENT, **facts: object) -> None:
        super().__init__(sentence(reason, "en", **facts))
        self.reason = reason
        self.facts = facts


@dataclass(frozen=True, slots=True)
class NumberPolicy:
    """Which numbers may be texted. `country` (ISO code) is where numbers without + are."""

    country: str | None = None
    countries_allowed: frozenset[str] = frozenset()  # empty: every country
    deny_prefixes: tuple[str, ...] = ()
    allow_prefixes: tuple[str, ...] = ()  # also opens costly numbers
    short_codes: frozenset[str] = frozenset()


def normalise(typed: str, policy: NumberPolicy) -> str:
    """`+…` (E.164) or a listed short code. Raises NumberRefused."""
    digits = _digits(typed)
    bare = digits.lstrip("+")
    if len(bare) <= SHORT_CODE_DIGITS:
        return _short_code(digits, policy)
    number = _international(digits, policy)
    if _E164.fullmatch(number) is None:
        raise NumberRefused
    _require_allowed(number, policy)
    return number


def canonical(number: str, country: str | None) -> str:
    """An originator's number as `normalise` writes it; as it came when it is no number of the telephone network."""
    if len(number.lstrip("+")) <= SHORT_CODE_DIGITS or _NUMBER.fullmatch(number) is None:
        return number
    try:
        return _international(number, NumberPolicy(country=country))
    except NumberRefused:
        return number


def _digits(typed: str) -> str:
    """ASCII digits with at most one leading plus; everything a contact card puts around them is dropped."""
    text = unicodedata.normalize("NFKC", typed).translate(_DASHES)
    text = "".join(c for c in text if unicodedata.category(c) != "Cf").strip()
    text = text.removeprefix("tel:")
    text = _SEPARATORS.sub("", _TRUNK_AFTER_CODE.sub(r"\1", text))
    if _NUMBER.fullmatch(text) is None:
        raise NumberRefused
    return text


def _short_code(digits: str, policy: NumberPolicy) -> str:
    if digits in EMERGENCY:
        raise NumberRefused(Reason.EMERGENCY_NUMBER)
    if digits in policy.short_codes:
        return digits
    raise NumberRefused


def _international(digits: str, policy: NumberPolicy) -> str:
    if not digits.startswith("+") and digits.startswith("00"):
        digits = "+" + digits[2:]
    if not digits.startswith("+") and policy.country is None:
        raise NumberRefused(Reason.NO_COUNTRY)
    try:
        number = phonenumbers.parse(digits, policy.country)
    except phonenumbers.NumberParseException as error:
        raise NumberRefused from error
    if not phonenumbers.is_possible_number(number):
        raise NumberRefused
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _require_allowed(number: str, policy: NumberPolicy) -> None:
    """The order of the rules: deny list, allow list, costly numbers, countries."""
    if number.startswith(policy.deny_prefixes):
        raise NumberRefused(Reason.RECIPIENT_NOT_ALLOWED)
    if policy.allow_prefixes and number.startswith(policy.allow_prefixes):
        return
    parsed = phonenumbers.parse(number, None)
    if number.startswith(COSTLY_PREFIXES) or phonenumbers.number_type(parsed) in _COSTLY_TYPES:
        raise NumberRefused(Reason.COSTLY_NUMBER)
    if policy.countries_allowed:
        region = phonenumbers.region_code_for_number(parsed)
        codes = {phonenumbers.country_code_for_region(country) for country in policy.countries_allowed}
        known = region in policy.countries_allowed if region else parsed.country_code in codes
        if not known:
            raise NumberRefused(Reason.COUNTRY_NOT_ALLOWED, countries=", ".join(sorted(policy.countries_allowed)))


def masked(number: str) -> str:
    """A number for logs and screens that others may see: +44770*****22."""
    hidden = len(number) - 8
    return number if hidden < 2 else number[:6] + "*" * hidden + number[-2:]
