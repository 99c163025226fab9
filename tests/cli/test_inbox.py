"""inbox, sent, trace, optout, mail: what a person sees of the way back."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from omsmodem.message import Door, IncomingKind, IncomingSegment, NoticeState, Route, SegmentState, Submission
from omsmodem.store import Sorting, Store, Wanted
from tests.cli.conftest import Home
from tests.mail.conftest import assemble
from tests.mail.sink import Sink, serving

PHONE = "+447700900222"
_unique = itertools.count()


def receive(store: Store, text: str, account: str = "dana", originator: str = PHONE, answerable: bool = True) -> None:
    tpdu = next(_unique).to_bytes(4, "big") + text.encode()
    segment = IncomingSegment(
        *(tpdu, tpdu, tpdu, "modem1", "modem1", originator, answerable), IncomingKind.TEXT, datetime.now(UTC)
    )
    rule = "dana wrote to this number" if account else "default mailbox"
    store.inbox.add(segment, Sorting(assemble, lambda _arrival, _correspondents: Route(account, rule)))


def submit(store: Store, text: str = "Fish at 15:30") -> int:
    submission = Submission(
        "dana", Door.OMS, (PHONE,), (text,), client="Microsoft Office Outlook 14.0", source="10.0.0.7"
    )
    accepted = store.accepting.accept(
        Wanted(
            submission,
            (PHONE,),
            validity=timedelta(hours=48),
            fingerprint=str(next(_unique)).encode(),
            duplicate_window=timedelta(0),
        )
    )
    taken = store.outbox.take("modem1", lambda _message, _reference: (b"\x01",))
    assert taken is not None
    store.outbox.mark_in_flight(taken.message.id, 1, "modem1")
    return accepted.message_ids[0]


@pytest.fixture
def told(home: Home) -> Home:
    """One text that went out and was answered, one that was refused, one from a name."""
    store = home.store()
    store.outbox.mark_submitted(submit(store), 1, 41)
    store.evidence.add_report("modem1", 41, PHONE, 0, SegmentState.DELIVERED)
    receive(store, "Can't make 15:30,\n16:15 ok?")
    store.outbox.mark_failed(submit(store, "second"), 1, "+CMS ERROR: 38 (network out of order)")
    store.notices.close_gathered(timedelta(0))
    receive(store, "Your code is 1234", account="", originator="BANK", answerable=False)
    store.close()
    return home


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_the_inbox_says_who_wrote_and_whom_it_went_to(told: Home) -> None:
    """Plain lines where scripts read, newest first; a name is in quotes; the rule stands where there is no account."""
    lines = [line.split("\t") for line in told.run("inbox").stdout.splitlines()]
    assert [(fields[0], *fields[2:]) for fields in lines] == [
        ("in2", '"BANK"', "default mailbox", "Your code is 1234"),
        ("in1", PHONE, "dana", "Can't make 15:30, 16:15 ok?"),
    ]
    (found,) = objects(told.run("inbox", "--json", "--from", "07700 900222").stdout)
    assert (found["from"], found["account"], found["rule"]) == (PHONE, "dana", "dana wrote to this number")
    assert found["text"] == "Can't make 15:30,\n16:15 ok?"


def test_octets_that_could_not_be_read_can_be_seen(told: Home) -> None:
    """With the reason, as hexadecimal."""
    store = told.store()
    store.inbox.keep_undecodable(b"\xff\x00", "modem1", "originator at octet 1: nonsense")
    store.close()
    assert "FF00" in told.run("inbox", "--unreadable").stdout
    assert objects(told.run("inbox", "--unreadable", "--json").stdout)[0]["octets"] == "FF00"


def test_sent_lists_what_the_network_took(told: Home) -> None:
    """Not what was refused."""
    assert [found["text"] for found in objects(told.run("sent", "--json").stdout)] == ["Fish at 15:30"]
    assert "delivered" in told.run("sent", "--to", "900222").stdout


def test_trace_of_a_message_is_its_life_on_one_screen(told: Home) -> None:
    """Who, from where, over which modem, each segment with its reference and report, each event, mails, answers."""
    text = told.run("trace", "1").stdout
    for words in (
        "MESSAGE 1  delivered  to +447700900222",
        "for dana by oms, Microsoft Office Outlook 14.0 from 10.0.0.7",
        "1/1  delivered    reference 41",
        "report 0x00",
        "taken by modem1",
        "  delivered   every segment is ",
        "in1  Can't make 15:30, 16:15 ok?",
    ):
        assert words in text
    (life,) = objects(told.run("trace", "#2", "--json").stdout)
    assert (life["state"], life["source"], life["segments"][0]["state"]) == ("failed", "10.0.0.7", "refused")
    assert [mail["kind"] for mail in life["mails"]] == ["outcome"]
    assert "outcome  waiting" in told.run("trace", "2").stdout


def test_trace_of_an_incoming_message_says_by_which_rule_it_went_where(told: Home) -> None:
    """With its mails."""
    text = told.run("trace", "in2").stdout
    assert '"BANK", a name that cannot be answered' in text
    assert "rule       default mailbox" in text
    assert "reply  waiting, 0 tries" in text
    assert objects(told.run("trace", "in1", "--json").stdout)[0]["mails"][0]["state"] == "waiting"


def test_trace_of_a_number_is_the_conversation(told: Home) -> None:
    """Both directions, the newest last, whichever way the number is typed."""
    found = objects(told.run("trace", "07700 900222", "--json").stdout)
    assert [(one["direction"], one["text"]) for one in found] == [
        ("to", "Fish at 15:30"),
        ("from", "Can't make 15:30,\n16:15 ok?"),
        ("to", "second"),
    ]
    assert [line.split("\t")[0] for line in told.run("trace", PHONE).stdout.splitlines()] == ["1", "in1", "2"]


def test_trace_of_a_sender_with_a_name_shows_what_it_wrote(told: Home) -> None:
    """Nobody can write to a name: no message of ours is its."""
    assert told.run("trace", "Nobody").stdout == ""


@pytest.mark.parametrize("what", ["99", "in99"])
def test_trace_of_what_is_not_there_says_so(told: Home, what: str) -> None:
    """One line, exit code 1."""
    result = told.run("trace", what)
    assert result.exit_code == 1
    assert "there is no" in result.stderr


def test_opt_outs_are_listed_written_down_and_lifted(told: Home) -> None:
    """A number that asked by telephone, for one account; lifting what is not there says so."""
    assert (
        told.run("optout", "add", "07700 900222", "--account", "dana").stdout == f"no more texts to {PHONE} from dana\n"
    )
    (wish,) = objects(told.run("optout", "list", "--json").stdout)
    assert (wish["number"], wish["account"]) == (PHONE, "dana")
    refused = told.run("send", "--account", "dana", "--to", PHONE, "hello")
    assert "opted_out" in refused.stderr
    assert refused.exit_code == 1
    assert told.run("optout", "lift", PHONE).stdout == f"texts to {PHONE} are allowed again\n"
    assert told.run("send", "--account", "dana", "--to", PHONE, "hello").exit_code == 0
    assert told.run("optout", "lift", PHONE).exit_code == 1


def test_mails_that_could_not_be_sent_are_listed_and_sent_again(told: Home) -> None:
    """With the reason; by number or all of them."""
    store = told.store()
    first, second = store.notices.due()[:2]
    for notice in (first, second):
        store.notices.keep(notice.id, "550 no such user")
    store.close()
    assert "550 no such user" in told.run("mail", "list").stdout
    assert told.run("mail", "retry", str(first.id)).stdout == "1 to be sent again\n"
    assert told.run("mail", "retry", str(first.id)).exit_code == 1
    assert told.run("mail", "retry", "--all").stdout == "1 to be sent again\n"
    states = {one["state"] for one in objects(told.run("mail", "list", "--all", "--json").stdout)}
    assert states == {NoticeState.WAITING.value}
    assert told.run("mail", "retry").exit_code == 2


def test_a_test_mail_says_whether_the_server_takes_mails(told: Home) -> None:
    """Or why it does not, in words."""
    assert "mail.host" in told.run("mail", "test", "dana@harbour.example").stderr
    sink = Sink()
    with serving(sink) as port:
        told.configure(f"mail:\n  host: 127.0.0.1\n  port: {port}\n  security: none\n  sender: sms@harbour.example\n")
        assert told.run("mail", "test", "dana@harbour.example").exit_code == 0
        sink.answers["RCPT"].append("550 5.1.1 no such user")
        assert "550 5.1.1" in told.run("mail", "test", "nobody@harbour.example").stderr
    assert sink.messages()[0]["To"] == "dana@harbour.example"
    assert "cannot be reached" in told.run("mail", "test", "dana@harbour.example").stderr
