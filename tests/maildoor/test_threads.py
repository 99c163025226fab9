"""Conversations: answers by mail in the thread, reports that programs show as such."""

from datetime import timedelta
from email.message import EmailMessage
from itertools import pairwise

from omsmodem.mail import Composer, Letterhead, Mailboxes
from omsmodem.message import IncomingKind, IncomingSegment, MailNotice, NoticeKind, Route
from omsmodem.store import Sorting
from omsmodem.worker import reading
from tests.maildoor.conftest import DANA, DOMAIN, PHONE, START, TO, Office, answer_to, letter

SORTING = Sorting(
    lambda tpdus, _total: reading.Content(b"".join(tpdus[n] for n in sorted(tpdus)).decode()),
    lambda _arrival, who: Route(who[0].account if who else "", "who wrote last"),
)


def composer(office: Office) -> Composer:
    head = Letterhead("sms@harbour.example", "Harbour SMS")
    return Composer(office.store, office.accounts, head, Mailboxes("office@harbour.example"), domain=DOMAIN)


def send_out(office: Office) -> int:
    taken = office.store.outbox.take("front", lambda _message, _reference: (b"tpdu",))
    assert taken is not None
    return taken.message.id


def receive(office: Office, text: str, to: str = DANA) -> EmailMessage:
    octets = text.encode()
    office.store.inbox.add(
        IncomingSegment(octets, octets, octets, "front", "sim", PHONE, True, IncomingKind.TEXT, START), SORTING
    )
    (notice,) = [one for one in office.store.notices.due() if one.kind is NoticeKind.REPLY]
    mail = composer(office).compose(notice)
    office.store.notices.begin(notice.id)
    office.store.notices.mark_sent(notice.id)
    assert mail.recipients == (to,)
    return mail.message


def test_five_turns_stay_one_thread(office: Office) -> None:
    """Mail, answer, Reply, answer, Reply: every mail refers to the first one, and the next to the one before it."""
    office.open()
    office.accounts.set("dana", "contacts", f"Erik={PHONE}")
    conversation: list[EmailMessage] = [letter("turn 0", Message_ID="<t0@harbour.example>")]
    for turn in range(5):
        mail = conversation[-1]
        if turn % 2 == 0:
            with office.program() as smtp:
                assert answer_to(smtp, mail, str(mail["To"]))[0] == 250
            send_out(office)
            conversation.append(receive(office, f"turn {turn + 1}"))
            continue
        reply = letter(f"turn {turn + 1}", Message_ID=f"<t{turn + 1}@harbour.example>", Subject=str(mail["Subject"]))
        reply["In-Reply-To"] = mail["Message-ID"]
        reply["References"] = f"{mail['References']} {mail['Message-ID']}"
        del reply["To"]
        reply["To"] = mail["From"].addresses[0].addr_spec
        conversation.append(reply)
    assert len(office.texts()) == 3
    for before, after in pairwise(conversation):
        assert after["In-Reply-To"] == before["Message-ID"]
        assert after["References"].split()[0] == "<t0@harbour.example>"
    answer = conversation[1]
    assert str(answer["From"]) == f'"Erik ({PHONE})" <{PHONE}@{DOMAIN}>'
    assert [mail["Subject"] for mail in conversation[1:]] == ["Re: Fish"] * 5


def test_everybody_has_a_thread_with_a_number(office: Office) -> None:
    """Who wrote last gets the answer, in the thread that he began, and the inbox says by which rule."""
    office.open()
    for user in ("dana", "fish", "dana"):
        address = f"{user}@harbour.example"
        n = len(office.texts())
        mail = letter(f"text {n}", From=address, Subject=f"{user}'s", Message_ID=f"<{user}{n}@harbour.example>")
        with office.program(user) as smtp:
            assert answer_to(smtp, mail, sender=address)[0] == 250
        office.time[0] += timedelta(minutes=1)
        send_out(office)
        answer = receive(office, f"answer {n}", to=address)
        assert (answer["In-Reply-To"], answer["Subject"]) == (mail["Message-ID"], f"Re: {user}'s")
        assert office.store.inbox.messages()[0].rule == "who wrote last"


def test_an_answer_to_nobodys_mail_stands_for_itself(office: Office) -> None:
    """A text that no mail began has no thread, and Reply works all the same."""
    octets = b"Anybody there?"
    office.store.inbox.add(
        IncomingSegment(octets, octets, octets, "front", "sim", PHONE, True, IncomingKind.TEXT, START), SORTING
    )
    mail = composer(office).compose(office.store.notices.due()[0]).message
    assert (mail["In-Reply-To"], mail["Subject"]) == (None, f"SMS from {PHONE}")
    assert mail["From"].addresses[0].addr_spec == f"{PHONE}@{DOMAIN}"


def fail(office: Office) -> MailNotice:
    message_id = send_out(office)
    office.store.outbox.mark_in_flight(message_id, 1, "front")
    office.store.outbox.mark_failed(message_id, 1, "the modem answered +CMS ERROR: 1 (unassigned number)")
    office.store.notices.close_gathered(timedelta(0))
    (notice,) = office.store.notices.due()
    return notice


def test_a_failure_is_a_report_that_mail_programs_know(office: Office) -> None:
    """RFC 3464: words for people, fields for programs, and which mail it is about; in its thread."""
    office.open()
    with office.program() as smtp:
        assert answer_to(smtp, letter(), mail_options=["ENVID=fish+2B1+0D", "RET=HDRS"])[0] == 250
    mail = composer(office).compose(fail(office))
    message = mail.message
    assert mail.recipients == (DANA,)
    assert (message.get_content_type(), message.get_param("report-type")) == ("multipart/report", "delivery-status")
    words, status, headers = message.iter_parts()
    assert "was not sent" in message["Subject"]
    assert "unassigned number" in words.get_content().lower()
    fields = status.get_payload()[1]
    assert (fields["Final-Recipient"], fields["Action"]) == (f"rfc822; {TO}", "failed")
    assert fields["Status"] == "5.1.1"
    assert status.get_payload()[0]["Original-Envelope-Id"] == "fish+1+0D"
    assert status.get_payload()[0]["Reporting-MTA"] == f"dns; {DOMAIN}"
    assert "<m1@harbour.example>" in headers.get_content()
    assert message["In-Reply-To"] == "<m1@harbour.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert b"Action: failed" in message.as_bytes()


def test_the_subject_goes_with_the_text(office: Office) -> None:
    """What is erased after its time leaves no words behind, and the thread still holds."""
    office.open()
    with office.program() as smtp:
        assert answer_to(smtp, letter())[0] == 250
    office.store.desk.cancel(1, "dana")
    office.time[0] += timedelta(days=40)
    office.store.retention.purge(texts=timedelta(days=30), records=timedelta(0), acts=timedelta(0))
    origin = office.store.history.origin(1)
    assert origin is not None
    assert (origin.subject, origin.message_id) == ("", "<m1@harbour.example>")


def test_the_answer_goes_to_where_it_was_written_from(office: Office) -> None:
    """An account without a mail address that wrote by mail is answered there, and no longer once it is switched off."""
    office.open()
    office.accounts.set("dana", "smtp_address", "")
    with office.program() as smtp:
        assert answer_to(smtp, letter())[0] == 250
    send_out(office)
    receive(office, "Yes", to=DANA)
    office.accounts.set("dana", "enabled", "off")
    receive(office, "Are you there?", to="office@harbour.example")
