"""Whose mail it is: an account that signed in, or one that a trusted mail server vouches for."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import EmailMessage

from omsmodem.accounts import Account
from omsmodem.addresses import AddressList
from omsmodem.maildoor.answers import Rejected
from omsmodem.maildoor.content import author

_PASSED = re.compile(r"\s*(?:auth|dmarc)\s*(?:/\s*1\s*)?=\s*pass(?:\s|$)", re.IGNORECASE)
_ASIDE = re.compile(r'"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Relays:
    """Mail servers that may hand over mail without signing in.

    With `authserv_id` a mail needs its first Authentication-Results (RFC 8601) from that server, saying that its sender
    signed in or that its domain stands for it (DMARC); without, the server lets only its own people come this way.
    """

    addresses: AddressList
    authserv_id: str = ""

    def vouches(self, mail: EmailMessage, sender: str) -> bool:
        """Whether a mail is certainly its envelope sender's."""
        if not self.authserv_id:
            return True
        first = next((str(value) for name, value in mail.raw_items() if name.lower() == "authentication-results"), "")
        server, *results = _plainly(first).split(";")
        known = server.split()[:1] == [self.authserv_id]
        return known and any(map(_PASSED.match, results)) and author(mail).casefold() == sender.casefold()


def _plainly(results: str) -> str:
    """A header's value without comments and quoted strings, in which a server repeats what a client has said of itself."""
    while (shorter := _ASIDE.sub(" ", results)) != results:
        results = shorter
    return "" if set(results) & set('"()') else results


def account_of(sender: str, accounts: Iterable[Account]) -> Account:
    """The account to which a mail address belongs. Raises Rejected."""
    found = [one for one in accounts if one.smtp_address and one.smtp_address.casefold() == sender.casefold()]
    if len(found) != 1:
        raise Rejected("553 5.7.1", f"{sender} belongs to no account of this service.")
    return found[0]


def require_own(sender: str, account: Account) -> None:
    """Whoever signed in writes under its own address only. Raises Rejected."""
    if account.smtp_address and account.smtp_address.casefold() != sender.casefold():
        raise Rejected("553 5.7.1", f"{account.name} may send as {account.smtp_address} only.")
