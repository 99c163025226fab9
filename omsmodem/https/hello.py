"""What a TLS ClientHello tells of the PC that sent it (RFC 5246 §7.4.1.2, RFC 8446 §4.1.2). No I/O."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3 = 0x0301, 0x0302, 0x0303, 0x0304
_HANDSHAKE = 22
_CLIENT_HELLO = 1
_SERVER_NAME = 0
_SUPPORTED_VERSIONS = 43
#: Suites with RC4, DES, 3DES or less: all that the SChannel of Windows XP has.
_WEAK = frozenset({*range(0x002F), 0x0060, 0x0061, 0x0062, 0x0063, 0x0064, 0x0065, 0x0066, 0x00FF, 0x5600})
#: A ClientHello has a few hundred octets, two thousand with post-quantum keys.
MAX_OCTETS = 16 * 1024


@dataclass(frozen=True, slots=True)
class Hello:
    """The highest version a PC offers, its cipher suites, and the name it was told to call."""

    version: int
    suites: tuple[int, ...]
    server_name: str = ""

    @property
    def only_weak_ciphers(self) -> bool:
        """Whether no suite is offered that any current server has."""
        return all(suite in _WEAK for suite in self.suites)


def read(octets: bytes) -> Hello | None:
    """The hello at the start of a connection; None while it is not whole, or when it is none."""
    try:
        message = _handshake(octets)
        if message is None or message[0] != _CLIENT_HELLO:
            return None
        return _hello(message[4:])
    except (struct.error, IndexError):
        return None


def _handshake(octets: bytes) -> bytes | None:
    """The first handshake message, put together from its records."""
    message, at = b"", 0
    while at + 5 <= len(octets):
        kind, _version, size = struct.unpack_from("!BHH", octets, at)
        if kind != _HANDSHAKE or at + 5 + size > len(octets):
            return None
        message += octets[at + 5 : at + 5 + size]
        at += 5 + size
        if len(message) >= 4 and len(message) >= 4 + int.from_bytes(message[1:4]):
            return message
    return None


def _hello(body: bytes) -> Hello:
    (version,) = struct.unpack_from("!H", body)
    at = 34
    at += 1 + body[at]
    (size,) = struct.unpack_from("!H", body, at)
    suites = struct.unpack_from(f"!{size // 2}H", body, at + 2)
    at += 2 + size
    at += 1 + body[at]
    extensions = dict(_extensions(body[at + 2 :]))
    versions = extensions.get(_SUPPORTED_VERSIONS, b"\0")
    offered = struct.unpack_from(f"!{versions[0] // 2}H", versions, 1)
    # Values like 0x1A1A are sprinkled in by modern clients to keep servers honest (RFC 8701).
    highest = max((each for each in (version, *offered) if each <= TLS_1_3), default=version)
    return Hello(highest, suites, _server_name(extensions.get(_SERVER_NAME, b"")))


def _extensions(octets: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(octets):
        kind, size = struct.unpack_from("!HH", octets, at)
        yield kind, octets[at + 4 : at + 4 + size]
        at += 4 + size


def _server_name(octets: bytes) -> str:
    if len(octets) < 5 or octets[2] != 0:
        return ""
    (size,) = struct.unpack_from("!H", octets, 3)
    name = octets[5 : 5 + size].decode("ascii", "replace")
    return "".join(c for c in name if c.isprintable())[:253]
