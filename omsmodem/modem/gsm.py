"""SMS vocabulary on top of a session: bring-up, submit, incoming, acknowledge, watch, recover (TS 27.005, TS 27.007)."""

import contextlib
import logging
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from omsmodem.modem import ask, bring_up, pdumode, registration, ussd
from omsmodem.modem.bring_up import Identity, Ready, Setup
from omsmodem.modem.chat import Indication
from omsmodem.modem.errors import CommandFailed, NotSent, PortLost, Refused, Restarted, Unresponsive
from omsmodem.modem.indications import (
    Arrived,
    LateReference,
    Meaning,
    RegistrationChanged,
    Restart,
    Routed,
    StorageFull,
    is_heeded,
    meaning,
)
from omsmodem.modem.registration import Operator, Registration
from omsmodem.modem.session import Session
from omsmodem.modem.storage import Fill, Storage, Stored
from omsmodem.modem.strength import Strength, ask_strength

__all__ = ["Gsm", "Identity", "Incoming", "Setup"]

_log = logging.getLogger(__name__)

#: The radio link is kept so long at least.
_LINK_S = 1.0
_NEVER = float("-inf")
_ALIVE_TRIES = 3
_RESET_TIMEOUT_S = _PARTING_TIMEOUT_S = 5.0
_ROUTED, _STORED = "1", "2"  # `<ds>` of +CNMI (TS 27.005 §3.4.1)
_RADIO_TIMEOUT_S = 30.0
_TEXT_MODE = ("cms", 305)
_MESSAGE_TYPE, _STATUS_REPORT = 0b11, 0b10  # of the first octet (TS 23.040 §9.2.3.1)
Kind = Literal["deliver", "status_report"]


@dataclass(frozen=True, slots=True)
class Incoming:
    """A TPDU from the network; `index` when it lies in the modem's `storage` and wants deleting."""

    kind: Kind
    tpdu: bytes
    storage: str | None = None
    index: int | None = None


