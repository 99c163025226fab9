"""The page of all codes, written from the tables: `python -m omsmodem.sms.causes.reference > docs/codes.md`, or `make docs`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from omsmodem.sms.causes import modem, network
from omsmodem.sms.causes.cause import Cause, Reaction, Table
from omsmodem.sms.causes.status import Status, StatusClass, report

_HEAD = """\
# Codes

What the network and the modem say when they do not take a message, and what a delivery report says became of one: each code,
what it means, what omsmodem does, and what a person can do. Written from the tables in `omsmodem/sms/causes`.

## What is done

| reaction | what it means |
|---|---|
"""
_REACTIONS = {
    Reaction.RETRY: "this message again soon, with growing pauses",
    Reaction.SLOW: "this message again, from a quarter of an hour on",
    Reaction.FAIL: "this message is given up; others go on",
    Reaction.STOP: "every message would fail: the modem waits and is tried anew now and then",
    Reaction.SIM: "the SIM is looked at again",
    Reaction.MODEM: "the modem is brought into step again, or reset; nothing was sent",
    Reaction.BUG: "this message is given up and its octets are logged",
    Reaction.UNKNOWN: "it may have been sent: evidence is waited for, then the account's policy decides",
    Reaction.SENT: "the service centre has it from an earlier try: it counts as sent",
    Reaction.BUSY: "this message again in seconds; that counts as no try",
    Reaction.REGISTRATION: "the network is waited for, then this message again; that counts as no try",
    Reaction.PURGE: "what the modem has stored is read and deleted, then this message again",
    Reaction.WITHOUT_CLASS: "this message again, not as flash",
    Reaction.WITHOUT_VALIDITY: "this message again without its validity period",
    Reaction.IGNORE: "a command that was optional is skipped; a message is tried again",
}
_CLASSES = {
    StatusClass.DELIVERED: "delivered",
    StatusClass.PENDING: "waited for",
    StatusClass.FAILED: "not delivered",
}


def page() -> str:
    """The text of docs/codes.md."""
    sections = (
        _HEAD + "".join(f"| {reaction} | {words} |\n" for reaction, words in _REACTIONS.items()),
        "## `+CMS ERROR` 0 to 127: the network (TS 24.011 §E)\n\n"
        + _refusals(network.RP_CAUSES, network.OTHER_RP_CAUSE),
        "## `+CMS ERROR` 128 to 255: the service centre (TS 23.040 §9.2.3.22)\n\n"
        + _refusals(network.TP_FCS, network.OTHER_TP_FCS),
        "## `+CMS ERROR` from 256: the modem (TS 27.005 §3.2.5, makers' own)\n\n"
        + _refusals(modem.CMS | modem.VENDOR, modem.OTHER_CMS),
        "## `+CME ERROR`: the modem (TS 27.007 §9.2)\n\n" + _refusals(modem.CME, modem.OTHER_CME),
        "## TP-ST: delivery reports (TS 23.040 §9.2.3.15)\n\n" + _statuses(),
    )
    return "\n".join(sections)


def _refusals(causes: Table, other: Cause) -> str:
    """One row for neighbours that say the same, and one for what is not assigned."""
    rows = [(_span(codes), *cells) for codes, cells in _runs({code: _cells(causes[code]) for code in sorted(causes)})]
    rows.append(("any other", *_cells(other)))
    return "| code | meaning | reaction | what a person can do |\n|---|---|---|---|\n" + _lines(rows)


def _cells(cause: Cause) -> tuple[str, ...]:
    words = str(cause.reaction)
    if cause.tries is not None:
        words += f", {cause.tries} tries, then {cause.then}"
    if cause.for_all is not None:
        words += f"; {cause.for_all} when every message meets it"
    return cause.meaning, words, cause.advice


def _statuses() -> str:
    rows = _runs({code: _status_cells(report(code)) for code in range(256)})
    head = "| value | meaning | the message counts as | a new one may work |\n|---|---|---|---|\n"
    return head + _lines((_span(codes, "0x{:02X}"), *cells) for codes, cells in rows)


def _status_cells(status: Status) -> tuple[str, ...]:
    meaning = re.sub(r" \(.*0x..\)", "", status.meaning)
    return meaning, _CLASSES[status.status_class], "yes" if status.again else ""


def _runs(cells: Mapping[int, tuple[str, ...]]) -> Iterator[tuple[list[int], tuple[str, ...]]]:
    for said, run in groupby(cells, cells.__getitem__):
        yield list(run), said


def _span(codes: list[int], form: str = "{}") -> str:
    """The codes, neighbours in number as a range."""
    if len(codes) > 2 and codes[-1] - codes[0] == len(codes) - 1:
        return f"{form.format(codes[0])} … {form.format(codes[-1])}"
    return ", ".join(map(form.format, codes))


def _lines(rows: Iterable[tuple[str, ...]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n".replace("  |", " |") for row in rows)


if __name__ == "__main__":
    print(page(), end="")
