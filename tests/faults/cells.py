"""The matrix: every fault against every moment of a message's way. A cell runs one of them in a world of its own."""

import fcntl
import resource
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.faults.books import Verdict
from tests.faults.world import FACTOR, PHONE, World

LONG = "".join(f"{number:03d} " for number in range(1, 101)).strip()  # three segments
REPORT_AFTER_S = 120.0  # a service that was killed is there again
ANSWER = ("Half past four is fine. " * 10).strip()  # two segments


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a cell."""

    fault: str
    moment: str
    verdict: Verdict
    replies: int  # reply mails, one is right
    recovered_s: float  # of the service's clock, from the blow until everything was settled
    unreported: bool = False  # the moment was that of the report, and the message is not `delivered`
    may_doubt: bool = False  # it may have been sent, and nothing said so

    @property
    def good(self) -> bool:
        """Nothing lost, nothing repeated silently, the reply mailed once, the report kept."""
        whole = self.verdict.good and not self.verdict.unsettled and not self.unreported
        known = self.may_doubt or not (self.verdict.marked or self.verdict.uncertain)
        return whole and known and self.replies == (self.moment == "incoming")


Strike = Callable[[World, str], None]
"""Does the damage, and undoes what does not end by itself. The message of the moment is on its way."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of trouble: armed in the modem for its moment, or done by hand when the moment has come."""

    name: str
    armed: dict[str, Any] | None = None  # a request of the simulator, struck at the moment's segment
    strike: Strike | None = None
    factor: float = FACTOR  # how fast the clock has to be for the recovery to fit into a test
    own_disk: bool = False  # it happens to the disk, so the service has one of its own
    silent: bool = (
        False  # Ctrl-Z may be written and no answer come, be kept, or prove anything: only then there is doubt
    )


def run(fault: Fault, moment: str, world: World) -> Result:
    """One cell: the message, the fault at its moment, recovery, and the books."""
    world.serve()
    _MOMENTS[moment](world, fault)
    struck = world.pace.monotonic()
    verdict = world.settled()
    reported = True
    if moment == "incoming":
        world.wait(world.mailed)
    elif moment == "report":
        reported = world.wait(lambda: world.states()[0] == "delivered")
    recovered_s = world.pace.monotonic() - struck
    time.sleep(0.3)  # a second mail would follow at once
    return Result(
        fault.name,
        moment,
        verdict,
        len(world.mailed()),
        recovered_s,
        unreported=not reported,
        may_doubt=fault.silent,
    )


# -- moments ------------------------------------------------------------------------------------------------------------


def _single(world: World, fault: Fault) -> None:
    _sending(world, fault, "single", 1)


def _middle(world: World, fault: Fault) -> None:
    _sending(world, fault, LONG, 2)


def _sending(world: World, fault: Fault, text: str, nth: int) -> None:
    """The fault strikes when the network has the nth segment."""
    if fault.armed is not None:
        world.fault(**{**fault.armed, "nth": nth})
    assert world.submit(text)
    if fault.strike is not None:
        assert world.wait(lambda: len(world.network.submissions) >= nth)
        fault.strike(world, "sending")


def _incoming(world: World, fault: Fault) -> None:
    """The fault strikes while a phone's answer of two segments comes in."""
    assert world.submit("how about half past four?")
    world.wait(lambda: world.network.submissions)
    world.settled()
    world.fault(**{"do": "send", "from": PHONE, "text": ANSWER})
    _now(world, fault, "incoming")


def _report(world: World, fault: Fault) -> None:
    """The fault strikes after the network took the message and before its report."""
    world.fault(do="reports", copies=1, delay_s=REPORT_AFTER_S)
    assert world.submit("tell me when it is there")
    world.wait(lambda: "submitted" in world.states())
    _now(world, fault, "report")


def _now(world: World, fault: Fault, moment: str) -> None:
    if fault.strike is not None:
        fault.strike(world, moment)
    elif fault.armed is not None:
        world.fault(**_unarmed(fault.armed))


def _unarmed(request: dict[str, Any]) -> dict[str, Any]:
    """The same trouble where nothing is being sent: what spoils an answer spoils the next one."""
    return {key: value for key, value in request.items() if key != "on" or request["do"] == "refuse"}


