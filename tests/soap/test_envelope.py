"""SOAP envelopes as stacks of every kind write them."""

import pytest

from omsmodem.soap.envelope import Call, read, write, write_fault
from omsmodem.soap.errors import SoapFault
from tests.soap.office import envelope
from tests.soap.schemas import ENCODING, ENCODINGS, OMS, SOAP_11, SOAP_12, unwrap

VERSIONS = (SOAP_11, SOAP_12)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("rpc", [False, True])
def test_both_shapes_in_both_versions_are_read_and_answered_in_kind(version: str, rpc: bool) -> None:
    """What was asked in rpc/encoded is answered in it; the schemas' checks look at the form."""
    call = read(envelope("GetUserInfo", "<xmsUser/>", version, rpc=rpc), "utf-8")
    assert call == Call("GetUserInfo", "<xmsUser/>", version, rpc)
    document = f'<userInfo xmlns="{OMS}"><error code="ok" severity="neutral"/></userInfo>'
    answer = unwrap(write(call, document))
    assert (answer.version, answer.rpc, answer.operation, answer.document) == (version, rpc, "GetUserInfo", document)


@pytest.mark.parametrize("where", ["Envelope", "Body", "GetServiceInfo"])
def test_a_call_without_parameter_is_rpc_where_it_says_encoding(where: str) -> None:
    """For GetServiceInfo only the encodingStyle tells, wherever it stands."""
    style = f' soap:encodingStyle="{ENCODING}"'
    parts = {name: style if name == where else "" for name in ("Envelope", "Body", "GetServiceInfo")}
    body = (
        f'<soap:Envelope xmlns:soap="{SOAP_11}"{parts["Envelope"]}><soap:Body{parts["Body"]}>'
        f'<m:GetServiceInfo xmlns:m="{OMS}"{parts["GetServiceInfo"]}/></soap:Body></soap:Envelope>'
    )
    assert read(body.encode(), None) == Call("GetServiceInfo", None, SOAP_11, rpc=True)
    assert not read(body.replace(style, "").encode(), None).rpc


def test_a_parameter_elsewhere_in_the_body_is_found() -> None:
    """rpc/encoded stacks may send multi-reference values."""
    body = (
        f'<e:Envelope xmlns:e="{SOAP_11}"><e:Body e:encodingStyle="{ENCODING}"><m:DeliverXms xmlns:m="{OMS}">'
        '<xmsData href="#id1"/></m:DeliverXms><string id="id0">x</string><string id="id1">&lt;xmsData/&gt;</string>'
        "</e:Body></e:Envelope>"
    )
    assert read(body.encode(), None) == Call("DeliverXms", "<xmsData/>", SOAP_11, rpc=True)
    assert read(body.replace("#id1", "#id9").encode(), None).parameter == ""
    in_12 = (
        body.replace(SOAP_11, SOAP_12)
        .replace("<e:Envelope", f'<e:Envelope xmlns:c="{ENCODINGS[SOAP_12]}"')
        .replace('href="#id1"', 'c:ref="id1"')
        .replace(' id="', ' c:id="')
    )
    assert read(in_12.encode(), None) == Call("DeliverXms", "<xmsData/>", SOAP_12, rpc=True)


@pytest.mark.parametrize(
    "parameter",
    [
        "<xmsUser xmlns='{ns}'>&lt;xmsUser/&gt;</xmsUser>",
        "<n:xmsUser xmlns:n='http://other.example/'>&lt;xmsUser/&gt;</n:xmsUser>",
        "<arg0 xmlns='{ns}'>&lt;xms<!-- a comment -->User/&gt;</arg0>",
        "<xmsUser xmlns='{ns}'><![CDATA[<xmsUser/>]]></xmsUser>",
        "<xmsUser xmlns='{ns}'>&#60;xms&#85;ser/&#62;</xmsUser>",
    ],
)
def test_a_parameter_is_all_the_text_of_the_first_child(parameter: str) -> None:
    """Whatever its name, prefix, comments, CDATA or references."""
    body = (
        f'<s:Envelope xmlns:s="{SOAP_11}"><s:Header/><s:Body><GetUserInfo xmlns="urn:anything">'
        f"{parameter.format(ns=OMS)}</GetUserInfo></s:Body></s:Envelope>"
    )
    assert read(body.encode(), None) == Call("GetUserInfo", "<xmsUser/>")


