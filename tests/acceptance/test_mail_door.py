"""The door for mail programs on the real process: mail to a phone, its answer in the thread, a failure as a report."""

import os
import shutil
import signal
import smtplib
import ssl
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from tests.acceptance.conftest import PASSWORD, Office, free_port, wait_until
from tests.acceptance.test_replies import MAILBOX, PHONE, REFUSED, configure, plug_in, simulated
from tests.maildoor import dovecot, postfix
from tests.maildoor.dovecot import Mailbox

DOMAIN = "sms.harbour.example"


def write(office: Office, port: int, to: str, text: str, *, notify: str = "FAILURE", **headers: str) -> EmailMessage:
    """Hand over one mail as a mail program does."""
    mail = EmailMessage()
    for name, value in {"From": MAILBOX, "To": to, "Subject": "Fish", **headers}.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    context = ssl.create_default_context(cafile=str(office.authority))
    with smtplib.SMTP("localhost", port, timeout=30) as smtp:
        smtp.starttls(context=context)
        smtp.login("dana", PASSWORD)
        smtp.send_message(mail, MAILBOX, [to], rcpt_options=[f"NOTIFY={notify}"])
    return mail


def answering(mail: EmailMessage, turn: int) -> dict[str, str]:
    """The headers of a program's Reply (RFC 5322 §3.6.4)."""
    return {
        "Message_ID": f"<r{turn}@harbour.example>",
        "Subject": str(mail["Subject"]),
        "In_Reply_To": str(mail["Message-ID"]),
        "References": f"{mail['References']} {mail['Message-ID']}",
    }


@pytest.fixture
def mailbox() -> Iterator[tuple[int, Mailbox]]:
    """The office's mail as offices have it: Postfix takes it, Dovecot keeps it. Yields Postfix's port, and dana's mailbox."""
    with (
        dovecot.running() as ports,
        postfix.running(ports.sasl, {"harbour.example": f"lmtp:inet:127.0.0.1:{ports.lmtp}"}) as port,
    ):
        box = Mailbox(ports.imap, "dana")
        yield port, box
        box.close()


@pytest.mark.skipif(shutil.which("dovecot") is None, reason="Dovecot is not installed")
@pytest.mark.skipif(shutil.which("postfix") is None or os.geteuid() != 0, reason="Postfix, and root to start it")
def test_a_conversation_by_mail(office: Office, mailbox: tuple[int, Mailbox]) -> None:
    """A mail becomes a text and survives kill -9 once it is promised; five turns are one thread in a real mailbox.

    A text that the network refuses comes back as what mail programs show as a report, so does a delivery if it is asked for.
    """
    port, (relay, box) = free_port(), mailbox
    configure(office, relay)
    door = f"\nmaildoor:\n  enabled: true\n  domain: {DOMAIN}\n  port: {port}\n"
    office.config.write_text(office.config.read_text() + door)
    office.serve()
    box.file(write(office, port, f"{PHONE}@{DOMAIN}", "Can you come?\n\n-- \nDana", Message_ID="<m1@harbour.example>"))
    office.end(signal.SIGKILL)
    plug_in(office)
    office.serve()
    assert wait_until(lambda: [got["text"] for got in office.phones()] == ["Can you come?"])
    for turn, (said, reply) in enumerate((("At four", "Good."), ("At five", "Better.")), start=1):
        simulated(office, "send", from_=PHONE, text=said)
        assert wait_until(lambda turn=turn: len(box.mails()) == 2 * turn)
        answer = box.mails()[-1]
        assert (answer["From"].addresses[0].addr_spec, answer.get_content().strip()) == (f"{PHONE}@{DOMAIN}", said)
        to = answer["From"].addresses[0].addr_spec
        box.file(write(office, port, to, f"{reply}\n\n> {said}", **answering(answer, turn)))
        assert wait_until(lambda reply=reply: office.phones()[-1]["text"] == reply)
    simulated(office, "refuse_number", number=REFUSED, code=1)
    box.file(write(office, port, f"{REFUSED}@{DOMAIN}", "Ring the bell", Message_ID="<m9@harbour.example>"))
    assert wait_until(lambda: len(box.mails()) == 7)
    wanted = {"notify": "SUCCESS,FAILURE", "Message_ID": "<m10@harbour.example>"}
    box.file(write(office, port, f"+447700900444@{DOMAIN}", "Have you got it?", **wanted))
    assert wait_until(lambda: len(box.mails()) == 9)
    office.end(signal.SIGTERM)
    assert len(office.phones()) == 4
    assert box.threads() == [{1, 2, 3, 4, 5}, {6, 7}, {8, 9}]
    assert {str(mail["Subject"]).removeprefix("Re: ") for mail in box.mails()[:5]} == {"Fish"}
    failed, delivered = (box.mails()[number - 1].as_bytes() for number in (7, 9))
    assert b"Action: failed" in failed
    assert b"Action: delivered" in delivered
    assert all('"report" ("report-type" "delivery-status"' in box.structure(number) for number in (7, 9))
    trace = office.told("trace", "1")
    assert "signature and quotation were left out" in trace
