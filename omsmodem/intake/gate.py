"""Submission in, Receipt out. What the receipt accepts is on disk (law 1)."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from omsmodem import killpoints
from omsmodem.accounts import Account, Accounts, NotVerified
from omsmodem.intake import duplicates, limits, sources
from omsmodem.intake.errors import Refused
from omsmodem.intake.limits import Limits
from omsmodem.intake.sources import QuietHours
from omsmodem.message import Door, Notice, Profile, Reason, Receipt, Refusal, Submission
from omsmodem.numbers import NumberPolicy, NumberRefused, doubtful, masked, normalise
from omsmodem.sms.transliterate import smart
from omsmodem.store import Accepted, Accepting, Wanted
from omsmodem.store.errors import StoreError
from omsmodem.wording import Language, sentence

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Order:
    """What a submission became on its way through the gate."""

    account: Account
    submission: Submission  # with the texts to send and the moment to send them
    costs: tuple[int, ...]  # segments of each text
    numbers: dict[str, str]  # number to dial → as typed
    refused: tuple[Refusal, ...]
    fingerprint: bytes
    note: str
    notices: tuple[Notice, ...]


#: Refusals of somebody who may be anybody: writing them down would let anybody write.
_NOBODY = frozenset({Reason.INVALID_USER, Reason.UNKNOWN_ACCOUNT, Reason.BUSY, Reason.UNAVAILABLE})


class Intake:
    """The gate. `nudge` wakes the workers.

    `ready` may say that nothing is taken now, which only those want who would rather hear no than wait for a modem.
    """

    def __init__(
        self,
        accounts: Accounts,
        accepting: Accepting,
        *,
        numbers: NumberPolicy,
        limits: Limits,
        quiet: QuietHours | None = None,
        properties: bytes = b"",
        ready: Callable[[], bool] = lambda: True,
        nudge: Callable[[], None] = lambda: None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        language: Language = "en",
        reply_phone: str = "",
        count_refused: Callable[[int], None] = lambda _count: None,
    ) -> None:
        self._accounts = accounts
        self._accepting = accepting
        self._numbers = numbers
        self._limits = limits
        self._quiet = quiet
        self._properties = properties
        self._ready = ready
        self._nudge = nudge
        self._clock = clock
        self._language: Language = language
        self._reply_phone = reply_phone
        self._count_refused = count_refused
        self._told: set[str] = set()  # the accounts that know the service's properties

    # -- who --------------------------------------------------------------------------------------------------------

    def identify(self, user: str, password: str, source: str) -> Profile | Refusal:
        """Say who a user is, or why not. `source` is the address the claim came from."""
        try:
            account = self._verified(user, password, source)
        except Refused as error:
            return self._refusal(error.reason, error.facts)
        return Profile(account.name, account.reply_phone or self._reply_phone, account.smtp_address)

    def submit(self, submission: Submission, password: str) -> Receipt:
        """Authorise by password, then accept; wrong credentials refuse the whole submission."""
        return self.submit_all([(submission, password)])[0]

    def submit_all(self, claims: Sequence[tuple[Submission, str]]) -> list[Receipt]:
        """The same for many, each for itself; those that are accepted share a commit."""

        def authorised(submission: Submission, password: str) -> Account:
            return self._verified(submission.account, password, submission.source)

        return self._receipts([(partial(authorised, *claim), claim[0]) for claim in claims])

    def submit_local(self, submission: Submission) -> Receipt:
        """Accept from a door on this machine, whose right to the files of the service is its authority."""
        return self._receipts([(partial(self._known, submission.account), submission)])[0]

    def submit_as(self, account: str, submission: Submission) -> Receipt:
        """Accept in the name of an account that the door itself has recognised, by a token or a trusted relay's word."""
        return self._receipts([(partial(self._known, account), replace(submission, account=account))])[0]

    def _receipts(self, asked: Sequence[tuple[Callable[[], Account], Submission]]) -> list[Receipt]:
        decided = [self._decided(who, submission) for who, submission in asked]
        kept = iter(self._keep([one for one in decided if isinstance(one, _Order)]))
        receipts = [next(kept) if isinstance(one, _Order) else one for one in decided]
        refused = sum(refusal.reason not in _NOBODY for receipt in receipts for refusal in receipt.refused)
        if refused:
            self._count_refused(refused)
        return receipts

    def _decided(self, who: Callable[[], Account], submission: Submission) -> _Order | Receipt:
        """What is to be put on disk, or why nothing is."""
        try:
            order = self._order(who(), submission)
        except Refused as error:
            return Receipt(refused=(self._refusal(error.reason, error.facts),))
        if not order.numbers or (order.submission.whole and order.refused):
            return Receipt(refused=order.refused)
        return order if self._ready() else Receipt(refused=(self._refusal(Reason.NO_NETWORK, {}),))

    def _refusal(self, reason: Reason, facts: Mapping[str, object], recipient: str | None = None) -> Refusal:
        return Refusal(reason, recipient, sentence(reason, self._language, **facts))

    def _verified(self, user: str, password: str, source: str) -> Account:
        try:
            account = self._accounts.verify(user, password, source)
        except NotVerified as error:
            _log.debug("sign-in not verified user=%r from=%s: %s", user, source or "local", error)
            raise Refused(Reason.BUSY) from error
        if account is None:
            _log.warning("sign-in refused user=%r from=%s", user, source or "local")
            raise Refused(Reason.INVALID_USER)
        return _allowed(account)

    def _known(self, name: str) -> Account:
        account = self._accounts.get(name)
        if account is None:
            raise Refused(Reason.UNKNOWN_ACCOUNT, name=name)
        return _allowed(account)

    def refusals(self, account: Account, typed: Sequence[str]) -> tuple[Refusal, ...]:
        """Which of some recipients the account may not text, before there is a text."""
        return self._recipients(account, typed)[1]

    # -- what -------------------------------------------------------------------------------------------------------

    def _order(self, account: Account, submission: Submission) -> _Order:
        """The submission as it will be sent. Raises Refused."""
        texts, note = self._texts(account, submission.texts)
        note += f"; {submission.remark}" if submission.remark else ""
        sources.require_wanted(submission, account)
        limits.require_counts(submission, texts, self._limits)
        costs = limits.cost(texts, self._limits)
        start = self._start(account, submission)
        numbers, refused = self._recipients(account, submission.recipients)
        note += self._doubts(account, numbers)
        wished = submission.origin.confirm if submission.origin is not None else ""
        confirm = "off" if submission.door in {Door.AUTO_REPLY, Door.ALARM} else wished or account.delivery_confirmation
        unscheduled = submission.not_before is not None and not self._limits.scheduling
        asked = replace(submission, account=account.name)
        return _Order(
            account,
            replace(asked, texts=texts, not_before=start, confirm=confirm),
            costs,
            numbers,
            refused,
            duplicates.fingerprint(asked),
            note,
            (Notice.NOT_SCHEDULED,) if unscheduled else (),
        )

    def _texts(self, account: Account, given: Sequence[str]) -> tuple[tuple[str, ...], str]:
        """The texts to send, without the empty ones, and what the history says of their change."""
        texts = tuple(text for text in given if text.strip())
        note = "accepted"
        if (account.transliterate or self._limits.transliterate) == "smart":
            plain = tuple(map(smart, texts))
            note += "; typographic characters were replaced" if plain != texts else ""
            texts = plain
        if account.footer and texts:
            texts = (*texts[:-1], f"{texts[-1]}\n{account.footer}")
        return texts, note

    def _start(self, account: Account, submission: Submission) -> datetime | None:
        """The moment before which nothing is sent: what was asked for, then the end of the quiet hours."""
        asked = submission if self._limits.scheduling else replace(submission, not_before=None)
        quiet = sources.quiet_until(asked, account, self._quiet, self._clock(), self._limits.zone)
        return asked.not_before if quiet is None else quiet

    def _recipients(self, account: Account, typed: Sequence[str]) -> tuple[dict[str, str], tuple[Refusal, ...]]:
        """The numbers to send to, each once with what was typed for it, and a refusal for every other recipient."""
        policy = self._policy(account)
        numbers: dict[str, str] = {}
        refused: list[Refusal] = []
        for recipient in typed:
            try:
                numbers.setdefault(normalise(recipient, policy), recipient)
            except NumberRefused as error:
                refused.append(self._refusal(error.reason, error.facts, recipient))
        return numbers, tuple(refused)

    def _doubts(self, account: Account, numbers: Iterable[str]) -> str:
        """What the history says of numbers that are let through and probably take no texts."""
        policy = self._policy(account)
        found = [masked(number) for number in numbers if doubtful(number, policy)]
        if not found:
            return ""
        _log.warning("account=%r texts numbers that are no mobile ones: %s", account.name, " ".join(found))
        return "; not every number is a mobile one"

    def _policy(self, account: Account) -> NumberPolicy:
        """The service's rules with the account's own in their place or beside them."""
        general = self._numbers
        if not (account.countries_allowed or account.deny_prefixes or account.allow_prefixes):
            return general
        return replace(
            general,
            countries_allowed=frozenset(account.countries_allowed) or general.countries_allowed,
            deny_prefixes=general.deny_prefixes + tuple(account.deny_prefixes),
            allow_prefixes=general.allow_prefixes + tuple(account.allow_prefixes),
        )

    # -- on disk ----------------------------------------------------------------------------------------------------

    def _keep(self, orders: Sequence[_Order]) -> list[Receipt]:
        """Put orders on disk with one commit (law 1), then say what became of each."""
        if not orders:
            return []
        killpoints.reach("accept.begun")
        outcomes = self._accepting.accept_all([self._wanted(order) for order in orders])
        killpoints.reach("accept.kept")
        return [self._kept(order, outcome) for order, outcome in zip(orders, outcomes, strict=True)]

    def _kept(self, order: _Order, outcome: Callable[[], Accepted]) -> Receipt:
        try:
            accepted = outcome()
        except StoreError:
            _log.exception("submission not accepted account=%s", order.account.name)
            return Receipt(refused=(self._refusal(Reason.UNAVAILABLE, {}),))
        if accepted.repeated:
            _log.info("submission=%s came again and was not queued twice", accepted.submission_id)
        else:
            self._nudge()
        refused = order.refused + self._opted_out(accepted, order.numbers) + self._surplus(accepted, order.numbers)
        notices = order.notices + self._announcement(order.account)
        return Receipt(accepted.message_ids, refused, accepted.submission_id, notices)

    def _wanted(self, order: _Order) -> Wanted:
        return Wanted(
            order.submission,
            list(order.numbers),
            validity=self._limits.validity,
            fingerprint=order.fingerprint,
            duplicate_window=duplicates.window(order.submission, self._limits),
            segments=order.costs,
            quotas=limits.quotas(order.account, self._limits, self._clock()),
            note=order.note,
        )

    def _opted_out(self, accepted: Accepted, numbers: dict[str, str]) -> tuple[Refusal, ...]:
        """A refusal for every recipient that asked not to be texted."""
        return tuple(self._refusal(Reason.OPTED_OUT, {}, numbers[number]) for number in accepted.opted_out)

    def _surplus(self, accepted: Accepted, numbers: dict[str, str]) -> tuple[Refusal, ...]:
        """A refusal for every recipient the quota had no room for."""
        quota = accepted.quota
        if quota is None:
            return ()
        facts = {"segments": quota.segments}
        return tuple(self._refusal(quota.reason, facts, numbers[number]) for number in accepted.surplus)

    def _announcement(self, account: Account) -> tuple[Notice, ...]:
        """Once per account after the service's properties changed. What was accepted is, whether or not this can be told."""
        if not self._properties or account.name in self._told:
            return ()
        try:
            news = self._accepting.tell_properties(account.name, self._properties)
        except StoreError as error:
            _log.warning("account=%s is not told of the service's news: %s", account.name, error)
            return ()
        self._told.add(account.name)
        return (Notice.SERVICE_UPDATE,) if news else ()


def _allowed(account: Account) -> Account:
    if not account.enabled:
        raise Refused(Reason.ACCOUNT_DISABLED)
    if not account.sms:
        raise Refused(Reason.NOT_REGISTERED)
    return account
