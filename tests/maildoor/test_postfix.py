"""Postfix hands over what people write to numbers, and takes our notifications."""

import os
import shutil
import smtplib
import time
from collections.abc import Callable
from typing import Any

import pytest

from omsmodem.mail import Relay
from tests.mail.sink import Sink, serving
from tests.maildoor import dovecot, postfix
from tests.maildoor.conftest import DANA, DOMAIN, PHONE, TO, Office, answer_to, letter
from tests.maildoor.test_threads import composer, fail


def wait_until(what: Callable[[], Any], seconds: float = 60.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (value := what()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return value


#: Three SMS each, of four a day.
BY_LMTP = [f"+447700900333@{DOMAIN}", f"erik.quay@{DOMAIN}"]


def transports(door: int, relay: int) -> dict[str, str]:
    lmtp = dict.fromkeys(BY_LMTP, f"lmtp:inet:127.0.0.1:{door}")
    return lmtp | {DOMAIN: f"smtp:[127.0.0.1]:{door}", "harbour.example": f"smtp:[127.0.0.1]:{relay}"}


@pytest.mark.skipif(shutil.which("dovecot") is None, reason="Dovecot is not installed")
@pytest.mark.skipif(shutil.which("postfix") is None or os.geteuid() != 0, reason="Postfix, and root to start it")
def test_postfix_relays_to_the_door_and_takes_its_reports(office: Office) -> None:
    """A mail over STARTTLS becomes a text; a refusal comes back as Postfix' bounce, a later failure as our report.

    By LMTP a mail reaches those it can reach, and the bounce is about the others. Nobody gets through to the door who has not
    signed in to Postfix, or who did as somebody else.
    """
    door = office.open(relays=("127.0.0.1",))
    sink = Sink()
    with (
        serving(sink) as relay,
        dovecot.running() as ports,
        postfix.running(ports.sasl, transports(door.port, relay)) as port,
    ):
        with smtplib.SMTP("127.0.0.1", port, timeout=30) as smtp:
            assert answer_to(smtp, letter())[0] == 554
            smtp.login("fish", dovecot.PASSWORD)
            assert answer_to(smtp, letter())[0] == 553
        with smtplib.SMTP("127.0.0.1", port, timeout=30) as smtp:
            smtp.login("dana", dovecot.PASSWORD)
            smtp.send_message(letter(), DANA, [TO])
            smtp.send_message(letter(Message_ID="<m2@harbour.example>"), DANA, [f"112@{DOMAIN}"])
        assert wait_until(lambda: office.texts() == [(PHONE, "Fish at 15:30")])
        assert wait_until(lambda: len(sink.mails) == 1)
        bounce = sink.mails[0]
        conversation = Relay("127.0.0.1", port, "none").open()
        conversation.send(composer(office).compose(fail(office)))
        conversation.close()
        assert wait_until(lambda: len(sink.mails) == 2)
        with smtplib.SMTP("127.0.0.1", port, timeout=30) as smtp:
            smtp.login("dana", dovecot.PASSWORD)
            smtp.send_message(letter("x" * 400, Message_ID="<m3@harbour.example>"), DANA, BY_LMTP)
        assert wait_until(lambda: len(sink.mails) == 3)
    assert b"Emergency numbers cannot be texted from here" in bounce
    assert b"Status: 5." in bounce
    report = sink.mails[1]
    assert b"report-type=delivery-status" in report.replace(b'"', b"")
    assert b"Action: failed" in report
    assert sink.envelopes[1] == ("<>", [DANA])
    assert office.texts()[1:] == [("+447700900333", "x" * 400)]
    assert b"4 SMS a day" in sink.mails[2]
    assert b"Final-Recipient: rfc822; erik.quay@" in sink.mails[2]
