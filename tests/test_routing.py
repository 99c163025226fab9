"""Whose an incoming message is, what it asks for, and when it is answered by itself."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from omsmodem.message import Arrival, Correspondent, IncomingKind, Route
from omsmodem.routing import DEFAULT_RULE, AutoReply, Mailbox, Rules, route

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PHONE = "+447700900222"
DANA = Mailbox("dana", keywords=("FISH",), numbers=("+447700900",))
ROBIN = Mailbox("robin", keywords=("boats",), numbers=("+4479*",))
RULES = Rules(blocked=("+4490*", "SPAMMER", "12345"), stop_words=("STOP", "stopp"), start_words=("START",))


def arrival(text: str = "ok", **changes: object) -> Arrival:
    facts: dict[str, object] = {"kind": IncomingKind.TEXT, "modem": "front", "originator": PHONE, "answerable": True}
    return Arrival(**(facts | {"text": text} | changes))


def wrote(account: str, modem: str, hours_ago: int) -> Correspondent:
    return Correspondent(account, modem, NOW - timedelta(hours=hours_ago))


def routed(given: Arrival, *wrote: Correspondent, mailboxes: Sequence[Mailbox] = (DANA, ROBIN)) -> Route:
    return route(given, wrote, mailboxes, RULES, NOW)


@pytest.mark.parametrize(
    ("given", "correspondents", "account", "rule"),
    [
        (arrival(), [wrote("robin", "front", 1), wrote("dana", "front", 2)], "robin", "wrote to this number"),
        (arrival(), [wrote("robin", "back", 1), wrote("dana", "front", 2)], "dana", "over front"),
        (arrival(), [wrote("robin", "back", 1)], "robin", "over back"),
        (arrival(), [wrote("gone", "front", 1), wrote("robin", "front", 2)], "robin", "wrote"),
        (arrival("Boats: two please", originator="+447911123456"), [], "robin", "keyword boats"),
        (arrival("fish"), [wrote("robin", "front", 1)], "robin", "wrote"),
        (arrival("boats", originator=PHONE), [], "robin", "keyword"),
        (arrival("hello"), [], "dana", "+447700900"),
        (arrival("hello", originator="+447911123456"), [], "robin", "+4479"),
        (arrival("hello", originator="+4915112345678"), [], "", DEFAULT_RULE),
        (arrival("", originator="+4915112345678"), [], "", DEFAULT_RULE),
        (arrival("hello", originator=PHONE, answerable=False), [wrote("robin", "front", 1)], "", DEFAULT_RULE),
        (arrival(kind=IncomingKind.WAITING), [wrote("robin", "front", 1)], "", DEFAULT_RULE),
    ],
)
def test_the_first_rule_that_fits_decides_and_is_said(
    given: Arrival, correspondents: list[Correspondent], account: str, rule: str
) -> None:
    """Who wrote last over this SIM, who wrote last, whose keyword, whose number, the default mailbox; a name is nobody's number."""
    found = routed(given, *correspondents)
    assert found.account == account
    assert rule in found.rule
    assert found.mailed


@pytest.mark.parametrize("originator", ["+449011122", "spammer", "12345"])
def test_a_blocked_sender_is_not_mailed(originator: str) -> None:
    """By number, beginning of a number, or name, whatever its case."""
    assert not routed(arrival(originator=originator)).mailed
    assert routed(arrival(originator=originator + "6" if originator != "+449011122" else "+4489")).mailed


@pytest.mark.parametrize(
    ("text", "wish"),
    [("STOP", True), (" stop! ", True), ("Stopp.", True), ("start", False), ("please stop calling", None), ("", None)],
)
def test_only_a_bare_word_is_a_wish(text: str, wish: bool | None) -> None:
    """STOP alone is a wish; STOP in a sentence is a sentence."""
    assert routed(arrival(text)).opt_out is wish


def test_a_name_cannot_opt_a_number_out() -> None:
    """The sender of a text with letters for a number may be anybody."""
    assert routed(arrival("STOP", answerable=False)).opt_out is None


REPLY = AutoReply(
    "Closed until 8.", applies=lambda now: now.hour == 9, day=lambda now: f"{now:%Y-%m-%d}", most_per_day=2
)


def answered(given: Arrival, reply: AutoReply = REPLY, now: datetime = NOW) -> str | None:
    rules = Rules(stop_words=("STOP",), auto_reply=reply)
    answer = route(given, [wrote("dana", "front", 1)], [DANA], rules, now).answer
    return answer.account if answer is not None else None


def test_people_are_answered_out_of_hours_machines_never() -> None:
    """Not in hours, not a short code, not a name, not data, not a STOP; by the account that owns the message."""
    assert answered(arrival()) == "dana"
    assert answered(arrival(), now=NOW + timedelta(hours=1)) is None
    assert answered(arrival(originator="12345")) is None
    assert answered(arrival(answerable=False)) is None
    assert answered(arrival(kind=IncomingKind.DATA)) is None
    assert answered(arrival("STOP")) is None


def test_what_is_nobodys_is_answered_only_in_the_name_of_a_named_account() -> None:
    """An answer costs money: some account has to pay it."""
    stranger = arrival(originator="+4915112345678")
    rules = Rules(auto_reply=REPLY)
    assert route(stranger, [], [DANA], rules, NOW).answer is None
    named = AutoReply(REPLY.text, REPLY.applies, REPLY.day, account="office")
    found = route(stranger, [], [DANA], Rules(auto_reply=named), NOW)
    assert found.answer is not None
    assert (found.answer.account, found.answer.day) == ("office", "2026-03-02")
