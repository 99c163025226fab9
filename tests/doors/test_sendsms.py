"""Kannel's URL answers as Kannel does."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from omsmodem.accounts import AccountError
from omsmodem.doors import SendSms
from omsmodem.message import Reason, Receipt, Refusal, Submission

NOW = datetime(2026, 11, 23, 7, 20, tzinfo=UTC)


class Gate:
    def __init__(self) -> None:
        self.submissions: list[Submission] = []
        self.receipt = Receipt(accepted=(7,))

    def submit(self, submission: Submission, password: str) -> Receipt:
        self.submissions.append(submission)
        if password != "right":
            return Receipt(refused=(Refusal(Reason.INVALID_USER),))
        return self.receipt


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def application(gate: Gate) -> SendSms:
    return SendSms(gate.submit, ["Scripts"], lambda: NOW, timedelta(days=30))


def ask(application: SendSms, query: str = "", form: str | None = None, **environ: str) -> tuple[int, str]:
    body = (form or "").encode()
    asked: dict[str, Any] = {
        "REQUEST_METHOD": "GET" if form is None else "POST",
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
        **environ,
    }
    got: list[str] = []
    answer = b"".join(application(asked, lambda status, _headers: got.append(status)))
    return int(got[0][:3]), answer.decode().strip()


def query(**fields: str) -> str:
    return urlencode({"username": "scripts", "password": "right", "to": "447700900222", "text": "hello", **fields})


def test_a_message_is_accepted_by_get_and_by_post(application: SendSms, gate: Gate) -> None:
    """Kannel's line, with our id behind it."""
    assert ask(application, query()) == (202, "0: Accepted for delivery: 7")
    assert ask(application, form=query(text="Käse & 12 €")) == (202, "0: Accepted for delivery: 7")
    first, second = gate.submissions
    assert (first.account, first.recipients, first.texts) == ("scripts", ("+447700900222",), ("hello",))
    assert second.texts == ("Käse & 12 €",)


def test_user_and_pass_are_the_same_and_several_numbers_are_separated_by_spaces(
    application: SendSms, gate: Gate
) -> None:
    """As in Kannel's guide."""
    assert ask(application, "user=scripts&pass=right&to=447700900222+07700900333+%2B447700900444&text=x")[0] == 202
    assert gate.submissions[0].recipients == ("+447700900222", "07700900333", "+447700900444")


@pytest.mark.parametrize(
    ("fields", "octets"),
    [
        ({"charset": "windows-1252"}, "12 €".encode("windows-1252")),
        ({"coding": "2"}, "12 €".encode("utf-16-be")),
        ({"coding": "2", "charset": "utf-8"}, "12 €".encode()),
        ({}, "12 €".encode()),
    ],
)
def test_the_text_is_in_its_charset(application: SendSms, gate: Gate, fields: dict[str, str], octets: bytes) -> None:
    """UTF-8 unless something else is said."""
    fixed = urlencode({"username": "scripts", "password": "right", "to": "447700900222", **fields})
    assert ask(application, f"{fixed}&text={quote(octets)}")[0] == 202
    assert gate.submissions[0].texts == ("12 €",)


def test_a_message_may_be_deferred(application: SendSms, gate: Gate) -> None:
    """By minutes from now."""
    ask(application, query(deferred="90"))
    assert gate.submissions[0].not_before == NOW + timedelta(minutes=90)


@pytest.mark.parametrize(
    ("changes", "status", "line"),
    [
        ({"password": "wrong"}, 403, "Authorization failed for sendsms"),
        ({"username": "dana"}, 403, "Authorization failed for sendsms"),
        ({"to": ""}, 400, "Missing receiver and/or text, rejected"),
        ({"text": ""}, 400, "Missing receiver and/or text, rejected"),
        ({"coding": "1"}, 400, "Only texts are sent"),
        ({"charset": "klingon"}, 400, "not in the charset klingon"),
        ({"deferred": "soon"}, 400, "Deferred is a number of minutes"),
        ({"deferred": "43201"}, 400, "up to 43200"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(application: SendSms, changes: dict[str, str], status: int, line: str) -> None:
    """A status and one line of text, as programs for Kannel expect."""
    got, answer = ask(application, query(**changes))
    assert got == status
    assert line in answer


def test_an_account_that_is_not_listed_never_reaches_the_gate(application: SendSms, gate: Gate) -> None:
    """The door is opened per account."""
    ask(application, query(username="dana"))
    assert gate.submissions == []


@pytest.mark.parametrize(
    ("receipt", "status", "line"),
    [
        (Receipt(refused=(Refusal(Reason.UNAVAILABLE),)), 503, "Temporal failure"),
        (
            Receipt(refused=(Refusal(Reason.QUOTA_DAY, detail="The limit of the day is used up."),)),
            400,
            "The limit of the day",
        ),
        (
            Receipt((7,), (Refusal(Reason.INVALID_RECIPIENT, "12", "Not dialable."),)),
            202,
            "7 (not sent: 12: Not dialable.)",
        ),
    ],
)
def test_receipts_are_told_in_kannels_words(
    application: SendSms, gate: Gate, receipt: Receipt, status: int, line: str
) -> None:
    """Later, never, or in part."""
    gate.receipt = receipt
    got, answer = ask(application, query())
    assert got == status
    assert line in answer


def test_other_verbs_and_long_forms_are_refused(application: SendSms) -> None:
    """Before anything is read."""
    assert ask(application, query(), REQUEST_METHOD="PUT")[0] == 405
    assert ask(application, "", "x", CONTENT_LENGTH="99999999")[0] == 413


def test_a_form_of_too_many_fields_is_refused(application: SendSms) -> None:
    """Before anybody has signed in, so it must not be a fault of ours."""
    assert ask(application, "&".join(f"a{n}=" for n in range(200)))[0] == 400


def test_accounts_that_cannot_be_read_are_a_reason_to_come_again(gate: Gate) -> None:
    """As everything that is not the caller's fault."""

    def submit(_submission: Submission, _password: str) -> Receipt:
        raise AccountError("accounts.json is no account file")

    application = SendSms(submit, ["scripts"], lambda: NOW, timedelta(days=30))
    assert ask(application, query()) == (503, "Temporal failure, try again later.")
