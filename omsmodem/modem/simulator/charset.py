"""Strings in answers and arguments as +CSCS says (TS 27.007 §5.5). Octets are shown as latin-1."""

from omsmodem.modem.simulator.errors import cms
from omsmodem.sms import gsm7
from omsmodem.sms.errors import EncodeError

CHARSETS = ("IRA", "GSM", "UCS2")
_INVALID_TEXT = 305


def encode(text: str, charset: str) -> str:
    """A string of the modem for the host; what the character set lacks becomes `?`."""
    if charset == "UCS2":
        return text.encode("utf-16-be").hex().upper()
    if charset == "GSM":
        return "".join(_septets(character) for character in text)
    return text.encode("latin-1", "replace").decode("latin-1")


def _septets(character: str) -> str:
    try:
        return bytes(gsm7.encode(character)).decode("latin-1")
    except EncodeError:
        return "?"


def encode_packed(text: str) -> str:
    """Packed septets in hexadecimal, as some modems show USSD."""
    septets = gsm7.encode(text)
    return gsm7.pack(septets + b"\r" if len(septets) % 8 == 7 else septets).hex().upper()


def decode_packed(text: str) -> str:
    """What packed septets in hexadecimal say. Raises the refusal 305."""
    try:
        octets = bytes.fromhex(text)
    except ValueError as error:
        raise cms(_INVALID_TEXT) from error
    return gsm7.decode(gsm7.unpack(octets, len(octets) * 8 // 7)).removesuffix("\r")


def decode(text: str, charset: str) -> str:
    """A string of the host. Raises the refusal 305 for what the character set does not know."""
    try:
        if charset == "UCS2":
            return bytes.fromhex(text).decode("utf-16-be")
        if charset == "GSM":
            return gsm7.decode(text.encode("latin-1"))
    except (ValueError, EncodeError) as error:
        raise cms(_INVALID_TEXT) from error
    return text
