"""What a simulated modem is made of: power, SIM, settings, storages, and what it tells unasked."""

import contextlib
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable
from enum import Enum
from functools import wraps
from typing import Concatenate, ParamSpec

from omsmodem.modem.simulator.ear import Ear
from omsmodem.modem.simulator.errors import Refusal, cme, cms
from omsmodem.modem.simulator.faults import Faults
from omsmodem.modem.simulator.network import Network, Verdict
from omsmodem.modem.simulator.profile import Chatter, Profile
from omsmodem.modem.simulator.registration import Registration
from omsmodem.modem.simulator.sim import Sim
from omsmodem.modem.simulator.storage import Combined, Storage
from omsmodem.modem.simulator.voice import Voice

_NO_SIM, _SIM_BUSY = 10, 14
_CMS_OF_SIM = {10: 310, 11: 311, 12: 316, 13: 313, 14: 314}
_RADIO_OFF = 302
_LOCK_CODES = {"SIM PIN": 11, "SIM PUK": 12}
_FOREVER = float("inf")
_MAX_BUFFERED = 32
P = ParamSpec("P")


def _locked(method: Callable[Concatenate["Device", P], None]) -> Callable[Concatenate["Device", P], None]:
    """For what other threads than the modem's own call."""

    @wraps(method)
    def guarded(self: "Device", /, *args: P.args, **kwargs: P.kwargs) -> None:
        with self.network.lock:
            method(self, *args, **kwargs)

    return guarded


class Domain(Enum):
    """Where a modem registers; the command that says so."""

    CIRCUIT = "+CREG"
    PACKET = "+CGREG"
    EPS = "+CEREG"


FACTORY_SETTINGS = {
    "E": "1",
    "V": "1",
    "Q": "0",
    "+CMEE": "0",
    "+CMGF": "0",
    "+CNMI": "0,0,0,0,0",
    "+CSMS": "0",
    "+CMMS": "0",
    "+CREG": "0",
    "+CGREG": "0",
    "+CEREG": "0",
    "+CSCS": "IRA",
    "+CSMP": "17,167,0,0",
    "+CSDH": "0",
    "+COPS format": "0",
    "+CGSMS": "1",
    "+CTZU": "0",
    "+CTZR": "0",
    "+IPR": "115200",
    "+IFC": "2,2",
    "+ICF": "3,3",
    "+CLIP": "0",
    "+CRC": "0",
    "+CVHU": "0",
}


