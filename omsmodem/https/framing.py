"""Octets of a connection → whole requests. No I/O: a worker is given a request only when all of it is here.

Stricter than RFC 9112 allows to be lenient: what two programs could read in two ways is refused, so nobody can smuggle a
request past a proxy. A whole request comes out in one form, whatever form it came in: with a Content-Length if it has a
body, without Transfer-Encoding, Expect and headers whose names hold an underscore.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

_REQUEST_LINE = re.compile(rb"([A-Z]{1,24}) ([\x21-\x7e]+) HTTP/(\d)\.(\d)")
_HEADER = re.compile(rb"([!#$%&'*+.^`|~0-9A-Za-z_-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[\t\x20-\x7e]*)?")
_LONE_LF = re.compile(rb"(?<!\r)\n")
_END = b"\r\n\r\n"
_MAX_CHUNK_LINE = 256
_MAX_HEADERS = 100


class Refused(Exception):
    """The octets are no request for us; `status` and one line say why."""

    def __init__(self, status: str, line: str) -> None:
        super().__init__(line)
        self.status = status
        self.line = line


@dataclass(frozen=True, slots=True)
class _Head:
    lines: tuple[bytes, ...]  # without those that speak of framing
    length: int | None  # None: chunked
    continues: bool  # the client waits for a 100 before it sends the body


class Framer:
    """Collects the octets of one connection. Never holds more than one request and what came with its last octets."""

    def __init__(self, header_octets: int, body_octets: int) -> None:
        self._header_octets = header_octets
        self._body_octets = body_octets
        self._buffer = bytearray()
        self._scanned = 0
        self._skipped = False
        self._head: _Head | None = None
        self._chunks = _Chunks(body_octets)
        self._continue_due = False

    @property
    def started(self) -> bool:
        """Whether octets of a request are here that is not whole yet."""
        return bool(self._buffer) or self._head is not None

    @property
    def in_body(self) -> bool:
        """Whether the head is whole and the body is not."""
        return self._head is not None

    def receive(self, octets: bytes) -> None:
        """Take octets."""
        self._buffer += octets

    def next(self) -> bytes | None:
        """A whole request, or None until more octets come. Raises Refused, after which the connection is of no use."""
        if self._head is None and not self._take_head():
            return None
        head = self._head
        assert head is not None
        body = self._chunks.take(self._buffer) if head.length is None else self._take(head.length)
        if body is None:
            return None
        self._head, self._scanned, self._skipped = None, 0, False
        self._chunks = _Chunks(self._body_octets)
        return _whole(head, body)

    def wants_continue(self) -> bool:
        """Whether a 100 must be sent now; true once for each request that asks, also when it has not waited."""
        due, self._continue_due = self._continue_due, False
        return due

    def _take(self, octets: int) -> bytes | None:
        if len(self._buffer) < octets:
            return None
        taken = bytes(self._buffer[:octets])
        del self._buffer[:octets]
        return taken

    def _take_head(self) -> bool:
        if self._scanned == 0 and not self._skipped and self._buffer.startswith(b"\r"):
            if len(self._buffer) < 2:
                return False
            del self._buffer[: 2 * self._buffer.startswith(b"\r\n")]  # RFC 9112 §2.2: one empty line is ignored
            self._skipped = True
        end = self._buffer.find(_END, max(self._scanned - 3, 0))
        head_end = end if end >= 0 else len(self._buffer)
        if _LONE_LF.search(self._buffer, max(self._scanned - 1, 0), min(head_end, self._header_octets)):
            raise Refused("400 Bad Request", "Lines of a request end in CR LF.")
        if end > self._header_octets or (end < 0 and len(self._buffer) > self._header_octets):
            line = f"The head of a request may have {self._header_octets} octets."
            raise Refused("431 Request Header Fields Too Large", line)
        if end < 0:
            self._scanned = len(self._buffer)
            return False
        octets = bytes(self._buffer[:end])
        del self._buffer[: end + len(_END)]
        self._head = _read_head(octets, self._body_octets)
        self._continue_due = self._head.continues
        return True


class _Chunks:
    """Takes a chunked body out of a buffer, as far as it is there."""

    def __init__(self, body_octets: int) -> None:
        self._body_octets = body_octets
        self._body = bytearray()
        self._spent = 0
        self._missing: int | None = None  # octets of the chunk in hand, with its CR LF; None between chunks
        self._in_trailer = False

    def take(self, buffer: bytearray) -> bytes | None:
        """The whole body, once it is here. Raises Refused."""
        while True:
            if self._missing is not None:
                if not self._take_data(buffer):
                    return None
                continue
            line = self._take_line(buffer)
            if line is None:
                return None
            if self._in_trailer:
                if not line:
                    return bytes(self._body)
                continue
            self._begin(line)

    def _take_line(self, buffer: bytearray) -> bytes | None:
        end = buffer.find(b"\n", 0, _MAX_CHUNK_LINE)
        if end < 0:
            if len(buffer) >= _MAX_CHUNK_LINE:
                raise Refused("400 Bad Request", "A line of the chunked body is too long.")
            return None
        self._spend(end + 1)
        line = bytes(buffer[: end + 1])
        del buffer[: end + 1]
        if not line.endswith(b"\r\n"):
            raise Refused("400 Bad Request", "The chunked body is broken.")
        return line[:-2]

    def _begin(self, line: bytes) -> None:
        match = _CHUNK.fullmatch(line)
        if match is None:
            raise Refused("400 Bad Request", "The chunked body is broken.")
        size = int(match[1], 16)
        if size == 0:
            self._in_trailer = True
            return
        self._missing = size + 2
        self._spend(self._missing)

    def _take_data(self, buffer: bytearray) -> bool:
        assert self._missing is not None
        data = min(len(buffer), self._missing - 2)
        if data > 0:
            self._body += buffer[:data]
            del buffer[:data]
            self._missing -= data
        if self._missing > 2 or len(buffer) < 2:
            return False
        if buffer[:2] != b"\r\n":
            raise Refused("400 Bad Request", "The chunked body is broken.")
        del buffer[:2]
        self._missing = None
        return True

    def _spend(self, octets: int) -> None:
        """Framing counts too: a body of one-octet chunks is no way around the limit."""
        self._spent += octets
        if self._spent > self._body_octets:
            raise _too_large(self._body_octets)


def _too_large(limit: int) -> Refused:
    return Refused("413 Content Too Large", f"The body of a request may have {limit} octets.")


@lru_cache(maxsize=64)  # a client's next request begins like its last one
def _read_head(octets: bytes, body_octets: int) -> _Head:
    first, *rest = octets.split(b"\r\n")
    request = _REQUEST_LINE.fullmatch(first)
    if request is None:
        raise Refused("400 Bad Request", "The first line is not one of HTTP/1.1.")
    if request[3] != b"1":
        raise Refused("505 HTTP Version Not Supported", "HTTP/1.1 is spoken here.")
    if len(rest) > _MAX_HEADERS:
        raise Refused("431 Request Header Fields Too Large", f"A request may have {_MAX_HEADERS} headers.")
    fields: dict[bytes, list[bytes]] = {}
    kept = [first]
    for line in rest:
        match = _HEADER.fullmatch(line)
        if match is None:
            raise Refused("400 Bad Request", "A header line is broken.")
        name, value = match[1].lower(), match[2]
        fields.setdefault(name, []).append(value)
        if name not in _OURS and b"_" not in name:
            kept.append(match[1] + b": " + value)
    old = request[4] == b"0"
    kept += _connection(fields)
    return _Head(tuple(kept), _length(fields, old, body_octets), not old and _continues(fields))


#: Headers whose meaning is spent here, or which are written anew.
_OURS = frozenset({b"connection", b"content-length", b"expect", b"keep-alive", b"transfer-encoding"})


def _connection(fields: dict[bytes, list[bytes]]) -> list[bytes]:
    """The header in the spelling that cheroot compares with."""
    tokens = {token.strip().lower() for value in fields.get(b"connection", []) for token in value.split(b",")}
    if b"close" in tokens:
        return [b"Connection: close"]
    return [b"Connection: Keep-Alive"] if b"keep-alive" in tokens else []


def _length(fields: dict[bytes, list[bytes]], old: bool, body_octets: int) -> int | None:
    """The octets of the body; None for a chunked one. Raises Refused where programs could disagree about it."""
    lengths, codings = fields.get(b"content-length", []), fields.get(b"transfer-encoding", [])
    if len(fields.get(b"host", [])) > 1:
        raise Refused("400 Bad Request", "Host is given twice.")
    if codings and (lengths or old):
        raise Refused("400 Bad Request", "Transfer-Encoding does not go with Content-Length, nor with HTTP/1.0.")
    if codings:
        if [coding.lower() for coding in codings] != [b"chunked"]:
            raise Refused("501 Not Implemented", "The only Transfer-Encoding known here is chunked.")
        return None
    if len(lengths) > 1:
        raise Refused("400 Bad Request", "Content-Length is given twice.")
    if not lengths:
        return 0
    if re.fullmatch(rb"[0-9]{1,15}", lengths[0]) is None:
        raise Refused("400 Bad Request", "Content-Length is not a number.")
    length = int(lengths[0])
    if length > body_octets:
        raise _too_large(body_octets)
    return length


def _continues(fields: dict[bytes, list[bytes]]) -> bool:
    expected = fields.get(b"expect", [])
    if not expected:
        return False
    if [value.lower() for value in expected] != [b"100-continue"]:
        raise Refused("417 Expectation Failed", "The only expectation known here is 100-continue.")
    return True


def _whole(head: _Head, body: bytes) -> bytes:
    has_body = body or head.length is None or not head.lines[0].startswith((b"GET ", b"HEAD "))
    length = [b"Content-Length: %d" % len(body)] if has_body else []
    return b"\r\n".join((*head.lines, *length, b"", body))
