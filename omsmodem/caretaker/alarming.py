"""From findings to alarms: one mail when it starts, one when it ends, a text while mail is down; never a storm."""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from omsmodem.facts import Condition, Finding, Level
from omsmodem.store import Alarms

_log = logging.getLogger(__name__)

#: A fault that comes and goes is one fault: it is over when it has been gone for so long.
CALM = timedelta(minutes=15)
#: More alarms than this in an hour wait for the next one.
MOST_AN_HOUR = 12
#: What an alarm says of itself is brought up to date this often, for the daily reminder.
REFRESH = timedelta(hours=1)
#: Texts cost money and wake people.
MOST_TEXTS_A_DAY = 10
_TEXT_CHARACTERS = 160
#: Findings under this name belong to this room; other alarms are left alone.
_OURS = "health:"
#: Mail that does not go out is told by text, and by mail once it goes out again.
_MAIL_RULE = "mail"


@dataclass(slots=True)
class _Seen:
    level: Level
    last: datetime
    told: datetime


@dataclass(slots=True)
class Alarming:
    """Raises and ends alarms for findings. `text` sends one by SMS; None where nobody gets texts."""

    alarms: Alarms
    text: Callable[[str], None] | None = None
    mails_at_all: bool = True  # whether there is a mail server
    _seen: dict[str, _Seen] = field(default_factory=dict)
    _begun: deque[datetime] = field(default_factory=deque)
    _texted: set[str] = field(default_factory=set)
    _texts: deque[datetime] = field(default_factory=deque)

    def look(self, condition: Condition) -> None:
        """Compare what is wrong now with what people were told. Raises StoreError."""
        now = condition.facts.now
        active = {alarm.key for alarm in self.alarms.active() if alarm.key.startswith(_OURS)}
        for key in active:
            self._seen.setdefault(key, _Seen(Level.FAIL, now, now))
        found = {f"{_OURS}{finding.rule}:{finding.subject}": finding for finding in condition.findings}
        for key, finding in found.items():
            self._wrong(key, finding, now, told=key in active)
        for key in active - found.keys():
            self._perhaps_over(key, now)
        self._by_text(found, now)

    def _wrong(self, key: str, finding: Finding, now: datetime, *, told: bool) -> None:
        seen = self._seen.get(key)
        text = f"{finding.sentence}\n\nWhat to do: {finding.remedy}" if finding.remedy else finding.sentence
        if not told:
            if self._may_begin(now):
                self.alarms.alarm(key, finding.sentence, text)
                self._seen[key] = _Seen(finding.level, now, now)
                _log.warning("alarm: %s", finding.sentence)
            return
        assert seen is not None
        seen.last = now
        if finding.level > seen.level:
            self.alarms.report(f"{key}:worse", finding.sentence, text)
            seen.level = finding.level
        elif now - seen.told >= REFRESH:
            self.alarms.alarm(key, finding.sentence, text)
            seen.told = now

    def _may_begin(self, now: datetime) -> bool:
        return _few(self._begun, now, timedelta(hours=1), MOST_AN_HOUR)

    def _perhaps_over(self, key: str, now: datetime) -> None:
        if now - self._seen[key].last >= CALM:
            self.alarms.all_clear(key)
            del self._seen[key]
            self._texted.discard(key)
            _log.info("alarm over: %s", key.removeprefix(_OURS))

    def _by_text(self, found: dict[str, Finding], now: datetime) -> None:
        """While no mail goes out, each thing that is wrong is texted once."""
        down = not self.mails_at_all or any(finding.rule == _MAIL_RULE for finding in found.values())
        if self.text is None or not down:
            return
        for key, finding in found.items():
            if finding.level is not Level.FAIL or key in self._texted:
                continue
            if _few(self._texts, now, timedelta(days=1), MOST_TEXTS_A_DAY):
                self._texted.add(key)
                self.text(_short(f"omsmodem: {finding.sentence}"))


def _few(times: deque[datetime], now: datetime, within: timedelta, most: int) -> bool:
    """Whether another one fits into the last `within`; if so, it counts."""
    while times and now - times[0] >= within:
        times.popleft()
    if len(times) >= most:
        return False
    times.append(now)
    return True


def _short(text: str) -> str:
    return text if len(text) <= _TEXT_CHARACTERS else text[: _TEXT_CHARACTERS - 3] + "..."
