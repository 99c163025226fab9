"""The OMS address over HTTP: verbs, types, sizes, the WSDL."""

import pytest
from lxml import etree

from omsmodem.soap.wsgi import OmsApplication
from tests.soap.office import CONTENT_TYPES, URI, Answer, Office, ask, envelope, xms_data, xms_user
from tests.soap.schemas import SOAP_11, SOAP_12, unwrap


@pytest.mark.parametrize(
    ("content_type", "body_version", "answer_type"),
    [
        ("text/xml; charset=utf-8", SOAP_11, "text/xml; charset=utf-8"),
        ("text/xml", SOAP_11, "text/xml; charset=utf-8"),
        ('TEXT/XML; charset="UTF-8"', SOAP_11, "text/xml; charset=utf-8"),
        ("text/xml; charset='utf-8'", SOAP_11, "text/xml; charset=utf-8"),
        ("text/xml; charset=", SOAP_11, "text/xml; charset=utf-8"),
        ("", SOAP_11, "text/xml; charset=utf-8"),
        ("application/xml", SOAP_11, "text/xml; charset=utf-8"),
        ('application/soap+xml; charset=utf-8; action="urn:x/GetServiceInfo"', SOAP_12, CONTENT_TYPES[SOAP_12]),
        ("text/xml; charset=utf-8", SOAP_12, CONTENT_TYPES[SOAP_12]),
        ("application/soap+xml", SOAP_11, "text/xml; charset=utf-8"),
    ],
)
def test_the_answer_is_of_the_requests_family(
    office: Office, content_type: str, body_version: str, answer_type: str
) -> None:
    """The envelope decides, however the type is written."""
    body = envelope("GetServiceInfo", None, body_version)
    answer = ask(office.application(), body=body, CONTENT_TYPE=content_type)
    assert (answer.status, answer.headers["Content-Type"]) == (200, answer_type)
    assert unwrap(answer.body).version == body_version


@pytest.mark.parametrize("action", [None, "", '""', '"*"', '"urn:wrong"', "'x/GetServiceInfo'", "GetServiceInfo"])
def test_the_action_does_not_matter(office: Office, action: str | None) -> None:
    """The body's element says what is called."""
    more = {} if action is None else {"HTTP_SOAPACTION": action}
    answer = ask(office.application(), body=envelope("GetUserInfo", xms_user()), CONTENT_TYPE="text/xml", **more)
    assert unwrap(answer.body).operation == "GetUserInfo"


@pytest.mark.parametrize(
    ("version", "body", "status"),
    [
        (SOAP_11, b"<not xml", 500),
        (SOAP_12, b"<not xml", 400),
        (SOAP_11, envelope("PingXms", "x"), 500),
        (SOAP_12, envelope("PingXms", "x", SOAP_12), 400),
        (SOAP_12, envelope("PingXms", "x", "urn:soap-2.0"), 500),
    ],
)
def test_faults_have_the_status_of_their_version(office: Office, version: str, body: bytes, status: int) -> None:
    """SOAP 1.1 stacks lose a fault that is not a 500; SOAP 1.2 blames the sender with a 400."""
    answer = ask(office.application(), body=body, CONTENT_TYPE=CONTENT_TYPES[version])
    assert (answer.status, answer.headers["Content-Type"]) == (status, CONTENT_TYPES[version])
    assert unwrap(answer.body).fault


def one_line(answer: Answer) -> str:
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text.count("\n") == 1
    assert answer.text.endswith("\n")
    return answer.text.strip()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND"])
def test_other_verbs_are_not_allowed(office: Office, method: str) -> None:
    """405 names what is."""
    answer = ask(office.application(), method)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD, POST")
    assert one_line(answer)


@pytest.mark.parametrize("content_type", ["image/png", "application/json", "multipart/related; x=y", "x", "text/html"])
def test_what_is_no_soap_type_is_refused(office: Office, content_type: str) -> None:
    """415 says what to send."""
    answer = ask(office.application(), body=envelope("GetServiceInfo", None), CONTENT_TYPE=content_type)
    assert (answer.status, one_line(answer)) == (415, "Send text/xml or application/soap+xml.")


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        ({"CONTENT_LENGTH": "262145"}, 413),
        ({"CONTENT_LENGTH": "99999999999999999999"}, 413),
        ({"CONTENT_LENGTH": "-1"}, 411),
        ({"CONTENT_LENGTH": ""}, 411),
        ({"CONTENT_LENGTH": "٣"}, 411),
        ({"CONTENT_LENGTH": "10"}, 400),
    ],
)
def test_a_body_that_cannot_be_read_closes_the_connection(
    office: Office, environ: dict[str, object], status: int
) -> None:
    """Too large, without length, or cut short: one line, and nothing more is read."""
    answer = ask(office.application(), CONTENT_TYPE="text/xml", **environ)
    assert (answer.status, answer.headers["Connection"]) == (status, "close")
    assert one_line(answer)


def test_a_request_of_the_largest_size_is_answered(office: Office) -> None:
    """A text that fills the limit is too long for an SMS, not for us."""
    empty = len(envelope("DeliverXms", xms_data(texts=("",))))
    body = envelope("DeliverXms", xms_data(texts=("x" * (262144 - empty),)))
    assert len(body) == 262144
    answer = ask(office.application(), body=body, CONTENT_TYPE="text/xml")
    assert "lengthLimit" in answer.text


@pytest.mark.parametrize("query", ["wsdl", "WSDL", "Wsdl=", "singleWsdl", "lc=1033&wsdl"])
def test_the_wsdl_is_found_in_any_case(office: Office, query: str) -> None:
    """With the configured address in both ports, and nothing but wrapped document/literal."""
    answer = ask(office.application(), "GET", QUERY_STRING=query)
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    root = etree.fromstring(answer.body)
    addresses = [element.get("location") for element in root.iter("{*}address")]
    assert addresses == [URI, URI]
    assert {element.get("use") for element in root.iter("{*}body")} == {"literal"}
    assert {b.get("transport") for b in root.iter("{*}binding") if b.get("transport")} == {
        "http://schemas.xmlsoap.org/soap/http"
    }


def test_get_shows_a_page_and_head_only_its_headers(office: Office) -> None:
    """A person who opens the address learns what it is for."""
    page = ask(office.application(), "GET")
    assert page.status == 200
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert URI in page.text
    head = ask(office.application(), "HEAD")
    assert head.body == b""
    assert head.headers["Content-Length"] == page.headers["Content-Length"]


def test_a_failure_of_ours_is_one_line(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """No traceback and no page of the server's; the log has it."""

    def broken(_environ: object) -> object:
        raise RuntimeError("no ink")

    application = OmsApplication(office.application()._service, broken)
    answer = ask(application, "GET")
    assert (answer.status, one_line(answer)) == (500, "The service failed; its log says why.")
    assert "no ink" in caplog.text
