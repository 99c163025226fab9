"""Submission by real mail programs: what is taken, what is refused and in which words."""

import shutil
import smtplib
import socket
import ssl
import subprocess
from datetime import timedelta
from email.policy import SMTP

import pytest

from tests.maildoor.conftest import DANA, DOMAIN, PASSWORD, PHONE, TO, Office, answer_to, letter

OTHER = f"+447700900333@{DOMAIN}"


def test_250_means_on_disk(office: Office) -> None:
    """A mail to a number is a text in the store, with the mail it came from, when the program hears 250."""
    office.open()
    with office.program() as smtp:
        assert answer_to(smtp, letter()) == (250, "")
    assert office.texts() == [(PHONE, "Fish at 15:30")]
    (message,) = office.store.history.messages()
    origin = office.store.history.origin(message.submission_id)
    assert origin is not None
    assert (origin.sender, origin.message_id, origin.subject) == (DANA, "<m1@harbour.example>", "Fish")
    assert office.store.history.submission(message.submission_id).door == "mail"


@pytest.mark.parametrize(
    "local",
    ["+447700900222", "07700900222", "00447700900222", "07700-900222", '"+44 7700 900222"', "+44.7700.900222"],
)
def test_a_number_may_be_written_in_many_ways(office: Office, local: str) -> None:
    """Whatever a contact card has before the @."""
    office.open()
    with office.program() as smtp:
        assert answer_to(smtp, letter(), f"{local}@SMS.Harbour.Example")[0] == 250
    assert office.texts() == [(PHONE, "Fish at 15:30")]


def test_groups_and_names_stand_for_numbers(office: Office) -> None:
    """A group is all its numbers, a contact's name its own; nobody gets a text twice."""
    office.open()
    with office.program() as smtp:
        assert answer_to(smtp, letter(), f"OnCall@{DOMAIN}", f"erik.quay@{DOMAIN}", TO)[0] == 250
    assert [number for number, _ in office.texts()] == [PHONE, "+447700900333", "+447700900444"]


@pytest.mark.parametrize(
    ("to", "code"),
    [
        (f"nobody@{DOMAIN}", 550),
        (f"112@{DOMAIN}", 550),
        (f"+4479@{DOMAIN}", 550),
        ("erik@elsewhere.example", 550),
        (f"+447700900222%elsewhere.example@{DOMAIN}", 550),
    ],
)
def test_what_is_no_number_of_ours_is_refused_at_once(office: Office, to: str, code: int) -> None:
    """No relay for anybody, and nothing is guessed."""
    office.open()
    with office.program() as smtp:
        assert answer_to(smtp, letter(), to)[0] in {code, 550}
    assert not office.texts()


def test_a_source_route_leads_nowhere_else(office: Office) -> None:
    """RFC 5321 appendix F.2: it is refused or ignored, as the email package of this Python reads it; nothing is relayed."""
    office.open()
    with office.program() as smtp:
        routed = answer_to(smtp, letter(), "@elsewhere.example:" + TO)[0]
        assert routed in {250, 550, 553}
        assert answer_to(smtp, letter(), f"@{DOMAIN}:erik@elsewhere.example")[0] in {550, 553}
    assert len(office.texts()) == (routed == 250)


def test_nobody_sends_without_tls_and_a_password(office: Office) -> None:
    """In clear 530, without signing in 530, with a wrong password 535; a password in clear is not even looked at."""
    door = office.open()
    with smtplib.SMTP("127.0.0.1", door.port, timeout=30) as smtp:
        smtp.ehlo()
        assert not smtp.has_extn("auth")
        assert answer_to(smtp, letter())[0] == 530
    with office.program(user="") as smtp:
        assert answer_to(smtp, letter())[0] == 530
    with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
        office.program(password="wrong")
    assert refused.value.smtp_code == 535


