"""The mails themselves: Outlook's form, plain words, and nothing from the air that becomes a header."""

import shutil
import subprocess
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from omsmodem.accounts import Account
from omsmodem.mail import Composer, Mailboxes
from omsmodem.mail.errors import NobodyToTell
from omsmodem.message import IncomingKind, NoticeKind, SegmentKey, SegmentState
from tests.mail.conftest import HEAD, PHONE, START, Office, parsed

_OURS = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "X-Loop"]
_MIME = ["Content-Type", "Content-Transfer-Encoding", "MIME-Version"]


def body(mail: EmailMessage) -> str:
    return str(mail.get_content()).replace("\r\n", "\n").rstrip("\n")


# -- replies ----------------------------------------------------------------------------------------------------------


def test_a_reply_has_the_form_that_outlook_knows(office: Office) -> None:
    """What [MS-OXOSMMS] wants: content class, the number to answer to, the body the text and nothing else, the time at the centre."""
    there = timezone(timedelta(hours=1))
    office.receive("Can’t make 15:30, 16:15 ok?", sent_at=START.astimezone(there))
    mail = office.mail()
    assert mail["Content-class"] == "MS-OMS-SMS"
    assert mail["X-MS-Reply-To-Mobile"] == PHONE
    assert mail["From"] == "Harbour SMS <sms@harbour.example>"
    assert mail["To"] == "dana@harbour.example"
    assert mail["Subject"] == f"SMS from {PHONE}"
    assert mail["Date"].datetime == START
    assert mail["Date"].datetime.utcoffset() == timedelta(hours=1)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Message-ID"].startswith("<reply-1.")
    assert mail["Message-ID"].endswith("@harbour.example>")
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content_charset() == "utf-8"
    assert body(mail) == "Can’t make 15:30, 16:15 ok?"


def test_the_same_notice_gives_the_same_mail_each_time(office: Office) -> None:
    """A repeat after a kill is the same mail with the same Message-ID."""
    office.receive("hello")
    (notice,) = office.due()
    first = office.composer().compose(notice).message.as_bytes()
    office.clock.advance(hours=3)
    assert office.composer().compose(notice).message.as_bytes() == first


def test_a_name_is_shown_and_cannot_be_answered(office: Office) -> None:
    """An alphanumeric sender gets no reply header, whatever its letters look like."""
    office.receive("Your code is 1234", originator="+44770090", answerable=False)
    mail = office.mail()
    assert mail["X-MS-Reply-To-Mobile"] is None
    assert mail["Content-class"] == "MS-OMS-SMS"
    assert mail["Subject"] == 'SMS from "+44770090"'


def test_a_contact_is_called_by_its_name(office: Office) -> None:
    """In the subject, for programs other than Outlook; the reply header stays the number."""
    office.receive("hi", originator="+447700900333")
    mail = office.mail()
    assert mail["Subject"] == "SMS from Robin (+447700900333)"
    assert mail["X-MS-Reply-To-Mobile"] == "+447700900333"


def test_an_account_may_do_without_outlooks_headers(office: Office) -> None:
    """For people who read their texts in another program."""
    office.accounts.add(Account("web", smtp_address="web@harbour.example", oms_headers=False), "tide&74")
    office.receive("hi", account="web")
    mail = office.mail()
    assert mail["Content-class"] is None
    assert mail["X-MS-Reply-To-Mobile"] is None


def test_what_is_nobodys_and_what_somebody_left_goes_to_the_default_mailbox(office: Office) -> None:
    """No account, an account that is gone, one that is switched off or has no address."""
    office.accounts.add(Account("off", smtp_address="off@harbour.example", enabled=False), "tide&74")
    office.accounts.add(Account("mute"), "tide&74")
    for account in ("", "gone", "off", "mute"):
        office.receive("hi", account=account)
    assert {office.composer().compose(notice).recipients for notice in office.due()} == {("office@harbour.example",)}
    with pytest.raises(NobodyToTell, match=r"mail\.default_mailbox"):
        office.composer(mailboxes=Mailboxes()).compose(office.due()[0])


def test_an_unreadable_time_is_replaced_by_the_time_of_arrival(office: Office) -> None:
    """The mail still has a date."""
    office.receive("hi", sent_at=None)
    assert office.mail()["Date"].datetime == START


