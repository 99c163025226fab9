"""One text as Outlook 2010 hands it over: for the demonstration, and for trying an installed service."""

import contextlib
import http.client
import ssl
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

_ENVELOPE = """<?xml version="1.0" encoding="utf-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">
  <soap:Body>
    <DeliverXms xmlns="http://schemas.microsoft.com/office/Outlook/2006/OMS"><xmsData>{document}</xmsData></DeliverXms>
  </soap:Body>
</soap:Envelope>"""

_DOCUMENT = """<?xml version="1.0" encoding="utf-8"?>
<xmsData client="Microsoft Office Outlook 14.0" xmlns="http://schemas.microsoft.com/office/Outlook/2006/OMS">
  <user><userId>{user}</userId><password>{password}</password><customData/></user>
  <xmsHead>
    <requiredService>SMS_SENDER</requiredService><sourceType>xmsInspector</sourceType>
    <to>{recipients}</to>
  </xmsHead>
  <xmsBody format="SMS">
    <content contentType="text/plain" contentId="Att0.txt@demo" contentLocation="1.txt">{text}</content>
  </xmsBody>
</xmsData>"""

_TIMEOUT_S = 20.0


def deliver(uri: str, authority: Path, user: str, password: str, numbers: Sequence[str], text: str) -> str:
    """POST one DeliverXms over verified TLS and return the OMS code of the answer. Raises OSError."""
    recipients = "".join(f"<recipient>{number}</recipient>" for number in numbers)
    fields = {"user": escape(user), "password": escape(password), "recipients": recipients, "text": escape(text)}
    body = _ENVELOPE.format(document=escape(_DOCUMENT.format(**fields))).encode()
    address = urlsplit(uri)
    context = ssl.create_default_context(cafile=str(authority))
    connection = http.client.HTTPSConnection(
        address.hostname or "localhost", address.port, context=context, timeout=_TIMEOUT_S
    )
    action = '"http://schemas.microsoft.com/office/Outlook/2006/OMS/DeliverXms"'
    with contextlib.closing(connection):
        connection.request(
            "POST", address.path, body, {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": action}
        )
        answer = connection.getresponse().read().decode()
    return answer.partition('code="')[2].partition('"')[0] or answer.partition("code=&quot;")[2].partition("&")[0]
