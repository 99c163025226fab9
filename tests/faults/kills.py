"""kill -9 at every named step of a message's way, by every door; started again, the books are compared."""

import signal
from dataclasses import dataclass
from typing import Any

from omsmodem.killpoints import POINTS
from tests.faults.books import Verdict
from tests.faults.cells import ANSWER, LONG
from tests.faults.doors import DOORS
from tests.faults.world import PHONE, World

#: What the modem has to do so that a step is reached at all.
ARMED: dict[str, dict[str, Any]] = {
    "doubt.recorded": {"do": "lost"},
    "refusal.recorded": {"do": "refuse", "on": "submit", "code": 500},
}
OUT = tuple(point for point in POINTS if point.startswith(("accept.", "submit.", "doubt.", "refusal.")))
BACK = tuple(point for point in POINTS if point.startswith(("incoming.", "mail.")))
REPORT = tuple(point for point in POINTS if point.startswith("incoming."))
#: From an intent on disk until its answer is: only here a kill may leave a doubt. Recording one segment intends the next.
RADIO_WINDOW = frozenset(OUT) - {"accept.begun", "accept.kept"}
SIGTERM = "SIGTERM"
ANSWER_BACK, REPORT_BACK = "an answer", "a report"


@dataclass(frozen=True, slots=True)
class Killed:
    """What became of the message of a kill."""

    point: str
    door: str
    verdict: Verdict
    states: tuple[str, ...]  # one message is right
    replies: int = 0
    mails: int = 0  # different ones, by their Message-ID

    @property
    def good(self) -> bool:
        """Nothing lost, nothing silently repeated, one message, and doubt only where there may be some."""
        whole = self.verdict.good and not self.verdict.unsettled
        if self.door == ANSWER_BACK:
            return whole and self.mails == 1 and (self.replies == 1 or self.point == "mail.sent")
        if self.door == REPORT_BACK:  # one that was only heard may be gone with the modem
            return whole and self.states in {("delivered",), ("submitted",) if self.point == "incoming.read" else ()}
        return whole and len(self.states) == 1 and (not self.verdict.marked or self.point in RADIO_WINDOW)


def out(world: World, point: str, door: str = DOORS[0]) -> Killed:
    """Kill the service at a step of a long message's way out; whoever heard nothing of it asks again."""
    world.serve(OMSMODEM_KILL_AT="" if point == SIGTERM else point)
    if point in ARMED:
        world.fault(**ARMED[point])
    promised = world.submit(LONG, door=door)
    if point == SIGTERM:
        world.wait(lambda: world.network.submissions)
        world.end(signal.SIGTERM)
    assert world.died()
    world.serve()
    assert promised or world.submit(LONG, door=door)
    return Killed(point, door, world.settled(), tuple(world.states()))


def back(world: World, point: str) -> Killed:
    """Kill the service at a step of an answer's way back; the mailbox has it, and twice only under one Message-ID."""
    world.serve(OMSMODEM_KILL_AT=point)
    world.fault(**{"do": "send", "from": PHONE, "text": ANSWER})
    assert world.died()
    world.serve()
    world.wait(lambda: world.mailed() and not world.books.mails_waiting())
    world.sleep(20)
    ids = {message["Message-ID"] for message in world.sink.messages()}
    assert set(world.mailed()) <= {ANSWER}
    return Killed(point, ANSWER_BACK, world.books.verdict(), tuple(world.states()), len(world.mailed()), len(ids))


def report(world: World, point: str) -> Killed:
    """Kill the service at a step of a report's way back."""
    world.serve(OMSMODEM_KILL_AT=point)
    assert world.submit("tell me when it is there")
    assert world.died()
    world.serve()
    world.settled()
    world.wait(lambda: world.states() == ["delivered"], 3.0)
    return Killed(point, REPORT_BACK, world.books.verdict(), tuple(world.states()))
