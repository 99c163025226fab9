"""UCS-2, which every handset reads as UTF-16 big endian (TS 23.038 §6.2.3)."""

from omsmodem.sms.errors import EncodeError


def encode(text: str) -> bytes:
    """Text → octets. Raises EncodeError for half a surrogate pair."""
    try:
        return text.encode("utf-16-be")
    except UnicodeEncodeError as error:
        raise EncodeError("the text holds half of a surrogate pair, which is no character") from error


def decode(octets: bytes) -> str:
    """Octets → text; a lone surrogate or odd octet becomes U+FFFD, a leading byte order mark goes."""
    return octets.decode("utf-16-be", "replace").removeprefix("\ufeff")
