"""Messages in files, as scripts write them for gammu-smsd (FILES backend) and for smstools. No I/O but reading."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


class Unreadable(ValueError):
    """A file is no message."""


@dataclass(frozen=True, slots=True)
class FileMessage:
    """One text to one number."""

    recipient: str
    text: str


@dataclass(frozen=True, slots=True)
class Format:
    """How one program's files are told apart and read. `read` raises Unreadable."""

    name: str
    is_message: Callable[[str], bool]  # by the file's name
    read: Callable[[Path], FileMessage]


# -- gammu-smsd -------------------------------------------------------------------------------------------------------

#: OUT<recipient> · OUT<priority>_<recipient>_<serial> · OUT<priority><date>_<time>_<serial>_<recipient>_<note>
_GAMMU = re.compile(
    r"OUT(?:[A-Z]?\d{8}_\d{6}_\d+_(?P<dated>\+?\d+)(?:_.*)?|[A-Z]_(?P<short>\+?\d+)(?:_.*)?|(?P<plain>\+?\d+)(?:_.*)?)"
    r"\.(?P<kind>txt|smsbackup)[dfb]*",
)
_SECTION = re.compile(r"\[SMSBackup.*\]", re.IGNORECASE)


def _read_gammu(path: Path) -> FileMessage:
    match = _GAMMU.fullmatch(path.name)
    if match is None:
        raise Unreadable("the name is none that gammu-smsd sends")
    number = match["dated"] or match["short"] or match["plain"]
    if match["kind"] == "txt":
        return FileMessage(number, _decode(path.read_bytes()).rstrip("\r\n"))
    return FileMessage(*_read_backup(_decode(path.read_bytes()), number))


def _read_backup(text: str, number: str) -> tuple[str, str]:
    """Number and text of an SMS backup: each section is one segment, its text is in pieces of hexadecimal UTF-16."""
    pieces, here = [], False
    for line in text.splitlines():
        if _SECTION.fullmatch(line.strip()):
            here = True
        name, equals, value = (part.strip() for part in line.partition("="))
        if not here or not equals:
            continue
        if re.fullmatch(r"Text\d\d", name):
            pieces.append(value)
        elif name == "Number" and value.strip('"'):
            number = value.strip('"')
    try:
        return number, bytes.fromhex("".join(pieces)).decode("utf-16-be")
    except (ValueError, UnicodeDecodeError) as error:
        raise Unreadable(f"its text cannot be read: {error}") from error


# -- smstools ---------------------------------------------------------------------------------------------------------

#: The first three letters of Alphabet decide.
_ALPHABETS = {"iso": "iso-8859-15", "lat": "iso-8859-15", "ans": "iso-8859-15", "utf": "utf-8"}
_WIDE = {"ucs", "chi", "uni"}


def _read_smstools(path: Path) -> FileMessage:
    octets = path.read_bytes()
    match = re.search(rb"\r?\n\r?\n", octets)
    if match is None:
        raise Unreadable("there is no empty line between headers and text")
    headers = dict(_header(line) for line in octets[: match.start()].decode("iso-8859-15").splitlines() if ":" in line)
    if not headers.get("To"):
        raise Unreadable("there is no To: header")
    return FileMessage(_international(headers["To"]), _body(octets[match.end() :], headers.get("Alphabet", "")))


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip(), value.strip()


def _body(octets: bytes, alphabet: str) -> str:
    kind = alphabet[:3].lower()
    try:
        if kind in _WIDE:
            return octets.decode("utf-16-be")
        if kind in _ALPHABETS:
            return octets.decode(_ALPHABETS[kind]).rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise Unreadable(f"the text is not in the alphabet {alphabet}: {error}") from error
    if kind:
        raise Unreadable(f"the alphabet {alphabet} is none we read")
    return _decode(octets).rstrip("\r\n")


def _international(number: str) -> str:
    """`s` before a short number; any other is international without its plus."""
    if number[:1] in {"s", "+"}:
        return number.removeprefix("s")
    return "+" + number.removeprefix("00")


def _decode(octets: bytes) -> str:
    """Text of unknown encoding: by its byte order mark, as UTF-8, else as Western European."""
    if octets[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return octets.decode("utf-16", "replace")
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        return octets.decode("iso-8859-15")


FORMATS = {
    "gammu": Format("gammu", lambda name: _GAMMU.fullmatch(name) is not None, _read_gammu),
    "smstools": Format(
        "smstools", lambda name: not name.startswith(".") and not name.endswith(".LOCK"), _read_smstools
    ),
}
