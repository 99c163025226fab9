"""How people say times, sizes and counts. Standard library only."""

from datetime import datetime, timedelta

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def span(length: timedelta) -> str:
    """A length of time in its largest whole unit: 40 s, 5 min, 3 h, 12 d."""
    seconds = max(int(length.total_seconds()), 0)
    for size, unit in _UNITS:
        if seconds >= 2 * size or size == 1:
            return f"{seconds // size} {unit}"
    raise AssertionError


def since(moment: datetime, now: datetime) -> str:
    """How long ago a moment was."""
    return span(now - moment)


def octets(count: int) -> str:
    """A size for people: 90 kB, 480 MB, 12.5 GB."""
    if count < 1e6:
        return f"{count / 1e3:.0f} kB"
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def plural(count: int, one: str, many: str = "") -> str:
    """1 message, 2 messages."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def short(text: str, length: int) -> str:
    """A text on one line, cut where it is longer than `length`."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"
