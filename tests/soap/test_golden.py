"""The worked requests get their documented answers."""

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from omsmodem.intake import Limits
from omsmodem.numbers import NumberPolicy
from tests.soap.office import CONTENT_TYPES, Office, ask, envelope, xms_data
from tests.soap.schemas import SOAP_11, SOAP_12, unwrap, validate

GOLDEN = Path(__file__).parent.parent / "golden" / "oms"
ANYWHERE = NumberPolicy()
BRITAIN = NumberPolicy(country="GB", countries_allowed=frozenset({"GB"}))
TO = "+447700900222"


def octets(name: str) -> bytes:
    return (GOLDEN / f"{name}.xml").read_bytes()


def plain(octets_: bytes) -> bytes:
    """A document without indentation, also of the document inside a result."""
    root = etree.fromstring(octets_, etree.XMLParser(remove_blank_text=True))
    for element in root.iter():
        if element.text and element.text.lstrip().startswith("<"):
            element.text = plain(element.text.strip().encode()).decode()
    return etree.tostring(root, method="c14n")


@pytest.mark.parametrize(
    ("request_name", "answer_name", "version"),
    [
        ("get-service-info.request", "get-service-info.answer", SOAP_11),
        ("deliver-xms-1.2.request", "deliver-xms-1.2.answer", SOAP_12),
        ("rpc-get-user-info.request", "rpc-get-user-info.answer", SOAP_11),
    ],
)
def test_a_request_gets_its_answer(office: Office, request_name: str, answer_name: str, version: str) -> None:
    """Envelope and document, in the shape and version of the request."""
    answer = ask(office.application(), body=octets(request_name), CONTENT_TYPE=CONTENT_TYPES[version])
    unwrap(answer.body)
    assert plain(answer.body) == plain(octets(answer_name))


def test_get_user_info_with_the_right_and_a_wrong_password(office: Office) -> None:
    """The ampersand of the password is escaped twice on the wire."""
    for password, name in (("tide&amp;amp;74", "ok"), ("tide&amp;amp;75", "wrong-password")):
        body = octets("get-user-info.request").replace(b"tide&amp;amp;74", password.encode())
        answer = unwrap(ask(office.application(), body=body, CONTENT_TYPE="text/xml").body)
        assert plain(answer.document.encode()) == plain(octets(f"get-user-info.{name}"))


@pytest.mark.parametrize("operation", ["DeliverXms", "SendXms"])
def test_a_scheduled_text_that_outlook_split_is_two_messages_in_order(office: Office, operation: str) -> None:
    """Page marks stay, order is kept, and both wait for their moment."""
    answer = office.call(operation, octets("scheduled.document").decode())
    assert answer.document.endswith('<error code="ok" severity="neutral"/>\n</xmsResponse>\n')
    messages = office.messages()
    assert [message.text for message in messages] == [
        "(1/2)09:00 dock meeting; 11:00 insurer call, bring the",
        "(2/2) signed forms; 16:00 café inspection",
    ]
    assert {f"{message.not_before:%Y-%m-%d %H:%M}" for message in messages} == {"2026-03-02 06:45"}


def test_a_batch_gets_its_answers(office: Office) -> None:
    """Without a country, a number as people dial it is refused as received; the rest goes."""
    gate = office.gate(numbers=ANYWHERE)
    body = envelope("DeliverXmsBatch", octets("batch.document").decode())
    answer = ask(office.application(gate), body=body, CONTENT_TYPE="text/xml")
    assert plain(answer.body) == plain(octets("batch.answer"))
    assert len(office.messages()) == 3


@pytest.mark.parametrize(
    ("name", "message", "gate"),
    [
        ("some-recipients-bad", {"to": (TO, "12", "07700 900333")}, {"numbers": ANYWHERE}),
        ("two-reasons", {"to": (TO, "12", "+15550100123")}, {"numbers": BRITAIN}),
        ("wrong-password", {"password": "wrong"}, {}),
        ("too-long", {"texts": ("x" * 161,)}, {"limits": Limits(segments_per_text=1)}),
        ("multimedia", {"format": "MMS"}, {}),
        (
            "quota",
            {"to": (TO, "+447700900333"), "texts": ("x",) * 201},
            {"limits": Limits(texts_per_send=300, segments_per_day=200)},
        ),
        ("scheduling-off", {"scheduled": "2026-03-03T06:45:00Z"}, {"limits": Limits(scheduling=False)}),
        ("no-network", {}, {"ready": lambda: False}),
        ("too-many-recipients", {"to": tuple(f"+4477009{n:05}" for n in range(63))}, {}),
    ],
)
def test_a_failure_has_its_document(office: Office, name: str, message: dict[str, Any], gate: dict[str, Any]) -> None:
    """Code, severity, content and recipients as documented."""
    document = xms_data(*message.pop("to", (TO,)), **message)
    answer = office.call("DeliverXms", document, gate=office.gate(**gate))
    expected = octets(f"failure-{name}")
    validate("xmsResponse", expected.decode())
    assert plain(answer.document.encode()) == plain(expected)


@pytest.mark.parametrize(
    ("name", "version", "body"),
    [
        ("fault-unknown-operation", SOAP_11, envelope("PingXms", "")),
        ("fault-not-well-formed-1.2", SOAP_12, b"<soap:Envelope"),
    ],
)
def test_a_fault_has_its_form(office: Office, name: str, version: str, body: bytes) -> None:
    """As documented, but for the empty detail that some stacks want in SOAP 1.1."""
    answer = ask(office.application(), body=body, CONTENT_TYPE=CONTENT_TYPES[version])
    assert plain(answer.body.replace(b"<detail/>", b"")) == plain(octets(name))
