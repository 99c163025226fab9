"""SOAP envelopes, both versions and both shapes, and the XML text inside them. A door to lxml.

Document/literal is the asmx shape; rpc/encoded is that of Microsoft's own WSDL. Requests are matched by local name whatever
their namespace, and answered in the shape and version they came in.
"""

import re
from dataclasses import dataclass
from xml.sax.saxutils import escape

from lxml import etree

from omsmodem.soap.errors import DocumentError, SoapFault

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
OMS = "http://schemas.microsoft.com/office/Outlook/2006/OMS"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_XSD = "http://www.w3.org/2001/XMLSchema"
_XML = '<?xml version="1.0" encoding="utf-8"?>\n'
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_REFERENCE = re.compile(r"&#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}));")


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the operation, its single text parameter, and how to answer it."""

    operation: str
    parameter: str | None
    version: str = SOAP_11
    rpc: bool = False


def _parser(encoding: str | None) -> etree.XMLParser:
    return etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _parse(octets: bytes, encoding: str | None) -> etree._Element:
    """Parse; raises DocumentError for anything not well-formed and for any DOCTYPE."""
    try:
        root = etree.fromstring(octets, _parser(encoding))
    except (etree.XMLSyntaxError, LookupError, ValueError) as error:
        raise DocumentError("The document is not well-formed XML.") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise DocumentError("A document type declaration is not accepted.")
    return root


def local(element: etree._Element) -> str:
    """An element's name without its namespace."""
    return etree.QName(element).localname


def text_of(element: etree._Element | None) -> str:
    """All the text of an element; "" for None."""
    return "" if element is None else "".join(str(piece) for piece in element.itertext())


def read(body: bytes, charset: str | None) -> Call:
    """Read a request. `charset` is that of the Content-Type, if any. Raises SoapFault."""
    try:
        root = _parse(body, charset)
    except DocumentError as error:
        raise SoapFault("Client", str(error)) from error
    version = etree.QName(root).namespace or ""
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
    body = next((child for child in root if local(child) == "Body"), None)
    operation = next(iter(body), None) if body is not None else None
    if operation is None or body is None:
        raise SoapFault("Client", "The envelope has no call in its Body.")
    parameter = next(iter(operation), None)
    style = f"{{{version}}}encodingStyle"
    encoded = any(element.get(style) for element in (root, body, operation))
    rpc = encoded or (parameter is not None and etree.QName(parameter).namespace is None)
    return Call(local(operation), _value(body, parameter), version, rpc)


def _refuse_mandatory_headers(root: etree._Element, version: str) -> None:
    header = next((child for child in root if local(child) == "Header"), ())
    for element in header:
        if element.get(f"{{{version}}}mustUnderstand") in ("1", "true"):
            raise SoapFault("MustUnderstand", f"The header {local(element)} is not understood.")


def _value(body: etree._Element, parameter: etree._Element | None) -> str | None:
    """The text of a parameter, also where rpc/encoded refers to it by `href`."""
    if parameter is None:
        return None
    reference = parameter.get("href")
    if reference and reference.startswith("#"):
        for element in body:
            if element.get("id") == reference[1:]:
                return text_of(element)
    return text_of(parameter)


def read_document(text: str, expected: str) -> etree._Element:
    """Parse an inner document whatever encoding it claims; its text is already text. Raises DocumentError."""
    bare = _DECLARATION.sub("", text.lstrip("\ufeff \t\r\n"), count=1)
    try:
        root = _parse(_encodable(bare), "utf-8")
    except DocumentError:
        root = _parse(_encodable(_repaired(bare)), "utf-8")
    if local(root) != expected:
        raise DocumentError(f"Expected {expected}, got {local(root)[:40]}.")
    return root


def _encodable(text: str) -> bytes:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _repaired(text: str) -> str:
    """The document with forbidden characters replaced: VT and FF by a newline, surrogate pairs joined, others dropped."""

    def character(match: re.Match[str]) -> str:
        code = int(match[1], 16) if match[1] else int(match[2])
        if code > 0x10FFFF:
            return ""
        if 0xD800 <= code <= 0xDFFF:
            return chr(code)
        return clean(chr(code)) if code < 0x20 or code >= 0xFFFE else match[0]

    return clean(_REFERENCE.sub(character, text))


def clean(text: str) -> str:
    """The text with what XML 1.0 forbids replaced (VT, FF → newline) or dropped; surrogate halves are kept for joining."""
    kept = (("\n" if c in "\x0b\x0c" else c) for c in text)
    return "".join(c for c in kept if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff"))


def _wrap(version: str, body: str, *, schemas: bool = True) -> bytes:
    names = f' xmlns:xsi="{_XSI}" xmlns:xsd="{_XSD}"' if schemas else ""
    return f'{_XML}<soap:Envelope xmlns:soap="{version}"{names}><soap:Body>{body}</soap:Body></soap:Envelope>'.encode()


def write(call: Call, result: str) -> bytes:
    """The answer to a call, in its shape and version; `result` is the inner document."""
    name, text = call.operation, escape(result)
    if call.rpc:
        style = f' soap:encodingStyle="{ENCODING}"'
        inner = f'<{name}Result xsi:type="xsd:string">{text}</{name}Result>'
        return _wrap(call.version, f'<q1:{name}Response xmlns:q1="{OMS}"{style}>{inner}</q1:{name}Response>')
    return _wrap(call.version, f'<{name}Response xmlns="{OMS}"><{name}Result>{text}</{name}Result></{name}Response>')


_SOAP_12_CODES = {"Client": "Sender", "Server": "Receiver"}


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
