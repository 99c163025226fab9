"""The door for mail programs on the real process: mail to a phone, its answer in the thread, a failure as a report."""

import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.acceptance.conftest import PASSWORD, Office, free_port, wait_until
from tests.acceptance.test_replies import PHONE, REFUSED, configure, plug_in, simulated
from tests.maildoor import dovecot, postfix
from tests.maildoor.dovecot import Mailbox
from tests.maildoor.mutt import Mutt

DOMAIN = "sms.harbour.example"


@dataclass
class Desk:
    """Dana's place: her mailbox, where mail for it is taken, and the port of the door."""

    box: Mailbox
    relay: int
    imap: int
    door: int

    def mutt(self, office: Office) -> Mutt:
        home = office.home / "mutt"
        return Mutt.set_up(home, imap=self.imap, smtp=self.door, password=PASSWORD, authority=office.authority)


@pytest.fixture
def desk() -> Iterator[Desk]:
    """The office's mail as offices have it: Postfix takes it, Dovecot keeps it."""
    with (
        dovecot.running() as ports,
        postfix.running(ports.sasl, {"harbour.example": f"lmtp:inet:127.0.0.1:{ports.lmtp}"}) as relay,
    ):
        box = Mailbox(ports.imap, "dana")
        yield Desk(box, relay, ports.imap, free_port())
        box.close()


@pytest.mark.skipif(not all(map(shutil.which, ("dovecot", "mutt", "postfix"))), reason="Dovecot, Mutt and Postfix")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts a Postfix")
def test_a_conversation_by_mail(office: Office, desk: Desk) -> None:
    """A mail becomes a text and survives kill -9 once it is promised; five turns between Mutt and a phone are one thread.

    A text that the network refuses comes back as what mail programs show as a report, so does a delivery if it is asked for.
    """
    configure(office, desk.relay)
    door = f"\nmaildoor:\n  enabled: true\n  domain: {DOMAIN}\n  port: {desk.door}\n"
    office.config.write_text(office.config.read_text() + door)
    office.serve()
    box, mutt = desk.box, desk.mutt(office)
    mutt.write(f"{PHONE}@{DOMAIN}", "Fish", "Can you come?\n\n-- \nDana\n")
    office.end(signal.SIGKILL)
    plug_in(office)
    office.serve()
    assert wait_until(lambda: [got["text"] for got in office.phones()] == ["Can you come?"])
    for turn, (said, reply) in enumerate((("At four", "Good."), ("At five", "Better.")), start=1):
        simulated(office, "send", from_=PHONE, text=said)
        assert wait_until(lambda turn=turn: len(box.mails()) == 2 * turn)
        answer = box.mails()[-1]
        assert (answer["From"].addresses[0].addr_spec, answer.get_content().strip()) == (f"{PHONE}@{DOMAIN}", said)
        mutt.reply(reply)
        assert wait_until(lambda reply=reply: office.phones()[-1]["text"] == reply)
    simulated(office, "refuse_number", number=REFUSED, code=1)
    mutt.write(f"{REFUSED}@{DOMAIN}", "Bell", "Ring the bell")
    assert wait_until(lambda: len(box.mails()) == 7)
    mutt.write(f"+447700900444@{DOMAIN}", "Bell", "Have you got it?", notify="success,failure")
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
