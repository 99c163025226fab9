"""Typographic characters that word processors put in by themselves → the default alphabet's. Never applied unasked."""

_SMART = {
    "\u2018": "'",
    "\u2019": "'",
    "\u201a": "'",
    "\u201b": "'",
    "\u2032": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u201e": '"',
    "\u201f": '"',
    "\u2033": '"',
    "\u2010": "-",
    "\u2011": "-",
    "\u2012": "-",
    "\u2013": "-",
    "\u2014": "-",
    "\u2015": "-",
    "\u2212": "-",
    "\u2026": "...",
    "\u00a0": " ",
    "\u2007": " ",
    "\u2009": " ",
    "\u202f": " ",
    "\u2022": "-",
    "\u00ad": "",
}
_TABLE = str.maketrans(_SMART)


def smart(text: str) -> str:
    """The text with curly quotes, long dashes, the ellipsis and special blanks in their plain form."""
    return text.translate(_TABLE)