def test_tls_from_the_start_and_auth_login(office: Office) -> None:
    """The other port, and the mechanism Outlook speaks."""
    door = office.open()
    with smtplib.SMTP_SSL("127.0.0.1", door.tls_port, timeout=30, context=office.trust()) as smtp:
        smtp.user, smtp.password = "dana", PASSWORD
        smtp.ehlo()
        smtp.auth("LOGIN", smtp.auth_login)
        assert answer_to(smtp, letter())[0] == 250


def test_an_account_writes_under_its_own_address(office: Office) -> None:
    """Somebody else's address is 553, the empty one 550."""
    office.open()
    with office.program() as smtp:
        assert answer_to(smtp, letter(), sender="fish@harbour.example")[0] == 553
        assert answer_to(smtp, letter(), sender="")[0] == 550
    assert not office.texts()


def test_all_recipients_or_none(office: Office) -> None:
    """Where the day's limit has room for some only, nothing is sent and the sender hears why."""
    office.open()
    with office.program() as smtp:
        assert answer_to(smtp, letter("x" * 400), TO, OTHER)[0] == 552
        assert not office.texts()
        assert answer_to(smtp, letter("x" * 300), TO, OTHER)[0] == 250
        code, words = answer_to(smtp, letter("one more", Message_ID="<m2@harbour.example>"))
        assert (code, "4 SMS a day" in words) == (552, True)


def test_limits_of_one_mail(office: Office) -> None:
    """Too long a text 552, too many recipients 452, too large a mail 552, too long a line 500: nothing is sent."""
    office.open(octets=20_000)
    with office.program() as smtp:
        assert answer_to(smtp, letter("0123456789\n" * 60))[0] == 552
        many = [f"+4477009002{n:02}@{DOMAIN}" for n in range(6)]
        smtp.mail(DANA)
        assert [smtp.rcpt(to)[0] for to in many] == [250] * 5 + [452]
        smtp.rset()
        assert answer_to(smtp, letter("words\n" * 5000))[0] == 552
        smtp.mail(DANA)
        smtp.rcpt(TO)
        assert smtp.data(b"Subject: x\r\n\r\n" + b"y" * 1500)[0] == 500
    assert not office.texts()


def test_what_passes_is_4xx(office: Office) -> None:
    """The minute's limit and a modem that is away are for later: mail programs and servers try again by themselves."""
    office.open()
    office.accounts.set("dana", "segments_per_minute", "1")
    with office.program() as smtp:
        assert answer_to(smtp, letter())[0] == 250
        assert answer_to(smtp, letter(Message_ID="<m2@harbour.example>"))[0] == 452
        office.ready[0] = False
        assert answer_to(smtp, letter(Message_ID="<m3@harbour.example>"))[0] == 451
        office.ready[0] = True
        office.time[0] += timedelta(minutes=2)
        assert answer_to(smtp, letter(Message_ID="<m3@harbour.example>"))[0] == 250
    assert len(office.texts()) == 2


def test_the_same_mail_again_is_not_sent_twice(office: Office) -> None:
    """A mail server that lost our answer sends it again a day later; 250, and one text."""
    office.open()
    with office.program() as smtp:
        assert answer_to(smtp, letter())[0] == 250
    office.time[0] = office.time[0].replace(day=3)
    with office.program() as smtp:
        assert answer_to(smtp, letter())[0] == 250
    assert len(office.texts()) == 1


def test_a_trusted_mail_server_need_not_sign_in(office: Office) -> None:
    """Its senders are accounts by their addresses; others are 553, and it relays nowhere else either."""
    door = office.open(relays=("127.0.0.1",))
    with smtplib.SMTP("127.0.0.1", door.port, timeout=30) as smtp:
        assert answer_to(smtp, letter())[0] == 250
        assert answer_to(smtp, letter(), sender="stranger@harbour.example")[0] == 553
        assert answer_to(smtp, letter(), "erik@elsewhere.example")[0] == 550
    assert len(office.texts()) == 1


