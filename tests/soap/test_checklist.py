"""The checklist of the protocol, one test an item, over real TLS: what Outlook and SharePoint would meet."""

import contextlib
import http.client
import socket
import ssl
import time
import warnings
from datetime import UTC, datetime

import pytest
import requests
import zeep
from zeep.transports import Transport

from tests.soap.line import Line
from tests.soap.office import envelope, errors, xms_batch, xms_data, xms_user
from tests.soap.schemas import OMS, SOAP_11, SOAP_12, unwrap, validate

OK = [("ok", "", "")]
TO = "+447700900222"


@pytest.mark.parametrize("port", ["OMSServiceSoap", "OMSServiceSoap12"])
def test_1_zeep_loads_the_wsdl_and_calls_the_five_methods(line: Line, port: str) -> None:
    """A foreign client over TLS, on both ports."""
    session = requests.Session()
    session.verify = str(line.place.authority)
    session.trust_env = False
    with session, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        client = zeep.Client(line.uri + "?wsdl", transport=Transport(session=session), port_name=port)
        validate("serviceInfo", client.service.GetServiceInfo())
        validate("userInfo", client.service.GetUserInfo(xms_user()))
        for n, method in enumerate((client.service.DeliverXms, client.service.SendXms)):
            assert errors(method(xms_data(texts=(f"{n}",)))) == OK
        assert errors(client.service.DeliverXmsBatch(xms_batch(xms_data()))) == OK
    assert len(line.office.messages()) == 3


@pytest.mark.parametrize("version", [SOAP_11, SOAP_12])
@pytest.mark.parametrize("rpc", [False, True])
def test_2_get_service_info_in_both_versions_and_shapes(line: Line, version: str, rpc: bool) -> None:
    """The address in it is, character for character, the one that is typed."""
    answer = line.call("GetServiceInfo", None, version, rpc=rpc)
    assert (answer.version, answer.rpc) == (version, rpc)
    assert validate("serviceInfo", answer.document).findtext("{*}serviceUri") == line.uri


@pytest.mark.parametrize("action", ["wrong", "", '""', f'"{OMS}/SendXms"', f"{OMS}/GetServiceInfo", "'x'"])
def test_3_soap_action_is_only_a_hint(line: Line, action: str) -> None:
    """Wrong, missing, unquoted and single-quoted: the body says what is called."""
    assert line.call("GetServiceInfo", None, SOAPAction=action).operation == "GetServiceInfo"
    assert line.call("GetServiceInfo", None).operation == "GetServiceInfo"


def test_4_service_info_has_a_namespace_of_its_own(line: Line) -> None:
    """And is in the published schema's order after the namespace is replaced."""
    document = line.call("GetServiceInfo").document
    assert f'<serviceInfo xmlns="{OMS}/serviceInfo">' in document
    validate("serviceInfo", document.replace(f"{OMS}/serviceInfo", OMS))


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (xms_user(), "ok"),
        (xms_user(password="tide"), "invalidUser"),
        ("", "other"),
        ("<!DOCTYPE xmsUser>" + xms_user(), "other"),
        ('<?xml version="1.0" encoding="utf-16"?>' + xms_user(), "ok"),
        ("\ufeff" + xms_user(), "ok"),
        ("\n" + '<?xml version="1.0" encoding="utf-8"?>\n' + xms_user(), "ok"),
    ],
)
def test_5_get_user_info(line: Line, document: str, code: str) -> None:
    """Ok, bad password, empty, DOCTYPE, a lying declaration, a BOM, a leading newline."""
    assert errors(line.call("GetUserInfo", document).document) == [(code, "", "")]


def test_6_deliver_and_send_are_the_same(line: Line) -> None:
    """Outlook before SP1 gets what later ones get."""
    for document in (xms_data(), xms_data("12"), xms_data(password="x"), ""):
        answers = [line.call(operation, document).document for operation in ("DeliverXms", "SendXms")]
        assert answers[0] == answers[1]


