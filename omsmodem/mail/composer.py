"""From a notice to a mail: looks up what it is about and whose mailbox it goes to."""

from dataclasses import dataclass

from omsmodem.accounts import Account, Accounts
from omsmodem.mail import outcome, reply, report
from omsmodem.mail.errors import NobodyToTell
from omsmodem.mail.letter import Letterhead, Mail, message_id, write
from omsmodem.mail.outcome import Told
from omsmodem.mail.reply import Spoken, Thread
from omsmodem.message import IncomingMessage, MailNotice, NoticeKind, NoticeState, Origin, SegmentState
from omsmodem.store import Store


@dataclass(frozen=True, slots=True)
class Mailboxes:
    """Where mails go that are no account's."""

    default: str = ""
    operators: tuple[str, ...] = ()


class Composer:
    """Writes the mail of a notice. `quote` is how many earlier messages a reply quotes.

    With a `domain` people may write to numbers there, and replies come from there.
    """

    def __init__(
        self,
        store: Store,
        accounts: Accounts,
        head: Letterhead,
        mailboxes: Mailboxes,
        *,
        quote: int = 0,
        domain: str = "",
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._head = head
        self._mailboxes = mailboxes
        self._quote = quote
        self._domain = domain

    def compose(self, notice: MailNotice) -> Mail:
        """The mail, the same each time. Raises NobodyToTell, Rejected."""
        if notice.kind is NoticeKind.ALARM:
            subject = f"[{self._head.sender_name}] {notice.subject}"
            return write(self._head, notice, self._operators(), subject, notice.text)
        account = self._accounts.get(notice.account) if notice.account else None
        if notice.kind is NoticeKind.REPLY:
            return self._reply(notice, account)
        return self._outcome(notice, account)

    def _mailbox(self, account: Account | None, origin: Origin | None = None) -> str:
        own = account.smtp_address if account is not None and account.enabled else ""
        found = own or (origin.sender if origin is not None else "") or self._mailboxes.default
        if not found:
            whose = f"the account {account.name} has no mail address" if account is not None else "it is no account's"
            raise NobodyToTell(f"{whose}, and mail.default_mailbox is not set")
        return found

    def _operators(self) -> tuple[str, ...]:
        found = self._mailboxes.operators or tuple(filter(None, [self._mailboxes.default]))
        if not found:
            raise NobodyToTell("neither alarms.mail_to nor mail.default_mailbox is set")
        return found

    # -- replies ----------------------------------------------------------------------------------------------------

    def _reply(self, notice: MailNotice, account: Account | None) -> Mail:
        message = self._store.inbox.message(notice.incoming_id or 0)
        if message is None:
            raise NobodyToTell("the message has been erased")
        origin = self._store.history.thread(message.originator, message.account)
        wrote = origin if account is not None and account.enabled else None
        before = [other for other in self._store.notices.of_incoming(message.id) if other.id < notice.id]
        return reply.compose(
            self._head,
            notice,
            message,
            (self._mailbox(account, wrote),),
            name=_name(account, message.originator),
            for_outlook=account is None or account.oms_headers,
            completed=bool(before) and not message.missing,
            earlier=self._conversation(message),
            thread=Thread(self._domain, origin),
        )

    def _conversation(self, message: IncomingMessage) -> list[Spoken]:
        """What was said before, oldest first: by the phone, and by the account the message goes to."""
        if not self._quote or not message.answerable:
            return []
        theirs = self._store.inbox.messages(originator=message.originator, before=message.id, limit=self._quote)
        ours = self._store.history.written_to(message.originator, message.account, message.received_at, self._quote)
        spoken = [Spoken(one.received_at, one.originator, one.text) for one in theirs if one.account == message.account]
        spoken += [Spoken(one.accepted_at, one.account, one.text) for one in ours]
        return sorted(spoken, key=lambda one: one.at)[-self._quote :]

    # -- outcomes ---------------------------------------------------------------------------------------------------

    def _outcome(self, notice: MailNotice, account: Account | None) -> Mail:
        origin = self._store.history.origin(notice.submission_id or 0)
        to = (self._mailbox(account, origin),)
        outcomes = self._store.notices.outcomes(notice.id)
        if not outcomes:
            raise NobodyToTell("the messages have been erased")
        told = [Told(one, _who(account, one.message.recipient), self._status(one.message.id)) for one in outcomes]
        total = self._store.history.recipients(notice.submission_id or 0)
        earlier = [
            message_id(self._head, other)
            for other in self._store.notices.of_submission(notice.submission_id or 0)
            if other.id < notice.id and other.state is NoticeState.SENT
        ]
        mail = outcome.compose(self._head, notice, told, total, to, earlier[-1] if earlier else "")
        return mail if origin is None else report.as_report(mail, origin, told, self._domain or self._head.domain)

    def _status(self, message_id: int) -> int | None:
        """TP-ST of the report that says a message will never arrive."""
        segments = self._store.history.segments(message_id)
        return next((one.status for one in segments if one.state is SegmentState.UNDELIVERED), None)


def _name(account: Account | None, number: str) -> str:
    contacts = account.contacts if account is not None else {}
    return next((name for name, known in contacts.items() if known == number), "")


def _who(account: Account | None, number: str) -> str:
    name = _name(account, number)
    return f"{name} ({number})" if name else number
