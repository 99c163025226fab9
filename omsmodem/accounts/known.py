"""Who has signed in from where within the last weeks; kept in a file, so that a restart in the middle of an attack knows."""

import json
import logging
import time
from collections.abc import Callable
from pathlib import Path

from omsmodem.accounts.file import replace_whole

_log = logging.getLogger(__name__)

_DAY_S = 86400.0
_MAX_PAIRS = 5000


class KnownPairs:
    """Pairs of source and user. Without a path they are forgotten at the end; `clock` is the time of day in seconds."""

    def __init__(self, path: Path | None = None, *, days: float = 30, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._kept_s = days * _DAY_S
        self._clock = clock
        self._seen = self._load()

    def has(self, source: str, name: str) -> bool:
        """Whether the user has signed in from there lately."""
        return self._clock() - self._seen.get((source, name.casefold()), float("-inf")) < self._kept_s

    def add(self, source: str, name: str) -> None:
        """Note a sign-in; the file is written at most once a day for each pair."""
        key, now = (source, name.casefold()), self._clock()
        if now - self._seen.get(key, float("-inf")) < _DAY_S:
            return
        self._seen.pop(key, None)
        self._seen[key] = now
        kept = [(pair, when) for pair, when in self._seen.items() if now - when < self._kept_s]
        self._seen = dict(kept[-_MAX_PAIRS:])
        self._save()

    def _load(self) -> dict[tuple[str, str], float]:
        try:
            listed = json.loads(self._path.read_text(encoding="utf-8")) if self._path else []
            return {(str(source), str(name)): float(when) for source, name, when in listed}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError) as error:
            _log.warning("%s cannot be read, it starts anew: %s", self._path, error)
            return {}

    def _save(self) -> None:
        if self._path is None:
            return
        try:
            replace_whole(self._path, [[*pair, round(when)] for pair, when in self._seen.items()])
        except OSError as error:
            _log.warning("%s cannot be written: %s", self._path, error)