class Device(ABC):
    """One modem's state. Commands read and change it; faults do things to it."""

    def __init__(self, network: Network, profile: Profile, sim: Sim, name: str) -> None:
        self.network = network
        self.now = network.now
        self.profile = profile
        self.name = name
        self.sim = sim
        self.sim_inserted = True
        self.voice = Voice(network.now)
        self.ear = Ear()
        self.faults = Faults()
        self.wake: Callable[[], None] = lambda: None
        self.plugged = True
        self.tty_name = ""  # the name the tty wants from now on; empty: as before
        self.own_storage = Storage("ME", profile.capacity, profile.first_index)
        self.report_storage = Storage("SR", profile.capacity, profile.first_index)
        sim.messages.first = profile.first_index
        self.saved_settings = dict(FACTORY_SETTINGS)
        self._silenced: set[str] = set()
        self._answers_from = self._messages_from = self._registers_from = 0.0
        self._power_cycles = 0
        self._set_up()
        self._told = {domain: self.registration(domain) for domain in Domain}

    @abstractmethod
    def receive(self, tpdu: bytes) -> Verdict:
        """Take a TPDU from the network."""

    # -- power ------------------------------------------------------------------------------------------------------

    def _set_up(self) -> None:
        self.settings = dict(self.saved_settings)
        self.selected = [self.profile.storages[0]] * 3
        self.functionality = "1"
        self.attached = True  # +COPS=2 detaches
        self.link_until = 0.0  # +CMMS keeps the link until then
        self.held: deque[bytes] = deque()  # indications that wait for the prompt to close
        self.buffered: deque[bytes] = deque()  # indications of +CNMI mode 0
        self.acknowledgement_due = 0.0  # a routed TPDU waits for +CNMA until then; 0: none does
        self._silenced.clear()
        self._power_cycles += 1
        for chatter in self.profile.chatter:
            if chatter.period_s is not None:
                self._chatter_on(chatter, chatter.period_s, self._power_cycles)

    def power_up(self, boot_s: float = 0.0) -> None:
        """Start from nothing: settings as saved, echo on, SIM locked as it wants, messages after a while."""
        now = self.now()
        self.power_off()
        self.sim.power_up()
        self._set_up()
        self._answers_from = now + boot_s
        self._messages_from = self._registers_from = now + boot_s + self.profile.sms_ready_s
        self._told = {domain: self.registration(domain) for domain in Domain}
        for delay_s, line in self.profile.boot_lines:
            self.voice.say(_indication((line,), self.profile.chatter_end), boot_s + delay_s)
        self.network.agenda.after(boot_s + self.profile.sms_ready_s, self.settle)

    def settle(self) -> None:
        """Say how the registration stands now, and take what waits."""
        self.registration_changed()
        self.network.offer(self)

    @_locked
    def unplug(self) -> None:
        """Take it out: the tty vanishes, and with it all that was not said."""
        self.plugged = False
        self.power_off()
        self.network.changed()

    def power_off(self) -> None:
        """Forget what was heard and what was to be said."""
        self.voice.clear()
        self.ear.clear()

    @_locked
    def plug(self, tty_name: str = "") -> None:
        """Put it in, perhaps under another tty name."""
        self.plugged = True
        self.tty_name = tty_name or self.tty_name
        self.power_up()
        self.network.changed()

    @_locked
    def reboot(self) -> None:
        """Reset: a USB stick's tty goes and comes back, a UART's stays and is silent for a while."""
        if not self.profile.reenumerates:
            self.power_up(self.profile.boot_s)
            self.network.changed()
            return
        self.unplug()
        cycle = self._power_cycles
        self.network.agenda.after(self.profile.boot_s, lambda: self._replug(cycle))

    def _replug(self, cycle: int) -> None:
        if not self.plugged and cycle == self._power_cycles:
            self.plug()

    @_locked
    def unplug_for(self, seconds: float, tty_name: str = "") -> None:
        """Take it out and put it in again."""
        self.unplug()
        self.network.agenda.after(seconds, lambda: self.plug(tty_name))

    @_locked
    def hang(self, seconds: float = _FOREVER) -> None:
        """Hear nothing, say nothing and receive nothing for a while."""
        until = self.now() + seconds
        self._answers_from = self.voice.silent_until = until
        if seconds != _FOREVER:
            self.network.agenda.after(seconds, self.settle)

    @property
    def alive(self) -> bool:
        """Whether it hears."""
        return self.plugged and self.now() >= self._answers_from

    @property
    def reachable(self) -> bool:
        """Whether the network can hand it a TPDU."""
        return self.alive and self.registration().serves and self.now() >= self._messages_from

    # -- what commands need -----------------------------------------------------------------------------------------

    def require_sim(self) -> None:
        """Raises the refusal of a SIM that is not there or locked."""
        if not self.sim_inserted:
            raise cme(_NO_SIM)
        code = _LOCK_CODES.get(self.sim.state)
        if code is not None:
            raise cme(code)

    def require_messages(self) -> None:
        """Raises the refusal of a message service that is not ready."""
        try:
            self.require_sim()
        except Refusal as refusal:
            raise cms(_CMS_OF_SIM.get(refusal.code or 0, 500)) from refusal
        if self.now() < self._messages_from:
            raise cms(self.profile.not_ready_code)

    def require_radio(self) -> None:
        """Raises the refusal of a radio that is off."""
        if self.functionality != "1":
            raise cms(_RADIO_OFF)

    def storage(self, name: str) -> Storage | None:
        """A storage this modem has."""
        if name not in self.profile.storages:
            return None
        if name == "MT":
            return Combined(self.own_storage, self.sim.messages)
        return {"SM": self.sim.messages, "ME": self.own_storage, "SR": self.report_storage}.get(name)

    def selected_storage(self, position: int) -> Storage:
        """`<mem1>` … `<mem3>` of +CPMS, from 0."""
        storage = self.storage(self.selected[position])
        assert storage is not None
        return storage

    # -- registration -----------------------------------------------------------------------------------------------

    def registration(self, domain: Domain = Domain.CIRCUIT) -> Registration:
        """What +CREG? and its sisters say."""
        if domain is Domain.EPS and not self.profile.lte:
            return Registration.OFF
        if not self.attached or self.functionality != "1" or not self.sim_inserted or not self._sim_ready():
            return Registration.OFF
        if self.now() < self._registers_from:
            return Registration.SEARCHING
        if domain is Domain.EPS and self.network.eps_registration is not None:
            return self.network.eps_registration
        return self.network.registration

    def _sim_ready(self) -> bool:
        with contextlib.suppress(Refusal):
            return self.sim.state == "READY"
        return False

    def registration_changed(self) -> None:
        """Tell of it where +CREG=1 or 2 asked for that."""
        for domain in Domain:
            now = self.registration(domain)
            if self._told[domain] is not now and self.settings[domain.value] != "0":
                self.indicate(f"{domain.value}: {int(now)}")
            self._told[domain] = now

    def search(self, seconds: float) -> None:
        """Look for the network anew."""
        self._registers_from = self.now() + seconds
        self.network.agenda.after(seconds, self.settle)

    # -- what is said unasked ---------------------------------------------------------------------------------------

    @_locked
    def indicate(self, *lines: str, end: str = "\r\n") -> None:
        """Say something unasked; lines belong together. While a prompt is open it waits."""
        octets = _indication(lines, end)
        if self.ear.prompt:
            self.held.append(octets)
        else:
            self.voice.say(octets)
        self.network.changed()

    def buffer(self, *lines: str) -> None:
        """Keep an indication until +CNMI asks for it (`<mode>` 0); of too many the oldest goes."""
        self.buffered.append(_indication(lines))
        if len(self.buffered) > _MAX_BUFFERED:
            self.buffered.popleft()

    def release_indications(self) -> None:
        """The prompt is closed: say what waited."""
        while self.held:
            self.voice.say(self.held.popleft())

    def chatter_behind_answers(self) -> list[str]:
        """Lines this device says behind each answer."""
        return [c.line for c in self.profile.chatter if c.period_s is None and c.line not in self._silenced]

    def hush(self, line: str) -> None:
        """End the chatter that this command line ends."""
        for chatter in self.profile.chatter:
            if chatter.silenced_by and line[2:].upper().startswith(chatter.silenced_by):
                self._silenced.add(chatter.line)

    def _chatter_on(self, chatter: Chatter, period_s: float, cycle: int) -> None:
        def again() -> None:
            if cycle == self._power_cycles and chatter.line not in self._silenced:
                if self.alive:
                    self.indicate(chatter.line, end=self.profile.chatter_end)
                self._chatter_on(chatter, period_s, cycle)

        self.network.agenda.after(period_s, again)


def _indication(lines: Iterable[str], end: str = "\r\n") -> bytes:
    return ("\r\n" + end.join(lines) + end).encode("latin-1", "replace")