def test_7_parts_keep_their_order_and_are_counted(line: Line) -> None:
    """Fifty for a calendar summary, twenty for all others."""
    texts = tuple(f"({n}/50) item" for n in range(1, 51))
    assert line.deliver(xms_data(texts=texts, sourceType="calSummary")) == OK
    assert [message.text for message in line.office.messages()] == list(texts)
    most = "At most {} texts are allowed in one send; {} were given."
    assert line.deliver(xms_data(texts=texts[:21])) == [("other", most.format(20, 21), "")]
    assert line.deliver(xms_data(texts=(*texts, "x"), sourceType="calSummary")) == [("other", most.format(50, 51), "")]


def test_8_recipients(line: Line) -> None:
    """Too many, good beside bad, and the same twice."""
    many = tuple(f"+44770090{n:04}" for n in range(51))
    assert line.deliver(xms_data(*many)) == [("other", "At most 50 recipients are allowed; 51 were given.", "")]
    assert line.deliver(xms_data(TO, "x")) == [("invalidRecipient", "Not a dialable mobile number.", "x")]
    assert line.deliver(xms_data(TO, "07700 900222", "0044 7700 900222", texts=("once",))) == OK
    assert [message.text for message in line.office.messages()] == ["Fish at 15:30", "once"]


@pytest.mark.parametrize(
    ("scheduled", "start"),
    [
        ("2020-01-01T00:00:00Z", "06:00:00"),
        ("2026-03-02T06:45:00Z", "06:45:00"),
        ("2026-03-02T06:45:00.250", "06:45:00"),
        ("2026-03-02T07:45:00+01:00", "06:45:00"),
        ("next Tuesday", None),
        ("2036-01-01T00:00:00Z", None),
    ],
)
def test_9_scheduled(line: Line, scheduled: str, start: str | None) -> None:
    """Past, future, fraction without zone, offset; garbage and the far future are refused."""
    told = line.deliver(xms_data(scheduled=scheduled))
    if start is None:
        assert told == [("other", f"Not a time within a year: {scheduled}", "")]
        assert line.office.messages() == []
    else:
        assert told == OK
        (message,) = line.office.messages()
        day = datetime(2026, 3, 2, tzinfo=UTC).date()
        assert message.not_before.replace(microsecond=0).isoformat() == f"{day}T{start}+00:00"


def test_10_mms_is_refused_politely(line: Line) -> None:
    """Read within bounds, never decoded: the pictures are not even Base64."""
    data = xms_data(format="MMS", texts=("?" * 200_000,)).replace("text/plain", "image/jpeg")
    assert line.deliver(data) == [("unregisteredService", "MMS", "")]


def test_11_batch(line: Line) -> None:
    """Order, a user each, the id echoed, one bad message, surplus in its place."""
    line.place.application = line.office.application(max_batch=20)
    messages = [xms_data(texts=(f"{n}",)) for n in range(22)]
    messages[1] = xms_data(id="42", password="wrong")
    messages[2] = "<xmsData><xmsHead/></xmsData>"
    document = line.call("DeliverXmsBatch", xms_batch(*messages)).document
    told = [code for code, _, _ in errors(document)]
    assert told == ["ok", "invalidUser", "invalidUser"] + ["ok"] * 17 + ["other", "other"]
    assert [answer.get("id") for answer in validate("xmsResponses", document)].index("42") == 1
    assert [message.text for message in line.office.messages()] == ["0", *map(str, range(3, 20))]


def test_12_control_characters_in_and_out(line: Line) -> None:
    """The line break of Office arrives as one; a recipient with a control character comes back clean."""
    data = xms_data("bad\x0bnumber", TO, texts=("one\x0btwo",)).replace("\x0b", "&#xB;")
    assert line.deliver(data) == [("invalidRecipient", "Not a dialable mobile number.", "bad\nnumber")]
    assert [message.text for message in line.office.messages()] == ["one\ntwo"]


HEAD = b"POST /oms/service.asmx HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nConnection: close\r\n"


