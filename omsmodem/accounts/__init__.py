"""Users: who they are, what they may, and whether a password is theirs."""

from omsmodem.accounts.account import KEYS, Account, facts, shown
from omsmodem.accounts.accounts import Accounts
from omsmodem.accounts.errors import AccountError, HashingBusy, NotVerified, SourcePaused
from omsmodem.accounts.known import KnownPairs
from omsmodem.accounts.passwords import generate as generate_password
from omsmodem.accounts.passwords import weakness
from omsmodem.accounts.throttle import Throttle, ThrottleRules

__all__ = [
    "KEYS",
    "Account",
    "AccountError",
    "Accounts",
    "HashingBusy",
    "KnownPairs",
    "NotVerified",
    "SourcePaused",
    "Throttle",
    "ThrottleRules",
    "facts",
    "generate_password",
    "shown",
    "weakness",
]
