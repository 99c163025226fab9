"""Every code of a refusal or a report: its meaning and what to do."""

from pathlib import Path

import pytest

from omsmodem.sms import causes
from omsmodem.sms.causes import Cause, Reaction, StatusClass
from omsmodem.sms.causes.reference import page

from . import golden

ROOT = Path(__file__).parent.parent.parent
REFUSALS = golden.rows("causes.tsv")
STATUSES = golden.rows("statuses.tsv")


def cause(error: str, code: int | None) -> Cause:
    return causes.cme(code) if error == "cme" else causes.cms(code)


@pytest.mark.parametrize("row", REFUSALS, ids=lambda row: f"{row[0]}-{row[1][:12]}")
def test_refusals(row: list[str]) -> None:
    """Reaction, number of tries, what follows and what a run of them means, for every code of the row."""
    error, codes, reaction, tries, then, for_all, words = row
    for code in golden.numbers(codes):
        found = cause(error, code)
        assert found.code == code
        assert found.reaction == reaction
        assert found.tries == (None if tries == "-" else int(tries))
        assert found.then == ("fail" if then == "-" else then)
        assert found.for_all == (None if for_all == "-" else for_all)
        assert words.strip("-") in found.meaning


def test_the_rows_leave_no_code_out() -> None:
    """0 to 1100 of +CMS ERROR; of +CME ERROR what has a meaning and the whole range of packet causes."""
    codes = {
        error: [n for row in REFUSALS if row[0] == error for n in golden.numbers(row[1])] for error in ("cms", "cme")
    }
    assert sorted(codes["cms"]) == list(range(1101))
    assert len(codes["cme"]) == len(set(codes["cme"]))
    assert set(range(102, 234)) <= set(codes["cme"])


@pytest.mark.parametrize("error", ["cms", "cme"])
@pytest.mark.parametrize("code", [None, 99999, 2**40])
def test_any_code_has_a_cause(error: str, code: int | None) -> None:
    """What nobody has heard of, and no code at all, is tried a few times."""
    found = cause(error, code)
    assert found.code == code
    assert found.meaning
    assert found.reaction is Reaction.RETRY
    assert found.tries == 3


def test_a_plain_error_before_the_prompt_is_the_modems_fault() -> None:
    """Nothing was sent."""
    assert causes.cms(None, prompted=False).reaction is Reaction.MODEM
    assert causes.cme(None, prompted=False).reaction is Reaction.MODEM
    assert causes.cms(42, prompted=False) == causes.cms(42)


def test_vendor_codes_never_fail_a_message_at_once() -> None:
    """The same number means other things on other devices."""
    for code in range(512, 1101):
        found = causes.cms(code)
        assert found.tries == 3
        assert found.reaction in {Reaction.RETRY, Reaction.SIM}


def test_what_a_person_can_cure_comes_with_advice() -> None:
    """A sentence for the office wherever sending stops or a recipient is given up."""
    found = [cause(row[0], code) for row in REFUSALS for code in golden.numbers(row[1])]
    for each in found:
        if each.reaction in {Reaction.STOP, Reaction.SIM} and each.tries is None:
            assert each.advice.endswith("."), each
        assert not each.advice or each.advice[0].isupper()
        assert each.meaning[0].islower() or each.meaning.split()[0].isupper(), each


def test_every_reaction_is_used() -> None:
    """No reaction is there for nothing."""
    assert {cause(row[0], code).reaction for row in REFUSALS for code in golden.numbers(row[1])} == set(Reaction)


@pytest.mark.parametrize("row", STATUSES, ids=lambda row: row[0])
def test_statuses(row: list[str]) -> None:
    """Kind, certainty, whether to try anew, and words, for every value of the row."""
    values, status_class, confirmed, again, words = row
    for value in golden.numbers(values, 16):
        found = causes.report(value)
        assert found.code == value
        assert found.status_class == status_class == causes.status(value)
        assert (found.confirmed, found.again) == (confirmed == "yes", again == "yes")
        assert words in found.meaning
        if words in {"own", "reserved"} or "reserved" in found.meaning:
            assert f"0x{value:02X}" in found.meaning  # the raw octet, for the log


def test_every_status_has_a_row() -> None:
    """All 256, once each."""
    assert [value for row in STATUSES for value in golden.numbers(row[0], 16)] == list(range(256))
    assert {causes.status(value) for value in range(256)} == set(StatusClass)


def test_the_page_of_codes_is_written_from_the_tables() -> None:
    """docs/codes.md is what `make docs` writes."""
    assert (ROOT / "docs" / "codes.md").read_text("utf-8") == page(), "run `make docs`"
    assert all(f"| {reaction} |" in page() for reaction in Reaction)
