"""What TS 27.005 §3.1 puts around a TPDU: the service centre address and hexadecimal."""

_SERVICE_CENTRE_OF_SIM = "00"


def to_hex(tpdu: bytes) -> tuple[int, str]:
    """The `<length>` for +CMGS, which counts TPDU octets only, and the line to send; the SIM's service centre is used."""
    return len(tpdu), _SERVICE_CENTRE_OF_SIM + tpdu.hex().upper()


def from_hex(line: str) -> tuple[bytes, bytes]:
    """The service centre address octets and the TPDU of a line. Raises ValueError when it is no such line."""
    octets = bytes.fromhex(line)
    if not octets or octets[0] + 1 > len(octets):
        raise ValueError("the line ends within the service centre address")
    return octets[1 : octets[0] + 1], octets[octets[0] + 1 :]
