"""Faults that wait for their moment: which submission or command, how often, what then."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from omsmodem.modem.simulator.reply import Reply

if TYPE_CHECKING:
    from omsmodem.modem.simulator.device import Device


class Moment(StrEnum):
    """When an armed fault strikes."""

    COMMAND = "command"  # a command line was heard, nothing done yet
    SUBMIT = "submit"  # a TPDU was entered, the network has not got it
    TAKEN = "taken"  # the network took it, nothing was answered


Act = Callable[["Device", Reply], None]


@dataclass(slots=True)
class Armed:
    """One fault: from the `nth` such moment on, `times` in a row."""

    moment: Moment
    act: Act
    nth: int = 1
    times: int = 1
    matching: str = ""  # for commands: what the line holds

    def strikes(self, moment: Moment, line: str) -> bool:
        """Count this moment; whether it is one of those meant."""
        if moment is not self.moment or self.matching.upper() not in line.upper():
            return False
        self.nth -= 1
        return self.nth < 1

    @property
    def spent(self) -> bool:
        """Whether it has struck as often as it should."""
        return self.nth <= 1 - self.times


@dataclass(slots=True)
class Faults:
    """What is armed for one modem."""

    armed: list[Armed] = field(default_factory=list)

    def arm(self, act: Act, moment: Moment = Moment.TAKEN, *, nth: int = 1, times: int = 1, matching: str = "") -> None:
        """Let `act` happen at a moment to come."""
        self.armed.append(Armed(moment, act, nth, times, matching))

    def fire(self, moment: Moment, device: "Device", reply: Reply, line: str = "") -> None:
        """It is that moment: do what was armed for it."""
        striking = [fault for fault in self.armed if fault.strikes(moment, line)]
        self.armed = [fault for fault in self.armed if not fault.spent]
        for fault in striking:
            fault.act(device, reply)
