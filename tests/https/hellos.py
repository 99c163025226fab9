"""ClientHellos as old Windows forms them, built from the cipher suites its SChannel has."""

import struct

#: RC4, DES and 3DES only; no extensions, so no server name.
XP = (0x0004, 0x0005, 0x000A, 0x0009, 0x0064, 0x0062, 0x0003, 0x0006, 0x0013, 0x0012, 0x0063)
VISTA = (0x002F, 0x0035, 0x0005, 0x000A, 0xC013, 0xC014, 0xC009, 0xC00A, 0x0032, 0x0038, 0x0013, 0x0004)
SEVEN = (
    *(0xC028, 0xC027, 0xC014, 0xC013, 0x003D, 0x003C, 0x0035, 0x002F, 0xC02C, 0xC02B, 0xC024, 0xC023, 0xC00A, 0xC009),
    *(0x006A, 0x0040, 0x0038, 0x0032, 0x000A, 0x0013, 0x0005, 0x0004),
)
TEN = (0xC02C, 0xC02B, 0xC030, 0xC02F, 0x009F, 0x009E, *SEVEN[:8], 0x009D, 0x009C)
ELEVEN = (0x1302, 0x1301, *TEN)

_TLS_1_0, _TLS_1_2, _TLS_1_3 = 0x0301, 0x0303, 0x0304


def _extension(kind: int, body: bytes) -> bytes:
    return struct.pack("!HH", kind, len(body)) + body


def _listed(body: bytes) -> bytes:
    return struct.pack("!H", len(body)) + body


def hello(version: int, suites: tuple[int, ...], name: str = "", *, key_share: bool = False) -> bytes:
    """The octets of a ClientHello in one record."""
    extensions = b""
    if name:
        host = name.encode()
        extensions += _extension(0, _listed(b"\0" + _listed(host)))
    if suites != XP:
        extensions += _extension(10, _listed(struct.pack("!3H", 29, 23, 24)))
        extensions += _extension(11, b"\x01\x00")
    if version >= _TLS_1_2:
        algorithms = (0x0804, 0x0805, 0x0401, 0x0501, 0x0201, 0x0403, 0x0503, 0x0203)
        extensions += _extension(13, _listed(struct.pack(f"!{len(algorithms)}H", *algorithms)))
    if key_share:
        extensions += _extension(43, b"\x04" + struct.pack("!2H", _TLS_1_3, _TLS_1_2))
        extensions += _extension(51, _listed(struct.pack("!HH", 29, 32) + bytes(range(1, 33))))
    body = struct.pack("!H", min(version, _TLS_1_2)) + bytes(range(32)) + b"\0"
    body += _listed(struct.pack(f"!{len(suites)}H", *suites)) + b"\x01\x00"
    body += _listed(extensions) if extensions else b""
    message = b"\x01" + len(body).to_bytes(3) + body
    return struct.pack("!BHH", 22, _TLS_1_0, len(message)) + message


PCS = {
    "xp": hello(_TLS_1_0, XP),
    "vista": hello(_TLS_1_0, VISTA, "localhost"),
    "7": hello(_TLS_1_0, VISTA, "localhost"),
    "7 with the registry file": hello(_TLS_1_2, SEVEN, "localhost"),
    "8.1": hello(_TLS_1_2, SEVEN, "localhost"),
    "10": hello(_TLS_1_2, TEN, "localhost"),
    "11": hello(_TLS_1_2, ELEVEN, "localhost", key_share=True),
}


def answered(octets: bytes) -> tuple[str, int] | None:
    """What a server said: ("hello", suite and version) or ("alert", number); None for nothing of the kind."""
    if len(octets) >= 7 and octets[0] == 21:
        return "alert", octets[6]
    if len(octets) < 44 or octets[0] != 22 or octets[5] != 2:
        return None
    session = octets[43]
    (suite,) = struct.unpack_from("!H", octets, 44 + session)
    return "hello", suite
