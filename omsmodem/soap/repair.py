"""Text as clients really send it, made fit for XML and for a message. No XML parser here: text in, text out."""

import re

_REFERENCE = re.compile(r"&#(?:x([0-9A-Fa-f]{1,12})|([0-9]{1,12}));")
#: What XML 1.0 forbids; VT and FF, which word processors use as line breaks, are not merely dropped.
_FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1f\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BREAK = re.compile("[\x0b\x0c]")
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\u2028\u2029\x85]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff]")


def joined(text: str) -> str:
    """Surrogate halves that stand side by side as the one character they mean; a lone half as U+FFFD."""
    if _SURROGATE.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def clean(text: str) -> str:
    """The text without what XML 1.0 forbids, so that it may be written into an answer."""
    return joined(_without_forbidden(text))


def repaired(document: str) -> str:
    """A document whose forbidden characters, raw or as references, no longer stop a parser."""
    return joined(_without_forbidden(_REFERENCE.sub(_character, document)))


def _without_forbidden(text: str) -> str:
    return _FORBIDDEN.sub("", _BREAK.sub("\n", text))


def _character(match: re.Match[str]) -> str:
    """What stands for a reference: itself where XML allows it."""
    code = int(match[1], 16) if match[1] else int(match[2])
    if code > 0x10FFFF:
        return ""
    character = chr(code)
    if 0xD800 <= code <= 0xDFFF:
        return character  # a half, to be joined
    return match[0] if _without_forbidden(character) == character else _without_forbidden(character)


def sanitised(text: str) -> str:
    """One kind of line end, no control characters, no trailing blanks; nothing else of a message's text is touched."""
    return _CONTROL.sub("", _LINE_END.sub("\n", text)).rstrip()


def one_line(text: str, most: int) -> str:
    """The text on one line of at most `most` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
