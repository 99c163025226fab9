"""Typographic characters that word processors put in by themselves → the default alphabet's. Never applied unasked."""

from omsmodem.sms import gsm7

_SMART = {
    "'": "\u2018\u2019\u201a\u201b\u2039\u203a\u2032",  # single quotes, prime
    '"': "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033",  # double quotes, double prime
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2022",  # hyphens, dashes, minus, bullet
    "...": "\u2026",
    " ": "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f",  # blanks of any width
    "": "\u00ad",  # soft hyphen
}
_TABLE = str.maketrans({character: plain for plain, characters in _SMART.items() for character in characters})


def smart(text: str) -> str:
    """The text with quotes, dashes, ellipsis and blanks in their plain form, where that spares it UCS-2; else untouched."""
    plain = text.translate(_TABLE)
    return plain if gsm7.is_encodable(plain) else text
