"""What a person sees as one character: where a text may be cut (the rules of UAX #29 that matter in a message)."""

import unicodedata

_JOINER = "\u200d"
#: Everything below is one character by itself, but for CR LF.
_FIRST_JOINING = "\u0300"
_REGIONAL = ("\U0001f1e6", "\U0001f1ff")
#: Extending characters whose category does not say so: non-joiner, half-width sound marks, skin tones, tags of flags.
_EXTENDING = (("\u200c", "\u200d"), ("\uff9e", "\uff9f"), ("\U0001f3fb", "\U0001f3ff"), ("\U000e0020", "\U000e007f"))
_SPACING = "\u0e33\u0eb3"  # Thai and Lao AM, letters by category
_VIRAMA = 9  # canonical combining class


def last_boundary(text: str, start: int, end: int) -> int:
    """The last place in (start, end] that cuts no cluster, `start` being one; `end` where there is none."""
    for index in range(end, start, -1):
        if index == len(text) or not _joined(text, start, index):
            return index
    return end


def _joined(text: str, start: int, index: int) -> bool:
    """Whether the characters before and at `index` are seen as one."""
    before, here = text[index - 1], text[index]
    if here < _FIRST_JOINING:
        return before == "\r" and here == "\n"
    if unicodedata.category(before) == "Cc":
        return False
    if before == _JOINER or _extends(here):
        return True
    if _within(here, _REGIONAL):
        return _regionals_before(text, start, index) % 2 == 1
    return _syllable(before, here) or _conjunct(before, here)


def _within(character: str, bounds: tuple[str, str]) -> bool:
    return bounds[0] <= character <= bounds[1]


def _extends(here: str) -> bool:
    if unicodedata.category(here)[0] == "M" or here in _SPACING:
        return True
    return any(_within(here, bounds) for bounds in _EXTENDING)


def _regionals_before(text: str, start: int, index: int) -> int:
    at = index
    while at > start and _within(text[at - 1], _REGIONAL):
        at -= 1
    return index - at


def _conjunct(before: str, here: str) -> bool:
    """An Indic consonant behind a virama."""
    return unicodedata.combining(before) == _VIRAMA and unicodedata.category(here) == "Lo"


def _syllable(before: str, here: str) -> bool:
    """Hangul: leading consonants, vowels and trailing consonants that make one syllable, composed or not."""
    match _hangul(before), _hangul(here):
        case ("L", "L" | "V" | "LV" | "LVT") | ("LV" | "V", "V" | "T") | ("LVT" | "T", "T"):
            return True
    return False


def _hangul(character: str) -> str:
    if "\uac00" <= character <= "\ud7a3":
        return "LVT" if (ord(character) - 0xAC00) % 28 else "LV"
    for first, last, kind in _JAMO:
        if first <= character <= last:
            return kind
    return ""


_JAMO = (
    ("\u1100", "\u115f", "L"),
    ("\u1160", "\u11a7", "V"),
    ("\u11a8", "\u11ff", "T"),
    ("\ua960", "\ua97c", "L"),
    ("\ud7b0", "\ud7c6", "V"),
    ("\ud7cb", "\ud7fb", "T"),
)