_MOMENTS: dict[str, Callable[[World, Fault], None]] = {
    "single": _single,
    "middle": _middle,
    "incoming": _incoming,
    "report": _report,
}
MOMENTS = tuple(_MOMENTS)

# -- faults -------------------------------------------------------------------------------------------------------------


def _kill(world: World, _moment: str) -> None:
    world.end(signal.SIGKILL)
    world.serve()


def _stop(world: World, _moment: str) -> None:
    world.end(signal.SIGTERM)
    world.serve()


def _disk_quota(world: World, _moment: str) -> None:
    """No file may grow for a while: what a quota does."""
    assert world.process is not None
    limit = resource.RLIMIT_FSIZE
    before = resource.prlimit(world.process.pid, limit)
    resource.prlimit(world.process.pid, limit, (1, before[1]))
    world.submit("while the quota is used up")
    world.sleep(15)
    resource.prlimit(world.process.pid, limit, before)


def _disk_full(world: World, _moment: str) -> None:
    """No room on the disk for a while."""
    assert world.disk is not None
    world.disk.fill()
    world.submit("while the disk is full")
    world.sleep(15)
    world.disk.clear()


def _disk_broken(world: World, _moment: str) -> None:
    """The kernel lets nobody write any more, until somebody mounts the disk again and starts the service."""
    assert world.disk is not None
    world.disk.fail()
    world.submit("while the disk can only be read")
    world.sleep(15)
    world.end(signal.SIGTERM)
    world.disk.repair()
    world.serve()


def _locked(world: World, _moment: str) -> None:
    """Another program keeps the store to itself for a while."""
    with (world.home / "omsmodem.db.turn").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        world.sleep(40)


def _clock_forward(world: World, _moment: str) -> None:
    _jump(world, signal.SIGUSR1)


def _clock_back(world: World, _moment: str) -> None:
    _jump(world, signal.SIGUSR2)


def _jump(world: World, number: signal.Signals) -> None:
    assert world.process is not None
    world.process.send_signal(number)


def _mail_dead(world: World, _moment: str) -> None:
    """The mail server drops every connection for a while."""
    world.sink.answers["MAIL"].extend(["drop"] * 3)


MODEM_FAULTS = (
    Fault("unplug", {"do": "unplug", "on": "taken", "for_s": 20}, silent=True),
    Fault("hang", {"do": "hang", "on": "taken", "for_s": 300}, silent=True),
    Fault("late answer (100 s)", {"do": "late", "by_s": 100}, factor=60.0, silent=True),
    Fault("lost answer", {"do": "lost"}, factor=60.0, silent=True),
    Fault("+CMS ERROR: 38, twice", {"do": "refuse", "on": "submit", "code": 38, "times": 2}, factor=100.0),
    *(
        Fault(
            f"+CMS ERROR: {code}, 5 times",
            {"do": "refuse", "on": "submit", "code": code, "times": 5},
            factor=60.0,
            silent=code != 42,
        )
        for code in (42, 500, 512)
    ),
    Fault("+CMS ERROR: 332", {"do": "refuse", "on": "taken", "code": 332}, silent=True),
    Fault("sent, but +CMS ERROR: 500", {"do": "refuse", "on": "taken", "code": 500}, silent=True),
    Fault("garbage", {"do": "garble", "octets": 200}, silent=True),
    Fault("modem reboots", {"do": "reboot", "on": "taken"}, silent=True),
    Fault("network lost", {"do": "network", "on": "submit", "state": "searching", "for_s": 60}),
    Fault("SIM full", {"do": "fill", "on": "submit", "storage": "SM", "leave": 0}),
)
PROCESS_FAULTS = (
    Fault("kill -9", strike=_kill, silent=True),
    Fault("SIGTERM", strike=_stop),
    Fault("quota used up (EFBIG)", strike=_disk_quota),
    Fault("disk full (ENOSPC)", strike=_disk_full, own_disk=True),
    Fault("file system read-only (EROFS)", strike=_disk_broken, own_disk=True, silent=True),
    Fault("store locked", strike=_locked),
    Fault("clock a day forward", strike=_clock_forward),
    Fault("clock a day back", strike=_clock_back),
    Fault("mail server dead", strike=_mail_dead),
)
FAULTS = MODEM_FAULTS + PROCESS_FAULTS
