"""What people type becomes one number, or is refused: a wrong number costs money and goes to a stranger."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omsmodem.message import Reason
from omsmodem.numbers import (
    EMERGENCY,
    NumberPolicy,
    NumberRefused,
    canonical,
    doubtful,
    masked,
    may_be_mobile,
    normalise,
)
from omsmodem.sms.address import Address

BRITAIN = NumberPolicy("GB", frozenset({"GB"}))
GERMANY = NumberPolicy("DE", frozenset({"DE"}))
ITALY = NumberPolicy("IT", frozenset({"IT"}))
AMERICA = NumberPolicy("US", frozenset({"US"}))
ANYWHERE = NumberPolicy("GB", frozenset({"any"}))
NOWHERE = NumberPolicy()


def outcome(typed: str, policy: NumberPolicy) -> str | Reason:
    try:
        return normalise(typed, policy)
    except NumberRefused as refused:
        return refused.reason


DIALLED = [
    ("+447700900222", BRITAIN, "+447700900222"),
    ("07700 900222", BRITAIN, "+447700900222"),
    ("7700900222", BRITAIN, "+447700900222"),
    ("(07700) 900-222", BRITAIN, "+447700900222"),
    ("07700.900.222", BRITAIN, "+447700900222"),
    ("07700/900222", BRITAIN, "+447700900222"),
    ("0044 7700 900222", BRITAIN, "+447700900222"),
    ("+44 (0)7700 900222", BRITAIN, "+447700900222"),
    ("0044(0)7700900222", BRITAIN, "+447700900222"),
    ("tel:+44-7700-900222", BRITAIN, "+447700900222"),
    ("tel: +447700900222", BRITAIN, "+447700900222"),
    ("TEL:+447700900222", BRITAIN, "+447700900222"),
    ("\u202a+44 7700 900222\u202c", BRITAIN, "+447700900222"),  # as pasted from a contact card
    ("+44\u00a07700\u00a0900222", BRITAIN, "+447700900222"),  # no-break spaces
    ("+44\t7700\t900222", BRITAIN, "+447700900222"),
    ("+44\u20117700\u2013900222", BRITAIN, "+447700900222"),  # dashes that are no hyphen
    ("＋４４７７００９００２２２", BRITAIN, "+447700900222"),
    ("  +447700900222\n", BRITAIN, "+447700900222"),
    ("+49 (0)171 1234567", GERMANY, "+491711234567"),
    ("0171/1234567", GERMANY, "+491711234567"),
    ("0049-171-1234567", GERMANY, "+491711234567"),
    ("+39 312 345 6789", ITALY, "+393123456789"),
    ("312 345 6789", ITALY, "+393123456789"),
    ("06 1234 5678", ITALY, "+390612345678"),  # Italy keeps its zero
    ("+39 (0)6 1234 5678", ITALY, "+390612345678"),
    ("(415) 555-2671", AMERICA, "+14155552671"),
    ("1-415-555-2671", AMERICA, "+14155552671"),
    ("011 1 415 555 2671", AMERICA, "+14155552671"),
    ("+1 415.555.2671", AMERICA, "+14155552671"),
    ("+491711234567", ANYWHERE, "+491711234567"),
    ("+447700900222", NOWHERE, "+447700900222"),
    ("00447700900222", NOWHERE, "+447700900222"),
]

INVALID = Reason.INVALID_RECIPIENT
REFUSED = [
    ("", BRITAIN, INVALID),
    ("   ", BRITAIN, INVALID),
    ("+", BRITAIN, INVALID),
    ("dana", BRITAIN, INVALID),
    ("dana@harbour.example", BRITAIN, INVALID),
    ("1-800-FLOWERS", AMERICA, INVALID),
    ('"Dana" <+447700900222>', BRITAIN, INVALID),
    ("+44 7700 900222 x12", BRITAIN, INVALID),
    ("+44 7700 900222;ext=12", BRITAIN, INVALID),
    ("+447700900222,+447700900333", BRITAIN, INVALID),
    ("++447700900222", BRITAIN, INVALID),
    ("+44+7700900222", BRITAIN, INVALID),
    ("447700900222+", BRITAIN, INVALID),
    ("*100#", BRITAIN, INVALID),
    ("#31#+447700900222", BRITAIN, INVALID),
    ("+44770090\r\nAT+CFUN=0", BRITAIN, INVALID),
    ("+4477009002\x1a22", BRITAIN, INVALID),
    ("٠٧٧٠٠٩٠٠٢٢٢", BRITAIN, INVALID),  # Arabic-Indic digits
    ("०७७००९००२२२", BRITAIN, INVALID),  # Devanagari
    ("+44770090022²", BRITAIN, INVALID),
    ("+447700①900222", BRITAIN, INVALID),
    ("+000000000000", BRITAIN, INVALID),
    ("+44 7700", BRITAIN, INVALID),
    ("+44770090022222222222222222222222222222", BRITAIN, INVALID),
    ("0" * 40, BRITAIN, INVALID),
    ("+999123456789", ANYWHERE, INVALID),
    ("12345", BRITAIN, INVALID),  # a short code that is not listed
    ("+12345", BRITAIN, INVALID),
    ("07700 900222", NOWHERE, Reason.NO_COUNTRY),
    ("112", BRITAIN, Reason.EMERGENCY_NUMBER),
    ("1 1 2", BRITAIN, Reason.EMERGENCY_NUMBER),
    ("+112", BRITAIN, Reason.EMERGENCY_NUMBER),
    ("１１２", BRITAIN, Reason.EMERGENCY_NUMBER),
    ("999", BRITAIN, Reason.EMERGENCY_NUMBER),
    ("911", NOWHERE, Reason.EMERGENCY_NUMBER),
    ("+44 999", BRITAIN, INVALID),
    ("0044 0 112", BRITAIN, Reason.EMERGENCY_NUMBER),
    ("90000", NumberPolicy("SE"), Reason.EMERGENCY_NUMBER),
    ("+491711234567", BRITAIN, Reason.COUNTRY_NOT_ALLOWED),
    ("+353871234567", BRITAIN, Reason.COUNTRY_NOT_ALLOWED),
    ("+18765551234", AMERICA, Reason.COUNTRY_NOT_ALLOWED),  # Jamaica is +1 too
    ("+447797123456", BRITAIN, Reason.COUNTRY_NOT_ALLOWED),  # Jersey is +44 too
    ("09012345678", BRITAIN, Reason.COSTLY_NUMBER),
    ("+447001234567", BRITAIN, Reason.COSTLY_NUMBER),
    ("+491801234567", GERMANY, Reason.COSTLY_NUMBER),
    ("+19005552671", AMERICA, Reason.COSTLY_NUMBER),
    ("+979123456789", ANYWHERE, Reason.COSTLY_NUMBER),
    ("+870773111632", ANYWHERE, Reason.COSTLY_NUMBER),
    ("+8835100123456", ANYWHERE, Reason.COSTLY_NUMBER),
    ("+80812345678", ANYWHERE, Reason.COSTLY_NUMBER),
]


@pytest.mark.parametrize(("typed", "policy", "number"), DIALLED)
def test_numbers_as_people_write_them(typed: str, policy: NumberPolicy, number: str) -> None:
    """However it is written, it is the same number, and the same octets go to the network."""
    assert outcome(typed, policy) == number
    octets = Address.of(number).encode()
    digits = number[1:] + "F" * (len(number[1:]) % 2)
    assert octets[0] == len(number) - 1
    assert octets[1] == 0x91
    assert octets[2:].hex().upper() == "".join(digits[at + 1] + digits[at] for at in range(0, len(digits), 2))


@pytest.mark.parametrize(("typed", "policy", "reason"), REFUSED)
def test_what_is_not_dialled(typed: str, policy: NumberPolicy, reason: Reason) -> None:
    """Neither guessed nor repaired: each refusal has its reason."""
    assert outcome(typed, policy) == reason


@pytest.mark.parametrize("number", sorted(EMERGENCY))
def test_emergency_numbers_are_never_texted(number: str) -> None:
    """Not even when they are listed as short codes or allowed prefixes."""
    careless = NumberPolicy("GB", short_codes=frozenset(EMERGENCY), allow_prefixes=("+", "+4"))
    assert outcome(number, careless) is Reason.EMERGENCY_NUMBER
    assert outcome(f"+{number}", careless) is Reason.EMERGENCY_NUMBER


@pytest.mark.parametrize(("country", "number"), [("DE", "110"), ("SE", "90000"), ("BR", "192"), ("ZA", "10111")])
def test_a_country_s_own_emergency_numbers_are_never_texted(country: str, number: str) -> None:
    """Whatever is configured."""
    policy = NumberPolicy(country, short_codes=frozenset({number}))
    assert outcome(number, policy) is Reason.EMERGENCY_NUMBER


def test_listed_short_codes_are_texted_as_they_are() -> None:
    """Without a country code, and only in the very form that is listed."""
    policy = replace(BRITAIN, short_codes=frozenset({"22922"}))
    assert outcome("229 22", policy) == "22922"
    assert outcome("+22922", policy) is INVALID
    assert Address.of("22922").encode()[1] == 0x81


def test_the_order_of_the_rules() -> None:
    """The deny list beats the allow list, and the allow list opens costly numbers and other countries."""
    policy = replace(
        BRITAIN, allow_prefixes=("+49171", "+8816", "+447700900"), deny_prefixes=("+447700900222", "+4917112")
    )
    assert outcome("+491719999999", policy) == "+491719999999"
    assert outcome("+491711234567", policy) is Reason.RECIPIENT_NOT_ALLOWED
    assert outcome("+447700900222", policy) is Reason.RECIPIENT_NOT_ALLOWED
    assert outcome("+447700900333", policy) == "+447700900333"
    assert outcome("+353871234567", policy) is Reason.COUNTRY_NOT_ALLOWED


_NOISE = st.text("0123456789+-() ./\t\u00a0\u2013abcx#*;,٠²①＋１\u202a\x1a\r\n", max_size=24)


@settings(max_examples=300)
@given(st.one_of(st.text(max_size=30), _NOISE), st.sampled_from([BRITAIN, GERMANY, ITALY, AMERICA, ANYWHERE, NOWHERE]))
def test_whatever_is_typed_a_clean_number_comes_out_or_a_refusal(typed: str, policy: NumberPolicy) -> None:
    """Only plus and ASCII digits ever reach the modem; nothing but our own refusal is raised; twice is once."""
    found = outcome(typed, policy)
    if isinstance(found, Reason):
        return
    assert found.isascii()
    assert found[0] == "+"
    assert found[1:].isdigit()
    assert 7 <= len(found) - 1 <= 15
    assert outcome(found, policy) == found


@settings(max_examples=150)
@given(st.from_regex(r"\+447[1-57-9][0-9]{8}", fullmatch=True), st.data())
def test_separators_change_nothing(number: str, data: st.DataObject) -> None:
    """Spaces, brackets, dots and dashes anywhere behind the plus."""
    plain = outcome(number, ANYWHERE)
    spaced = number[0]
    for digit in number[1:]:
        spaced += digit + data.draw(st.sampled_from(["", "", " ", "-", ".", "\u00a0", "\u2011"]))
    assert outcome(spaced, ANYWHERE) == plain


@settings(max_examples=100)
@given(st.text("0123456789", min_size=1, max_size=6), st.sampled_from(["", "+", "00"]))
def test_nothing_short_is_dialled_unlisted(digits: str, prefix: str) -> None:
    """Fewer than seven digits are a short code, in every country and form."""
    assert isinstance(outcome(prefix + digits, ANYWHERE), Reason)


def test_originators_are_written_like_recipients() -> None:
    """So a reply finds who wrote; names and short codes stay as they came."""
    assert canonical("07700900222", "GB") == "+447700900222"
    assert canonical("+447700900222", None) == "+447700900222"
    assert canonical("HarbourNews", "GB") == "HarbourNews"
    assert canonical("22922", "GB") == "22922"


@pytest.mark.parametrize(
    ("number", "mobile"),
    [
        ("+442079460123", False),  # London
        ("+390612345678", False),  # Rome
        ("+448001111", False),  # freephone
        ("+447700900222", True),  # of no range that is in use
        ("+491711234567", True),
        ("+14155552671", True),  # North America has no ranges of its own for mobile phones
        ("22922", True),
    ],
)
def test_landlines_are_known_where_their_range_is(number: str, mobile: bool) -> None:
    """Refused or warned of, as the policy wants; a number that may be a mobile one is never held up."""
    policy = NumberPolicy("GB", frozenset({"any"}), short_codes=frozenset({"22922"}))
    strict, careful = replace(policy, require_mobile="refuse"), replace(policy, require_mobile="warn")
    assert may_be_mobile(number) is mobile
    assert outcome(number, strict) == (number if mobile else Reason.NOT_MOBILE)
    assert outcome(number, careful) == outcome(number, policy) == number
    assert doubtful(number, careful) is not mobile
    assert not doubtful(number, policy)
    listed = {"allow_prefixes": (number[:4],)}
    assert outcome(number, replace(strict, **listed)) == number
    assert not doubtful(number, replace(careful, **listed))


@pytest.mark.parametrize(
    ("number", "shown"), [("+447700900222", "+44770*****22"), ("22922", "22922"), ("+4915", "+4915")]
)
def test_masked_numbers(number: str, shown: str) -> None:
    """Enough to recognise one's own, not enough to dial."""
    assert masked(number) == shown
