"""What each page shows. A page that may not be seen looks like one that is not there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from omsmodem.facts import AccountFacts, ModemFacts, worst
from omsmodem.message import OutgoingMessage, State
from omsmodem.periods import day_start
from omsmodem.sms import causes
from omsmodem.store.search import Criteria, Page
from omsmodem.web import plot
from omsmodem.web.house import House
from omsmodem.web.http import Refused, Request
from omsmodem.web.viewer import Viewer

PER_PAGE = 50
DAY = timedelta(hours=24)
#: Names of what people look for → the states that are meant.
FILTERS: dict[str, tuple[State, ...]] = {
    "": (),
    "waiting": (State.QUEUED, State.SUBMITTING),
    "sent": (State.SUBMITTED, State.DELIVERED),
    "problems": (State.UNDELIVERED, State.FAILED, State.EXPIRED),
    **{state.value: (state,) for state in State},
}
_NOT_THERE = ("404 Not Found", "This page is not there.")


@dataclass(frozen=True, slots=True)
class Look:
    """One viewer's request."""

    viewer: Viewer
    request: Request

    def number(self, name: str) -> int | None:
        """A number of the query, e.g. where to go on."""
        given = self.request.query.get(name, "")
        return int(given) if given.isascii() and given.isdigit() and len(given) < 18 else None


class Pages:
    """Finds what a page shows; each method returns the values of the template of its name. Raises Refused, StoreError."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._store = house.store

    def status(self, look: Look) -> dict[str, Any]:
        """How the service is."""
        _require_operator(look.viewer)
        house, condition = self._house, self._house.condition()
        now = condition.facts.now
        day = plot.Day(now - DAY, now, house.zone)
        return {
            "condition": condition,
            "facts": condition.facts,
            "level": worst(condition.findings),
            "messages_plot": plot.bars(day, self._by_hour(day), "Messages sent in each hour of the last day"),
            "signal_plots": [(modem, self._signal(modem, day)) for modem in condition.facts.modems],
            "midnight": day_start(now, house.zone),
        }

    def _by_hour(self, day: plot.Day) -> list[int]:
        quarters = self._store.overview.series("submitted", day.start, day.end)
        return [sum(quarters[n : n + 4]) for n in range(0, len(quarters), 4)]

    def _signal(self, modem: ModemFacts, day: plot.Day) -> Any:
        seen = [sighting for sighting in self._store.modems.sightings(modem.name) if sighting.at >= day.start]
        points = [(sighting.at, sighting.dbm) for sighting in reversed(seen)]
        return plot.line(day, points, f"Signal of modem {modem.name} over the last day, in dBm") if points else None

    def messages(self, look: Look) -> dict[str, Any]:
        """Messages by number, sender, text and state."""
        query, viewer = look.request.query, look.viewer
        asked = {name: query.get(name, "").strip()[:200] for name in ("number", "account", "text", "state")}
        if asked["state"] not in FILTERS:
            asked["state"] = ""
        account = viewer.only if viewer.only is not None else asked["account"] or None
        text = asked["text"] if account == viewer.name or viewer.reads_all else ""
        criteria = Criteria(account, asked["number"], text, frozenset(FILTERS[asked["state"]]))
        page = self._store.search.messages(criteria, before=look.number("before"), limit=PER_PAGE)
        return {
            "asked": asked,
            "page": page,
            "newest": look.number("before") is None,
            "filters": FILTERS,
            "accounts": [account.name for account in self._house.accounts()] if viewer.operator else [],
            "searches_text": account == viewer.name or viewer.reads_all,
            "reached": self._reached(page),
            "now": self._house.clock(),
        }

    def _reached(self, page: Page) -> datetime | None:
        """How far back a page that found nothing has looked."""
        if page.messages or page.older is None:
            return None
        message = self._store.history.message(page.older)
        return message.accepted_at if message is not None else None

    def message(self, look: Look, message_id: int) -> dict[str, Any]:
        """One message's life."""
        message = self.seen(look.viewer, message_id)
        return {
            "message": message,
            "acts": look.viewer.acts(message),
            "segments": [(s, _report_words(s.status)) for s in self._store.history.segments(message_id)],
            "events": self._store.history.events(message_id),
            "notices": self._store.notices.of_submission(message.submission_id),
            "now": self._house.clock(),
        }

    def seen(self, viewer: Viewer, message_id: int) -> OutgoingMessage:
        """A message that this viewer may see. Raises Refused as if it were not there."""
        message = self._store.history.message(message_id)
        if message is None or not viewer.may_see(message.account):
            raise Refused(*_NOT_THERE)
        return message

    def incoming(self, look: Look) -> dict[str, Any]:
        """What came from phones."""
        before = look.number("before")
        found = self._store.inbox.messages(account=look.viewer.only, before=before, limit=PER_PAGE + 1)
        older = found[PER_PAGE - 1].id if len(found) > PER_PAGE else None
        return {"messages": found[:PER_PAGE], "older": older, "newest": before is None}

    def uncertain(self, look: Look) -> dict[str, Any]:
        """Messages that may have been sent, for a person to decide about."""
        _require_operator(look.viewer)
        criteria = Criteria(states=frozenset({State.UNCERTAIN}))
        page = self._store.search.messages(criteria, before=look.number("before"), limit=PER_PAGE)
        return {"page": page, "now": self._house.clock()}

    def accounts(self, look: Look) -> dict[str, Any]:
        """Who may send, how much, and what they have sent of it."""
        _require_operator(look.viewer)
        spent = {one.name: one for one in self._house.condition().facts.accounts}
        return {"accounts": [(who, spent.get(who.name, AccountFacts(who.name))) for who in self._house.accounts()]}

    def alarms(self, look: Look) -> dict[str, Any]:
        """What is wrong, what was told about it, and who did what."""
        _require_operator(look.viewer)
        condition = self._house.condition()
        found = {f"{one.rule}:{one.subject}" for one in condition.findings}
        return {
            "condition": condition,
            "alarms": [(one, one.key.partition(":")[2] in found) for one in self._store.alarms.active()],
            "mails": self._store.overview.alarm_mails(),
            "acts": self._store.audit.newest(limit=30),
            "now": self._house.clock(),
        }


def _require_operator(viewer: Viewer) -> None:
    if not viewer.operator:
        raise Refused(*_NOT_THERE)


def _report_words(status: int | None) -> str:
    """What the newest report says (TS 23.040 §9.2.3.15)."""
    return "" if status is None else f"{causes.status(status)} (0x{status:02X})"