@pytest.mark.parametrize(
    ("results", "author", "code"),
    [
        ("mx.harbour.example; auth=pass smtp.auth=dana", DANA, 250),
        ("mx.harbour.example; spf=pass; dmarc=pass header.from=harbour.example", DANA, 250),
        ('mx.harbour.example 1 (its name); spf=fail reason="x; y"; auth = pass', DANA, 250),
        ("mx.harbour.example; dmarc=fail", DANA, 553),
        ("mx.harbour.example; auth=passed", DANA, 553),
        ("mx.elsewhere.example; auth=pass", DANA, 553),
        ("mx.harbour.example; auth=pass", "fish@harbour.example", 553),
        ("", DANA, 553),
    ],
)
def test_a_mail_server_that_takes_mail_from_anywhere_must_vouch(
    office: Office, results: str, author: str, code: int
) -> None:
    """With `authserv_id` only a mail whose sender it has verified is taken."""
    door = office.open(relays=("127.0.0.1",), authserv_id="mx.harbour.example")
    with smtplib.SMTP("127.0.0.1", door.port, timeout=30) as smtp:
        assert answer_to(smtp, letter(Authentication_Results=results, From=author))[0] == code


def test_the_sender_may_ask_to_be_told(office: Office) -> None:
    """NOTIFY=SUCCESS asks for deliveries too, NEVER for nothing; what is no NOTIFY is 501."""
    office.open()
    with office.program() as smtp:
        assert smtp.has_extn("dsn")
        for n, wish in enumerate(("SUCCESS,FAILURE", "NEVER")):
            mail = letter(f"text {n}", Message_ID=f"<{n}@harbour.example>")
            options = {"mail_options": ["RET=HDRS", "ENVID=q1"], "rcpt_options": [f"NOTIFY={wish}"]}
            assert answer_to(smtp, mail, **options)[0] == 250
        assert answer_to(smtp, letter(), rcpt_options=["NOTIFY=NEVER,SUCCESS"])[0] == 501
        assert answer_to(smtp, letter(), mail_options=["ENVID=+0d"])[0] == 501
    with office.store.database.reading() as connection:
        assert [row[0] for row in connection.execute("SELECT confirm FROM submission ORDER BY id")] == ["all", "off"]


def test_strangers_are_turned_away(office: Office) -> None:
    """Addresses that may not connect, and one connection too many, get 421."""
    door = office.open(allowed=("192.0.2.0/24",))
    with pytest.raises(smtplib.SMTPConnectError) as refused:
        smtplib.SMTP("127.0.0.1", door.port, timeout=30)
    assert refused.value.smtp_code == 421
    door = office.open(connections_per_address=1)
    with socket.create_connection(("127.0.0.1", door.port), 30) as first:
        assert first.recv(100).startswith(b"220")
        with pytest.raises(smtplib.SMTPConnectError):
            smtplib.SMTP("127.0.0.1", door.port, timeout=30)


def test_a_slow_client_is_cut_off(office: Office) -> None:
    """Whoever sends a little now and then does not stay for ever, and others are served meanwhile."""
    door = office.open(session_s=1.5)
    with socket.create_connection(("127.0.0.1", door.port), 30) as slow:
        slow.settimeout(0.2)
        with office.program() as smtp:
            assert answer_to(smtp, letter())[0] == 250
        assert _says_something_until_cut(slow)


def _says_something_until_cut(slow: socket.socket) -> bool:
    for _ in range(200):
        try:
            slow.sendall(b"N")
            if not slow.recv(100):
                return True
        except TimeoutError:
            continue
        except OSError:
            return True
    return False


def test_a_new_certificate_is_served_without_a_restart(office: Office) -> None:
    """On both ports, and a mail in hand is not disturbed."""
    door = office.open()
    with office.program() as old:
        before = _certificate(door.tls_port)
        door.reload()
        assert _certificate(door.tls_port) != before
        assert answer_to(old, letter())[0] == 250
    with office.program() as smtp:
        assert answer_to(smtp, letter("two", Message_ID="<m2@harbour.example>"))[0] == 250