def test_control_characters_in_the_envelope_do_not_stop_it() -> None:
    """.NET's writers emit &#xB; for the line break of Office, forbidden or not."""
    body = envelope("DeliverXms", "<xmsData>one\x0btwo</xmsData>").replace(b"\x0b", b"&#xB;")
    assert read(body, "utf-8").parameter == "<xmsData>one\ntwo</xmsData>"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_an_envelope_in_another_encoding(encoding: str) -> None:
    """The parser of old stacks may write UTF-16."""
    body = envelope("GetUserInfo", "<xmsUser>é</xmsUser>").decode().replace("utf-8", "utf-16").encode(encoding)
    assert read(body, "utf-8").parameter == "<xmsUser>é</xmsUser>"


def _soap(inside: str, namespace: str = SOAP_11) -> bytes:
    return f'<s:Envelope xmlns:s="{namespace}">{inside}</s:Envelope>'.encode()


@pytest.mark.parametrize(
    ("body", "code", "reason"),
    [
        (b"", "Client", "The request is not well-formed XML."),
        (b"user=dana", "Client", "The request is not well-formed XML."),
        (b"\xff\xff", "Client", "The request is in no encoding it names."),
        (b"<!DOCTYPE a><a/>", "Client", "The request has a document type declaration."),
        (b"<html/>", "Client", "The request is no SOAP envelope."),
        (_soap("<s:Body/>", "urn:soap-2.0"), "VersionMismatch", "The envelope is neither SOAP 1.1 nor SOAP 1.2."),
        (_soap("<s:Body/>"), "Client", "The envelope has no call in its Body."),
        (_soap(""), "Client", "The envelope has no call in its Body."),
        (
            _soap('<s:Header><t:Token xmlns:t="urn:t" s:mustUnderstand="1"/></s:Header><s:Body><x/></s:Body>'),
            "MustUnderstand",
            "The header Token is not understood.",
        ),
    ],
)
def test_what_is_no_call_is_a_fault(body: bytes, code: str, reason: str) -> None:
    """A fault says in one sentence what is wrong."""
    with pytest.raises(SoapFault) as raised:
        read(body, None)
    assert (raised.value.code, raised.value.reason) == (code, reason)


def test_headers_that_need_not_be_understood_are_ignored() -> None:
    """WS-Addressing and the like may come along."""
    for must in ('s:mustUnderstand="0"', 'mustUnderstand="1"', ""):
        body = _soap(f'<s:Header><t:To xmlns:t="urn:t" {must}>x</t:To></s:Header><s:Body><GetServiceInfo/></s:Body>')
        assert read(body, None).operation == "GetServiceInfo"


@pytest.mark.parametrize(
    ("version", "attribute", "ours", "theirs"),
    [
        (SOAP_11, "actor", ("", "http://schemas.xmlsoap.org/soap/actor/next"), "http://relay.example/"),
        (SOAP_12, "role", ("", f"{SOAP_12}/role/next", f"{SOAP_12}/role/ultimateReceiver"), f"{SOAP_12}/role/none"),
    ],
)
def test_only_headers_for_us_must_be_understood(
    version: str, attribute: str, ours: tuple[str, ...], theirs: str
) -> None:
    """A header names whom it is for (SOAP 1.1 §4.2.2, SOAP 1.2 part 1 §2.2); one for somebody else is none of our business."""

    def request(whom: str) -> bytes:
        to = f's:mustUnderstand="1" s:{attribute}="{whom}"'
        return _soap(
            f'<s:Header><t:To xmlns:t="urn:t" {to}/></s:Header><s:Body><GetServiceInfo/></s:Body>', namespace=version
        )

    assert read(request(theirs), None).operation == "GetServiceInfo"
    for whom in ours:
        with pytest.raises(SoapFault, match="not understood"):
            read(request(whom), None)


@pytest.mark.parametrize(
    ("code", "in_12"), [("Client", "Sender"), ("Server", "Receiver"), ("MustUnderstand", "MustUnderstand")]
)
def test_faults_in_both_versions(code: str, in_12: str) -> None:
    """SOAP 1.2 has names of its own; what is quoted of the request is made safe."""
    fault = SoapFault(code, "Unknown operation: <b>\x00")
    assert (unwrap(write_fault(fault, SOAP_11)).fault, unwrap(write_fault(fault, SOAP_12)).fault) == (code, in_12)
    assert unwrap(write_fault(fault, SOAP_12)).reason == "Unknown operation: <b>"
