"""The OMS address of an office: real accounts, gate and store behind it; requests as clients write them."""

import io
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers
from xml.sax.saxutils import escape

from omsmodem.accounts import Account, Accounts
from omsmodem.intake import Intake, Limits
from omsmodem.message import OutgoingMessage
from omsmodem.numbers import NumberPolicy
from omsmodem.soap.oms import ServiceInfo
from omsmodem.soap.pages import Site
from omsmodem.soap.service import Gate, Service
from omsmodem.soap.wsgi import OmsApplication
from omsmodem.store import Store, open_store
from tests.soap.schemas import ENCODING, OMS, SOAP_11, SOAP_12, XSI, Unwrapped, unwrap

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
PASSWORD = "tide&74"
URI = "https://sms.harbour.example/oms/service.asmx"
INFO = ServiceInfo(
    service_provider="Harbour Street Office",
    service_uri=URI,
    sign_up_page="https://sms.harbour.example/oms/signup",
    local_name="Harbour SMS",
    english_name="Harbour SMS",
)
PARAMETERS = {
    "GetUserInfo": "xmsUser",
    "DeliverXms": "xmsData",
    "SendXms": "xmsData",
    "DeliverXmsBatch": "packageXml",
}
CONTENT_TYPES = {SOAP_11: "text/xml; charset=utf-8", SOAP_12: "application/soap+xml; charset=utf-8"}


@dataclass
class Answer:
    """What came back from the WSGI application."""

    status: int
    headers: Headers
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def ask(application: Any, method: str = "POST", body: bytes = b"", **environ: Any) -> Answer:
    """One request to a WSGI application."""
    taken: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], *_rest: Any) -> Any:
        taken[:] = [status, headers]

    given = {
        "REQUEST_METHOD": method,
        "PATH_INFO": "/",
        "QUERY_STRING": "",
        "REMOTE_ADDR": "192.0.2.7",
        "CONTENT_LENGTH": str(len(body)) if method == "POST" else "",
        "wsgi.input": io.BytesIO(body),
        **environ,
    }
    octets = b"".join(application(given, start))
    return Answer(int(taken[0][:3]), Headers(taken[1]), octets)


def envelope(operation: str, document: str | None, version: str = SOAP_11, *, rpc: bool = False) -> bytes:
    """A call as ASP.NET's proxies write it."""
    names = f'xmlns:soap="{version}" xmlns:xsi="{XSI}" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
    parameter = PARAMETERS.get(operation, "x")
    inner = ""
    if document is not None:
        kind = ' xsi:type="xsd:string"' if rpc else ""
        inner = f"<{parameter}{kind}>{escape(document)}</{parameter}>"
    if rpc:
        call = f'<q1:{operation} xmlns:q1="{OMS}" soap:encodingStyle="{ENCODING}">{inner}</q1:{operation}>'
    else:
        call = f'<{operation} xmlns="{OMS}">{inner}</{operation}>'
    head = '<?xml version="1.0" encoding="utf-8"?>\n'
    return f"{head}<soap:Envelope {names}><soap:Body>{call}</soap:Body></soap:Envelope>".encode()


def xms_user(user: str = "dana", password: str = PASSWORD) -> str:
    return (
        f'<xmsUser client="Microsoft Office Outlook 14.0" xmlns="{OMS}"><userId>{escape(user)}</userId>'
        f"<password>{escape(password)}</password><customData/></xmsUser>"
    )