def test_a_gap_is_said_and_so_is_its_end(office: Office) -> None:
    """An incomplete message says so in the subject; the follow-up says that it is whole now."""
    office.receive("one ", key=SegmentKey(7, False, 2, 1))
    office.clock.advance(hours=2)
    office.store.inbox.give_up_incomplete(timedelta(hours=1), office.sorting())
    mail = office.mail()
    assert (mail["Subject"], body(mail)) == (f"SMS from {PHONE} (parts are missing)", "one […]")
    (notice,) = office.due()
    office.store.notices.begin(notice.id)
    office.store.notices.mark_sent(notice.id)
    office.receive("two", key=SegmentKey(7, False, 2, 2))
    mail = office.mail()
    assert (mail["Subject"], body(mail)) == (f"SMS from {PHONE} (now complete)", "one two")


def test_octets_and_waiting_indications_are_told_in_words(office: Office) -> None:
    """They are no text messages and do not pretend to be."""
    office.receive("\x01\x02", kind=IncomingKind.DATA, detail="for port 2948")
    office.receive("call us", kind=IncomingKind.WAITING, detail="voicemail waits (2)", account="")
    with office.store.database.transaction() as connection:
        connection.execute("UPDATE incoming SET text = '' WHERE kind = 'data'")
    data, waiting = (parsed(office.composer().compose(notice).message) for notice in office.due())
    assert data["Content-class"] is waiting["Content-class"] is None
    assert "for port 2948" in body(data)
    assert "01 02" in body(data)
    assert waiting["Subject"] == "voicemail waits (2) (SIM of modem1)"
    assert body(waiting) == "The network says to the SIM in modem1: voicemail waits (2).\n\ncall us"


def test_the_conversation_is_quoted_below_a_marker_when_asked(office: Office) -> None:
    """Both sides, oldest first, one line each; off by default."""
    office.receive("first question")
    office.clock.advance(minutes=1)
    office.accept(PHONE, text="first\nanswer")
    office.deliver()
    office.clock.advance(minutes=1)
    office.receive("second question")
    _, notice = office.due()
    assert body(parsed(office.composer().compose(notice).message)) == "second question"
    assert body(parsed(office.composer(quote=5).compose(notice).message)).splitlines() == [
        "second question",
        "",
        "---------- earlier ----------",
        f"> 2026-03-02 09:00 +0000 {PHONE}: first question",
        "> 2026-03-02 09:01 +0000 dana: first answer",
    ]


_AIR = st.text(
    st.one_of(st.characters(), st.sampled_from('\r\n\0\x1a\x85\u2028\u2029\ufeff:<>@,;"=?\ud83d')), max_size=60
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=_AIR, name=_AIR)
@example(text="x\r\nBcc: eve@x.example\r\n\r\nmore", name="Bank\r\nBcc: eve@x.example")
@example(text="=?utf-8?q?=0D=0ABcc:_eve?=", name="=?utf-8?q?a=0D=0ABcc:_eve@x.example?=")
@example(text="\0", name="\0")
def test_nothing_from_the_air_becomes_a_header(office: Office, text: str, name: str) -> None:
    """Any text and any sender name: the headers are ours, one of each, and the mail has no defect."""
    office.receive("placeholder", originator="placeholder", answerable=False)
    notice = office.due()[-1]
    message = office.store.inbox.message(notice.incoming_id or 0)
    assert message is not None
    composer = office.composer()
    with office.store.database.transaction() as connection:
        stored = (
            text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
            name.encode("utf-8", "replace").decode(),
        )
        connection.execute("UPDATE incoming SET text = ?, originator = ?", stored)
    mail = parsed(composer.compose(notice).message)
    assert sorted(mail.keys()) == sorted([*_OURS, *_MIME, "Content-class"])
    assert mail["To"] == "dana@harbour.example"
    shown = body(mail)
    assert [c for c in shown if ord(c) < 32 and c not in "\n\t"] == []
    plain = stored[0].replace("\r\n", "\n").replace("\r", "\n")
    assert "".join(shown.split()) == "".join(
        "".join(c for c in plain if c.isprintable() or c.isspace()).split()
    ) or any(not c.isprintable() for c in plain)


# -- outcomes ---------------------------------------------------------------------------------------------------------


def test_a_refusal_says_what_was_refused_why_and_what_to_do(office: Office) -> None:
    """The text, the number, the network's words, the code, the remedy, and how to see the history; no content class."""
    office.accept(PHONE)
    office.refuse("the modem answered +CMS ERROR: 1 (unassigned number)")
    mail = office.mail()
    assert mail["Subject"] == f"SMS to {PHONE} was not sent"
    assert mail["Content-class"] is None
    assert mail["To"] == "dana@harbour.example"
    assert body(mail).splitlines() == [
        "Accepted 2026-03-02 09:00 +0000:",
        "",
        "    Fish delivery moved to 15:30",
        "",
        "It was not sent to:",
        "",
        f"    {PHONE}",
        "        The modem answered +CMS ERROR: 1 (unassigned number)",
        "        Check the number: the network does not know it, or it is no mobile phone's.",
        "",
        "Its history, on the machine of the service:",
        "    omsmodem trace 1",
    ]


