"""What people type → E.164, a short code, or a refusal. Strict: a wrong number costs money and goes to a stranger."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

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
#: The value of `countries_allowed` that opens every country.
ANY_COUNTRY = "any"
_SEPARATORS = re.compile(r"[\s().\-/]+")
#: Dashes of every kind, and the full-width forms that East Asian keyboards make. Other scripts' digits, superscripts and
#: circled numbers are not translated: who types them did not type a number.
_PLAIN = str.maketrans(
    dict.fromkeys("‐‑‒–—―−﹘﹣－", "-") | dict(zip("０１２３４５６７８９＋（）．／", "0123456789+()./", strict=True))
)
#: What +49 (0)171 means; Italy and San Marino keep their zero.
_TRUNK_AFTER_CODE = re.compile(r"^((?:\+|00)(?!\s*3\s*(?:9|7\s*8))[0-9\s]+)\(0\)")
_NUMBER = re.compile(r"\+?[0-9]+")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_COSTLY_TYPES = (
    phonenumbers.PhoneNumberType.PREMIUM_RATE,
    phonenumbers.PhoneNumberType.SHARED_COST,
    phonenumbers.PhoneNumberType.PERSONAL_NUMBER,  # +44 70: forwarded for money
)
#: Ranges that take no texts, as a rule. Ranges that are for both, or that nobody has written down yet, are not among them.
_NOT_MOBILE_TYPES = (
    phonenumbers.PhoneNumberType.FIXED_LINE,
    phonenumbers.PhoneNumberType.TOLL_FREE,
    phonenumbers.PhoneNumberType.VOIP,
    phonenumbers.PhoneNumberType.PAGER,
    phonenumbers.PhoneNumberType.UAN,
    phonenumbers.PhoneNumberType.VOICEMAIL,
)


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
    countries_allowed: frozenset[str] = frozenset()  # empty, or with ANY_COUNTRY: every country
    deny_prefixes: tuple[str, ...] = ()
    allow_prefixes: tuple[str, ...] = ()  # also opens costly numbers
    short_codes: frozenset[str] = frozenset()
    require_mobile: str = "off"  # off, warn (see `doubtful`) or refuse


def normalise(typed: str, policy: NumberPolicy) -> str:
    """`+…` (E.164) or a listed short code. Raises NumberRefused."""
    return _sendable(_digits(typed), policy)


@lru_cache(maxsize=2000)  # an office writes to the same people; their countries' rules take half a millisecond to read
def _sendable(digits: str, policy: NumberPolicy) -> str:
    bare = digits.lstrip("+")
    if len(bare) <= SHORT_CODE_DIGITS:
        return _short_code(digits, policy)
    number = _international(digits, policy)
    if _E164.fullmatch(number) is None:
        raise NumberRefused
    _require_allowed(number, policy)
    return number


def is_country(code: str) -> bool:
    """Whether this is an ISO code whose numbers are known: GB is one, UK is none."""
    return code in phonenumbers.SUPPORTED_REGIONS


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
    text = "".join(c for c in typed.translate(_PLAIN) if unicodedata.category(c) != "Cf").strip()
    text = (text[4:] if text[:4].lower() == "tel:" else text).strip()
    text = _SEPARATORS.sub("", _TRUNK_AFTER_CODE.sub(r"\1", text))
    if _NUMBER.fullmatch(text) is None:
        raise NumberRefused
    return text


def _short_code(digits: str, policy: NumberPolicy) -> str:
    if _is_emergency(digits.removeprefix("+"), policy.country):
        raise NumberRefused(Reason.EMERGENCY_NUMBER)
    if digits in policy.short_codes:
        return digits
    raise NumberRefused


def _is_emergency(digits: str, country: str | None) -> bool:
    """Whether a call to this would be answered by an emergency service: anywhere of old, or in that country."""
    return digits in EMERGENCY or (country is not None and phonenumbers.is_emergency_number(digits, country))


def _international(digits: str, policy: NumberPolicy) -> str:
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if not digits.startswith("+") and policy.country is None:
        raise NumberRefused(Reason.NO_COUNTRY)
    try:
        number = phonenumbers.parse(digits, policy.country)
    except phonenumbers.NumberParseException as error:
        raise NumberRefused from error
    region = phonenumbers.region_code_for_country_code(number.country_code or 0)
    if _is_emergency(str(number.national_number), region):
        raise NumberRefused(Reason.EMERGENCY_NUMBER)
    if not phonenumbers.is_possible_number(number):
        raise NumberRefused
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _require_allowed(number: str, policy: NumberPolicy) -> None:
    """The order of the rules: deny list, allow list, costly numbers, countries, mobile numbers."""
    if number.startswith(policy.deny_prefixes):
        raise NumberRefused(Reason.RECIPIENT_NOT_ALLOWED)
    if policy.allow_prefixes and number.startswith(policy.allow_prefixes):
        return
    parsed = phonenumbers.parse(number, None)
    if number.startswith(COSTLY_PREFIXES) or phonenumbers.number_type(parsed) in _COSTLY_TYPES:
        raise NumberRefused(Reason.COSTLY_NUMBER)
    if policy.countries_allowed and ANY_COUNTRY not in policy.countries_allowed:
        region = phonenumbers.region_code_for_number(parsed)
        codes = {phonenumbers.country_code_for_region(country) for country in policy.countries_allowed}
        known = region in policy.countries_allowed if region else parsed.country_code in codes
        if not known:
            raise NumberRefused(Reason.COUNTRY_NOT_ALLOWED, countries=", ".join(sorted(policy.countries_allowed)))
    if policy.require_mobile == "refuse" and not may_be_mobile(number):
        raise NumberRefused(Reason.NOT_MOBILE)


def may_be_mobile(number: str) -> bool:
    """Whether a number that `normalise` let through may take texts: False where its range is known to be for something else."""
    if not number.startswith("+"):
        return True
    return phonenumbers.number_type(phonenumbers.parse(number, None)) not in _NOT_MOBILE_TYPES


def doubtful(number: str, policy: NumberPolicy) -> bool:
    """Whether a number that goes through deserves a warning: no mobile one, and not listed as allowed."""
    listed = bool(policy.allow_prefixes) and number.startswith(policy.allow_prefixes)
    return policy.require_mobile == "warn" and not listed and not may_be_mobile(number)


def masked(number: str) -> str:
    """A number for logs and screens that others may see: +44770*****22."""
    hidden = len(number) - 8
    return number if hidden < 2 else number[:6] + "*" * hidden + number[-2:]