def xms_data(
    *recipients: str, texts: tuple[str, ...] = ("Fish at 15:30",), password: str = PASSWORD, **more: str
) -> str:
    """An xmsData. `more`: user, scheduled, requiredService, sourceType, format, id."""
    head = "".join(
        f"<{name}>{escape(more[name])}</{name}>"
        for name in ("scheduled", "requiredService", "sourceType")
        if name in more
    )
    to = "".join(f"<recipient>{escape(recipient)}</recipient>" for recipient in recipients or ("+447700900222",))
    contents = "".join(
        f'<content contentType="text/plain" contentId="{more.get("ids", "Att")}{n}" contentLocation="{n}.txt">'
        f"{escape(text)}</content>"
        for n, text in enumerate(texts)
    )
    id_ = f' id="{more["id"]}"' if "id" in more else ""
    return (
        f'<xmsData client="Microsoft Office Outlook 14.0"{id_} xmlns="{OMS}"><user><userId>{more.get("user", "dana")}</userId>'
        f"<password>{escape(password)}</password></user><xmsHead>{head}<to>{to}</to></xmsHead>"
        f'<xmsBody format="{more.get("format", "SMS")}">{contents}</xmsBody></xmsData>'
    )


def xms_batch(*messages: str) -> str:
    return f'<xmsBatch client="Microsoft SharePoint" xmlns="{OMS}">{"".join(messages)}</xmsBatch>'


@cache
def _accounts() -> bytes:
    """An account file with dana in it; hashing a password takes its time."""
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "accounts.json"
        dana = Account("dana", reply_phone="+447700900111", smtp_address="dana@harbour.example")
        Accounts(path).add(dana, PASSWORD)
        return path.read_bytes()


@dataclass
class Office:
    """Everything behind the address, without a modem: it is not needed for any answer (law 5)."""

    accounts: Accounts
    store: Store
    now: datetime = NOW
    settings: dict[str, Any] = field(default_factory=dict)  # of the Service
    info: ServiceInfo = INFO

    @classmethod
    def open(cls, home: Path) -> "Office":
        (home / "accounts.json").write_bytes(_accounts())
        made = cls(Accounts(home / "accounts.json"), open_store(home / "omsmodem.db", lambda: made.now))
        return made

    def gate(self, **more: Any) -> Intake:
        return Intake(
            self.accounts,
            self.store.accepting,
            numbers=more.pop("numbers", NumberPolicy(country="GB", countries_allowed=frozenset({"GB"}))),
            limits=more.pop("limits", Limits()),
            clock=lambda: self.now,
            **more,
        )

    def application(self, gate: Gate | None = None, **settings: Any) -> OmsApplication:
        settings = {"clock": lambda: self.now, **self.settings, **settings}
        site = Site(self.info)
        service = Service(self.info, gate or self.gate(language=settings.get("language", "en")), **settings)
        return OmsApplication(service, lambda environ: site.answer("address", environ))

    def call(
        self,
        operation: str,
        document: str | None = None,
        version: str = SOAP_11,
        *,
        rpc: bool = False,
        gate: Gate | None = None,
        **settings: Any,
    ) -> Unwrapped:
        """One call and its answer, which is checked against the schemas and for being in kind."""
        body = envelope(operation, document, version, rpc=rpc)
        answer = ask(self.application(gate, **settings), body=body, CONTENT_TYPE=CONTENT_TYPES[version])
        assert answer.headers["Content-Type"] == CONTENT_TYPES[version]
        unwrapped = unwrap(answer.body)
        assert unwrapped.version == version
        if not unwrapped.fault:
            assert answer.status == 200
            assert (unwrapped.operation, unwrapped.rpc) == (operation, rpc)
        return unwrapped

    def deliver(self, document: str, **settings: Any) -> list[tuple[str, str, str]]:
        """The errors of a DeliverXms: code, content, recipientList."""
        return errors(self.call("DeliverXms", document, **settings).document)

    def messages(self) -> list[OutgoingMessage]:
        return self.store.history.messages()


def errors(document: str) -> list[tuple[str, str, str]]:
    """Code, content and recipientList of every error of a document."""
    from lxml import etree

    root = etree.fromstring(document.encode())
    return [
        (error.get("code"), error.findtext("{*}content") or "", error.findtext("{*}recipientList") or "")
        for error in root.iter("{*}error")
    ]
