"""kill -9 around the commit, at the doors for scripts and for mail programs: whoever asks again gets one text."""

import signal
import smtplib
import urllib.error
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage

import pytest

from tests.acceptance.conftest import PASSWORD, Office, free_port, wait_until
from tests.acceptance.test_mail_door import DOMAIN
from tests.acceptance.test_replies import MAILBOX, PHONE
from tests.acceptance.test_rest import call


def write(office: Office, port: int) -> None:
    """Hand over one mail as a program does, under the same Message-ID each time."""
    mail = EmailMessage()
    for name, value in {"From": MAILBOX, "To": f"{PHONE}@{DOMAIN}", "Message-ID": "<m1@harbour.example>"}.items():
        mail[name] = value
    mail.set_content("Once")
    with smtplib.SMTP("localhost", port, timeout=30) as smtp:
        smtp.starttls(context=office.tls())
        smtp.login("dana", PASSWORD)
        smtp.send_message(mail, MAILBOX, [f"{PHONE}@{DOMAIN}"])


def by_mail(office: Office) -> Callable[[], object]:
    port = free_port()
    more = f"\nmaildoor:\n  enabled: true\n  domain: {DOMAIN}\n  port: {port}\n"
    office.config.write_text(office.config.read_text() + more)
    office.told("user", "set", "dana", "smtp_address", MAILBOX)
    return lambda: write(office, port)


def by_rest(office: Office) -> Callable[[], object]:
    office.config.write_text(office.config.read_text() + "\nrest:\n  enabled: true\n")
    token = office.told("token", "add", "dana", "monitor").strip()
    return lambda: call(office, token, "/messages", {"to": PHONE, "text": "Once"})


@pytest.mark.parametrize("door", [by_mail, by_rest], ids=["mail", "rest"])
@pytest.mark.parametrize("point", ["accept.begun", "accept.kept"])
def test_a_kill_around_the_commit_loses_and_doubles_nothing(
    office: Office, door: Callable[[Office], Callable[[], object]], point: str
) -> None:
    """The client hears nothing and asks again: the phone gets the text once, and the books balance."""
    ask = door(office)
    office.serve(OMSMODEM_KILL_AT=point)
    assert office.process is not None
    with suppress(OSError, smtplib.SMTPException, urllib.error.URLError):
        ask()
        pytest.fail("nobody may be told that it was accepted")
    assert office.process.wait(30) == -signal.SIGKILL
    office.plug_in("--air-time", "0")
    office.serve()
    ask()
    assert wait_until(lambda: len(office.phones()) == 1)
    office.end(signal.SIGTERM)
    assert [got["text"] for got in office.phones()] == ["Once"]
    assert sum(office.ledger().values()) == 1