class Gsm:
    """One modem on one session. `ready` is what bring-up found; `network` follows what the modem says since."""

    def __init__(self, session: Session) -> None:
        self.ready: Ready | None = None
        self.network = Registration()
        self._session = session
        self._storage = Storage(session)
        self._heard: deque[Meaning] = deque()
        self._late: list[int] = []
        self._link_until = _NEVER  # a radio link kept by mode 1 of +CMMS

    # -- bring-up ---------------------------------------------------------------------------------------------------

    def bring_up(self, setup: Setup | None = None) -> Identity:
        """Make the modem ready to send. Raises Blocked in words and with a reason, Unresponsive, PortLost."""
        self.ready = None
        self.ready = bring_up.bring_up(self._session, self._storage, setup or Setup())
        self.network = self.ready.registration
        self._hear()
        self._heard = deque(heard for heard in self._heard if not isinstance(heard, Restart))
        self._session.heeds = is_heeded
        return self.ready.identity

    # -- sending ----------------------------------------------------------------------------------------------------

    def submit(self, tpdu: bytes, *, more: bool = False) -> int:
        """Send one SMS-SUBMIT; returns TP-MR. Raises NotSent, Refused, InDoubt, PortLost (nothing handed over).

        `more` says that another one follows at once. A modem found in text mode (305) is set right and asked once more: it
        has sent nothing.
        """
        length, line = pdumode.to_hex(tpdu)
        if more:
            self._keep_link()
        linked = self._session.now() < self._link_until
        try:
            return self._session.submit(length, line)
        except (NotSent, Refused) as error:
            if (error.kind, error.code) != _TEXT_MODE or not self._choose_pdu_mode():
                raise
            return self._session.submit(length, line)
        finally:
            self._link_until = self._session.now() + _LINK_S if linked else _NEVER

    def _keep_link(self) -> None:
        """Mode 1 of +CMMS ends when nothing follows for a while (TS 27.005 §3.5.6): it is said anew before each burst."""
        if self.ready is None or self.ready.more_messages != 1 or self._session.now() < self._link_until:
            return
        with contextlib.suppress(Unresponsive):
            self._link_until = float("inf") if ask.attempt(self._session, "AT+CMMS=1") else _NEVER

    def _choose_pdu_mode(self) -> bool:
        with contextlib.suppress(Unresponsive):
            return ask.attempt(self._session, "AT+CMGF=0")
        return False

    def late_references(self) -> list[int]:
        """TP-MRs of submissions that were given up as in doubt and answered after all, since the last call.

        Each proves that the segment then in doubt was sent, also one of an earlier run. Raises PortLost when there are none
        and the port has gone.
        """
        try:
            self._hear()
        except PortLost:
            if not self._late:
                raise
        late, self._late = self._late, []
        return late

    # -- receiving --------------------------------------------------------------------------------------------------

    def incoming(self) -> list[Incoming]:
        """TPDUs that came since the last call, those in storage read from the storage that was named.

        Raises Restarted when the modem has lost its settings; PortLost, Unresponsive when nothing was taken before.
        """
        taken: dict[object, Incoming] = {}
        try:
            self._hear()
            while self._heard:
                for one in self._incoming(self._heard[0]):
                    taken[(one.storage, one.index) if one.storage else len(taken)] = one
                self._heard.popleft()
        except (PortLost, Unresponsive):
            if not taken:
                raise
        if self._session.restarted and not taken:
            raise Restarted(Restarted.__doc__)
        return list(taken.values())

    def stored(self) -> list[Incoming]:
        """Everything from the network that lies in the modem's storages; nothing is deleted. Raises Unresponsive, PortLost."""
        everything = list(self._storage.all())
        outgoing = sum(not one.incoming for one in everything)
        if outgoing:
            _log.info("the modem's storage holds %d copies of outgoing messages", outgoing)
        return [_of_storage(one) for one in everything if one.incoming]

    def poll(self) -> list[Incoming]:
        """Look whether something lies in the storage of arrival, for modems that lose indications; one command if not."""
        fill = self._storage.fill()
        return [] if fill is not None and fill.used == 0 else self.stored()

    def routed(self) -> list[Incoming] | None:
        """What was heard, if all of it came routed and wants no acknowledgement; asks the modem nothing.

        None when something else waits, for which `incoming` or `late_references` have to be called.
        """
        with contextlib.suppress(PortLost):
            self._hear()
            acknowledged = self.ready is not None and not self.ready.must_acknowledge
            plain = all(isinstance(heard, Routed) for heard in self._heard) and (acknowledged or not self._heard)
            if plain and not self._late and not self._session.restarted:
                heard, self._heard = self._heard, deque()
                return [one for each in heard for one in self._incoming(each)]
        return None

    def acknowledge(self, incoming: Incoming) -> None:
        """Let go of a TPDU that is safely kept (law 3): delete it, or +CNMA. A refusal is a warning: it may come again."""
        if incoming.storage is not None and incoming.index is not None:
            self._storage.delete(incoming.storage, incoming.index)
        elif self.ready is not None and self.ready.must_acknowledge:
            _ = ask.attempt(self._session, "AT+CNMA=0") or ask.attempt(self._session, "AT+CNMA")

    def free_storage(self) -> int:
        """Delete copies of outgoing messages, which another phone may have left; how many. Raises Unresponsive, PortLost."""
        outgoing = [one for one in self._storage.all() if not one.incoming]
        return sum(self._storage.delete(one.storage, one.index) for one in outgoing)

    def _hear(self) -> None:
        """Sort what was said. A routed TPDU goes first: it is nowhere else, should the port go away meanwhile."""
        try:
            for indication in self._session.indications():
                self._sort(indication)
        except PortLost:
            if not self._heard:
                raise
        self._heard = deque(sorted(self._heard, key=lambda heard: not isinstance(heard, Routed)))

    def _sort(self, indication: Indication) -> None:
        try:
            heard = meaning(indication)
        except ValueError as error:
            _log.warning("an indication cannot be used: %s", error)
            return
        match heard:
            case LateReference():
                self._late.append(heard.reference)
            case RegistrationChanged():
                self._follow(heard.line)
            case None:
                return
            case _:
                self._heard.append(heard)

    def _follow(self, line: str) -> None:
        changed = registration.heard(line, self.network)
        if changed is not None and changed != self.network:
            self.network = changed
            _log.info("network: %s", changed.words)

    def _incoming(self, heard: Meaning) -> Iterable[Incoming]:
        match heard:
            case Routed():
                kind: Kind = "status_report" if heard.report else "deliver"
                return [Incoming(kind, heard.tpdu)] if heard.tpdu else []
            case Arrived():
                one = self._storage.read(heard.storage, heard.index)
                return [_of_storage(one)] if one is not None and one.incoming else self._elsewhere(heard)
            case StorageFull():
                _log.warning("the modem's message storage is full")
                return self.stored()
            case Restart():
                self._session.restarted = True
        return []

    def _elsewhere(self, heard: Arrived) -> list[Incoming]:
        """Some modems name one storage and use another."""
        _log.info("nothing at %s %d as announced: looking everywhere", heard.storage, heard.index)
        return self.stored()

    # -- watching: each asks when called, and only then ---------------------------------------------------------------

    def check_alive(self) -> None:
        """Ask for a sign of life. Raises Unresponsive, PortLost."""
        for attempt in range(_ALIVE_TRIES):
            try:
                self._session.execute("AT", timeout_s=5.0)
                return
            except (Unresponsive, CommandFailed):
                if attempt == _ALIVE_TRIES - 1:
                    raise

    def registration(self) -> Registration:
        """Ask whether the network takes us. Raises Unresponsive, PortLost."""
        self.network = registration.ask_registration(self._session)
        return self.network

    def signal(self) -> Strength:
        """Ask for the signal strength. Raises Unresponsive, PortLost."""
        return ask_strength(self._session)

    def operator(self) -> Operator:
        """Ask for the network's name; may take a minute while the modem searches. Raises Unresponsive, PortLost."""
        return registration.ask_operator(self._session)

    def fill(self) -> Fill | None:
        """Ask how full the storage of arrival is. Raises Unresponsive, PortLost."""
        return self._storage.fill()

    def ussd(self, code: str) -> ussd.UssdAnswer:
        """Ask the network, say for the balance (`*100#`). Raises UssdFailed, ValueError, Unresponsive, PortLost."""
        return ussd.ask_ussd(self._session, code, packed=self.ready is not None and self.ready.quirk.packed_ussd)

    def part(self) -> None:
        """Before the port is closed on purpose: reports that would be routed are stored while nobody listens (+CNMI).

        A modem that cannot goes on routing them, to nobody. The next bring-up sets it anew and finds what was stored.
        """
        mode, mt, bm, ds, bfr = ((self.ready and self.ready.indications) or "0,0,0,0,0").split(",")
        if ds == _ROUTED:
            with contextlib.suppress(Unresponsive, PortLost):
                ask.attempt(self._session, f"AT+CNMI={mode},{mt},{bm},{_STORED},{bfr}", timeout_s=_PARTING_TIMEOUT_S)

    # -- recovering: the rungs, in order of force; the caller decides when ---------------------------------------------

    def settle(self) -> None:
        """After an answer that never came: bring the line back into a known state. Raises Unresponsive, PortLost."""
        self._session.resynchronise()

    def register_again(self) -> None:
        """Switch the radio off and on (+CFUN 4, 1), for a network lost in silence. Raises Unresponsive, PortLost."""
        for command in ("AT+CFUN=4", "AT+CFUN=1"):
            ask.attempt(self._session, command, timeout_s=_RADIO_TIMEOUT_S)

    def reset(self) -> None:
        """Restart the modem (+CFUN=1,1). The port may vanish and come back under another name: close it and look for it."""
        with contextlib.suppress(Unresponsive, PortLost):
            ask.attempt(self._session, "AT+CFUN=1,1", timeout_s=_RESET_TIMEOUT_S)


def _of_storage(one: Stored) -> Incoming:
    kind: Kind = "status_report" if one.tpdu[0] & _MESSAGE_TYPE == _STATUS_REPORT else "deliver"
    return Incoming(kind, one.tpdu, one.storage, one.index)
