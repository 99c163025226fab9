"""A real SMTP server that keeps what it takes, and answers what a test tells it to."""

import ipaddress
import ssl
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DROP = "drop"  # the connection ends instead of an answer
KEEP_AND_DROP = "keep and drop"  # the mail is taken, and the connection ends before the answer
STRICT = policy.SMTP.clone(raise_on_defect=True)


class Sink:
    """What a mail server took, and the answers it is to give: each stage's list is used up one a time."""

    def __init__(self, user: str = "", password: str = "") -> None:
        self.mails: list[bytes] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.answers: dict[str, deque[str]] = defaultdict(deque)
        self.tls = False
        self.signed_in: list[str] = []
        self._user, self._password = user, password

    def messages(self) -> list[EmailMessage]:
        """The mails as Python's strict parser reads them: any defect raises."""
        return [message_from_bytes(octets, policy=STRICT) for octets in self.mails]

    # aiosmtpd's hooks

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        return self._answer("MAIL", server, lambda: setattr(envelope, "mail_from", address))

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        return self._answer("RCPT", server, lambda: envelope.rcpt_tos.append(address))

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.tls = server.transport.get_extra_info("ssl_object") is not None
        return self._answer("DATA", server, lambda: self._keep(envelope))

    def _keep(self, envelope: Any) -> None:
        self.mails.append(envelope.content)
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))

    def _answer(self, stage: str, server: Any, accept: Any) -> str:
        given = self.answers[stage].popleft() if self.answers[stage] else "250 OK"
        if given in (DROP, KEEP_AND_DROP):
            if given == KEEP_AND_DROP:
                accept()
            server.transport.abort()
            return "421 gone"
        if given.startswith("250"):
            accept()
        return given

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (
            self._user.encode(),
            self._password.encode(),
        )
        if good:
            self.signed_in.append(mechanism)
        return AuthResult(success=good, handled=good)  # what is not handled, aiosmtpd answers with 535


class _AnyPort(Controller):
    """A controller whose first connection goes to the port that the system chose."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def serving(sink: Sink, *, security: str = "none", home: Path | None = None, login: bool = False) -> Iterator[int]:
    """The sink on a port of this machine; with TLS its certificate is `home`/mail.crt."""
    context = server_context(home) if home is not None else None
    options: dict[str, Any] = {"authenticator": sink.authenticate} if login else {}
    if security == "starttls":
        options |= {"tls_context": context, "require_starttls": True, "auth_required": login}
    else:  # aiosmtpd knows only of the TLS that STARTTLS begins
        options |= {"ssl_context": context, "auth_require_tls": False}
    controller = _AnyPort(sink, hostname="127.0.0.1", port=0, ready_timeout=30, **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def server_context(home: Path) -> ssl.SSLContext:
    """A TLS server context with a fresh certificate for this machine; `home`/mail.crt is what a client trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.harbour.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    home.mkdir(parents=True, exist_ok=True)
    (home / "mail.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (home / "mail.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home / "mail.crt", home / "mail.key")
    return context
