"""XML in: octets or text to a tree, whatever they claim to be encoded in. The door to lxml.

Every document is decoded here first and parsed as UTF-8 after, because declarations lie: an inner document is text already,
however loudly it says utf-16. Any document type declaration is refused, and so is what is not well-formed after one repair.
"""

import re
from collections.abc import Iterator

from lxml import etree

from omsmodem.soap.errors import DocumentError
from omsmodem.soap.repair import joined, repaired

#: libxml2 before this needs quadratic time for an element full of attributes, and it works before anybody is authorised.
_QUICK_LIBXML = (2, 14)
MAX_BODY_OCTETS = 256 * 1024
MAX_BODY_OCTETS_OLD = 128 * 1024

_DECLARATION = re.compile(r"<\?xml\s[^>]*\?>")
_DECLARED = re.compile(rb"""<\?xml\s[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
#: The only encodings looked up by name: Python caches every unknown name it is asked for, and knows some that are no text.
#: UTF-16 is not among them: it shows in the first octets, or the name is a lie.
_ENCODINGS = re.compile(
    r"utf-?8|us-ascii|ascii|iso-8859-[0-9]{1,2}|latin-?1|windows-125[0-9]"
    r"|gb2312|gbk|gb18030|big5|shift[_-]jis|euc-kr|euc-jp|ks_c_5601-1987|koi8-r",
    re.IGNORECASE,
)
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_UNMARKED = ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))


def max_body_octets(wanted: int = MAX_BODY_OCTETS, libxml_version: tuple[int, ...] = etree.LIBXML_VERSION) -> int:
    """How large a request may be with this libxml2."""
    return wanted if libxml_version >= _QUICK_LIBXML else min(wanted, MAX_BODY_OCTETS_OLD)


def decode(octets: bytes, charset: str | None) -> str:
    """The text of a document: by its first octets, by the Content-Type's charset, by its declaration, or as UTF-8.

    Raises DocumentError when none of these fits.
    """
    for encoding in _encodings(octets, charset):
        try:
            return octets.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    raise DocumentError("is in no encoding it names")


def _encodings(octets: bytes, charset: str | None) -> Iterator[str]:
    yield from (encoding for mark, encoding in (*_MARKS, *_UNMARKED) if octets.startswith(mark))
    declared = _DECLARED.search(octets[:200])
    for named in (charset, declared[1].decode() if declared else None):
        if named and _ENCODINGS.fullmatch(named):
            yield named
    yield "utf-8"


def parse(text: str) -> etree._Element:
    """Parse a document. Raises DocumentError."""
    bare = text.lstrip("\ufeff \t\r\n")
    declaration = _DECLARATION.match(bare)
    if declaration is not None:
        bare = bare[declaration.end() :]
    root = _parsed(bare)
    if root is None:
        root = _parsed(repaired(bare))
    if root is None:
        raise DocumentError("is not well-formed XML")
    if root.getroottree().docinfo.internalDTD is not None:
        raise DocumentError("has a document type declaration")
    return root


def _parsed(text: str) -> etree._Element | None:
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(_octets(text), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _octets(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return joined(text).encode()


def read_document(text: str, expected: str) -> etree._Element:
    """Parse an inner document and require its root's local name. Raises DocumentError."""
    root = parse(text)
    if local(root) != expected:
        raise DocumentError(f"is no {expected} but {local(root)[:40]}")
    return root


def local(element: etree._Element) -> str:
    """An element's name without its namespace."""
    tag: str = element.tag
    return tag[tag.rfind("}") + 1 :]


def namespace(element: etree._Element) -> str:
    """An element's namespace; "" for none."""
    tag: str = element.tag
    return tag[1 : tag.rfind("}")] if tag[0] == "{" else ""


def text_of(element: etree._Element | None) -> str:
    """All the text of an element; "" for None."""
    if element is None:
        return ""
    return "".join(map(str, element.itertext())) if len(element) else element.text or ""


def child(element: etree._Element | None, name: str) -> etree._Element | None:
    """The first child of that local name."""
    if element is None:
        return None
    qualified = "}" + name
    for each in element:
        if each.tag == name or each.tag.endswith(qualified):
            return each
    return None


def children(element: etree._Element | None, name: str) -> Iterator[etree._Element]:
    """The children of that local name, in order."""
    if element is not None:
        qualified = "}" + name
        yield from (each for each in element if each.tag == name or each.tag.endswith(qualified))
