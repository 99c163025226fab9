"""SOAP envelopes, both versions and both shapes.

Document/literal is the asmx shape; rpc/encoded is that of Microsoft's own WSDL. Requests are matched by local name whatever
their namespace, and answered in the shape and version they came in.
"""

from dataclasses import dataclass
from xml.sax.saxutils import escape

from lxml import etree

from omsmodem.soap.errors import DocumentError, SoapFault
from omsmodem.soap.reading import child, decode, local, namespace, parse, text_of
from omsmodem.soap.repair import clean

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
#: The attribute that says whom a header is for, and its values that mean us.
_FOR_WHOM = {SOAP_11: f"{{{SOAP_11}}}actor", SOAP_12: f"{{{SOAP_12}}}role"}
_US = {"", "http://schemas.xmlsoap.org/soap/actor/next", f"{SOAP_12}/role/next", f"{SOAP_12}/role/ultimateReceiver"}
ENCODINGS = {SOAP_11: "http://schemas.xmlsoap.org/soap/encoding/", SOAP_12: "http://www.w3.org/2003/05/soap-encoding"}
OMS = "http://schemas.microsoft.com/office/Outlook/2006/OMS"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_XSD = "http://www.w3.org/2001/XMLSchema"
_XML = '<?xml version="1.0" encoding="utf-8"?>\n'


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the operation, its single text parameter, and how to answer it."""

    operation: str
    parameter: str | None
    version: str = SOAP_11
    rpc: bool = False


def read(body: bytes, charset: str | None) -> Call:
    """Read a request. `charset` is that of the Content-Type, if any. Raises SoapFault."""
    try:
        root = parse(decode(body, charset))
    except DocumentError as error:
        raise SoapFault("Client", f"The request {error}.") from error
    version = namespace(root)
    if local(root) != "Envelope":
        raise SoapFault("Client", "The request is no SOAP envelope.")
    if version not in (SOAP_11, SOAP_12):
        raise SoapFault("VersionMismatch", "The envelope is neither SOAP 1.1 nor SOAP 1.2.")
    try:
        return _call(root, version)
    except SoapFault as fault:
        fault.version = version  # so that the fault is answered in kind
        raise


def _call(root: etree._Element, version: str) -> Call:
    _refuse_mandatory_headers(root, version)
    body = child(root, "Body")
    operation = next(iter(body), None) if body is not None else None
    if operation is None or body is None:
        raise SoapFault("Client", "The envelope has no call in its Body.")
    parameter = next(iter(operation), None)
    style = f"{{{version}}}encodingStyle"
    encoded = any(element.get(style) for element in (root, body, operation))
    rpc = encoded or (parameter is not None and not namespace(parameter))
    return Call(local(operation), _value(body, parameter), version, rpc)


def _refuse_mandatory_headers(root: etree._Element, version: str) -> None:
    header = child(root, "Header")
    for element in () if header is None else header:
        ours = (element.get(_FOR_WHOM[version]) or "").strip() in _US
        if ours and (element.get(f"{{{version}}}mustUnderstand") or "").strip() in ("1", "true"):
            raise SoapFault("MustUnderstand", f"The header {local(element)[:60]} is not understood.")


def _value(body: etree._Element, parameter: etree._Element | None) -> str | None:
    """The text of a parameter, also where rpc/encoded refers to it: `href` in SOAP 1.1, `ref` in SOAP 1.2."""
    if parameter is None:
        return None
    reference = (parameter.get("href") or "").removeprefix("#") or parameter.get(f"{{{ENCODINGS[SOAP_12]}}}ref")
    if reference:
        for element in body:
            if reference in (element.get("id"), element.get(f"{{{ENCODINGS[SOAP_12]}}}id")):
                return text_of(element)
    return text_of(parameter)


def _wrap(version: str, body: str, *, schemas: bool = True) -> bytes:
    names = f' xmlns:xsi="{_XSI}" xmlns:xsd="{_XSD}"' if schemas else ""
    return f'{_XML}<soap:Envelope xmlns:soap="{version}"{names}><soap:Body>{body}</soap:Body></soap:Envelope>'.encode()


def write(call: Call, result: str) -> bytes:
    """The answer to a call, in its shape and version; `result` is the inner document."""
    name, text = call.operation, escape(result)
    if call.rpc:
        style = f' soap:encodingStyle="{ENCODINGS[call.version]}"'
        inner = f'<{name}Result xsi:type="xsd:string">{text}</{name}Result>'
        return _wrap(call.version, f'<q1:{name}Response xmlns:q1="{OMS}"{style}>{inner}</q1:{name}Response>')
    return _wrap(call.version, f'<{name}Response xmlns="{OMS}"><{name}Result>{text}</{name}Result></{name}Response>')


_SOAP_12_CODES = {"Client": "Sender", "Server": "Receiver"}


def fault_status(fault: SoapFault, version: str) -> str:
    """The HTTP status of a fault: 500, and in SOAP 1.2 400 where the sender is to blame (SOAP 1.2 part 2, table 20)."""
    blames_sender = version == SOAP_12 and fault.code == "Client"
    return "400 Bad Request" if blames_sender else "500 Internal Server Error"


def write_fault(fault: SoapFault, version: str) -> bytes:
    """A fault in the version of the request."""
    reason = escape(clean(fault.reason))
    if version == SOAP_12:
        code = _SOAP_12_CODES.get(fault.code, fault.code)
        body = (
            f"<soap:Fault><soap:Code><soap:Value>soap:{code}</soap:Value></soap:Code>"
            f'<soap:Reason><soap:Text xml:lang="en">{reason}</soap:Text></soap:Reason></soap:Fault>'
        )
    else:
        body = f"<soap:Fault><faultcode>soap:{fault.code}</faultcode><faultstring>{reason}</faultstring><detail/></soap:Fault>"
    return _wrap(version, body, schemas=False)