def test_a_stop_finishes_what_is_in_hand_and_says_goodbye(office: Office) -> None:
    """A mail whose last line is sent is answered by its commit; whoever is idle hears 421."""
    door = office.open()
    with socket.create_connection(("127.0.0.1", door.port), 30) as idle, office.program() as smtp:
        assert idle.recv(200).startswith(b"220")
        smtp.mail(DANA)
        smtp.rcpt(TO)
        smtp.putcmd("data")
        assert smtp.getreply()[0] == 354
        smtp.send(letter().as_bytes().replace(b"\n", b"\r\n") + b"\r\n.\r\n")
        answer = smtp.getreply()[0]
        door.stop()
        assert (answer, len(office.texts())) == (250, 1)
        assert idle.recv(200).startswith(b"421")
        smtp.close()


def test_a_guesser_gets_a_few_tries_of_one_connection(office: Office) -> None:
    """Then the connection is closed; wrong passwords are counted by the throttle besides."""
    office.open()
    smtp = office.program(user="")
    codes = []
    for n in range(8):
        try:
            smtp.login("dana", f"guess {n}", initial_response_ok=True)
        except smtplib.SMTPAuthenticationError as error:
            codes.append(error.smtp_code)
        except smtplib.SMTPException:
            break
    smtp.close()
    assert codes[0] == 535
    assert len(codes) < 8


def _certificate(port: int) -> str:
    return ssl.get_server_certificate(("127.0.0.1", port), timeout=30)


@pytest.mark.skipif(shutil.which("swaks") is None, reason="swaks is not installed")
def test_swaks_submits(office: Office) -> None:
    """A foreign program with its own SMTP, STARTTLS and AUTH."""
    door = office.open()
    command = ["swaks", "--server", f"127.0.0.1:{door.port}", "--tls", "--auth", "PLAIN", "--auth-user", "dana"]
    command += ["--auth-password", PASSWORD, "--from", DANA, "--to", f"oncall@{DOMAIN}"]  # its --to takes no plus
    command += ["--body", "Fish at 15:30", "--silent", "2"]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    assert office.texts() == [(PHONE, "Fish at 15:30"), ("+447700900333", "Fish at 15:30")]


def test_by_lmtp_each_recipient_has_its_own_answer(office: Office) -> None:
    """A trusted mail server's mail goes to those it can go to; the server tells its sender about the others."""
    door = office.open(relays=("127.0.0.1",))
    mail = letter("x" * 400).as_bytes(policy=SMTP)  # three of the four SMS of a day
    with smtplib.LMTP("127.0.0.1", door.port) as lmtp:
        lmtp.ehlo()
        for _again in range(2):
            lmtp.mail(DANA)
            assert [lmtp.rcpt(to)[0] for to in (TO, f"112@{DOMAIN}", OTHER)] == [250, 550, 250]
            assert lmtp.data(mail)[0] == 250
            assert lmtp.getreply()[0] == 552
    assert office.texts() == [(PHONE, "x" * 400)]


def test_a_refusal_by_lmtp_is_said_for_each_recipient(office: Office) -> None:
    """Of the whole mail too, or the server would take the next command's answer for it; and strangers speak no LMTP."""
    door = office.open(relays=("127.0.0.1",), octets=20_000)
    with smtplib.LMTP("127.0.0.1", door.port) as lmtp:
        lmtp.ehlo()
        for text, code in (("words\n" * 5000, 552), ("", 550)):
            lmtp.mail(DANA)
            lmtp.rcpt(TO)
            lmtp.rcpt(OTHER)
            first, _ = lmtp.data(letter(text).as_bytes(policy=SMTP))
            assert (first, lmtp.getreply()[0]) == (code, code)
            assert lmtp.noop()[0] == 250
    with smtplib.LMTP("127.0.0.1", office.open().port) as lmtp, pytest.raises(smtplib.SMTPException):
        lmtp.ehlo_or_helo_if_needed()
