"""What nobody should send, over a real socket: refused in SMTP's words, bounded, one line in the log, and no text."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.maildoor.conftest import DANA, DOMAIN, PHONE, TO, Office, answer_to, letter
from tests.maildoor.test_threads import composer, fail, receive

AUTHSERV = "mx.harbour.example"
HEADERS = f"From: {DANA}\r\nMessage-ID: <m1@harbour.example>\r\n"


class Line:
    """A mail server's end of a conversation, octet by octet."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 30)
        self._file = self._socket.makefile("rb")
        self.reply()

    def reply(self) -> str:
        """The next reply; of several lines the last."""
        while True:
            line = self._file.readline().decode()
            if line[3:4] != "-":
                return line.rstrip()

    def say(self, command: str) -> str:
        self.send(command.encode() + b"\r\n")
        return self.reply()

    def send(self, octets: bytes) -> None:
        self._socket.sendall(octets)

    def begin(self) -> None:
        """Up to the mail itself."""
        said = [self.say(each) for each in ("EHLO mx", f"MAIL FROM:<{DANA}>", f"RCPT TO:<{TO}>", "DATA")]
        assert [each[:3] for each in said] == ["250", "250", "250", "354"]

    def close(self) -> None:
        self._file.close()
        self._socket.close()


@contextmanager
def relay(office: Office, **options: object) -> Iterator[Line]:
    """A trusted mail server that has just connected."""
    line = Line(office.open(relays=("127.0.0.1",), **options).port)
    yield line
    line.close()