def test_where_there_are_pages_the_mail_leads_to_the_message(office: Office) -> None:
    """Who sent it cannot run a command on the machine of the service."""
    office.accept(PHONE)
    office.refuse("the modem answered +CMS ERROR: 1 (unassigned number)")
    mail = office.mail(office.composer(head=replace(HEAD, pages="https://sms.harbour.example:8443")))
    assert "Its history (sign in as in Outlook):\n    https://sms.harbour.example:8443/messages/1" in body(mail)


def test_a_list_is_one_mail_with_people_of_the_same_reason_together(office: Office) -> None:
    """Two unknown numbers share a reason, a known contact is named, the delivered one is not told."""
    office.accept("+447700900333", "+447700900444", "+447700900555", "+447700900666")
    office.refuse()
    office.refuse()
    office.refuse("+CMS ERROR: 38 (network out of order)")
    office.deliver()
    mail = office.mail()
    assert mail["Subject"] == "SMS did not reach 3 of 4 recipients"
    text = body(mail)
    assert "    Robin (+447700900333)\n    +447700900444\n        +CMS ERROR: 1" in text
    assert "Send it again later" in text
    assert "+447700900666" not in text


@pytest.mark.parametrize(
    ("status", "words", "remedy"),
    [
        (0x46, "Validity period expired (status 0x46)", "switched off"),
        (0x41, "Incompatible destination (status 0x41)", "Check the number"),
        (0x61, "Phone busy (status 0x61)", "switched off"),
    ],
)
def test_what_the_phone_never_got_is_told_by_the_reports_words(
    office: Office, status: int, words: str, remedy: str
) -> None:
    """TP-ST in words with its octet."""
    office.accept(PHONE)
    office.deliver(status, SegmentState.UNDELIVERED)
    mail = office.mail()
    assert mail["Subject"] == f"SMS to {PHONE} was not delivered"
    assert words in body(mail)
    assert remedy in body(mail)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("the modem answered +CMS ERROR: 8 (operator determined barring)", "does not let this SIM text this number"),
        ("the modem answered +CMS ERROR: 144 (alphabet not supported)", "without other scripts"),
        (
            "the modem answered +CMS ERROR: 96 (invalid mandatory information)",
            "For whoever looks after the service: Ask",
        ),
        ("the modem answered +CMS ERROR: 27 (destination out of order)", "switched off"),
        ("the modem answered +CME ERROR: 56 (fixed dialling numbers only)", "does not let this SIM text this number"),
        ("the text cannot be encoded as SMS", "Tell whoever looks after the service"),
        ("the recipient asked not to get texts from here", f"omsmodem optout lift {PHONE}"),
    ],
)
def test_every_reason_comes_with_something_to_do(office: Office, error: str, words: str) -> None:
    """For the sender, and where only the operator can help, for the operator."""
    office.accept(PHONE)
    office.refuse(error)
    assert words in body(office.mail())


def test_a_held_doubt_says_how_to_decide(office: Office) -> None:
    """With the exact commands."""
    (message_id,) = office.accept(PHONE)
    office.in_flight()
    office.store.outbox.mark_uncertain(
        message_id, 1, "no answer within 180 s", office.clock.now + timedelta(seconds=120)
    )
    office.clock.advance(seconds=121)
    office.store.evidence.settle_doubts("modem1", lambda _message: False)
    office.clock.advance(seconds=10)
    mail = office.mail()
    assert mail["Subject"] == f"SMS to {PHONE}: not certain that it was sent"
    for command in ("resend", "sent", "give-up"):
        assert f"omsmodem queue {command} {message_id} " in body(mail)


def test_a_repeat_is_never_silent(office: Office) -> None:
    """A copy that was sent after doubt is told to its sender."""
    (message_id,) = office.accept(PHONE)
    office.in_flight()
    office.store.outbox.mark_uncertain(message_id, 1, "no answer", office.clock.now + timedelta(seconds=120))
    office.clock.advance(seconds=121)
    office.store.evidence.settle_doubts("modem1", lambda _message: True)
    office.deliver()
    office.clock.advance(seconds=10)
    mail = office.mail()
    assert mail["Subject"] == f"SMS to {PHONE} may have arrived twice"
    assert "may have arrived twice at" in body(mail)


