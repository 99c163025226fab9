"""Handing mails to a real SMTP server: secured, signed in, refused, dropped."""

import socket
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from omsmodem.mail.errors import Deferred, Dropped, MailError, Rejected, RelayDown
from omsmodem.mail.letter import Letterhead, Mail, write
from omsmodem.mail.relay import Relay
from omsmodem.message import MailNotice, NoticeKind, NoticeState
from tests.mail.sink import DROP, KEEP_AND_DROP, Sink, serving

NOW = datetime(2026, 3, 2, 9, 14, 31, tzinfo=UTC)
HEAD = Letterhead("sms@harbour.example", "Harbour SMS")


def mail(text: str = "Can’t make 15:30", to: str = "dana@harbour.example") -> Mail:
    notice = MailNotice(1, NoticeKind.REPLY, NoticeState.WAITING, "dana", NOW, NOW, "0a1b")
    return write(HEAD, notice, [to], "SMS from +447700900222", text)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_secured_line_and_a_login(tmp_path: Path, security: str) -> None:
    """The certificate is verified, the password crosses only inside TLS, the mail arrives with an empty envelope sender."""
    sink = Sink("omsmodem", "s3cret")
    with serving(sink, security=security, home=tmp_path, login=True) as port:
        relay = Relay(
            "127.0.0.1",
            port,
            security,
            "omsmodem",
            lambda: "s3cret",
            ca_file=tmp_path / "mail.crt",
            timeout_s=20,
        )
        conversation = relay.open()
        conversation.send(mail())
        conversation.send(mail("two"))
        conversation.close()
    assert sink.tls
    assert len(sink.signed_in) == 1
    assert sink.envelopes == [("<>", ["dana@harbour.example"])] * 2
    first, _ = sink.messages()
    assert first.get_content().rstrip() == "Can’t make 15:30"


def test_a_certificate_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """And the words say which key names the office's own CA."""
    with serving(Sink(), security="starttls", home=tmp_path) as port, pytest.raises(RelayDown, match=r"mail\.ca_file"):
        Relay("127.0.0.1", port, "starttls", timeout_s=20).open()


def test_a_server_without_starttls_is_not_trusted_with_anything() -> None:
    """No mail goes out in clear when starttls was asked for."""
    sink = Sink()
    with serving(sink) as port, pytest.raises(RelayDown, match="STARTTLS"):
        Relay("127.0.0.1", port, "starttls", timeout_s=20).open()
    assert sink.mails == []


def test_a_wrong_password_is_the_relays_fault_not_the_mails(tmp_path: Path) -> None:
    """No mail is given up for it."""
    with serving(Sink("omsmodem", "right"), security="tls", home=tmp_path, login=True) as port:
        relay = Relay("127.0.0.1", port, "tls", "omsmodem", lambda: "wrong", tmp_path / "mail.crt", timeout_s=20)
        with pytest.raises(RelayDown, match="535"):
            relay.open()


@pytest.mark.parametrize(
    ("stage", "answer", "error"),
    [
        ("RCPT", "450 4.2.0 greylisted", Deferred),
        ("RCPT", "550 5.1.1 no such user", Rejected),
        ("DATA", "451 4.3.0 try later", Deferred),
        ("DATA", "554 5.6.0 refused", Rejected),
        ("DATA", DROP, Dropped),
        ("DATA", KEEP_AND_DROP, Dropped),
        ("RCPT", DROP, Dropped),
        ("MAIL", "550 5.7.1 who are you", RelayDown),
        ("DATA", "421 4.3.2 closing", Dropped),
    ],
)
def test_each_answer_means_what_it_says(stage: str, answer: str, error: type[MailError]) -> None:
    """4xx: this mail later. 5xx: this mail never. Gone in mid-dialogue: later. A sender that is refused: the relay."""
    sink = Sink()
    sink.answers[stage].append(answer)
    with serving(sink) as port:
        conversation = Relay("127.0.0.1", port, "none", timeout_s=20).open()
        with pytest.raises(MailError) as caught:
            conversation.send(mail())
        conversation.close()
    assert type(caught.value) is error
    if answer[0].isdigit():
        assert answer[:3] in str(caught.value)


def test_after_a_refused_mail_the_next_one_goes_over_the_same_connection() -> None:
    """One bad address does not cost the others a new handshake."""
    sink = Sink()
    sink.answers["RCPT"].append("550 5.1.1 no such user")
    with serving(sink) as port:
        conversation = Relay("127.0.0.1", port, "none", timeout_s=20).open()
        with pytest.raises(Rejected):
            conversation.send(mail())
        conversation.send(mail())
        conversation.close()
    assert len(sink.mails) == 1


@pytest.mark.parametrize(
    "to", ["no address", "a@b\r\nBcc: eve@x.example", "", "@", "dana@harbour.example, eve@x.example"]
)
def test_an_address_that_is_none_is_refused_in_words(to: str) -> None:
    """What stands in the account file becomes one recipient or none."""
    with pytest.raises(Rejected):
        mail(to=to)


def test_nobody_there_and_somebody_silent_are_down() -> None:
    """A closed port at once, a silent server after the deadline."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(RelayDown, match="cannot be reached"):
            Relay("127.0.0.1", port, "none", timeout_s=0.3).open()
    with pytest.raises(RelayDown, match="cannot be reached"):
        Relay("127.0.0.1", port, "none", timeout_s=5).open()


def test_a_stop_cuts_a_server_that_does_not_answer() -> None:
    """Another thread's abort ends a hand-over that hangs."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet_and_hang() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"220 hi\r\n")
                connection.recv(1000)
                connection.sendall(b"250 hi\r\n")
                while connection.recv(1000):
                    pass

        thread = threading.Thread(target=greet_and_hang)
        thread.start()
        conversation = Relay("127.0.0.1", listener.getsockname()[1], "none", timeout_s=30).open()
        threading.Timer(0.2, conversation.abort).start()
        with pytest.raises(Dropped):
            conversation.send(mail())
        conversation.close()
        thread.join(10)