def refusals(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [text for text in caplog.messages if text.startswith("mail refused")]


@pytest.fixture(autouse=True)
def _everything_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")


@pytest.mark.parametrize(
    "end",
    [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r.\r\n", b"\r\n.\n", b"\r\n.\r", b"\r\n\0.\r\n"],
    ids=["LF.LF", "LF.CRLF", "CR.CR", "CR.CRLF", "CRLF.LF", "CRLF.CR", "CRLF.NUL"],
)
def test_only_one_thing_ends_a_mail(office: Office, end: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """What other servers may take for the end of a mail smuggles no second one in: all of it is one mail, and refused."""
    smuggled = f"MAIL FROM:<fish@harbour.example>\r\nRCPT TO:<{TO}>\r\nDATA\r\nSmuggled\r\n".encode()
    with relay(office) as line:
        line.begin()
        line.send(HEADERS.encode() + b"\r\nHello" + end + smuggled + b".\r\n")
        answer = line.reply()
        assert line.say("NOOP").startswith("250"), "the conversation is still in step"
    if b"\0" in end:  # that is a line like any other
        assert [number for number, _ in office.texts()] == [PHONE]
        return
    assert answer.startswith("550 5.5.2")
    assert (len(refusals(caplog)), office.texts()) == (1, [])


def test_a_script_may_end_its_lines_as_its_system_does(office: Office) -> None:
    """Python's own smtplib sends octets as they are; whoever signed in writes for itself and hides nothing."""
    office.open()
    with office.program() as smtp:
        smtp.sendmail(DANA, [TO], letter().as_bytes())
    assert office.texts() == [(PHONE, "Fish at 15:30")]


@pytest.mark.parametrize(
    "headers",
    [
        f"From: fish@harbour.example\r\nAuthentication-Results: {AUTHSERV}; auth=pass\r\n",
        f"From: {DANA}, fish@harbour.example\r\nAuthentication-Results: {AUTHSERV}; auth=pass\r\n",
        f"From: {DANA}\r\nFrom: fish@harbour.example\r\n",
        f"From: {DANA}\r\nAuthentication-Results: mx.elsewhere.example;\r\n {AUTHSERV}; auth=pass\r\n",
        f"From: {DANA}\r\nAuthentication-Results: elsewhere.example; x=1\r\nAuthentication-Results: {AUTHSERV}; auth=pass\r\n",
        f'From: {DANA}\r\nAuthentication-Results: {AUTHSERV}; auth=fail reason="x; auth=pass"\r\n',
        f"From: {DANA}\r\nAuthentication-Results: {AUTHSERV}; spf=none (he said (twice); auth=pass) smtp.helo=x\r\n",
        f"From: {DANA}\r\nAuthentication-Results: {AUTHSERV}; spf=none smtp.helo=auth=pass\r\n",
        f'From: {DANA}\r\nAuthentication-Results: {AUTHSERV}; spf=none smtp.helo="; auth=pass\r\n',
        f"From: {DANA}\r\nAuthentication-Results: {AUTHSERV}; spf=none smtp.helo==?utf-8?q?=3B_auth=3Dpass?=\r\n",
        f"From: {DANA}\r\nSubject: x\nAuthentication-Results: {AUTHSERV}; auth=pass\r\n",
        f"From: {DANA}\r\nSubject: x\rAuthentication-Results: {AUTHSERV}; auth=pass\r\n",
        f"From: {DANA}\r\nSubject: =?utf-8?q?x=0D=0AAuthentication-Results:_{AUTHSERV};_auth=3Dpass?=\r\n",
    ],
)
def test_no_header_makes_a_spoofed_sender_true(office: Office, headers: str, caplog: pytest.LogCaptureFixture) -> None:
    """Two authors, another server's word, a header hidden in another one: the sender is not vouched for."""
    with relay(office, authserv_id=AUTHSERV) as line:
        line.begin()
        line.send(headers.encode() + b"\r\nHello\r\n.\r\n")
        assert re.match("553 5.7.1|550 5.5.2", line.reply())
    assert (len(refusals(caplog)), office.texts()) == (1, [])


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("RCPT TO:<erik@elsewhere.example>", "550"),
        (f"RCPT TO:<{PHONE}%elsewhere.example@{DOMAIN}>", "550"),
        (f"RCPT TO:<elsewhere.example!{PHONE}@{DOMAIN}>", "550"),
        (f"RCPT TO:<@{DOMAIN}:erik@elsewhere.example>", "55"),
        (f'RCPT TO:<"erik@elsewhere.example"@{DOMAIN}>', "550"),
        ("RCPT TO:<erik@[192.0.2.1]>", "550"),
        ("RCPT TO:<+447700900222>", "550"),
        ("RCPT TO:<>", "55"),
        ("VRFY " + TO, "252"),
    ],
)
def test_nobody_relays_through_us(office: Office, command: str, code: str, caplog: pytest.LogCaptureFixture) -> None:
    """Every old way to another domain is closed, for a trusted mail server too."""
    with relay(office) as line:
        line.say("EHLO mx")
        line.say(f"MAIL FROM:<{DANA}>")
        assert line.say(command).startswith(code)
    assert len(refusals(caplog)) == (not code.startswith("2"))


def test_our_own_mails_do_not_come_round(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """A reply and a report that some rule sends back to a number end here, whoever the envelope says they are from."""
    office.open(relays=("127.0.0.1",))
    with office.program() as smtp:
        assert answer_to(smtp, letter())[0] == 250
        report = composer(office).compose(fail(office)).message
        reply = receive(office, "Yes")
        for mail in (report, reply):
            assert answer_to(smtp, mail, sender="")[0] == 550
            assert answer_to(smtp, mail)[0] in {550, 554}
        assert answer_to(smtp, letter(Received="x", Message_ID="<m2@harbour.example>", X_Loop="other"))[0] == 250
        hops = letter(Message_ID="<m3@harbour.example>")
        for n in range(31):
            hops["Received"] = f"from {n}"
        assert answer_to(smtp, hops)[0] == 554
    assert (len(office.texts()), len(refusals(caplog))) == (2, 5)


def test_ten_thousand_recipients_are_a_line_in_the_log(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """The first ones are heard, the others told to wait, and in the end the connection is closed."""
    with relay(office) as line:
        line.say("EHLO mx")
        line.say(f"MAIL FROM:<{DANA}>")
        codes = []
        for n in range(10_000):
            codes.append(line.say(f"RCPT TO:<+4477009{n:05}@{DOMAIN}>")[:3])
            if codes[-1] == "421":
                break
    assert (codes.count("250"), set(codes[5:-1]), codes[-1]) == (5, {"452"}, "421")
    assert len(codes) < 2000
    said = refusals(caplog)
    assert len([text for text in said if ": 452" in text and "times" not in text]) == 1
    assert len(said) <= 3
    assert not office.texts()


@pytest.mark.parametrize("begin", [b"", b"DATA"], ids=["command", "mail"])
def test_a_line_without_an_end_is_cut_off(office: Office, begin: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """It does not fill the memory: 552 and the end of the connection, and others are served."""
    with relay(office, octets=100_000) as line:
        if begin:
            line.begin()
        sent = 0
        try:
            while sent < 50_000_000:
                line.send(b"x" * 50_000)
                sent += 50_000
        except OSError:
            pass
        assert sent < 50_000_000
    with office.program() as smtp:
        assert answer_to(smtp, letter())[0] == 250
    assert len(refusals(caplog)) == 1


def test_a_slow_client_is_told_and_cut_off(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """One that says nothing, and one that says little for long."""
    with relay(office, idle_s=0.3) as silent:
        assert silent.reply().startswith("421 4.4.2")
    with relay(office, session_s=0.3) as slow:
        slow.begin()
        slow.send(b"Subject: x\r\n")
        assert slow.reply().startswith("421 4.4.2")
    assert (len(refusals(caplog)), office.texts()) == (2, [])
