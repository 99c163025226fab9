"""What a modem says unasked, and when it has to wait with it."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence

from omsmodem.modem.simulator.agenda import Agenda
from omsmodem.modem.simulator.profile import Chatter
from omsmodem.modem.simulator.voice import Voice

#: So many are kept in +CNMI's mode 0; of more the oldest goes.
_MAX_BUFFERED = 32


class Indications:
    """Says lines unasked, keeps them while the host types (`interrupts`), and chatters as its maker wanted."""

    def __init__(
        self,
        voice: Voice,
        interrupts: Callable[[], bool],
        agenda: Agenda,
        chatter: Sequence[Chatter],
        chatter_end: str,
    ) -> None:
        self._voice = voice
        self._interrupts = interrupts
        self._agenda = agenda
        self._chatter = chatter
        self._chatter_end = chatter_end
        self._held: deque[bytes] = deque()  # until the host has ended its line
        self._buffered: deque[bytes] = deque()  # until +CNMI asks for them
        self._silenced: set[str] = set()
        self._life = 0

    def power_up(self) -> None:
        """Nothing is kept, and the chatter begins."""
        self._held.clear()
        self._buffered.clear()
        self._silenced.clear()
        self._life += 1
        for chatter in self._chatter:
            if chatter.period_s is not None:
                self._chatter_on(chatter, chatter.period_s, self._life)

    def power_off(self) -> None:
        """Nothing more is said."""
        self._life += 1

    # -- lines ------------------------------------------------------------------------------------------------------

    def say(self, lines: Iterable[str], end: str = "\r\n", delay_s: float = 0.0) -> None:
        """Say lines that belong together; they wait while they would interrupt the host."""
        octets = ("\r\n" + end.join(lines) + end).encode("latin-1", "replace")
        if self._interrupts():
            self._held.append(octets)
        else:
            self._voice.say(octets, delay_s)

    def release(self) -> None:
        """The host has ended its line: say what waited."""
        while self._held:
            self._voice.say(self._held.popleft())

    def buffer(self, lines: Iterable[str]) -> None:
        """Keep lines until +CNMI asks for them."""
        self._buffered.append(("\r\n" + "\r\n".join(lines) + "\r\n").encode("latin-1", "replace"))
        if len(self._buffered) > _MAX_BUFFERED:
            self._buffered.popleft()

    def empty_buffer(self, *, flush: bool) -> None:
        """Say what was buffered, behind the answer to come, or forget it."""
        if flush:
            self._held.extend(self._buffered)
        self._buffered.clear()

    # -- chatter ----------------------------------------------------------------------------------------------------

    def announce(self, lines: Iterable[tuple[float, str]], boot_s: float) -> None:
        """The lines of a start, at their seconds after boot."""
        for delay_s, line in lines:
            self.say((line,), self._chatter_end, boot_s + delay_s)

    def behind_answers(self) -> list[str]:
        """Lines this device says behind each answer."""
        return [c.line for c in self._chatter if c.period_s is None and c.line not in self._silenced]

    def hush(self, line: str) -> None:
        """End the chatter that this command line ends."""
        for chatter in self._chatter:
            if chatter.silenced_by and line[2:].upper().startswith(chatter.silenced_by):
                self._silenced.add(chatter.line)

    def _chatter_on(self, chatter: Chatter, period_s: float, life: int) -> None:
        def again() -> None:
            if life == self._life and chatter.line not in self._silenced:
                self.say((chatter.line,), self._chatter_end)
                self._chatter_on(chatter, period_s, life)

        self._agenda.after(period_s, again)
