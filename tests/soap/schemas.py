"""Every answer we emit is checked here, in these tests and in those of the real process.

`validate` checks one document, `unwrap` a whole SOAP answer: its form, and the document or fault inside.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

OMS = "http://schemas.microsoft.com/office/Outlook/2006/OMS"
SERVICE_INFO = OMS + "/serviceInfo"
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
ENCODINGS = {SOAP_11: ENCODING, SOAP_12: "http://www.w3.org/2003/05/soap-encoding"}
XSI = "http://www.w3.org/2001/XMLSchema-instance"

_HERE = Path(__file__).parent / "schemas"
_DECLARATION = re.compile(r'\A<\?xml version="1\.0" encoding="utf-(?:8|16)"\?>\n')
#: Which document each operation is answered with.
RESULTS = {
    "GetServiceInfo": "serviceInfo",
    "GetUserInfo": "userInfo",
    "DeliverXms": "xmsResponse",
    "SendXms": "xmsResponse",
    "DeliverXmsBatch": "xmsResponses",
}


def _schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(_HERE / name))


def validate(kind: str, document: str) -> etree._Element:
    """The root of a document of that kind; fails when it is not exactly what [MS-OMS] §2 allows.

    A serviceInfo in the namespace of the published schema is read as one in its own.
    """
    text = _DECLARATION.sub("", document)
    if kind == "serviceInfo":
        text = text.replace(f'xmlns="{OMS}"', f'xmlns="{SERVICE_INFO}"')
    root = etree.fromstring(text.encode())
    expected = SERVICE_INFO if kind == "serviceInfo" else OMS
    assert root.tag == f"{{{expected}}}{kind}"
    schema = _schema("serviceInfo.xsd" if kind == "serviceInfo" else "oms.xsd")
    assert schema.validate(root), schema.error_log
    _check_errors(root)
    return root


def _check_errors(root: etree._Element) -> None:
    """What a schema cannot say: `ok` never beside a failure, failures before notices."""
    for parent in root.iter("{*}xmsResponse"):
        errors = parent.findall("{*}error")
        severities = [error.get("severity") for error in errors]
        codes = [error.get("code") for error in errors]
        assert severities == sorted(severities)  # failure < neutral
        assert "ok" not in codes[1:]
        assert len(set(codes)) == len(codes)
        assert "failure" in severities or codes[0] == "ok"


@dataclass(frozen=True)
class Unwrapped:
    """A SOAP answer: a result document, or a fault's code and reason."""

    version: str
    rpc: bool = False
    operation: str = ""
    document: str = ""
    fault: str = ""
    reason: str = ""


def unwrap(body: bytes) -> Unwrapped:
    """Check a SOAP answer whole, and say what is in it."""
    assert body.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n')
    assert b"<![CDATA[" not in body
    root = etree.fromstring(body)
    version = etree.QName(root).namespace
    assert version in (SOAP_11, SOAP_12)
    assert root.tag == f"{{{version}}}Envelope"
    assert root.prefix == "soap"
    (soap_body,) = root
    assert soap_body.tag == f"{{{version}}}Body"
    (inside,) = soap_body
    if inside.tag == f"{{{version}}}Fault":
        return _fault(inside, version)
    return _result(inside, version)


def _fault(fault: etree._Element, version: str) -> Unwrapped:
    if version == SOAP_11:
        assert [child.tag for child in fault] == ["faultcode", "faultstring", "detail"]
        code, reason = fault.findtext("faultcode"), fault.findtext("faultstring")
    else:
        code = fault.findtext(f"{{{version}}}Code/{{{version}}}Value")
        reason = fault.findtext(f"{{{version}}}Reason/{{{version}}}Text")
    assert code is not None
    assert code.startswith("soap:")
    assert reason
    return Unwrapped(version, fault=code.removeprefix("soap:"), reason=reason)


def _result(response: etree._Element, version: str) -> Unwrapped:
    assert etree.QName(response).namespace == OMS
    operation = etree.QName(response).localname.removesuffix("Response")
    (result,) = response
    rpc = etree.QName(result).namespace is None
    assert etree.QName(result).localname == f"{operation}Result"
    assert len(result) == 0
    assert result.text
    if rpc:
        assert response.get(f"{{{version}}}encodingStyle") == ENCODINGS[version]
        assert result.get(f"{{{XSI}}}type") == "xsd:string"
    else:
        assert response.prefix is None  # clients look up the literal prefixes ASP.NET writes
        assert etree.QName(result).namespace == OMS
    validate(RESULTS[operation], result.text)
    return Unwrapped(version, rpc, operation, result.text)
