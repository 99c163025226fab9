"""What a simulated modem is made of: power, SIM, settings, storages, registration."""

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from enum import Enum
from functools import wraps
from typing import Concatenate, ParamSpec

from omsmodem.modem.simulator.ear import Ear
from omsmodem.modem.simulator.errors import Refusal, cme, cms
from omsmodem.modem.simulator.faults import Faults
from omsmodem.modem.simulator.indications import Indications
from omsmodem.modem.simulator.network import Network, Verdict
from omsmodem.modem.simulator.profile import Profile
from omsmodem.modem.simulator.registration import Registration
from omsmodem.modem.simulator.settings import FACTORY
from omsmodem.modem.simulator.sim import Sim
from omsmodem.modem.simulator.storage import Combined, Storage
from omsmodem.modem.simulator.voice import Voice

_NO_SIM, _SIM_BUSY = 10, 14
_CMS_OF_SIM = {10: 310, 11: 311, 12: 316, 13: 313, 14: 314}
_RADIO_OFF, _NO_NETWORK = 302, 331
_LOCK_CODES = {"SIM PIN": 11, "SIM PUK": 12}
_FOREVER = float("inf")
P = ParamSpec("P")


def _locked(method: Callable[Concatenate["Device", P], None]) -> Callable[Concatenate["Device", P], None]:
    """For what other threads than the modem's own call."""

    @wraps(method)
    def guarded(self: "Device", /, *args: P.args, **kwargs: P.kwargs) -> None:
        with self.network.lock:
            method(self, *args, **kwargs)
            self.network.changed()

    return guarded


class Domain(Enum):
    """Where a modem registers; the command that says so."""

    CIRCUIT = "+CREG"
    PACKET = "+CGREG"
    EPS = "+CEREG"


class Device(ABC):
    """One modem's state. Commands read and change it; faults do things to it."""

    def __init__(self, network: Network, profile: Profile, sim: Sim, name: str) -> None:
        self.network = network
        self.now = network.now
        self.profile = profile
        self.name = name
        self.sim = sim
        self.sim_inserted = True
        self.wake: Callable[[], None] = lambda: None
        self.plugged = True
        self.tty_name = ""  # the name the tty wants from now on; empty: as before
        self.faults = Faults()
        self.voice = Voice(network.now)
        self.ear = Ear()
        self.indications = Indications(
            self.voice, self._hears_a_line, network.agenda, profile.chatter, profile.chatter_end
        )
        self.own_storage = Storage("ME", profile.capacity, profile.first_index)
        self.report_storage = Storage("SR", profile.capacity, profile.first_index)
        sim.messages.first = profile.first_index
        self.saved_settings = dict(FACTORY)
        self._power_cycles = 0
        self._answers_from = self._sim_from = self._messages_from = self._registers_from = 0.0
        self._set_up()

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
        self.acknowledgement_due = 0.0  # a routed TPDU waits for +CNMA until then; 0: none does
        self._told = {domain: self.registration(domain) for domain in Domain}
        self.indications.power_up()

    def power_up(self, boot_s: float = 0.0) -> None:
        """Start from nothing: settings as saved, echo on, SIM locked as it wants, messages after a while."""
        self.power_off()
        self.sim.power_up()
        self._answers_from = self.now() + boot_s
        self._sim_from = self._answers_from + self.profile.sim_start_s
        self._messages_from = self._registers_from = self._answers_from + self.profile.sms_ready_s
        self._set_up()
        self.indications.announce(self.profile.boot_lines, boot_s)
        self.network.agenda.after(boot_s + self.profile.sms_ready_s, self.settle)

    def power_off(self) -> None:
        """Forget what was heard and what was to be said."""
        self._power_cycles += 1
        self.voice.clear()
        self.ear.clear()
        self.indications.power_off()

    @_locked
    def unplug(self, for_s: float | None = None, tty_name: str = "") -> None:
        """Take it out: the tty vanishes. After `for_s` it is put in again, perhaps under another tty name."""
        self.plugged = False
        self.power_off()
        if for_s is not None:
            cycle = self._power_cycles
            self.network.agenda.after(for_s, lambda: self._plug_again(cycle, tty_name))

    def _plug_again(self, cycle: int, tty_name: str) -> None:
        """Unless somebody else did something with it meanwhile."""
        if not self.plugged and cycle == self._power_cycles:
            self.plug(tty_name)

    @_locked
    def plug(self, tty_name: str = "") -> None:
        """Put it in, perhaps under another tty name."""
        self.plugged = True
        self.tty_name = tty_name or self.tty_name
        self.power_up()

    @_locked
    def reboot(self) -> None:
        """Reset: a USB stick's tty goes and comes back, a UART's stays and is silent for a while."""
        if self.profile.reenumerates:
            self.unplug(self.profile.boot_s)
        else:
            self.power_up(self.profile.boot_s)

    @_locked
    def hang(self, seconds: float = _FOREVER) -> None:
        """Hear nothing, say nothing and receive nothing for a while."""
        self._answers_from = self.voice.silent_until = self.now() + seconds
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

    def require_card(self) -> None:
        """Raises the refusal of a SIM that is not there or still starts."""
        if not self.sim_inserted:
            raise cme(_NO_SIM)
        if self.now() < self._sim_from:
            raise cme(_SIM_BUSY)

    def require_sim(self) -> None:
        """Raises the refusal of a SIM that is not there or locked."""
        self.require_card()
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

    def require_network(self) -> None:
        """Raises the refusal of a radio that is off or has no network."""
        if self.functionality != "1":
            raise cms(_RADIO_OFF)
        if not self.registration().serves:
            raise cms(_NO_NETWORK)

    def start_sim(self) -> None:
        """The PIN was given: the SIM starts, and the search for the network."""
        self._sim_from = self.now() + self.profile.sim_start_s
        self.search(self.profile.sim_start_s)

    # -- storage ----------------------------------------------------------------------------------------------------

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

    def settle(self) -> None:
        """Say how the registration stands now, and take what waits."""
        self.registration_changed()
        self.network.offer(self)

    def _hears_a_line(self) -> bool:
        """Whether something said now would stand in a prompt or in the echo of a command (V.250 §5.2.3)."""
        return self.ear.prompt or (self.ear.begun and self.settings["E"] == "1")

    @_locked
    def indicate(self, *lines: str) -> None:
        """Say something unasked; lines belong together."""
        self.indications.say(lines)
