"""The one gate every door passes: authorise, normalise, limit, deduplicate, commit."""

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from omsmodem.accounts import Account, Accounts
from omsmodem.message import Door, Profile, Reason, Receipt, Refusal, Submission
from omsmodem.numbers import NumberPolicy, NumberRefused, normalise
from omsmodem.sms import segment
from omsmodem.sms.errors import SmsError
from omsmodem.store import Outbox
from omsmodem.store.errors import StoreError

_log = logging.getLogger(__name__)

#: The same request with the same content ids is the same item sent again; without ids only a quick repeat is.
CONTENT_ID_FACTOR = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """What one submission may hold, and how long it may wait."""

    recipients_per_message: int = 50
    texts_per_send: int = 20
    texts_per_calendar_summary: int = 50
    segments_per_text: int = 10
    max_single_byte: int = 160
    max_double_byte: int = 70
    validity: timedelta = timedelta(hours=48)
    duplicate_window: timedelta = timedelta(seconds=60)


class Intake:
    """Submission in, Receipt out. What the receipt accepts is on disk (law 1)."""

    def __init__(
        self,
        accounts: Accounts,
        outbox: Outbox,
        *,
        numbers: NumberPolicy,
        limits: Limits,
        nudge: Callable[[], None] = lambda: None,
    ) -> None:
        self._accounts = accounts
        self._outbox = outbox
        self._numbers = numbers
        self._limits = limits
        self._nudge = nudge

    def identify(self, user: str, password: str, source: str) -> Profile | Refusal:
        """Say who a user is, or why not. `source` is the address the claim came from."""
        account = self._accounts.verify(user, password)
        if account is None:
            _log.warning("sign-in refused user=%r from=%s", user, source or "local")
            return Refusal(Reason.INVALID_USER)
        if not account.enabled:
            return Refusal(Reason.ACCOUNT_DISABLED, detail="This account is switched off.")
        return Profile(account.name, account.reply_phone, account.smtp_address)

    def submit(self, submission: Submission, password: str) -> Receipt:
        """Authorise by password, then accept; wrong credentials refuse the whole submission."""
        who = self.identify(submission.account, password, submission.source)
        return Receipt(refused=(who,)) if isinstance(who, Refusal) else self._accept(who.account, submission)

    def submit_local(self, submission: Submission) -> Receipt:
        """Accept from a door on this machine, whose right to the files of the service is its authority."""
        account: Account | None = self._accounts.get(submission.account)
        if account is None:
            return Receipt(refused=(Refusal(Reason.INVALID_USER, detail=f"No account {submission.account!r}."),))
        if not account.enabled:
            return Receipt(refused=(Refusal(Reason.ACCOUNT_DISABLED, detail="This account is switched off."),))
        return self._accept(account.name, submission)

    def _accept(self, account: str, submission: Submission) -> Receipt:
        texts = tuple(text for text in submission.texts if text.strip())
        refusal = self._refuse_whole(submission, texts)
        if refusal is not None:
            return Receipt(refused=(refusal,))
        recipients, refused = self._recipients(submission.recipients)
        if not recipients:
            return Receipt(refused=refused)
        return self._commit(account, submission, texts, recipients, refused)

    def _refuse_whole(self, submission: Submission, texts: Sequence[str]) -> Refusal | None:
        limits = self._limits
        calendar = submission.source_type == "calSummary"
        most = limits.texts_per_calendar_summary if calendar else limits.texts_per_send
        given = len(submission.recipients)
        if not given:
            return Refusal(Reason.NO_RECIPIENT, detail="The message names no recipient.")
        if given > limits.recipients_per_message:
            detail = f"At most {limits.recipients_per_message} recipients are allowed; {given} were given."
            return Refusal(Reason.TOO_MANY_RECIPIENTS, detail=detail)
        if not texts:
            return Refusal(Reason.EMPTY_TEXT, detail="The message is empty.")
        if len(texts) > most:
            return Refusal(
                Reason.TOO_MANY_TEXTS, detail=f"At most {most} texts are allowed in one send; {len(texts)} were given."
            )
        return self._refuse_texts(texts)

    def _refuse_texts(self, texts: Sequence[str]) -> Refusal | None:
        most = self._limits.segments_per_text
        for text in texts:
            try:
                segments = segment.count(text).segments
            except SmsError as error:
                return Refusal(Reason.INVALID_CHARACTER, detail=str(error))
            if segments > most:
                detail = f"At most {most * 153} single-byte or {most * 67} double-byte characters"
                return Refusal(Reason.TEXT_TOO_LONG, detail=detail)
        return None

    def _recipients(self, typed: Sequence[str]) -> tuple[list[str], tuple[Refusal, ...]]:
        """The numbers to send to, each once, and a refusal for every other recipient as received."""
        numbers: dict[str, None] = {}
        refused: list[Refusal] = []
        for recipient in typed:
            try:
                numbers[normalise(recipient, self._numbers)] = None
            except NumberRefused as error:
                refused.append(Refusal(error.reason, recipient, error.detail))
        return list(numbers), tuple(refused)

    def _commit(
        self,
        account: str,
        submission: Submission,
        texts: tuple[str, ...],
        recipients: list[str],
        refused: tuple[Refusal, ...],
    ) -> Receipt:
        final = Submission(
            account,
            submission.door,
            submission.recipients,
            texts,
            submission.client,
            submission.source_type,
            submission.source,
            submission.not_before,
            submission.content_ids,
        )
        try:
            accepted = self._outbox.accept(
                final,
                recipients,
                validity=self._limits.validity,
                fingerprint=fingerprint(final),
                duplicate_window=self._duplicate_window(final),
            )
        except StoreError:
            _log.exception("submission not accepted account=%s", account)
            return Receipt(refused=(Refusal(Reason.UNAVAILABLE, detail="The service cannot store messages now."),))
        if accepted.repeated:
            _log.warning(
                "submission repeated: not queued again submission=%d account=%s", accepted.submission_id, account
            )
        else:
            self._nudge()
        return Receipt(accepted.message_ids, refused, accepted.submission_id)

    def _duplicate_window(self, submission: Submission) -> timedelta:
        """OMS has no message id: a client that lost our answer sends again. A person at a shell means what is typed."""
        if submission.door is Door.COMMAND_LINE:
            return timedelta(0)
        return self._limits.duplicate_window * (CONTENT_ID_FACTOR if any(submission.content_ids) else 1)


def fingerprint(submission: Submission) -> bytes:
    """What makes two requests the same one: everything but the moment they came (32 octets)."""
    moment = submission.not_before.isoformat() if submission.not_before else ""
    parts = (
        submission.account,
        submission.door,
        submission.recipients,
        submission.texts,
        submission.content_ids,
        moment,
    )
    return hashlib.blake2b(json.dumps(parts).encode("utf-8", "surrogatepass"), digest_size=32).digest()
