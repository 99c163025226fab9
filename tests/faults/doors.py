"""The three doors that a message can come in by, as their programs use them: Outlook, a mail program, a script.

Each tells whether it was promised; a program that heard nothing asks again in the same words.
"""

import http.client
import json
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from xml.sax.saxutils import escape

PASSWORD = "a tide table by heart"
MAILBOX = "dana@harbour.example"
DOMAIN = "sms.harbour.example"
_N = "http://schemas.microsoft.com/office/Outlook/2006/OMS"


@dataclass(frozen=True, slots=True)
class Doors:
    """Where the doors of one service are, and what opens them."""

    home: Path
    port: int
    mail_port: int
    token: str

    def submit(self, door: str, text: str, recipients: tuple[str, ...]) -> bool:
        """Send a text by a door; whether it was promised."""
        try:
            return _DOORS[door](self, text, recipients)
        except (OSError, urllib.error.URLError, http.client.HTTPException, smtplib.SMTPException):
            return False

    def tls(self) -> ssl.SSLContext:
        """What a client trusts."""
        return ssl.create_default_context(cafile=str(self.home / "tls" / "ca.crt"))

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> str:
        """One HTTPS request and what was answered."""
        request = urllib.request.Request(f"https://localhost:{self.port}{path}", body, headers)
        with urllib.request.urlopen(request, context=self.tls(), timeout=30) as answer:
            return str(answer.read().decode())


def _by_oms(doors: Doors, text: str, recipients: tuple[str, ...]) -> bool:
    answer = doors.post("/oms/service.asmx", deliver_xms(text, recipients), {"Content-Type": "text/xml; charset=utf-8"})
    return 'code="ok"' in answer


def deliver_xms(text: str, recipients: tuple[str, ...]) -> bytes:
    """What Outlook sends."""
    to = "".join(f"<recipient>{recipient}</recipient>" for recipient in recipients)
    document = (
        f'<xmsData client="Microsoft Office Outlook 14.0" xmlns="{_N}"><user><userId>dana</userId>'
        f"<password>{PASSWORD}</password></user><xmsHead><to>{to}</to></xmsHead>"
        f'<xmsBody format="SMS"><content contentType="text/plain">{escape(text)}</content></xmsBody></xmsData>'
    )
    call = f'<DeliverXms xmlns="{_N}"><xmsData>{escape(document)}</xmsData></DeliverXms>'
    return (
        f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{call}</s:Body></s:Envelope>'
    ).encode()


def _by_mail(doors: Doors, text: str, recipients: tuple[str, ...]) -> bool:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = MAILBOX, ", ".join(f"{to}@{DOMAIN}" for to in recipients), "Tide"
    mail["Message-ID"] = f"<{abs(hash((text, recipients)))}@harbour.example>"
    mail.set_content(text, cte="quoted-printable")
    with smtplib.SMTP("localhost", doors.mail_port, timeout=30) as smtp:
        smtp.starttls(context=doors.tls())
        smtp.login("dana", PASSWORD)
        return not smtp.send_message(mail, MAILBOX, [f"{to}@{DOMAIN}" for to in recipients])


def _by_rest(doors: Doors, text: str, recipients: tuple[str, ...]) -> bool:
    headers = {
        "Authorization": f"Bearer {doors.token}",
        "Content-Type": "application/json",
        "Idempotency-Key": f"key-{abs(hash((text, recipients)))}",
    }
    wanted = {"to": list(recipients), "text": text}
    return "messages" in json.loads(doors.post("/api/v1/messages", json.dumps(wanted).encode(), headers))


_DOORS: dict[str, Callable[[Doors, str, tuple[str, ...]], bool]] = {
    "Outlook": _by_oms,
    "a mail program": _by_mail,
    "a script": _by_rest,
}
DOORS = tuple(_DOORS)
