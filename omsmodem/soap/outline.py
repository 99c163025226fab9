"""What a request looked like, for the log at level debug: its elements, never what people wrote into them."""

from collections.abc import Iterator

from lxml import etree

from omsmodem.soap.reading import local

MOST_ELEMENTS = 60
_ATTRIBUTES = ("client", "id", "href", "format", "contentType", "contentId")
#: Elements whose text is the protocol's own.
_OPEN = frozenset({"requiredService", "sourceType", "scheduled"})


def outline(root: etree._Element) -> str:
    """One line: `user{userId[4] password[7]}`, with the lengths of texts in place of the texts."""
    pieces: list[str] = []
    for number, piece in enumerate(_pieces(root)):
        if number == MOST_ELEMENTS:
            return " ".join((*pieces, "…"))
        pieces.append(piece)
    return " ".join(pieces)


def _pieces(element: etree._Element) -> Iterator[str]:
    yield _start(element) + ("{" if len(element) else "")
    for inner in element:
        yield from _pieces(inner)
    if len(element):
        yield "}"


def _start(element: etree._Element) -> str:
    name = local(element)
    text = (element.text or "").strip()
    shown = f"={text[:40]!r}" if text and name in _OPEN else f"[{len(text)}]" if text else ""
    found = ((attribute, element.get(attribute)) for attribute in _ATTRIBUTES)
    attributes = "".join(f" {key}={value[:60]!r}" for key, value in found if value is not None)
    return f"{name[:40]}{shown}{attributes}"
