"""The way back with the real process: a phone answers, a mail arrives that Outlook knows; the network refuses, a mail says why."""

import shutil
import signal
import subprocess
from email.message import EmailMessage
from pathlib import Path

from omsmodem.modem.simulator.control import ask
from tests.acceptance.conftest import PASSWORD, Office, wait_until
from tests.acceptance.test_office import N, _envelope, xms_data
from tests.mail.sink import Sink, serving

PHONE, REFUSED = "+447700900222", "+447700900333"
MAILBOX = "dana@harbour.example"
#: Five segments of UCS-2.
ANSWER = " ".join(["Can’t make 15:30 – the harbour gate is shut 🐟, 16:15 ok?"] * 5)
CONFIGURATION = """
mail:
  host: 127.0.0.1
  port: {port}
  security: {security}
  {login}
  sender: sms@harbour.example
  sender_name: Harbour SMS
  default_mailbox: office@harbour.example
  gather_seconds: 1
  retry_minutes: [0.02]
"""
LOGIN = "user: omsmodem\n  password_file: mail.password\n  ca_file: mail/mail.crt"


def configure(office: Office, port: int, *, security: str = "none", login: str = "") -> None:
    text = office.config.read_text().replace("device:", 'number: "+447700900111"\n    device:', 1)
    office.config.write_text(text + CONFIGURATION.format(port=port, security=security, login=login))
    office.told("user", "set", "dana", "smtp_address", MAILBOX)


def plug_in(office: Office) -> None:
    office.plug_in("--air-time", "0", "--report-delay", "0.05", "--control", str(control(office)))
    assert wait_until(control(office).exists)


def control(office: Office) -> Path:
    return office.home / "simulator.sock"


def simulated(office: Office, action: str, **arguments: object) -> None:
    ask(control(office), {"do": action} | {name.rstrip("_"): value for name, value in arguments.items()})


def deliver(office: Office, number: str, text: str) -> None:
    body = _envelope("DeliverXms", "xmsData", xms_data(number, text=text))
    status, _, answer = office.post(body, {"Content-Type": "text/xml; charset=utf-8"})
    assert (status, 'code="ok"' in answer) == (200, True), answer


def body_of(mail: EmailMessage) -> str:
    return str(mail.get_content()).replace("\r\n", "\n").rstrip("\n")


def refused(office: Office, number: str) -> str:
    body = _envelope("DeliverXms", "xmsData", xms_data(number, text="Another offer"))
    return office.post(body, {"Content-Type": "text/xml"})[2]


def _reformime_accepts(octets: bytes) -> None:
    if shutil.which("reformime") is None:  # Debian: maildrop; tests/mail says so where it is missing
        return
    found = subprocess.run(["reformime", "-i"], input=octets.replace(b"\r\n", b"\n"), capture_output=True, check=True)
    assert b"charset: utf-8" in found.stdout


def test_what_a_phone_answers_reaches_outlook_and_what_fails_its_sender(office: Office) -> None:
    """A request, an answer of five segments out of order and one twice, a refusal, octets nobody can read, a STOP: each one mail."""
    sink = Sink("omsmodem", "s3cret")
    (office.home / "mail.password").write_text("s3cret\n")
    with serving(sink, security="starttls", home=office.home / "mail", login=True) as port:
        configure(office, port, security="starttls", login=LOGIN)
        plug_in(office)
        office.serve()
        user = (
            f'<xmsUser xmlns="{N}"><userId>dana</userId><password>{PASSWORD.replace("&", "&amp;")}</password></xmsUser>'
        )
        answer = office.post(_envelope("GetUserInfo", "xmsUser", user), {"Content-Type": "text/xml"})[2]
        assert "replyPhone&gt;+447700900111&lt;" in answer
        assert f"smtpAddress&gt;{MAILBOX}&lt;" in answer

        deliver(office, PHONE, "Fish delivery moved to 15:30")
        assert wait_until(lambda: [got["phone"] for got in office.phones()] == [PHONE])
        simulated(office, "send", from_=PHONE, text=ANSWER, order=[3, 1, 5, 1, 2, 4])
        assert wait_until(lambda: len(sink.mails) == 1)
        simulated(office, "refuse_number", number=REFUSED, code=1)
        deliver(office, REFUSED, "Ring the bell")
        assert wait_until(lambda: len(sink.mails) == 2)
        simulated(office, "inject", tpdu="04FF91AA")
        assert wait_until(lambda: len(sink.mails) == 3)
        simulated(office, "send", from_=PHONE, text="Stop")
        assert wait_until(lambda: len(sink.mails) == 4)
        answer = refused(office, PHONE)
        assert "asked not to get texts" in answer
        assert 'code="ok"' not in answer
        office.told("optout", "lift", PHONE)
        deliver(office, PHONE, "Another offer")
        assert wait_until(lambda: len(office.phones()) == 2)
        office.end(signal.SIGTERM)
    assert sink.tls
    assert sink.envelopes == [("<>", [to]) for to in (MAILBOX, MAILBOX, "office@harbour.example", MAILBOX)]
    reply, failure, unreadable, stop = sink.messages()
    assert reply["Content-class"] == "MS-OMS-SMS"
    assert reply["X-MS-Reply-To-Mobile"] == PHONE
    assert reply["Subject"] == f"SMS from {PHONE}"
    assert reply["Auto-Submitted"] == "auto-generated"
    assert body_of(reply) == ANSWER
    assert failure["Content-class"] is None
    assert failure["Subject"] == f"SMS to {REFUSED} was not sent"
    for words in ("unassigned number", "Ring the bell", "Check the number"):
        assert words in body_of(failure)
    assert unreadable["Subject"] == "[Harbour SMS] Modem modem1 received something that cannot be read"
    assert (stop["Content-class"], body_of(stop)) == ("MS-OMS-SMS", "Stop")
    for mail in sink.mails:
        _reformime_accepts(mail)
    text = office.told("trace", "in1")
    assert "dana wrote to this number" in text
    assert "reply  sent, 1 try" in text


def test_a_kill_at_every_step_of_the_way_back_loses_and_doubles_nothing(office: Office) -> None:
    """kill -9 and a restart at each step in turn: one reply mail, repeated with its Message-ID where the answer was lost."""
    sink = Sink()
    with serving(sink) as port:
        configure(office, port)
        plug_in(office)
        simulated(office, "send", from_=PHONE, text=ANSWER, order=[2, 5, 1, 1, 4, 3])
        for point in (
            "incoming.read",
            "incoming.kept",
            "incoming.acknowledged",
            "mail.begun",
            "mail.sent",
            "mail.marked",
        ):
            assert office.start(OMSMODEM_KILL_AT=point).wait(60) == -signal.SIGKILL, point
        office.serve()
        simulated(office, "send", from_="+447700900444", text="the next one")
        assert wait_until(lambda: any(b"the next one" in mail for mail in sink.mails))
        office.end(signal.SIGTERM)
    first, second, _ = sink.messages()
    assert first["Message-ID"] == second["Message-ID"]
    assert sink.mails[0] == sink.mails[1]
    assert body_of(first) == ANSWER
    inbox = office.told("inbox", "--json")
    assert inbox.count("\n") == 2
