"""Pure decisions about incoming messages: whose they are, what they ask for, what they are answered by themselves.

No I/O, no clock of its own. The rule that decided is said in words, because people ask why they got a text.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from omsmodem.message import Answer, Arrival, Correspondent, IncomingKind, Route

#: A number of fewer digits is a service's short code: it is never answered by itself.
SHORTEST_NUMBER_DIGITS = 7
DEFAULT_RULE = "default mailbox"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """What routing knows of an account: its name, and the texts and numbers that are its own."""

    account: str
    keywords: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()  # beginnings of numbers


@dataclass(frozen=True, slots=True)
class AutoReply:
    """What is answered by itself, when. `account` answers for messages that are nobody's."""

    text: str
    applies: Callable[[datetime], bool]
    day: Callable[[datetime], str]
    account: str = ""
    most_per_day: int = 1


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator decided about incoming messages."""

    window: timedelta = timedelta(days=14)
    blocked: Collection[str] = ()  # numbers, beginnings of numbers with *, names
    stop_words: Collection[str] = ()
    start_words: Collection[str] = ()
    auto_reply: AutoReply | None = None


def route(
    arrival: Arrival,
    correspondents: Sequence[Correspondent],
    mailboxes: Iterable[Mailbox],
    rules: Rules,
    now: datetime,
) -> Route:
    """Whose an incoming message is, by the first rule that fits.

    `correspondents` are those who wrote to the number within the window, the newest first; `mailboxes` the accounts that
    can get mail.
    """
    if is_blocked(arrival, rules.blocked):
        return Route("", "blocked sender: kept, not mailed", mailed=False)
    account, rule = _owner(arrival, correspondents, {mailbox.account: mailbox for mailbox in mailboxes})
    wish = _wish(arrival, rules)
    return Route(
        account, rule, opt_out=wish, answer=None if wish is not None else _answer(arrival, account, rules, now)
    )


def is_blocked(arrival: Arrival, blocked: Collection[str]) -> bool:
    """Whether the operator wants no mail from this sender."""
    originator = arrival.originator.casefold()
    return any(
        originator.startswith(entry[:-1].casefold()) if entry.endswith("*") else originator == entry.casefold()
        for entry in blocked
    )


def _owner(arrival: Arrival, correspondents: Sequence[Correspondent], mailboxes: dict[str, Mailbox]) -> tuple[str, str]:
    if arrival.kind is IncomingKind.WAITING:
        return "", DEFAULT_RULE
    known = [c for c in correspondents if c.account in mailboxes] if arrival.answerable else []
    over_this_sim = [c for c in known if c.modem == arrival.modem]
    for c in (over_this_sim or known)[:1]:
        return c.account, f"{c.account} wrote to this number on {c.wrote_at:%Y-%m-%d %H:%M} UTC over {c.modem}"
    for mailbox in mailboxes.values():
        keyword = _keyword(arrival.text, mailbox.keywords)
        if keyword is not None:
            return mailbox.account, f"the keyword {keyword} is {mailbox.account}'s"
    for mailbox in mailboxes.values():
        for beginning in mailbox.numbers:
            if arrival.answerable and beginning and arrival.originator.startswith(beginning.rstrip("*")):
                return mailbox.account, f"numbers that start with {beginning.rstrip('*')} are {mailbox.account}'s"
    return "", DEFAULT_RULE


def _keyword(text: str, keywords: Iterable[str]) -> str | None:
    """The keyword that `text` starts with as a word of its own, whatever its case."""
    first = text.split(maxsplit=1)[0].strip(".,:;!?-").casefold() if text.split() else ""
    return next((keyword for keyword in keywords if first and keyword.casefold() == first), None)


def _wish(arrival: Arrival, rules: Rules) -> bool | None:
    """True for "no more texts", False for "texts are welcome again": the word must be all there is."""
    if arrival.kind is not IncomingKind.TEXT or not arrival.answerable:
        return None
    word = arrival.text.strip().strip(".!\"'").casefold()
    if word in {stop.casefold() for stop in rules.stop_words}:
        return True
    return False if word in {start.casefold() for start in rules.start_words} else None


def _answer(arrival: Arrival, account: str, rules: Rules, now: datetime) -> Answer | None:
    reply = rules.auto_reply
    if reply is None or arrival.kind is not IncomingKind.TEXT or not reply.applies(now):
        return None
    if not arrival.answerable or sum(c.isdigit() for c in arrival.originator) < SHORTEST_NUMBER_DIGITS:
        return None
    sender = account or reply.account
    return Answer(sender, reply.text, reply.day(now), reply.most_per_day) if sender else None
