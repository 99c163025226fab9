"""The door for mail programs on the real process: mail to a phone, its answer in the thread, a failure as a report."""

import signal
import smtplib
import ssl
from email.message import EmailMessage

from tests.acceptance.conftest import PASSWORD, Office, free_port, omsmodem, wait_until
from tests.acceptance.test_replies import MAILBOX, PHONE, REFUSED, configure, plug_in, simulated
from tests.mail.sink import Sink, serving

DOMAIN = "sms.harbour.example"


def write(office: Office, port: int, to: str, text: str, **headers: str) -> None:
    """Hand over one mail as a mail program does."""
    mail = EmailMessage()
    for name, value in {"From": MAILBOX, "To": to, "Subject": "Fish", **headers}.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    context = ssl.create_default_context(cafile=str(office.authority))
    with smtplib.SMTP("localhost", port, timeout=30) as smtp:
        smtp.starttls(context=context)
        smtp.login("dana", PASSWORD)
        smtp.send_message(mail, MAILBOX, [to])


def answering(mail: EmailMessage, turn: int) -> dict[str, str]:
    """The headers of a program's Reply (RFC 5322 §3.6.4)."""
    return {
        "Message_ID": f"<r{turn}@harbour.example>",
        "Subject": str(mail["Subject"]),
        "In_Reply_To": str(mail["Message-ID"]),
        "References": f"{mail['References']} {mail['Message-ID']}",
    }


def test_a_conversation_by_mail(office: Office) -> None:
    """A mail becomes a text, survives kill -9 once it is promised, and five turns stay one thread."""
    port = free_port()
    sink = Sink()
    with serving(sink) as relay:
        configure(office, relay)
        door = f"\nmaildoor:\n  enabled: true\n  domain: {DOMAIN}\n  port: {port}\n"
        office.config.write_text(office.config.read_text() + door)
        office.serve()
        write(office, port, f"{PHONE}@{DOMAIN}", "Can you come?\n\n-- \nDana", Message_ID="<m1@harbour.example>")
        office.end(signal.SIGKILL)
        plug_in(office)
        office.serve()
        assert wait_until(lambda: [got["text"] for got in office.phones()] == ["Can you come?"])
        for turn, (said, reply) in enumerate((("At four", "Good."), ("At five", "Better.")), start=1):
            simulated(office, "send", from_=PHONE, text=said)
            assert wait_until(lambda turn=turn: len(sink.mails) == turn)
            answer = sink.messages()[-1]
            write(
                office, port, answer["From"].addresses[0].addr_spec, f"{reply}\n\n> {said}", **answering(answer, turn)
            )
            assert wait_until(lambda reply=reply: office.phones()[-1]["text"] == reply)
        simulated(office, "refuse_number", number=REFUSED, code=1)
        write(office, port, f"{REFUSED}@{DOMAIN}", "Ring the bell", Message_ID="<m9@harbour.example>")
        assert wait_until(lambda: len(sink.mails) == 3)
        office.end(signal.SIGTERM)
    assert len(office.phones()) == 3
    first, second, _ = sink.messages()
    assert first["From"].addresses[0].addr_spec == f"{PHONE}@{DOMAIN}"
    assert [mail["Subject"] for mail in (first, second)] == ["Re: Fish", "Re: Fish"]
    assert first["References"].split() == ["<m1@harbour.example>"]
    assert second["References"].split() == ["<m1@harbour.example>", first["Message-ID"], "<r1@harbour.example>"]
    report = sink.messages()[2]
    assert (report.get_content_type(), report["In-Reply-To"]) == ("multipart/report", "<m9@harbour.example>")
    trace = omsmodem("trace", "--config", office.config, "1").stdout
    assert "signature and quotation were left out" in trace
