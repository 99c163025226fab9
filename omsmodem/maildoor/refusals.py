"""What one connection was refused, in the log: one line of each kind and mail, however often it was said."""

import logging
from collections import Counter

_log = logging.getLogger(__name__)
_KIND = 9  # a code and its status: `550 5.1.1`


class Refusals:
    """The refusals of one connection; `source` is where it comes from."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._said: Counter[str] = Counter()

    def say(self, reply: str) -> None:
        """A refusal has been said to the client."""
        kind = reply[:_KIND]
        self._said[kind] += 1
        if self._said[kind] == 1:
            _log.info("mail refused from=%s: %s", self._source, reply)

    def close(self) -> None:
        """A mail or the connection is over: say what was repeated."""
        for kind, times in self._said.items():
            if times > 1:
                _log.info("mail refused from=%s: %s, %d times", self._source, kind, times)
        self._said.clear()
