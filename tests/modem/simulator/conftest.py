"""A simulated modem with a clock that tests turn by hand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from omsmodem.modem.simulator.devices import GENERIC
from omsmodem.modem.simulator.modem import SimulatedModem
from omsmodem.modem.simulator.network import Network
from omsmodem.modem.simulator.phones import Phones
from omsmodem.modem.simulator.profile import Profile
from omsmodem.sms import segment

PHONE = "+447700900222"
EPOCH = datetime(2024, 3, 1, 9, 30, tzinfo=UTC)


@dataclass
class World:
    """One network, one modem, a clock; `ask` types a line and reads what is said by then."""

    seconds: float = 0.0
    network: Network = field(init=False)
    modem: SimulatedModem = field(init=False)

    def __post_init__(self) -> None:
        self.network = Network(Phones(self.clock), self.clock, now=lambda: self.seconds)

    def clock(self) -> datetime:
        return EPOCH + timedelta(seconds=self.seconds)

    def with_modem(self, profile: Profile = GENERIC, **options: object) -> "World":
        self.modem = SimulatedModem(self.network, profile, **options)
        self.ask("ATE0")
        self.ask("AT+CMEE=1")
        return self

    def ask(self, line: str, wait_s: float = 0.0) -> list[str]:
        """Type a command; the lines that are said."""
        return self.type(line.encode("latin-1") + b"\r", wait_s)

    def type(self, octets: bytes, wait_s: float = 0.0) -> list[str]:
        self.modem.feed(octets)
        return self.hear(wait_s)

    def hear(self, wait_s: float = 0.0) -> list[str]:
        said = self.modem.due()
        deadline = self.seconds + wait_s
        while (due := self.modem.next_due()) is not None and due <= deadline:
            self.seconds = max(self.seconds, due)
            said += self.modem.due()
        self.seconds = deadline
        said += self.modem.due()
        return [line.strip("\r") for line in said.decode("latin-1").split("\r\n") if line.strip("\r")]

    def submit(self, tpdu: bytes, wait_s: float = 0.0) -> list[str]:
        """One +CMGS exchange."""
        assert self.ask(f"AT+CMGS={len(tpdu)}") == ["> "]
        return self.type(b"00" + tpdu.hex().upper().encode() + b"\x1a", wait_s)

    def send(self, text: str = "hello", to: str = PHONE, wait_s: float = 0.0) -> list[str]:
        (tpdu,) = segment.cut(text, to, 1)
        return self.submit(tpdu, wait_s)


@pytest.fixture
def world() -> World:
    return World().with_modem()


@pytest.fixture
def worlds() -> Callable[[Profile], World]:
    return lambda profile: World().with_modem(profile)
