"""The SIM: who the subscriber is, what locks it, and what it remembers across power cycles (TS 51.011)."""

from dataclasses import dataclass, field

from omsmodem.modem.simulator.errors import cme
from omsmodem.modem.simulator.storage import Storage

PIN_TRIES, PUK_TRIES = 3, 10
_INCORRECT, _PUK_NEEDED, _FAILURE, _NOT_ALLOWED = 16, 12, 13, 3


@dataclass(slots=True)
class Sim:
    """One card. `locked` and the counters are what a host can get wrong."""

    number: str = "+447700900100"
    imsi: str = "234159876543210"
    iccid: str = "8944110065123456789"
    service_centre: str = "+447700900000"
    pin: str = "1234"
    puk: str = "12345678"
    pin_required: bool = False  # asks for its PIN at power-up (+CLCK="SC")
    pin_tries: int = PIN_TRIES
    puk_tries: int = PUK_TRIES
    locked: bool = False  # the PIN has not been given since power-up
    messages: Storage = field(default_factory=lambda: Storage("SM", 20))
    reference: int = 0  # EF-SMSS: the last used TP-MR

    def __post_init__(self) -> None:
        self.power_up()

    def power_up(self) -> None:
        """Ask for the PIN again where it is required."""
        self.locked = self.pin_required or self.pin_tries == 0

    @property
    def state(self) -> str:
        """What +CPIN? says. Raises the refusal 13 for a card that its PUK has killed."""
        if self.puk_tries == 0:
            raise cme(_FAILURE)
        if self.pin_tries == 0:
            return "SIM PUK"
        return "SIM PIN" if self.locked else "READY"

    def verify(self, pin: str) -> None:
        """Give the PIN. Raises 16 for a wrong one, 12 when that was the last, 3 when none is asked for."""
        if self.state != "SIM PIN":
            raise cme(_PUK_NEEDED if self.state == "SIM PUK" else _NOT_ALLOWED)
        self.check(pin)
        self.locked = False

    def check(self, pin: str) -> None:
        """Count a wrong PIN. Raises 16, or 12 when no try is left."""
        if self.pin_tries == 0:
            raise cme(_PUK_NEEDED)
        if pin == self.pin:
            self.pin_tries = PIN_TRIES
            return
        self.pin_tries -= 1
        self.locked = self.locked or self.pin_tries == 0
        raise cme(_INCORRECT if self.pin_tries else _PUK_NEEDED)

    def unblock(self, puk: str, pin: str) -> None:
        """Give the PUK and a new PIN. Raises 16 for a wrong PUK, 13 when that was the last."""
        if self.state == "READY":
            raise cme(_NOT_ALLOWED)
        if puk != self.puk:
            self.puk_tries -= 1
            raise cme(_INCORRECT if self.puk_tries else _FAILURE)
        self.pin, self.pin_tries, self.puk_tries, self.locked = pin, PIN_TRIES, PUK_TRIES, False

    def next_reference(self) -> int:
        """The TP-MR of the next SMS-SUBMIT."""
        self.reference = (self.reference + 1) % 256
        return self.reference
