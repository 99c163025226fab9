"""A spool directory as a door: each file is accepted (law 1), then moved out of the way."""

import logging
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from omsmodem.doors.files import Format, Unreadable
from omsmodem.message import Door, Reason, Receipt, Submission

_log = logging.getLogger(__name__)

#: Not the message's fault: the file stays for another time.
_LATER = {Reason.UNAVAILABLE, Reason.BUSY}
_DONE, _REFUSED = "imported", "refused"
#: gammu-smsd's names hold the recipient's number, which no log should.
_LONG_NUMBER = re.compile(r"\d{5,}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: ids of messages, or why not. `waits` when it was left for another time."""

    file: str
    accepted: tuple[int, ...] = ()
    why: str = ""
    waits: bool = False


class Spool:
    """One directory of one format, sent for one account. A file is taken once nobody has written to it for `settle_s`."""

    def __init__(
        self,
        directory: Path,
        form: Format,
        account: str,
        submit: Callable[[Submission], Receipt],
        *,
        settle_s: float = 0.0,
    ) -> None:
        self.directory = directory
        self._settle_s = settle_s
        self._format = form
        self._account = account
        self._submit = submit

    def sweep(self) -> Iterator[Outcome]:
        """Accept every file that is there, oldest name first. Raises OSError when the directory cannot be read."""
        for path in sorted(self.directory.iterdir()):
            if path.is_file() and self._format.is_message(path.name) and not self._is_locked(path):
                yield (
                    self._take(path) if self._is_settled(path) else Outcome(path.name, why="still written", waits=True)
                )

    def _is_locked(self, path: Path) -> bool:
        """A program that still writes a file says so (smstools)."""
        return path.with_name(path.name + ".LOCK").exists()

    def _is_settled(self, path: Path) -> bool:
        return time.time() - path.stat().st_mtime >= self._settle_s

    def _take(self, path: Path) -> Outcome:
        try:
            message = self._format.read(path)
        except OSError as error:
            return Outcome(path.name, why=str(error), waits=True)
        except Unreadable as error:
            return self._refuse(path, str(error))
        submission = Submission(
            self._account,
            Door.SPOOL,
            (message.recipient,),
            (message.text,),
            client=self._format.name,
            content_ids=(path.name,),  # the same file again is the same message, e.g. after a kill before it was moved
        )
        receipt = self._submit(submission)
        refused = receipt.refused
        if any(refusal.reason in _LATER for refusal in refused):
            return Outcome(path.name, why=refused[0].detail or str(refused[0].reason), waits=True)
        if refused:
            return self._refuse(path, refused[0].detail or str(refused[0].reason))
        self._move(path, _DONE)
        return Outcome(path.name, receipt.accepted)

    def _refuse(self, path: Path, why: str) -> Outcome:
        _log.warning("spool file=%s refused: %s", _LONG_NUMBER.sub("…", path.name), why)
        self._move(path, _REFUSED)
        return Outcome(path.name, why=why)

    def _move(self, path: Path, to: str) -> None:
        home = self.directory / to
        home.mkdir(exist_ok=True)
        path.replace(home / path.name)