def test_13_expect_chunked_and_old_http(line: Line) -> None:
    """.NET asks first, some send chunks, some speak HTTP/1.0."""
    body = envelope("GetServiceInfo", None)
    length = b"Content-Length: %d\r\n" % len(body)
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (body[:100], body[100:])) + b"0\r\n\r\n"
    old = HEAD.replace(b"HTTP/1.1", b"HTTP/1.0")
    for octets in (
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks,
        HEAD + length + b"Expect: 100-continue\r\n\r\n" + body,
        old + length + b"\r\n" + body,
    ):
        answer = line.raw(octets)
        continued, _, rest = answer.partition(b"\r\n\r\n") if answer.startswith(b"HTTP/1.1 100") else (b"", b"", answer)
        assert bool(continued) == (b"Expect" in octets)
        assert rest.split(b" ")[1] == b"200"
        unwrap(rest.partition(b"\r\n\r\n")[2])


def test_13_bodies_that_are_too_large_or_never_come(line: Line) -> None:
    """413 or an end within the deadline, and the service goes on."""
    assert line.raw(HEAD + b"Content-Length: 300000\r\n\r\n").split(b" ")[1] == b"413"
    chunk = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
    answer = line.raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 17)
    assert answer == b"" or answer.split(b" ")[1] in (b"413", b"400")
    started = time.monotonic()
    line.raw(HEAD + b"Content-Length: 1000\r\n\r\n<soap:Envelope")
    assert time.monotonic() - started < 15
    assert line.deliver(xms_data()) == OK


@pytest.mark.parametrize(
    ("version", "served"),
    [
        (ssl.TLSVersion.TLSv1, False),
        (ssl.TLSVersion.TLSv1_1, False),
        (ssl.TLSVersion.TLSv1_2, True),
        (ssl.TLSVersion.TLSv1_3, True),
    ],
)
def test_14_tls(line: Line, version: ssl.TLSVersion, served: bool) -> None:
    """By default TLS 1.2 and 1.3 are spoken and nothing older."""
    context = line.context()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    raw = socket.create_connection(("127.0.0.1", line.place.port), timeout=20)
    with raw, contextlib.ExitStack() as stack:
        if not served:
            stack.enter_context(pytest.raises((ssl.SSLError, ConnectionError)))
        with context.wrap_socket(raw, server_hostname="localhost") as connection:
            assert connection.version() == {"TLSv1_2": "TLSv1.2", "TLSv1_3": "TLSv1.3"}[version.name]


def test_15_all_this_needs_no_modem(line: Line) -> None:
    """The account test succeeds and messages queue while there is none (law 5)."""
    line.call("GetServiceInfo")
    assert errors(line.call("GetUserInfo", xms_user()).document) == OK
    assert line.deliver(xms_data()) == OK
    assert [message.state for message in line.office.messages()] == ["queued"]


def test_16_a_service_that_moved_answers_at_its_old_path(line: Line) -> None:
    """With the new address in the answer, which Outlook then takes for its own. (Every answer here was validated.)"""
    connection = http.client.HTTPSConnection("localhost", line.place.port, timeout=20, context=line.context())
    with contextlib.closing(connection):
        for path in ("/old/sms.asmx", "/OLD/Sms.asmx"):
            body = envelope("GetServiceInfo", None)
            connection.request("POST", path, body, {"Content-Type": "text/xml"})
            answer = unwrap(connection.getresponse().read())
            assert validate("serviceInfo", answer.document).findtext("{*}serviceUri") == line.uri


def test_a_connection_lives_on_after_a_fault(line: Line) -> None:
    """A client that made a mistake need not shake hands again."""
    connection = http.client.HTTPSConnection("localhost", line.place.port, timeout=20, context=line.context())
    with contextlib.closing(connection):
        for operation, status in (("PingXms", 500), ("GetServiceInfo", 200), ("PingXms", 500)):
            connection.request("POST", "/oms/service.asmx", envelope(operation, None), {"Content-Type": "text/xml"})
            answer = connection.getresponse()
            assert answer.status == status
            unwrap(answer.read())
