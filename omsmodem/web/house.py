"""What the pages need of the rest of the service; `app` plugs it in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from omsmodem.accounts import Account
from omsmodem.facts import Condition
from omsmodem.store import Store


@dataclass(frozen=True, slots=True)
class House:
    """The service behind the pages."""

    store: Store
    condition: Callable[[], Condition]
    sign_in: Callable[[str, str, str], str | None]  # name, password, address → the account's name
    account: Callable[[str], Account | None]
    accounts: Callable[[], list[Account]]
    clock: Callable[[], datetime]
    zone: tzinfo
    validity: timedelta = timedelta(hours=48)  # of a message that is tried again
    show_text: bool = False  # operators read the texts of others
    nudge: Callable[[], None] = lambda: None
