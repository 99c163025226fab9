"""Who looks, and what that person may see, read and decide."""

from dataclasses import dataclass

from omsmodem.accounts import Account
from omsmodem.message import OutgoingMessage, State

_ENDED = {State.FAILED, State.EXPIRED, State.UNDELIVERED}


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in person. Operators see everything; texts of others only where the configuration lets them."""

    name: str
    operator: bool
    reads_all: bool = False

    @classmethod
    def of(cls, account: Account, *, show_text: bool) -> "Viewer":
        """The person behind an account."""
        return cls(account.name, account.operator, account.operator and show_text)

    @property
    def only(self) -> str | None:
        """The one account whose messages this person sees; None for everybody's."""
        return None if self.operator else self.name

    def may_see(self, account: str) -> bool:
        """Whether messages of `account` are there for this person at all."""
        return self.operator or account == self.name

    def may_read(self, account: str) -> bool:
        """Whether this person may read the texts of `account`."""
        return account == self.name or self.reads_all

    def acts(self, message: OutgoingMessage) -> list[str]:
        """What this person may do with a message now."""
        possible = _possible(message)
        return (
            possible
            if self.operator
            else [act for act in possible if act == "cancel" and self.may_see(message.account)]
        )


def _possible(message: OutgoingMessage) -> list[str]:
    if message.state is State.UNCERTAIN:
        return ["resend", "sent", "give-up"]
    if message.state in _ENDED:
        return ["retry"]
    if message.state is not State.QUEUED:
        return []
    if message.held_by is not None:
        return ["release", "cancel"]
    return ["hold", "cancel", *(["retry"] if message.retry_at is not None else [])]
