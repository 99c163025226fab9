"""What the listener does with senders, recipients and mails. 250 is said after the commit (law 1), and not before."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from omsmodem.accounts import Account, AccountError, Accounts
from omsmodem.intake import Intake
from omsmodem.maildoor import content
from omsmodem.maildoor.answers import Rejected, line, rejection
from omsmodem.maildoor.recipients import Book
from omsmodem.maildoor.senders import Relays, account_of, require_own
from omsmodem.message import Door, Origin, Profile, Reason, Submission

_log = logging.getLogger(__name__)

T = TypeVar("T")
_FAULT = "451 4.3.0 The service failed; its log says why"


@dataclass(frozen=True, slots=True)
class House:
    """What stands behind the door."""

    intake: Intake
    accounts: Accounts
    book: Book
    relays: Relays
    recipients: int = 50
    with_subject: bool = False
    ourselves: str = ""  # the address our own mails come from


@dataclass(slots=True)
class _Mail:
    """One mail while it comes in: whose it is, and for each recipient its numbers and what its sender wants to be told."""

    account: Account
    sender: str
    recipients: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def numbers(self) -> tuple[str, ...]:
        """Those of all recipients."""
        return tuple(number for numbers in self.recipients for number in numbers)


class MailHandler:
    """aiosmtpd's hooks. What takes time runs in `executor`."""

    def __init__(self, house: House, executor: Executor) -> None:
        self._house = house
        self._executor = executor
        self.busy = 0  # mails and passwords in hand; only the loop's thread touches it

    async def sign_in(self, login: bytes, password: bytes, address: str) -> tuple[str, str]:
        """The account's name, or an empty one and SMTP's answer."""
        try:
            user, secret = login.decode(), password.decode()
        except UnicodeDecodeError:
            return "", "535 5.7.8 The user name or the password is wrong."
        who = await self._run(lambda: self._house.intake.identify(user, secret, address))
        if isinstance(who, Profile):
            return who.account, ""
        if who.reason is Reason.BUSY:
            return "", line("454 4.7.0", who.detail)
        return "", line("535 5.7.8", who.detail)

    async def handle_EHLO(
        self, _server: Any, session: Any, _envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        """Say that delivery status notifications can be asked for."""
        session.host_name = hostname
        return [*responses[:-1], "250-DSN", responses[-1]]

    async def handle_MAIL(self, _server: Any, session: Any, envelope: Any, address: str, _options: Any) -> str:
        """Who sends: an account, or nobody of ours."""
        return await self._answer(lambda: self._begin(session, envelope, address))

    def _begin(self, session: Any, envelope: Any, address: str) -> str:
        if address in {"", "<>"}:
            raise Rejected("550 5.7.1", "Bounces and automatic answers do not become a text.")
        house = self._house
        if session.authenticated:
            account = house.accounts.get(session.auth_data)
            if account is None or not account.enabled:
                raise Rejected("550 5.7.1", "This account is switched off.")
            require_own(address, account)
        else:
            account = account_of(address, house.accounts.all())
        envelope.mail_from = address
        envelope.mail = _Mail(account, address)
        return "250 2.1.0 OK"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        """To whom: what cannot be texted is refused here, while the sender still has the mail."""
        return await self._answer(lambda: self._add(envelope, address))

    def _add(self, envelope: Any, address: str) -> str:
        mail: _Mail = envelope.mail
        numbers = self._house.book.numbers(address, mail.account)
        refused = self._house.intake.refusals(mail.account, numbers)
        if refused:
            raise rejection(refused)
        if len(mail.numbers) + len(numbers) > self._house.recipients:
            raise Rejected("452 4.5.3", f"At most {self._house.recipients} recipients are allowed.")
        mail.recipients.append(numbers)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """The mail is here: read it, and hand it to the gate, by SMTP for all its recipients or none, by LMTP for each."""
        mail: _Mail = envelope.mail
        whole = [(mail.numbers, envelope.rcpt_options)]
        each = [(numbers, [wish]) for numbers, wish in zip(mail.recipients, envelope.rcpt_options, strict=True)]
        return await self._answer(lambda: self._accept(session, envelope, each if server.lmtp else whole))

    def _accept(self, session: Any, envelope: Any, parts: Sequence[tuple[tuple[str, ...], Sequence[str]]]) -> str:
        house, mail = self._house, envelope.mail
        if not session.authenticated:
            content.require_lines(envelope.content)
        parsed = content.parse(envelope.content)
        content.require_person(parsed, house.ourselves)
        if not session.authenticated and not house.relays.vouches(parsed, mail.sender):
            raise Rejected("553 5.7.1", f"The mail server does not vouch for {mail.sender}.")
        found = content.read(parsed, with_subject=house.with_subject)
        submission = Submission(
            mail.account.name,
            Door.MAIL,
            (),
            (found.text,),
            client=" ".join(str(parsed.get("User-Agent") or parsed.get("X-Mailer") or "").split())[:100],
            source=session.peer,
            content_ids=(found.message_id,) if found.message_id else (),
            remark=f"{found.cut} characters of signature and quotation were left out" if found.cut else "",
            whole=True,
        )
        origin = Origin(mail.sender, found.message_id, found.references, found.subject[:200], envelope.envelope_id)
        return "\r\n".join(
            self._submit(replace(submission, recipients=numbers, origin=replace(origin, confirm=_wish(notify))))
            for numbers, notify in parts
        )

    def _submit(self, submission: Submission) -> str:
        receipt = self._house.intake.submit_as(submission.account, submission)
        if not receipt.accepted:
            return rejection(receipt.refused).reply
        _log.info("mail taken account=%s submission=%s", submission.account, receipt.submission_id)
        return f"250 2.0.0 OK submission={receipt.submission_id}"

    async def handle_exception(self, error: Exception) -> str:
        """A fault of ours: the client keeps the mail."""
        _log.error("mail not taken", exc_info=error)
        return _FAULT

    async def _answer(self, work: Callable[[], str]) -> str:
        try:
            return await self._run(work)
        except Rejected as rejected:
            return rejected.reply
        except AccountError as error:
            _log.error("mail not taken: %s", error)
            return _FAULT

    async def _run(self, work: Callable[[], T]) -> T:
        self.busy += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, work)
        finally:
            self.busy -= 1


def _wish(notify: Sequence[str]) -> str:
    """What the sender wants to be told, of all its recipients together; empty: as its account has it."""
    wishes = {wish for one in notify for wish in one.split(",") if wish}
    if "SUCCESS" in wishes:
        return "all"
    if wishes & {"FAILURE", "DELAY"}:
        return "failures"
    return "off" if "NEVER" in wishes else ""