def test_deliveries_are_told_to_those_who_ask(office: Office) -> None:
    """`all` tells of deliveries too, in one mail."""
    office.accounts.add(Account("keen", smtp_address="keen@harbour.example", delivery_confirmation="all"), "tide&74")
    office.accept(PHONE, account="keen")
    office.deliver()
    mail = office.mail()
    assert mail["Subject"] == f"SMS to {PHONE} was delivered"
    assert "It was delivered to:" in body(mail)


@pytest.mark.parametrize(
    ("numbers", "subject"),
    [
        ((PHONE,), f"SMS to {PHONE}: sent, but no delivery report came"),
        ((PHONE, "+447700900444"), "SMS: sent, but no delivery report came from 2 of 2 recipients"),
    ],
)
def test_a_report_that_never_came_is_said_in_words(office: Office, numbers: tuple[str, ...], subject: str) -> None:
    """Neither delivered nor failed: the network took it, and more is not known."""
    office.accounts.add(Account("keen", smtp_address="keen@harbour.example", delivery_confirmation="all"), "tide&74")
    office.accept(*numbers, account="keen")
    for number, _ in enumerate(numbers):
        office.store.outbox.mark_submitted(office.in_flight(), 1, number)
    office.clock.advance(seconds=51 * 3600)
    office.store.evidence.lapse()
    mail = office.mail()
    assert mail["Subject"] == subject
    assert "Whether it arrived is not known, as no delivery report came from:" in body(mail)


def test_a_follow_up_belongs_to_the_mail_before_it(office: Office) -> None:
    """So that mail programs show them together."""
    office.accept(PHONE, "+447700900444")
    office.refuse()
    office.clock.advance(seconds=60)
    first = office.mail()
    (notice,) = office.due()
    office.store.notices.begin(notice.id)
    office.store.notices.mark_sent(notice.id)
    office.refuse()
    second = office.mail()
    assert second["In-Reply-To"] == first["Message-ID"]
    assert second["Message-ID"] != first["Message-ID"]


def test_the_mails_speak_german_where_the_service_does(office: Office) -> None:
    """Subject, body and remedy."""
    office.accept(PHONE)
    office.refuse()
    mail = office.mail(office.composer(head=replace(HEAD, language="de")))
    assert mail["Subject"] == f"SMS an {PHONE} wurde nicht gesendet"
    assert "Bitte die Nummer prüfen" in body(mail)


def test_an_alarm_goes_to_every_operator(office: Office) -> None:
    """Its subject says which service speaks."""
    office.store.alarms.alarm("modem", "Modem gone", "Plug it in.")
    (notice,) = office.due()
    assert notice.kind is NoticeKind.ALARM
    mail = office.mail()
    assert mail["To"] == "admin@harbour.example, deputy@harbour.example"
    assert mail["Subject"] == "[Harbour SMS] Modem gone"
    assert body(mail) == "Plug it in."


def every_kind(office: Office, composer: Composer) -> list[EmailMessage]:
    office.receive("Line one\nZeile zwei 🐟 " + "long " * 300)
    office.receive("x", originator="Bänk <a@b>", answerable=False)
    office.receive("", sent_at=datetime(2026, 3, 2, tzinfo=timezone(timedelta(hours=-3, minutes=-30))))
    office.accept(PHONE, text="Grüße\nvon uns")
    office.refuse()
    office.store.alarms.alarm("modem", "Modem “front” gone", "Plug it in.")
    return [composer.compose(notice).message for notice in office.due()]


@pytest.mark.skipif(shutil.which("reformime") is None, reason="reformime is not installed (Debian: maildrop)")
def test_a_mail_tool_of_others_reads_every_kind(office: Office) -> None:
    """Debian's reformime finds one text part in UTF-8 and decodes it to what we wrote."""
    for message in every_kind(office, office.composer()):
        octets = message.as_bytes().replace(b"\r\n", b"\n")
        structure = subprocess.run(
            ["reformime", "-i"], input=octets, capture_output=True, check=True, timeout=20
        ).stdout
        assert b"content-type: text/plain" in structure
        assert b"charset: utf-8" in structure
        decoded = subprocess.run(
            ["reformime", "-e", "-s", "1"], input=octets, capture_output=True, check=True, timeout=20
        )
        assert decoded.stdout.decode() == message.get_content()
