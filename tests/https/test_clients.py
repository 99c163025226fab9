"""The book of PCs is bounded and forgets what is over."""

from omsmodem.https.clients import Clients, about_handshake
from omsmodem.https.hello import Hello

NAMES = ("sms.harbour.example",)


def test_the_book_is_bounded() -> None:
    """Addresses without end do not fill the memory, nor the status screen."""
    clients = Clients(clock=lambda: 0.0)
    for number in range(5000):
        clients.advise(f"192.0.2.{number}", "uses http://")
    assert len(clients._clients) == 2000
    assert len(clients.advice()) == 50
    assert clients.advice()[0] == "PC 192.0.2.4999 uses http://"


def test_advice_is_news_once() -> None:
    """The log says it once, the book keeps it until a request comes."""
    clients = Clients(clock=lambda: 0.0)
    assert clients.advise("192.0.2.1", "uses http://")
    assert not clients.advise("192.0.2.1", "uses http://")
    clients.served("192.0.2.1", "TLSv1.2")
    assert clients.advice() == ()


def test_who_was_served_is_not_suspected_for_going_silently() -> None:
    """Only who never made a request probably rejects the certificate; this machine's own checks never do."""
    clients = Clients(clock=lambda: 0.0)
    clients.served("192.0.2.1", "TLSv1.2")
    assert clients.went_silently("192.0.2.1", None, NAMES) == ""
    assert clients.went_silently("127.0.0.1", None, NAMES) == ""
    assert "probably rejects the certificate" in clients.went_silently("192.0.2.2", None, NAMES)
    other = Hello(0x0304, (), "smsbox")
    assert "calls the service smsbox" in clients.went_silently("192.0.2.2", other, NAMES)


def test_yesterday_does_not_count_today() -> None:
    """Clients and protocols of the last day."""
    now = 0.0
    clients = Clients(clock=lambda: now)
    clients.served("192.0.2.1", "TLSv1")
    clients.served("192.0.2.2", "TLSv1.3")
    assert (clients.today(), clients.oldest_protocol()) == (2, "TLS 1.0 (192.0.2.1)")
    now = 90_000.0
    clients.served("192.0.2.2", "TLSv1.3")
    assert (clients.today(), clients.oldest_protocol()) == (1, "TLS 1.3")
    assert clients.last_old() == ("192.0.2.1", "TLS 1.0", 0.0)  # but who needed weak TLS last is known until a restart
    assert Clients().last_old() is None


def test_what_nobody_can_know_is_no_advice() -> None:
    """A handshake that was broken off tells nothing."""
    assert about_handshake("UNEXPECTED_EOF_WHILE_READING", Hello(0x0304, (0x1302,), "sms.harbour.example"), NAMES) == ""
    assert about_handshake("WRONG_VERSION_NUMBER", None, NAMES) == ""
    assert "import ca.cer" in about_handshake("TLSV1_ALERT_UNKNOWN_CA", Hello(0x0304, (0x1302,)), NAMES)
