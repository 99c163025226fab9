"""What became of a submission, in one mail however many recipients it had: what was sent, who did not get it, why, what to do."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from omsmodem.mail.letter import Letterhead, Mail, write
from omsmodem.mail.reasons import Remedy, advice, remedy, status_words
from omsmodem.mail.words import say
from omsmodem.message import MailNotice, Outcome, State

#: Much of a text is enough to know it again.
_TEXT_CHARACTERS = 400
#: In this order; QUEUED stands for a doubt that led to a repeat, SUBMITTED for a report that never came.
_SECTIONS: Mapping[State, tuple[str, str]] = {
    State.FAILED: ("not_sent", "not_sent_one"),
    State.EXPIRED: ("not_sent", "not_sent_one"),
    State.UNDELIVERED: ("not_delivered", "not_delivered_one"),
    State.UNCERTAIN: ("is_doubtful", "doubt_one"),
    State.QUEUED: ("was_repeated", "repeated_one"),
    State.SUBMITTED: ("is_unreported", "unreported_one"),
    State.DELIVERED: ("was_delivered", "delivered_one"),
}
_NOT_ARRIVED = {State.FAILED, State.EXPIRED, State.UNDELIVERED}
#: What a subject says of several recipients: of the first that one of them is in.
_SUBJECTS: Mapping[str, set[State]] = {
    "not_arrived": _NOT_ARRIVED,
    "doubt": {State.UNCERTAIN},
    "repeated": {State.QUEUED},
    "unreported": {State.SUBMITTED},
}
#: The section says it all.
_WITHOUT_REASON = {State.DELIVERED, State.QUEUED, State.SUBMITTED}
_COMMANDS = ("resend", "sent", "give-up")


@dataclass(frozen=True, slots=True)
class Told:
    """One outcome with what its mail says of it."""

    outcome: Outcome
    who: str  # the number, with the name its account has for it
    status: int | None = None  # TP-ST of its report


def compose(
    head: Letterhead, notice: MailNotice, told: Sequence[Told], total: int, recipients: Sequence[str], follows: str = ""
) -> Mail:
    """The mail of a notice about a submission to `total` recipients; `follows` is the Message-ID of an earlier one.

    Raises Rejected.
    """
    headers = {"In-Reply-To": follows, "References": follows} if follows else {}
    subject = _subject(head, told, total)
    return write(head, notice, recipients, subject, "\n".join(_body(head, told)), headers=headers)


def _subject(head: Letterhead, told: Sequence[Told], total: int) -> str:
    people = {one.outcome.message.recipient: one for one in told}
    if len(people) == 1 and total == 1:
        worst = min(told, key=lambda one: list(_SECTIONS).index(one.outcome.state))
        return say(_SECTIONS[worst.outcome.state][1], head.language, who=worst.who)
    states = {one.outcome.state for one in told}
    for key, these in _SUBJECTS.items():
        if states & these:
            count = len({one.outcome.message.recipient for one in told if one.outcome.state in these})
            return say(key, head.language, count=count, total=total)
    return say("delivered", head.language, count=len(people), total=total)


def _body(head: Letterhead, told: Sequence[Told]) -> Iterator[str]:
    accepted = min(one.outcome.message.accepted_at for one in told)
    yield say("accepted", head.language, moment=head.moment(accepted))
    for text in dict.fromkeys(one.outcome.message.text for one in told):
        yield from ("", _indented(text))
    for section in dict.fromkeys(key for key, _ in _SECTIONS.values()):
        those = [one for one in told if _SECTIONS[one.outcome.state][0] == section]
        if those:
            yield from ("", say(section, head.language) + ":")
            yield from _groups(head, those)
    yield from ("", say("history_pages" if head.pages else "history", head.language))
    where = f"{head.pages}/messages/" if head.pages else "omsmodem trace "
    yield from (f"    {where}{one.outcome.message.id}" for one in told[:5])


def _groups(head: Letterhead, told: Iterable[Told]) -> Iterator[str]:
    """Recipients with the same reason stand together."""
    groups: dict[tuple[str, ...], list[Told]] = {}
    for one in told:
        groups.setdefault(tuple(_reason(head, one)), []).append(one)
    for reason, those in groups.items():
        yield ""
        yield from (f"    {who}" for who in dict.fromkeys(one.who for one in those))
        yield from (f"        {line}" for line in reason)
        if those[0].outcome.state is State.UNCERTAIN:
            yield from _choices(head, those)


def _reason(head: Letterhead, one: Told) -> Iterator[str]:
    outcome = one.outcome
    if outcome.state in _WITHOUT_REASON:
        return
    why = status_words(one.status) if outcome.state is State.UNDELIVERED and one.status is not None else outcome.detail
    attempts = outcome.message.attempts
    if why and attempts and outcome.state is not State.UNDELIVERED:
        why += ", " + say("attempt" if attempts == 1 else "attempts", head.language, count=attempts)
    yield from filter(None, [why[:1].upper() + why[1:]])
    if outcome.state is not State.UNCERTAIN:
        found = remedy(outcome, one.status)
        yield say(found, head.language, number=outcome.message.recipient)
        hint = advice(outcome) if found in {Remedy.OPERATOR, Remedy.BARRED} else ""
        yield from [say("advice", head.language, advice=hint)] if hint else []


def _choices(head: Letterhead, told: Sequence[Told]) -> Iterator[str]:
    ids = " ".join(str(one.outcome.message.id) for one in told)
    yield "        " + say("decide", head.language)
    width = max(map(len, _COMMANDS)) + len(ids)
    for command in _COMMANDS:
        line = f"omsmodem queue {command} {ids}"
        yield f"            {line:<{width + 16}}  {say(command, head.language)}"


def _indented(text: str) -> str:
    shown = text if len(text) <= _TEXT_CHARACTERS else text[: _TEXT_CHARACTERS - 1] + "…"
    return "\n".join("    " + line for line in shown.splitlines())
